package dev.fovea.text;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The text of a conversation as the published Gemma models were tuned on it: what the {@code chat_template} of their
 * folders gives, and refuses.
 *
 * <p>There is no system turn: the words of a first system message stand before the first user's, a blank line between.
 * Words of users and the model are stripped of blanks at both ends, part by part; those of the system are not, and of
 * several parts the template takes the first. A picture is {@value #IMAGE} with nothing around it, which the model's
 * processor expands. Marks spelled out in a message's words are taken for marks, as the published tokenizers do.
 */
public final class GemmaChat {

    /** Stands for a picture. */
    public static final String IMAGE = "<start_of_image>";

    private static final String TURN = "<start_of_turn>";
    private static final String END = "<end_of_turn>\n";

    private GemmaChat() {}

    /**
     * The text, without the mark of the beginning.
     *
     * @param open whether the model's turn is opened at the end, for it to answer
     * @throws IllegalArgumentException unless user and assistant alternate, the user first
     */
    public static String render(List<Message> messages, boolean open) {
        boolean hasSystem = !messages.isEmpty() && messages.getFirst().role() == Role.SYSTEM;
        List<Message> turns = hasSystem ? messages.subList(1, messages.size()) : messages;
        if (turns.isEmpty()) {
            throw new IllegalArgumentException("a conversation without a user's turn");
        }
        var text = new StringBuilder();
        for (int i = 0; i < turns.size(); i++) {
            Message turn = turns.get(i);
            Role wanted = i % 2 == 0 ? Role.USER : Role.ASSISTANT;
            if (turn.role() != wanted) {
                throw new IllegalArgumentException(
                        "turn %d is the %s's, wanted the %s's: they alternate, the user first"
                                .formatted(i + 1, name(turn.role()), name(wanted)));
            }
            text.append(TURN).append(i % 2 == 0 ? "user" : "model").append('\n');
            if (i == 0 && hasSystem) {
                text.append(system(messages.getFirst())).append("\n\n");
            }
            for (Part part : turn.parts()) {
                text.append(
                        switch (part) {
                            case Part.Text words -> Blanks.strip(words.text());
                            case Part.Image _ -> IMAGE;
                        });
            }
            text.append(END);
        }
        return open ? text.append(TURN).append("model\n").toString() : text.toString();
    }

    /** Ids of the text, the mark of the beginning in front, once. */
    public static int[] encode(List<Message> messages, boolean open, Tokenizer tokenizer, int bosId) {
        return IntStream.concat(IntStream.of(bosId), IntStream.of(tokenizer.encode(render(messages, open))))
                .toArray();
    }

    static String system(Message message) {
        if (message.parts().isEmpty() || !(message.parts().getFirst() instanceof Part.Text words)) {
            throw new IllegalArgumentException("a system message that does not begin with words");
        }
        return words.text();
    }

    private static String name(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }
}
