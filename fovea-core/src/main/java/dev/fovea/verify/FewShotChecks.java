package dev.fovea.verify;

import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.eval.Features;
import dev.fovea.eval.FewShot;
import dev.fovea.eval.LeastSquaresProbe;
import java.util.Arrays;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** The few-shot probe, and the choice of one strength for all data sets. */
final class FewShotChecks {

    private FewShotChecks() {}

    static void run(Case c) {
        if (c.inputs().containsKey("accuracy")) {
            bestL2(c);
        } else {
            probe(c);
        }
    }

    private static void bestL2(Case c) {
        StoredTensor stored = c.input("accuracy"); // [datasets, shots, l2]
        double[] values = stored.toDoubles();
        int shots = (int) stored.shape()[1];
        int strengths = (int) stored.shape()[2];
        var accuracy = new double[(int) stored.shape()[0]][shots][];
        for (int d = 0; d < accuracy.length; d++) {
            for (int s = 0; s < shots; s++) {
                int from = (d * shots + s) * strengths;
                accuracy[d][s] = Arrays.copyOfRange(values, from, from + strengths);
            }
        }
        c.compare("best_l2", FewShot.bestL2(accuracy, doubles(c.config().required("l2"))), shots);
    }

    private static void probe(Case c) {
        JsonNode config = c.config();
        var settings = new LeastSquaresProbe.Settings(
                config.required("bias_constant").asDouble(),
                config.required("std_epsilon").asDouble());
        Features train = features(c.input("train_features"));
        int[] trainLabels = ints(c.input("train_labels"));
        for (JsonNode seed : config.required("seeds")) {
            for (JsonNode shots : config.required("shots")) {
                String name = "seed%d/shots%d".formatted(seed.asInt(), shots.asInt());
                int[] chosen = ints(c.input("selected/" + name));
                int[] labels = Arrays.stream(chosen).map(i -> trainLabels[i]).toArray();
                int numClasses = config.required("num_classes").asInt();
                compare(c, name, LeastSquaresProbe.fit(train.select(chosen), labels, numClasses, settings));
            }
        }
    }

    private static void compare(Case c, String name, LeastSquaresProbe probe) {
        Features test = features(c.input("test_features"));
        int[] testLabels = ints(c.input("test_labels"));
        double[] l2 = doubles(c.config().required("l2"));
        int width = test.width();
        c.compare(
                name + "/accuracy",
                Arrays.stream(l2).map(s -> probe.accuracy(test, testLabels, s)).toArray(),
                l2.length);
        if (c.expects(name + "/mean")) {
            c.compare(name + "/mean", probe.mean(), width);
            c.compare(name + "/std", probe.std(), width);
            c.compare(name + "/eigenvalues", probe.eigenvalues(), probe.eigenvalues().length);
        }
        for (int i = 0; i < l2.length && c.expects(name + "/weights/" + i); i++) {
            double[] weights = probe.weights(l2[i]);
            double[] scores = probe.scores(test, l2[i]);
            c.compare(name + "/weights/" + i, weights, width + 1, weights.length / (width + 1));
            c.compare(name + "/scores/" + i, scores, test.size(), scores.length / test.size());
            long[] predicted =
                    IntStream.of(probe.predict(test, l2[i])).asLongStream().toArray();
            c.compare(name + "/prediction/" + i, predicted, test.size());
        }
    }

    private static Features features(StoredTensor x) {
        return new Features((int) x.shape()[1], x.toFloats());
    }

    private static int[] ints(StoredTensor x) {
        return Arrays.stream(x.toLongs()).mapToInt(Math::toIntExact).toArray();
    }

    private static double[] doubles(JsonNode array) {
        return array.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }
}
