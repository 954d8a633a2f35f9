package dev.fovea.models.vmoe;

import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch;

/** Which tokens of a group fill the buffers first (arXiv 2106.05974, section 4). */
public enum Order {
    /** As they are stored: image by image. */
    VANILLA,
    /** Those with the largest first gate: batch priority routing. */
    PRIORITY,
    /** Those with the largest sum of chosen gates: the paper's other priority. */
    PRIORITY_SUM,
    /** By chance, from the engine's generator: what priority is compared with. */
    RANDOM;

    /** The tokens of one group, first served first; ties stay as they are stored. */
    int[] of(float[] chosen, int from, int tokens, int k) { // chosen gates, [.., S, k]
        return switch (this) {
            case VANILLA -> IntStream.range(0, tokens).toArray();
            case RANDOM -> Tensors.toInts(torch.randperm(tokens));
            case PRIORITY -> descending(chosen, from, tokens, k, 1);
            case PRIORITY_SUM -> descending(chosen, from, tokens, k, k);
        };
    }

    private static int[] descending(float[] chosen, int from, int tokens, int k, int summed) {
        var keys = new long[tokens];
        for (int s = 0; s < tokens; s++) {
            float sum = 0;
            for (int j = 0; j < summed; j++) {
                sum += chosen[(from + s) * k + j];
            }
            keys[s] = (long) ~ascending(sum) << 32 | s; // equal sums: the earlier token has the smaller key
        }
        Arrays.sort(keys);
        var order = new int[tokens];
        for (int s = 0; s < tokens; s++) {
            order[s] = (int) keys[s];
        }
        return order;
    }

    /** A float's bits as an int of the same order; both zeros are one. */
    private static int ascending(float x) {
        int bits = Float.floatToIntBits(x + 0f);
        return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
    }
}
