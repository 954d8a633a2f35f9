package dev.fovea.data;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A data set parted in two by a seed: the same share of every class is held out, at least one example where a class has two. */
public record HoldOut(ImageDataset rest, ImageDataset heldOut) {

    /** Parts {@code data}; the choice depends on the order of the examples, their labels, the fraction and the seed. */
    public static HoldOut of(ImageDataset data, double fraction, long seed) {
        var byClass = new TreeMap<Integer, List<Integer>>();
        for (int i = 0; i < data.size(); i++) {
            byClass.computeIfAbsent(data.label(i), _ -> new ArrayList<>()).add(i);
        }
        var isHeldOut = new boolean[Math.toIntExact(data.size())];
        int heldOut = 0;
        for (var members : byClass.entrySet()) {
            List<Integer> indices = members.getValue();
            int n = indices.size();
            int count = n < 2 ? 0 : Math.clamp(Math.round(fraction * n), 1, n - 1);
            if (n > 0) {
                var order = new Permutation(n, Seeds.mix(seed, members.getKey()));
                for (int i = 0; i < count; i++) {
                    isHeldOut[indices.get((int) order.at(i))] = true;
                }
            }
            heldOut += count;
        }
        var out = new int[heldOut];
        var in = new int[isHeldOut.length - heldOut];
        for (int i = 0, o = 0, r = 0; i < isHeldOut.length; i++) {
            if (isHeldOut[i]) {
                out[o++] = i;
            } else {
                in[r++] = i;
            }
        }
        return new HoldOut(data.subset(in), data.subset(out));
    }
}
