package dev.fovea.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of UTF-8 as ids, for texts without a vocabulary of their own: 0 is padding, 1 ends a text, byte b is b + 2.
 */
public final class ByteTokenizer implements PaddedTokenizer {

    private static final int PAD = 0;
    private static final int EOS = 1;
    private static final int FIRST_BYTE = 2;
    private static final int BYTES = 256;

    /** Ids of {@code text} with the end. */
    @Override
    public int[] encode(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return encode(text, utf8.length + 1);
    }

    /** Ids of {@code text}; one that is too long loses its last bytes and keeps the end. */
    @Override
    public int[] encode(String text, int length) {
        if (length < 1) {
            throw new IllegalArgumentException("length: found %d, wanted 1 or more".formatted(length));
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int kept = Math.min(utf8.length, length - 1);
        var ids = new int[length];
        for (int i = 0; i < kept; i++) {
            ids[i] = Byte.toUnsignedInt(utf8[i]) + FIRST_BYTE;
        }
        ids[kept] = EOS;
        Arrays.fill(ids, kept + 1, length, PAD);
        return ids;
    }

    /** The text up to its end; bytes that are no UTF-8 become the replacement character. */
    @Override
    public String decode(int... ids) {
        var utf8 = new ByteArrayOutputStream();
        for (int id : ids) {
            if (id == EOS) {
                break;
            }
            if (id < 0 || id >= vocabSize()) {
                throw new IllegalArgumentException("id %d, wanted 0 to %d".formatted(id, vocabSize() - 1));
            }
            if (id != PAD) {
                utf8.write(id - FIRST_BYTE);
            }
        }
        return utf8.toString(StandardCharsets.UTF_8);
    }

    @Override
    public int vocabSize() {
        return BYTES + FIRST_BYTE;
    }
}
