package dev.fovea.kernel;

/**
 * How rows of weights lie in GGUF files: blocks of values one after the other, each with what its small integers are multiplied by. The
 * names are those of ggml.
 */
public enum BlockFormat {
    F32(1, 4),
    F16(1, 2),
    Q4_0(32, 18),
    Q4_1(32, 20),
    Q5_0(32, 22),
    Q5_1(32, 24),
    Q8_0(32, 34),
    MXFP4(32, 17),
    Q2_K(256, 84),
    Q3_K(256, 110),
    Q4_K(256, 144),
    Q5_K(256, 176),
    Q6_K(256, 210);

    private final int size;
    private final int bytes;

    BlockFormat(int size, int bytes) {
        this.size = size;
        this.bytes = bytes;
    }

    /** Values of a block. */
    public int size() {
        return size;
    }

    /** Bytes of a block. */
    public int bytes() {
        return bytes;
    }

    /** Bytes of so many values, which are whole blocks. */
    public long bytes(long values) {
        if (values % size != 0) {
            throw new IllegalArgumentException(
                    "%d values of %s, wanted whole blocks of %d".formatted(values, this, size));
        }
        return Math.multiplyExact(values / size, bytes);
    }

    /** The values of so many blocks that begin at {@code b[at]}, into {@code y[to ..]}. */
    public void decode(byte[] b, int at, int blocks, float[] y, int to) {
        for (int i = 0; i < blocks; i++) {
            decode(b, at + i * bytes, y, to + i * size);
        }
    }

    private void decode(byte[] b, int at, float[] y, int to) {
        switch (this) {
            case F32 -> SmallBlocks.single(b, at, y, to);
            case F16 -> SmallBlocks.half(b, at, y, to);
            case Q4_0 -> SmallBlocks.q40(b, at, y, to);
            case Q4_1 -> SmallBlocks.q41(b, at, y, to);
            case Q5_0 -> SmallBlocks.q50(b, at, y, to);
            case Q5_1 -> SmallBlocks.q51(b, at, y, to);
            case Q8_0 -> SmallBlocks.q80(b, at, y, to);
            case MXFP4 -> SmallBlocks.mxfp4(b, at, y, to);
            case Q2_K -> SuperBlocks.q2(b, at, y, to);
            case Q3_K -> SuperBlocks.q3(b, at, y, to);
            case Q4_K -> SuperBlocks.q4(b, at, y, to);
            case Q5_K -> SuperBlocks.q5(b, at, y, to);
            case Q6_K -> SuperBlocks.q6(b, at, y, to);
        }
    }
}
