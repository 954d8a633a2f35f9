package dev.fovea.models.vmoe;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The ways of tokens to experts and back, as row numbers: R rows, one for each token and expert that met, sorted by
 * expert. No tensor of tokens × experts × slots is made, and nothing is added up at colliding indices, forwards or
 * backwards: each copy goes to a place of its own.
 */
public final class Routes {

    private final int tokens;
    private final int numExperts;
    private final int slotsPerExpert;
    private final int[] token;
    private final int[] expert;
    private final int[] slot;
    private final int[] ordinal;
    private final int perToken;

    /** Rows in the order of their slots, which is by expert. */
    private Routes(int tokens, int numExperts, int slotsPerExpert, int[] token, int[] expert, int[] slot) {
        this.tokens = tokens;
        this.numExperts = numExperts;
        this.slotsPerExpert = slotsPerExpert;
        this.token = token;
        this.expert = expert;
        this.slot = slot;
        ordinal = new int[token.length];
        var met = new int[tokens];
        int most = 1;
        for (int r = 0; r < token.length; r++) {
            ordinal[r] = met[token[r]]++;
            most = Math.max(most, met[token[r]]);
        }
        perToken = most;
    }

    /** Of what tokens chose and got. */
    public static Routes of(Assignment a) {
        var owner = new int[Math.multiplyExact(a.numExperts(), Math.multiplyExact(a.groups(), a.capacity()))];
        for (int choice = 0; choice < a.expert().length; choice++) {
            if (a.kept(choice)) {
                int t = choice / a.k();
                owner[
                                slot(
                                        a.groups(),
                                        a.numExperts(),
                                        a.capacity(),
                                        t / a.groupSize(),
                                        a.expert()[choice],
                                        a.position()[choice])] =
                        t + 1;
            }
        }
        return of(a.groups(), a.groupSize(), a.numExperts(), a.capacity(), owner);
    }

    /**
     * Of what experts chose.
     *
     * @param chosen token of the group in each slot: [G, E, B]
     */
    public static Routes ofExperts(int groups, int groupSize, int numExperts, int capacity, int[] chosen) {
        var owner = new int[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            int g = i / (numExperts * capacity);
            int e = i / capacity % numExperts;
            owner[slot(groups, numExperts, capacity, g, e, i % capacity)] = g * groupSize + chosen[i] + 1;
        }
        return of(groups, groupSize, numExperts, capacity, owner);
    }

    /** From the token in each slot, counted from 1; 0 for an empty one. */
    private static Routes of(int groups, int groupSize, int numExperts, int capacity, int[] owner) {
        int perExpert = groups * capacity;
        int rows = 0;
        for (int t : owner) {
            rows += t > 0 ? 1 : 0;
        }
        var token = new int[rows];
        var expert = new int[rows];
        var slot = new int[rows];
        for (int i = 0, r = 0; i < owner.length; i++) {
            if (owner[i] > 0) {
                token[r] = owner[i] - 1;
                expert[r] = i / perExpert;
                slot[r++] = i;
            }
        }
        return new Routes(groups * groupSize, numExperts, perExpert, token, expert, slot);
    }

    /**
     * A slot's place in {@code [E, G·B]}. Where every expert's device holds as many groups, G = E n, groups stand in the
     * order 0, n, 2n, ..., 1, n + 1, ...: so they come out of the authors' exchange between devices.
     */
    private static int slot(int groups, int numExperts, int capacity, int group, int expert, int position) {
        int n = groups / numExperts;
        int place = groups % numExperts == 0 ? group % n * numExperts + group / n : group;
        return (expert * groups + place) * capacity + position;
    }

    /** R: how many times a token goes to an expert. */
    public int rows() {
        return token.length;
    }

    /** Token of each row, counted over all groups. */
    public int[] token() {
        return token.clone();
    }

    /** Expert of each row. */
    public int[] expert() {
        return expert.clone();
    }

    /** Slots that are paid for where every buffer is computed whole: E · G · B. */
    public long slots() {
        return (long) numExperts * slotsPerExpert;
    }

    /** Rows of each expert: [E]. */
    public long[] load() {
        var load = new long[numExperts];
        for (int e : expert) {
            load[e]++;
        }
        return load;
    }

    /** Experts that each token meets: [G·S]. */
    public int[] expertsOfTokens() {
        var met = new int[tokens];
        for (int t : token) {
            met[t]++;
        }
        return met;
    }

    /** The rows that go to the experts. */
    public Tensor dispatch(Tensor x) { // [G·S, D]
        if (!x.requires_grad()) {
            return x.index_select(0, index(token)); // [R, D]
        }
        // A copy to distinct rows has a gather for its gradient. What goes nowhere goes to one row more, cut off again.
        var to = new int[tokens * perToken];
        Arrays.fill(to, rows());
        for (int r = 0; r < rows(); r++) {
            to[token[r] * perToken + ordinal[r]] = r;
        }
        Tensor copies = x.unsqueeze(1).expand(tokens, perToken, x.size(1)).reshape(tokens * (long) perToken, x.size(1));
        return zeros(rows() + 1L, x).index_copy(0, index(to), copies).narrow(0, 0, rows()); // [R, D]
    }

    /** What the experts made of the rows, weighted by gates and added up for each token; 0 for one that met none. */
    public Tensor combine(Tensor y, Tensor gates) { // [R, D], [G·S, E]
        var at = new int[rows()];
        var to = new int[rows()];
        for (int r = 0; r < rows(); r++) {
            at[r] = token[r] * numExperts + expert[r];
            to[r] = token[r] * perToken + ordinal[r];
        }
        Tensor weights = gates.flatten(0, 1).index_select(0, index(at)).unsqueeze(1); // [R, 1]
        Tensor weighted = y.mul(weights); // [R, D]
        Tensor each = zeros((long) tokens * perToken, weighted).index_copy(0, index(to), weighted);
        return perToken == 1 ? each : each.unflatten(0, tokens, perToken).sum(1); // [G·S, D]
    }

    /** Rows in the experts' buffers, whose empty slots are 0. */
    public Tensor toSlots(Tensor rows) { // [R, D]
        return zeros(slots(), rows)
                .index_copy(0, index(slot), rows)
                .unflatten(0, numExperts, slotsPerExpert); // [E, G·B, D]
    }

    /** The rows out of the experts' buffers. */
    public Tensor fromSlots(Tensor buffers) { // [E, G·B, D]
        return buffers.flatten(0, 1).index_select(0, index(slot)); // [R, D]
    }

    private static Tensor zeros(long rows, Tensor like) { // [.., D]
        return torch.zeros(new long[] {rows, like.size(1)}, like.options());
    }

    private static Tensor index(int[] values) {
        return Engine.toDevice(Tensors.of(values, values.length));
    }
}
