package dev.fovea.kernel;

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
}
