package dev.fovea.kernel;

/** The tanh form of GELU (arXiv 1606.08415): x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). */
final class Gelu {

    static final float ROOT = (float) Math.sqrt(2 / Math.PI);
    static final float CUBE = 0.044715f;

    private Gelu() {}

    static float tanhForm(float x) {
        return 0.5f * x * (1 + (float) Math.tanh(ROOT * (x + CUBE * x * x * x)));
    }
}
