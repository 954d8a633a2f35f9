package dev.fovea.cli;

import dev.fovea.eval.LabelledFeatures;
import dev.fovea.eval.NearestNeighbors;
import dev.fovea.eval.NearestNeighbors.Metric;
import dev.fovea.eval.PictureEncoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Classification by nearest neighbours. */
@Command(
        name = "knn",
        mixinStandardHelpOptions = true,
        description = "Accuracy of the k nearest neighbours among a model's vectors.",
        footerHeading = "%nExamples:%n",
        footer = {"  fovea knn runs/quickstart --data pictures/ --k 1,5,20"})
final class Neighbors implements Callable<Integer> {

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private LabelledData data = new LabelledData();

    @Option(
            names = "--k",
            split = ",",
            defaultValue = "1,5,20",
            paramLabel = "K",
            description = "neighbours that vote (${DEFAULT-VALUE})")
    private List<Integer> ks = List.of();

    @Option(
            names = "--metric",
            defaultValue = "cosine",
            paramLabel = "NAME",
            description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private Metric metric = Metric.COSINE;

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var scores = new LinkedHashMap<String, Double>();
        try (PictureEncoder encoder = Encoders.open(model.model)) {
            LabelledFeatures known = data.features(encoder, data.train());
            LabelledFeatures asked = data.features(encoder, data.test());
            var neighbors = new NearestNeighbors(known.features(), known.labels(), metric);
            for (int k : ks) {
                scores.put("%dnn".formatted(k), accuracy(neighbors.predict(asked.features(), k), asked.labels()));
            }
        }
        Output.metrics(spec, scores, json);
        return 0;
    }

    private static double accuracy(int[] predicted, int[] labels) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += predicted[i] == labels[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }
}
