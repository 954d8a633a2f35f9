package dev.fovea.generate.json;

import dev.fovea.generate.LogitsProcessor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rules out every token after which the answer could not become JSON of the schema, and the end before it is. Near the
 * longest allowed answer it also rules out what could not be finished in time, so that an answer is always whole, given a
 * token for every byte it needs. For one answer, or the beams of one; not for
 * several threads.
 */
public final class JsonConstraint implements LogitsProcessor {

    private final Rules rules;
    private final TokenTable tokens;
    private final int promptLength;
    private final int maxTokens;
    private final BitSet ends = new BitSet();
    private final Map<Reader, Mask> masks = new HashMap<>();
    private final Reader start;
    private Reader reader;
    private int[] answer = new int[0];

    /**
     * Tokens that may follow.
     *
     * @param longest bytes of the longest of the shortest endings that they leave
     */
    private record Mask(BitSet tokens, long longest) {}

    /**
     * For the answer to a prompt.
     *
     * @param promptLength ids of the history that are not the answer's
     * @param maxTokens most tokens of the answer
     * @param endIds ids that end the answer
     */
    public JsonConstraint(JsonSchema schema, TokenTable tokens, int promptLength, int maxTokens, int... endIds) {
        this.rules = schema.rules;
        this.tokens = tokens;
        this.promptLength = promptLength;
        this.maxTokens = maxTokens;
        this.start = Reader.at(schema.root);
        this.reader = start;
        for (int id : endIds) {
            ends.set(id);
        }
        if (rules.shortest(schema.root) > maxTokens) {
            throw new IllegalArgumentException("the shortest value of the schema has %d bytes; %d tokens may be too few"
                    .formatted(rules.shortest(schema.root), maxTokens));
        }
    }

    /** Whether the answer so far is a whole value. */
    public boolean isComplete() {
        return reader.mayEnd(rules);
    }

    @Override
    public void process(float[] logits, int[] history) {
        int[] now = Arrays.copyOfRange(history, promptLength, history.length);
        int read = answer.length;
        if (!Arrays.equals(answer, 0, read, now, 0, Math.min(read, now.length))) {
            read = 0; // another beam's
            reader = start;
        }
        for (; read < now.length; read++) {
            reader = after(now[read]);
        }
        answer = now;
        BitSet allowed = allowed();
        for (int id = allowed.nextClearBit(0); id < logits.length; id = allowed.nextClearBit(id + 1)) {
            logits[id] = Float.NEGATIVE_INFINITY;
        }
    }

    private Reader after(int id) {
        if (ends.get(id) && isComplete()) {
            return Reader.at(rules.empty);
        }
        Reader next = read(reader, tokens.bytesOf(id));
        if (next == null || tokens.bytesOf(id).length == 0) {
            throw new IllegalArgumentException("token %d cannot stand here in JSON of the schema".formatted(id));
        }
        return next;
    }

    private @Nullable Reader read(Reader from, byte... bytes) {
        Reader at = from;
        for (int i = 0; i < bytes.length && at != null; i++) {
            at = at.read(bytes[i], rules);
        }
        return at;
    }

    private BitSet allowed() {
        long left = maxTokens - answer.length - 1L;
        Mask mask = masks.computeIfAbsent(reader, _ -> mask(Rules.NO_TEXT - 1));
        var allowed = (BitSet) (mask.longest <= left ? mask : mask(left)).tokens.clone();
        if (isComplete()) {
            allowed.or(ends);
        }
        if (allowed.isEmpty()) {
            throw new IllegalStateException("the vocabulary has no token that may stand here in JSON of the schema");
        }
        return allowed;
    }

    /** The tokens that may follow and leave an ending of at most {@code left} bytes. */
    private Mask mask(long left) {
        var mask = new BitSet(tokens.vocabSize());
        long longest = 0;
        var readers = new Reader[TokenTable.MAX_BYTES + 1]; // after each byte of the token
        readers[0] = reader;
        int read = 0; // bytes of the last token that could be read
        for (int i = 0; i < tokens.size(); i++) {
            byte[] bytes = tokens.bytes(i);
            if (tokens.shared(i) > read) {
                continue; // it begins with what could not be read
            }
            read = tokens.shared(i);
            for (Reader next; read < bytes.length; read++) {
                next = readers[read].read(bytes[read], rules);
                if (next == null) {
                    break;
                }
                readers[read + 1] = next;
            }
            long shortest = read == bytes.length ? readers[read].shortest(rules) : Rules.NO_TEXT;
            if (shortest <= left) {
                mask.set(tokens.id(i));
                longest = Math.max(longest, shortest);
            }
        }
        return new Mask(mask, longest);
    }
}
