package dev.fovea.data;

import java.util.SplittableRandom;

/** Seeds of parts from the seed of the whole, so that what is random depends on what it is for and not on who comes first. */
public final class Seeds {

    private Seeds() {}

    /** One well-mixed seed of several numbers; their order counts. */
    public static long mix(long seed, long... parts) {
        long h = finish(seed);
        for (long part : parts) {
            h = finish(h * 0x9E3779B97F4A7C15L + part);
        }
        return h;
    }

    /** A generator of its own for the given numbers. */
    public static SplittableRandom generator(long seed, long... parts) {
        return new SplittableRandom(mix(seed, parts));
    }

    // The finalizer of Stafford's variant 13, as in SplittableRandom; the constant keeps zero from being a fixed point.
    static long finish(long z) {
        z += 0x632BE59BD9B4E019L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
