package dev.fovea.verify;

import dev.fovea.checkpoint.StoredTensor;
import dev.fovea.eval.CaptionMetrics;
import dev.fovea.eval.MaskMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Evaluation metrics. Which ones a case is about shows in what it records. */
final class MetricChecks {

    private MetricChecks() {}

    static void run(Case c) {
        if (c.expects("bleu")) {
            captions(c);
        } else if (c.expects("anls")) {
            AnswerChecks.run(c);
        } else if (c.expects("boxes/locations")) {
            boxes(c);
            segmentation(c);
        } else if (c.expects("codes_of_masks")) {
            throw new NotBuiltException("mask codes are PaliGemma's and not built yet");
        } else {
            throw new IllegalArgumentException(
                    "no metric here is known: " + c.expected().keySet());
        }
    }

    private static void captions(Case c) {
        JsonNode config = c.config();
        List<CaptionMetrics.Row> rows = config.required("rows")
                .valueStream()
                .map(row -> new CaptionMetrics.Row(
                        row.required("prediction").asString(),
                        row.required("references")
                                .valueStream()
                                .map(JsonNode::asString)
                                .toList()))
                .toList();
        int n = config.required("bleu").asInt();
        CaptionMetrics.Scores[] bleu = CaptionMetrics.bleu(rows, n);
        c.compare(
                "bleu",
                Arrays.stream(bleu).mapToDouble(CaptionMetrics.Scores::corpus).toArray(),
                n);
        double[] perImage = IntStream.range(0, rows.size() * n)
                .mapToDouble(i -> bleu[i % n].perImage()[i / n])
                .toArray();
        c.compare("bleu_per_image", perImage, rows.size(), n);
        compare(
                c,
                "cider",
                CaptionMetrics.cider(
                        rows,
                        config.required("cider_n").asInt(),
                        config.required("cider_sigma").asDouble()));
        compare(
                c,
                "rouge",
                CaptionMetrics.rouge(rows, config.required("rouge_beta").asDouble()));
    }

    private static void compare(Case c, String name, CaptionMetrics.Scores scores) {
        c.compare(name, new double[] {scores.corpus()});
        c.compare(name + "_per_image", scores.perImage(), scores.perImage().length);
    }

    private static void boxes(Case c) {
        StoredTensor boxes = c.input("boxes"); // [N, 4]
        int[] locations = MaskMetrics.locations(boxes.toFloats());
        c.compare("boxes/locations", IntStream.of(locations).asLongStream().toArray(), boxes.shape());
        JsonNode strings = c.config().required("strings");
        for (int i = 0; i < strings.size(); i++) {
            String text = Arrays.stream(locations, 4 * i, 4 * i + 4)
                    .mapToObj("<loc%04d>"::formatted)
                    .collect(Collectors.joining());
            c.compareRow("strings[%d]".formatted(i), strings.get(i).asString(), text);
        }
    }

    private static void segmentation(Case c) {
        JsonNode config = c.config();
        double[] thresholds = config.required("detection_ious")
                .valueStream()
                .mapToDouble(JsonNode::asDouble)
                .toArray();
        var metrics = new MaskMetrics(thresholds);
        long[] real = c.input("real").toLongs();
        for (int i = 0; i < real.length; i++) {
            if (real[i] != 0) {
                metrics.add(tokens(c, i), row(c.input("decoded_masks"), i), truth(c, i));
            }
        }
        metrics.toMap().forEach((name, value) -> c.compare("segmentation/" + name, new double[] {value}));
        c.compare("segmentation/invalid", new long[] {metrics.invalid()});
        c.compare("segmentation/total", new long[] {metrics.ious().length});
        c.compare("segmentation/iou_per_example", metrics.ious(), metrics.ious().length);
    }

    private static int[] tokens(Case c, int i) {
        int loc0 = c.config().required("loc0").asInt();
        int seg0 = c.config().required("seg0").asInt();
        StoredTensor all = c.input("tokens");
        int width = (int) all.shape()[1];
        long[] values = all.toLongs();
        return IntStream.range(0, width)
                .map(j -> (int) values[i * width + j] - (j < 4 ? loc0 : seg0))
                .toArray();
    }

    private static MaskMetrics.Truth truth(Case c, int i) {
        long[] shape = c.input("gt_masks").shape();
        float[] values = row(c.input("gt_masks"), i);
        var mask = new boolean[values.length];
        for (int p = 0; p < mask.length; p++) {
            mask[p] = values[p] > 0;
        }
        float[] box = row(c.input("gt_boxes"), i);
        double[] wide = IntStream.range(0, box.length).mapToDouble(j -> box[j]).toArray();
        return new MaskMetrics.Truth(wide, (int) shape[1], (int) shape[2], mask);
    }

    private static float[] row(StoredTensor x, int i) {
        float[] values = x.toFloats();
        int size = values.length / (int) x.shape()[0];
        return Arrays.copyOfRange(values, i * size, (i + 1) * size);
    }
}
