package dev.fovea.kernel;

import java.lang.foreign.Arena;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which loops the products run on. */
public final class Kernels {

    private static final String MODULE = "jdk.incubator.vector";
    private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);

    /** Loops of the JVM as it was started; chosen once. */
    static final Loops LOOPS = choose();

    private Kernels() {}

    private static Loops choose() {
        if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
            return new VectorLoops();
        }
        LOG.warn(note());
        return new PlainLoops();
    }

    /**
     * The gate of a gated MLP: {@code y[i] = gelu(x[i]) · x[n + i]} for n values, gelu in the tanh form.
     *
     * @param x the n gates, then the n values that pass through them
     */
    public static void gatedGelu(float[] x, float[] y, Workers workers) {
        int chunk = 16 * LOOPS.rows().lanes();
        int chunks = (y.length + chunk - 1) / chunk;
        workers.split(chunks, (from, to) -> LOOPS.rows()
                .gatedGelu(x, y.length, y, from * chunk, Math.min(to * chunk, y.length)));
    }

    /** Whether products use vector registers. */
    public static boolean isVectorised() {
        return LOOPS instanceof VectorLoops;
    }

    /** One line for the user: what is in use, and how to get the faster one. */
    public static String note() {
        return ModuleLayer.boot().findModule(MODULE).isPresent()
                ? "decoding products use vectors of %d floats"
                        .formatted(LOOPS.rows().lanes())
                : "decoding products use plain loops, several times slower: start java with --add-modules " + MODULE;
    }

    /**
     * Multiplies small matrices until the compiler has seen every loop. Interpreted, a loop is a thousand times slower, so
     * this belongs before the first token.
     */
    public static void warmUp() {
        try (Arena arena = Arena.ofShared()) {
            var weights = new float[1];
            warmUp(
                    Bf16Matrix.of(weights, 1, arena),
                    Int8Matrix.of(weights, 1, arena),
                    Int4Matrix.of(weights, 1, arena));
        }
        for (KvRows.Format format : KvRows.Format.values()) {
            warmUp(format);
        }
    }

    /** The same for the loops that matrices like these run on, and no others. */
    public static void warmUp(Matrix... likes) {
        int rows = 4 * Loops.GROUP;
        int columns = 512;
        var random = new Random(0);
        var weights = new float[rows * columns];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextFloat() - 0.5f;
        }
        var xs = new float[5][columns];
        var ys = new float[5][rows];
        try (Arena arena = Arena.ofShared();
                var workers = new Workers(1)) {
            for (Matrix like : likes) {
                Matrix matrix =
                        switch (like) {
                            case Bf16Matrix _ -> Bf16Matrix.of(weights, columns, arena);
                            case Int8Matrix _ -> Int8Matrix.of(weights, columns, arena);
                            case Int4Matrix _ -> Int4Matrix.of(weights, columns, arena);
                        };
                for (int i = 0; i < 200; i++) {
                    matrix.times(xs, ys, workers);
                }
            }
        }
    }

    /** The same for attention over keys and values of a format, and for gates. */
    public static void warmUp(KvRows.Format format) {
        int headDim = 64;
        int slots = 128;
        var heads = new float[4 * headDim];
        var gates = new float[2 * headDim];
        try (var workers = new Workers(1)) {
            for (int queryHeads : new int[] {1, 4}) {
                try (var rows = KvRows.ring(format, 1, headDim, slots)) {
                    var queries = new float[queryHeads * headDim];
                    for (int i = 0; i < 400; i++) {
                        rows.put(i, heads, 0, heads, 0);
                        rows.attend(queries, i, queries, workers);
                        gatedGelu(gates, new float[headDim], workers);
                    }
                }
            }
        }
    }
}
