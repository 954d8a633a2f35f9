package dev.fovea.models.vmoe;

/**
 * Which slots of which experts the tokens of a batch get when tokens choose (arXiv 2106.05974, algorithm 1): first
 * choices come before second ones, and among equal choices the order decides.
 *
 * @param groups G
 * @param groupSize S
 * @param numExperts E
 * @param k choices a token
 * @param capacity B slots an expert and group
 * @param expert chosen experts, the best first: [G, S, k]
 * @param position place of each choice in its expert's queue, kept where it is below B: [G, S, k]
 */
public record Assignment(int groups, int groupSize, int numExperts, int k, int capacity, int[] expert, int[] position) {

    /** Assigns by gates {@code [G, S, E]}; of equal gates the lower expert is chosen. */
    public static Assignment of(
            float[] gates, int groups, int groupSize, int numExperts, int k, int capacity, Order order) {
        int tokens = groups * groupSize;
        var expert = new int[tokens * k];
        var chosen = new float[tokens * k];
        for (int t = 0; t < tokens; t++) {
            choose(gates, t * numExperts, numExperts, k, t * k, expert, chosen);
        }
        var position = new int[tokens * k];
        for (int g = 0; g < groups; g++) {
            int from = g * groupSize;
            int[] served = order.of(chosen, from, groupSize, k);
            var taken = new int[numExperts];
            for (int j = 0; j < k; j++) {
                for (int s : served) {
                    int choice = (from + s) * k + j;
                    position[choice] = taken[expert[choice]]++;
                }
            }
        }
        return new Assignment(groups, groupSize, numExperts, k, capacity, expert, position);
    }

    /** Whether a choice found a slot. */
    public boolean kept(int choice) {
        return position[choice] < capacity;
    }

    /** Inserts gates one by one into the k best so far; a later one has to be larger to come before. */
    private static void choose(float[] gates, int at, int numExperts, int k, int to, int[] expert, float[] chosen) {
        for (int e = 0; e < numExperts; e++) {
            float gate = gates[at + e];
            int have = Math.min(e, k);
            int place = have;
            while (place > 0 && gate > chosen[to + place - 1]) {
                place--;
            }
            if (place == k) {
                continue;
            }
            for (int j = Math.min(have, k - 1); j > place; j--) {
                chosen[to + j] = chosen[to + j - 1];
                expert[to + j] = expert[to + j - 1];
            }
            chosen[to + place] = gate;
            expert[to + place] = e;
        }
    }
}
