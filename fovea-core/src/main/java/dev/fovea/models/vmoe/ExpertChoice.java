package dev.fovea.models.vmoe;

import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/**
 * How evenly experts that choose serve the tokens, one value a group (arXiv 2202.09368).
 *
 * @param minExperts experts of the token with the fewest
 * @param maxExperts experts of the token with the most
 * @param minGate smallest gate of a chosen token
 * @param maxGate largest gate of a chosen token
 * @param shareWithAtLeast share of tokens with at least t experts, by t: the powers of two up to E, and E
 */
public record ExpertChoice(
        int[] minExperts,
        int[] maxExperts,
        float[] minGate,
        float[] maxGate,
        SequencedMap<Integer, float[]> shareWithAtLeast) {

    /** Of a batch's ways and gates {@code [G, S, E]}. */
    public static ExpertChoice of(Routes routes, Tensor gates) {
        int groups = (int) gates.size(0);
        int groupSize = (int) gates.size(1);
        int numExperts = (int) gates.size(2);
        int[] experts = routes.expertsOfTokens(); // [G·S]
        var min = new int[groups];
        var max = new int[groups];
        var shares = new TreeMap<Integer, float[]>();
        for (int t = 1; t < numExperts; t *= 2) {
            shares.put(t, new float[groups]);
        }
        shares.put(numExperts, new float[groups]);
        for (int g = 0; g < groups; g++) {
            int[] own = Arrays.copyOfRange(experts, g * groupSize, (g + 1) * groupSize);
            int group = g;
            min[g] = Arrays.stream(own).min().orElse(0);
            max[g] = Arrays.stream(own).max().orElse(0);
            shares.forEach((t, share) -> share[group] =
                    (float) Arrays.stream(own).filter(n -> n >= t).count() / groupSize);
        }
        var minGate = new float[groups];
        var maxGate = new float[groups];
        Arrays.fill(minGate, Float.POSITIVE_INFINITY);
        Arrays.fill(maxGate, Float.NEGATIVE_INFINITY);
        float[] values = Tensors.toFloats(gates);
        int[] token = routes.token();
        int[] expert = routes.expert();
        for (int r = 0; r < token.length; r++) {
            int g = token[r] / groupSize;
            float gate = values[token[r] * numExperts + expert[r]];
            minGate[g] = Math.min(minGate[g], gate);
            maxGate[g] = Math.max(maxGate[g], gate);
        }
        return new ExpertChoice(min, max, minGate, maxGate, shares);
    }
}
