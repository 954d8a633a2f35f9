package dev.fovea.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what Python's pickle protocols 2 to 4 write of plain values: numbers, texts, lists, tuples, dictionaries, and calls of
 * functions that the {@link Caller} knows. Nothing of Python is run and every other instruction is refused. Values are {@link None},
 * {@link Boolean}, {@link Long}, {@link BigInteger}, {@link Double}, {@link String}, {@link Tuple}, {@link List}, {@link Map} with
 * texts and integers as keys, {@link Global}, and what the caller makes. Not a library of others, since those make room for as much
 * as a file claims.
 */
final class Pickle {

    /** Python's None. */
    enum None {
        NONE
    }

    /** A class or function by its name. */
    record Global(String module, String name) {

        @Override
        public String toString() {
            return module + "." + name;
        }
    }

    record Tuple(List<Object> values) {}

    /** What a file may ask for. */
    interface Caller {

        /** The object that a persistent id stands for. */
        Object persistent(Object id);

        /** What a function makes of its arguments. */
        Object call(Global function, List<Object> arguments);

        /** Whether the state that a file gives to an object it has called for, if that is no dictionary, may be left out. */
        boolean isStateless(Object o);
    }

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int MAX_PROTOCOL = 4;
    private static final int MAX_TEXT = 1 << 20;

    /** Instructions that a file may have: hundreds of times what the state of a large network takes. */
    private static final long MAX_STEPS = 20_000_000;

    private final MemorySegment bytes;
    private final Caller caller;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private long at;
    private long steps;

    private Pickle(MemorySegment bytes, long at, Caller caller) {
        this.bytes = bytes;
        this.at = at;
        this.caller = caller;
    }

    /** A value, and the byte after it. */
    record Read(Object value, long end) {}

    /**
     * The value that begins at a byte.
     *
     * @throws IllegalArgumentException where the bytes hold something else
     */
    static Read read(MemorySegment bytes, long at, Caller caller) {
        var pickle = new Pickle(bytes, at, caller);
        Object value = pickle.value();
        return new Read(value, pickle.at);
    }

    private Object value() {
        while (true) {
            long start = at;
            char code = (char) Byte.toUnsignedInt(bytes.get(JAVA_BYTE, take(1)));
            if (code == '.') {
                Object value = pop();
                if (!stack.isEmpty()) {
                    throw new IllegalArgumentException(
                            "byte %d: %d values are left over".formatted(start, stack.size()));
                }
                return value;
            }
            try {
                if (++steps > MAX_STEPS) {
                    throw new IllegalArgumentException("more than %d instructions".formatted(MAX_STEPS));
                }
                step(code);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("byte %d: %s".formatted(start, e.getMessage()), e);
            }
        }
    }

    private void step(char code) {
        switch (code) {
            case 0x80 -> requireProtocol(u8());
            case 0x95 -> take(8); // the length of a frame
            case 'N' -> stack.add(None.NONE);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'K' -> stack.add((long) u8());
            case 'M' -> stack.add((long) Short.toUnsignedInt(bytes.get(U16, take(2))));
            case 'J' -> stack.add((long) bytes.get(I32, take(4)));
            case 0x8a -> stack.add(integer(u8()));
            case 'G' -> stack.add(bytes.get(F64, take(8)));
            case 'U', 0x8c -> stack.add(text(u8()));
            case 'X' -> stack.add(text(Integer.toUnsignedLong(bytes.get(I32, take(4)))));
            case 'q' -> memo.put(u8(), top());
            case 'r' -> memo.put(bytes.get(I32, take(4)), top());
            case 0x94 -> memo.put(memo.size(), top());
            case 'h' -> stack.add(remembered(u8()));
            case 'j' -> stack.add(remembered(bytes.get(I32, take(4))));
            default -> build(code);
        }
    }

    private void build(char code) {
        switch (code) {
            case '(' -> marks.push(stack.size());
            case ')' -> stack.add(new Tuple(List.of()));
            case 't' -> stack.add(new Tuple(sinceMark()));
            case 0x85, 0x86, 0x87 -> stack.add(new Tuple(last(code - 0x84)));
            case ']' -> stack.add(new ArrayList<>());
            case 'a' -> append(last(1));
            case 'e' -> append(sinceMark());
            case '}' -> stack.add(new LinkedHashMap<>());
            case 's' -> put(last(2));
            case 'u' -> put(sinceMark());
            case 'c' -> stack.add(new Global(line(), line()));
            case 0x93 -> {
                String name = pop(String.class);
                stack.add(new Global(pop(String.class), name));
            }
            case 'Q' -> stack.add(caller.persistent(pop()));
            case 'R' -> {
                Tuple arguments = pop(Tuple.class);
                stack.add(caller.call(pop(Global.class), arguments.values()));
            }
            case 'b' -> {
                Object _ = pop();
                if (!caller.isStateless(top())) {
                    throw new IllegalArgumentException("found the state of an object that is none of a checkpoint");
                }
            }
            default ->
                throw new IllegalArgumentException("instruction 0x%02x is none of plain values".formatted((int) code));
        }
    }

