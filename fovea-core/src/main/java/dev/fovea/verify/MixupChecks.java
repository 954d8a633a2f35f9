package dev.fovea.verify;

import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.image.Mixup;
import java.util.List;

/** Mixup with the random weights given. */
final class MixupChecks {

    private static final List<String> MIXED = List.of("image", "labels");

    private MixupChecks() {}

    static void mixup(Case c) {
        for (String name : c.inputs().keySet()) {
            if (name.equals("beta")) {
                float[] samples = c.input(name).toFloats();
                for (int i = 0; i < samples.length; i++) {
                    withPredecessor(c, "beta" + i, samples[i]);
                }
            } else if (!MIXED.contains(name)) {
                withSuccessors(c, name, c.input(name));
            }
        }
    }

    private static void withPredecessor(Case c, String run, float beta) {
        for (String what : MIXED) {
            StoredTensor x = c.input(what);
            float[] values = x.toFloats();
            Mixup.mix(values, batch(x), Mixup.fold(beta));
            c.compare(run + "/" + what, values, x.shape());
        }
    }

    private static void withSuccessors(Case c, String run, StoredTensor weights) {
        int count = (int) weights.shape()[1];
        float[] sorted = Mixup.sorted(weights.toFloats(), count);
        for (String what : MIXED) {
            StoredTensor x = c.input(what);
            c.compare(run + "/" + what, Mixup.mix(x.toFloats(), batch(x), sorted, count), x.shape());
        }
    }

    private static int batch(StoredTensor x) {
        return (int) x.shape()[0];
    }
}
