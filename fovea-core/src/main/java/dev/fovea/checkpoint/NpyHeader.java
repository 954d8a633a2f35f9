package dev.fovea.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The header of a npy array, versions 1.0 to 3.0.
 *
 * @param length bytes of the file before the data
 * @param swapped whether elements are big-endian
 * @param fortran whether the first axis is the fastest
 */
record NpyHeader(int length, DType dtype, boolean swapped, boolean fortran, long[] shape) {

    /** Longest header that is read; NumPy's own are 118 bytes and a little more. */
    static final int MAX_BYTES = 1 << 16;

    private static final Pattern DESCR = Pattern.compile("([<>|])([a-zA-Z])([0-9]{1,4})");
    private static final int MAX_AXES = 64;

    long dataBytes() {
        return dtype.bytes(StoredTensor.elements(shape));
    }

    /** Reads the header at the start of {@code file}, which holds at least {@link #MAX_BYTES} or all bytes. */
    static NpyHeader read(byte[] file) {
        if (file.length < 10 || file[0] != (byte) 0x93 || !"NUMPY".equals(latin(file, 1, 6))) {
            throw new IllegalArgumentException("not an npy array: no magic bytes");
        }
        int version = file[6];
        if (version < 1 || version > 3 || file[7] != 0) {
            throw new IllegalArgumentException("npy version %d.%d, wanted 1.0, 2.0 or 3.0".formatted(version, file[7]));
        }
        int start = version == 1 ? 10 : 12;
        long length = (file[8] & 0xff) | (file[9] & 0xff) << 8;
        if (version > 1 && file.length >= 12) {
            length |= (file[10] & 0xffL) << 16 | (file[11] & 0xffL) << 24;
        }
        if (start + length > Math.min(file.length, MAX_BYTES)) {
            throw new IllegalArgumentException(
                    "npy header of %d bytes, truncated or longer than the limit of %d".formatted(length, MAX_BYTES));
        }
        int end = (int) (start + length);
        String text =
                version == 3 ? new String(file, start, end - start, StandardCharsets.UTF_8) : latin(file, start, end);
        return new Literal(text).header(end);
    }

    private static String latin(byte[] file, int start, int end) {
        return new String(file, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /** The few forms of a Python literal that NumPy writes: a dict of strings, booleans and tuples of integers. */
    private static final class Literal {

        private final String text;
        private int at;

        Literal(String text) {
            this.text = text;
        }

        NpyHeader header(int length) {
            String descr = null;
            Boolean fortran = null;
            long[] shape = null;
            Set<String> keys = new HashSet<>();
            want('{');
            while (!next('}')) {
                String key = string();
                if (!keys.add(key)) {
                    throw bad("key '%s' twice".formatted(key));
                }
                want(':');
                switch (key) {
                    case "descr" -> descr = descr();
                    case "fortran_order" -> fortran = bool();
                    case "shape" -> shape = tuple();
                    default -> throw bad("key '%s'".formatted(key));
                }
                if (!next(',')) {
                    want('}');
                    break;
                }
            }
            if (!text.substring(at).isBlank()) {
                throw bad("text after the dict");
            }
            if (descr == null || fortran == null || shape == null) {
                throw bad("keys %s, wanted descr, fortran_order and shape".formatted(keys));
            }
            return of(length, descr, fortran, shape);
        }

        private String descr() {
            skip();
            if (at < text.length() && text.charAt(at) == '[') {
                throw new IllegalArgumentException("structured dtype, wanted plain numbers");
            }
            return string();
        }

        private String string() {
            skip();
            char quote = at < text.length() ? text.charAt(at) : 0;
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0 || text.substring(at, end).indexOf('\\') >= 0) {
                throw bad("no plain string");
            }
            String value = text.substring(at + 1, end);
            at = end + 1;
            return value;
        }

        private boolean bool() {
            skip();
            for (String word : new String[] {"True", "False"}) {
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return word.equals("True");
                }
            }
            throw bad("neither True nor False");
        }

        private long[] tuple() {
            var values = new long[MAX_AXES];
            int count = 0;
            want('(');
            while (!next(')')) {
                if (count == MAX_AXES) {
                    throw bad("more than %d axes".formatted(MAX_AXES));
                }
                values[count++] = number();
                if (!next(',')) {
                    if (count == 1) {
                        throw bad("a number, no tuple");
                    }
                    want(')');
                    break;
                }
            }
            return Arrays.copyOf(values, count);
        }

        private long number() {
            skip();
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == start || at - start > 18) {
                throw bad("no size from 0 to 10^18");
            }
            long value = Long.parseLong(text, start, at, 10);
            next('L'); // NumPy under Python 2 wrote longs so
            return value;
        }

        private boolean next(char c) {
            skip();
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private void want(char c) {
            if (!next(c)) {
                throw bad("no '%s'".formatted(c));
            }
        }

        private void skip() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private IllegalArgumentException bad(String what) {
            return new IllegalArgumentException("npy header, position %d: %s".formatted(at, what));
        }
    }

    private static NpyHeader of(int length, String descr, boolean fortran, long[] shape) {
        Matcher m = DESCR.matcher(descr);
        DType dtype = m.matches() ? dtype(m.group(2) + m.group(3)) : null;
        if (descr.contains("O")) {
            throw new IllegalArgumentException(
                    "dtype '%s' holds pickled Python objects, which are never loaded".formatted(descr));
        }
        if (dtype == null) {
            throw new IllegalArgumentException(
                    "dtype '%s', wanted f2 f4 f8, i1 to i8, u1 to u8, b1, c8 or V2 (bfloat16)".formatted(descr));
        }
        try {
            dtype.bytes(StoredTensor.elements(shape));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("impossible shape " + Arrays.toString(shape), e);
        }
        return new NpyHeader(length, dtype, m.group(1).equals(">") && dtype.bits() > 8, fortran, shape);
    }

    private static @Nullable DType dtype(String kind) {
        return switch (kind) {
            case "f2" -> DType.F16;
            case "f4" -> DType.F32;
            case "f8" -> DType.F64;
            case "i1" -> DType.I8;
            case "i2" -> DType.I16;
            case "i4" -> DType.I32;
            case "i8" -> DType.I64;
            case "u1" -> DType.U8;
            case "u2" -> DType.U16;
            case "u4" -> DType.U32;
            case "u8" -> DType.U64;
            case "b1" -> DType.BOOL;
            case "c8" -> DType.C64;
            case "V2" -> DType.BF16;
            default -> null;
        };
    }
}