    private static void requireProtocol(int protocol) {
        if (protocol > MAX_PROTOCOL) {
            throw new IllegalArgumentException(
                    "found pickle protocol %d, wanted %d at most".formatted(protocol, MAX_PROTOCOL));
        }
    }

    private long take(long count) {
        long start = at;
        if (count > bytes.byteSize() - at) {
            throw new IllegalArgumentException(
                    "%d bytes wanted at byte %d, %d are left".formatted(count, at, bytes.byteSize() - at));
        }
        at += count;
        return start;
    }

    private int u8() {
        return Byte.toUnsignedInt(bytes.get(JAVA_BYTE, take(1)));
    }

    private Object integer(int size) { // little-endian, two's complement
        byte[] little = bytes.asSlice(take(size), size).toArray(JAVA_BYTE);
        var big = new byte[Math.max(1, size)];
        for (int i = 0; i < size; i++) {
            big[big.length - 1 - i] = little[i];
        }
        var value = new BigInteger(big);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private String text(long size) {
        if (size > MAX_TEXT) {
            throw new IllegalArgumentException("a text of %d bytes, wanted %d at most".formatted(size, MAX_TEXT));
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(bytes.asSlice(take(size), size).asByteBuffer())
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text is not UTF-8", e);
        }
    }

    private String line() {
        long start = at;
        while (bytes.get(JAVA_BYTE, take(1)) != '\n') {
            if (at - start > 256) {
                throw new IllegalArgumentException("a name has more than 256 bytes");
            }
        }
        return new String(bytes.asSlice(start, at - 1 - start).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private Object remembered(int i) {
        Object value = memo.get(i);
        if (value == null) {
            throw new IllegalArgumentException("nothing was remembered as %d".formatted(i));
        }
        return value;
    }

    private void append(List<Object> values) {
        if (!(top() instanceof List<?> list)) {
            throw new IllegalArgumentException("found something else than a list to append to");
        }
        @SuppressWarnings("unchecked") // made here
        var all = (List<Object>) list;
        all.addAll(values);
    }

    private void put(List<Object> values) {
        if (!(top() instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("found something else than a dictionary to put into");
        }
        if (values.size() % 2 != 0) {
            throw new IllegalArgumentException("a key without a value");
        }
        @SuppressWarnings("unchecked") // made here, or by the caller
        var all = (Map<Object, Object>) map;
        for (int i = 0; i < values.size(); i += 2) {
            Object key = values.get(i);
            if (!(key instanceof String) && !(key instanceof Long)) {
                throw new IllegalArgumentException("found a key that is neither a text nor an integer");
            }
            all.put(key, values.get(i + 1));
        }
    }

    private int floor() {
        return marks.isEmpty() ? 0 : marks.peek();
    }

    private Object top() {
        if (stack.size() <= floor()) {
            throw new IllegalArgumentException("a value is missing");
        }
        return stack.getLast();
    }

    private Object pop() {
        Object value = top();
        stack.removeLast();
        return value;
    }

    private <T> T pop(Class<T> wanted) {
        Object value = pop();
        if (!wanted.isInstance(value)) {
            throw new IllegalArgumentException(
                    "found %s, wanted %s".formatted(value.getClass().getSimpleName(), wanted.getSimpleName()));
        }
        return wanted.cast(value);
    }

    private List<Object> last(int count) {
        var values = new Object[count];
        for (int i = count - 1; i >= 0; i--) {
            values[i] = pop();
        }
        return Arrays.asList(values);
    }

    private List<Object> sinceMark() {
        if (marks.isEmpty()) {
            throw new IllegalArgumentException("a mark is missing");
        }
        List<Object> values = stack.subList(marks.peek(), stack.size());
        var copy = new ArrayList<>(values);
        values.clear();
        marks.pop();
        return copy;
    }
}
