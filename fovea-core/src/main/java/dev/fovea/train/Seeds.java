package dev.fovea.train;

/** One seed for the noise of each step, so that the generator's state needs no saving. */
final class Seeds {

    private Seeds() {}

    static long of(long seed, long step, long micro) {
        return mix(mix(mix(seed) + step) + micro) & Long.MAX_VALUE;
    }

    /** The output function of SplitMix64 (Steele et al. 2014). */
    private static long mix(long z) {
        long x = z + 0x9E3779B97F4A7C15L;
        x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }
}
