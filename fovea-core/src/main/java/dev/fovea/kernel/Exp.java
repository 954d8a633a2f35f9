package dev.fovea.kernel;

/**
 * The numbers of exp(x) = 2ⁿ · exp(r) with n = round(x / ln 2) and a polynomial for |r| ≤ ln 2 / 2, to 1 unit in the last place. Additions
 * and products alone round alike whether interpreted or compiled, which the vector operators for exp and tanh do not.
 */
final class Exp {

    /** Where 2ⁿ is the smallest normal number; below this the result is taken for 0. */
    static final float LEAST = -87.3f;

    static final float LOG2_E = (float) (1 / Math.log(2));
    /** Added to a number below 2²², it leaves the nearest whole number in the lowest bits. */
    static final float ROUND = 0x1.8p23f;
    /** ln 2 in two parts, the first of which times n is exact. */
    static final float LN2_HIGH = 0x1.62ep-1f;

    static final float LN2_LOW = (float) (Math.log(2) - LN2_HIGH);

    /** Of the polynomial from the third power on; below it is Taylor's. */
    static final float C3 = 0.16666533f;

    static final float C4 = 0.04166724f;
    static final float C5 = 0.008367542f;
    static final float C6 = 0.0013863727f;

    private Exp() {}
}
