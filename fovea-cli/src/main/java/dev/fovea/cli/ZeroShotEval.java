package dev.fovea.cli;

import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.eval.ClassificationMetrics;
import dev.fovea.eval.Features;
import dev.fovea.eval.LabelledFeatures;
import dev.fovea.eval.ZeroShot;
import dev.fovea.models.jetformer.JetFormerModel;
import dev.fovea.models.jetformer.JetFormerZeroShot;
import dev.fovea.models.jetformer.JetFormerZeroShot.By;
import dev.fovea.models.siglip.SiglipModel;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classification by what the classes are called. */
@Command(
        name = "zeroshot",
        mixinStandardHelpOptions = true,
        description = {
            "Classify pictures by the names of the classes alone: scores on labelled pictures, or the best"
                    + " fitting of your labels for each picture.",
            "By cosines with a SigLIP, by likelihoods with a JetFormer."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea zeroshot siglip-base/ --data ../shared/data/cifar10",
            "  fovea zeroshot siglip-base/ cat.jpg --labels 'a cat,a dog' --template '{}'",
            "  fovea zeroshot runs/jetformer-fashion --data ../shared/data/fashion_mnist --by image"
        })
final class ZeroShotEval implements Callable<Integer> {

    private static final String TOWERS_TEMPLATE = "a photo of a {}";

    @Mixin
    private ModelOption model = new ModelOption();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "IMAGE", description = "picture files, or folders of them")
    private List<Path> images = List.of();

    @Option(names = "--data", paramLabel = "PATH", description = "labelled pictures")
    private @Nullable Path data;

    @Option(names = "--split", paramLabel = "NAME", description = "part of the data; chosen by the data unless given")
    private @Nullable String split;

    @Option(
            names = "--labels",
            split = ",",
            paramLabel = "NAME",
            description = "names of the classes; the data's own unless given")
    private List<String> labels = List.of();

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            description = "sentence around a name; may be given several times (" + TOWERS_TEMPLATE + " for a SigLIP, "
                    + ZeroShot.SLOT + " for a JetFormer)")
    private List<String> templates = List.of();

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            description = "of a JetFormer, which likelihood: ${COMPLETION-CANDIDATES}, that is of the text after the"
                    + " picture or of the picture after the text; text unless the model only learnt to draw")
    private @Nullable By by;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "of a JetFormer's dequantisation noise")
    private long seed;

    @Option(names = "--batch", defaultValue = "100", paramLabel = "N", description = "pictures a batch")
    private int batch;

    @Option(names = "--json", description = "JSON")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    record Fit(String label, double cosine) {}

    record Line(String image, List<Fit> labels) {}

    record Likely(String label, double logLikelihood) {}

    record LikelyLine(String image, List<Likely> labels) {}

    @Override
    public Integer call() {
        if ((data == null) == images.isEmpty()) {
            throw new Failure("wanted pictures, or labelled ones with --data, and not both");
        }
        if (data == null && labels.isEmpty()) {
            throw new Failure("--labels: missing; wanted the names of the classes");
        }
        if (JetFormerModel.isJetFormer(model.model)) {
            try (JetFormerModel opened = JetFormerModel.open(model.model)) {
                byLikelihood(opened);
            }
            return 0;
        }
        if (by != null) {
            throw new Failure("--by: %s is no JetFormer, which alone has likelihoods".formatted(model.model));
        }
        try (SiglipModel towers = Encoders.openTowers(model.model)) {
            if (data != null) {
                score(towers, DataConfig.of(data));
            } else {
                fit(towers);
            }
        }
        return 0;
    }

    private void byLikelihood(JetFormerModel opened) {
        List<String> around = templates.isEmpty() ? List.of(ZeroShot.SLOT) : templates;
        By what = by == null ? JetFormerZeroShot.trained(opened) : by;
        if (data != null) {
            DataConfig config = DataConfig.of(data);
            ImageDataset examples = examples(config);
            JetFormerZeroShot classes = JetFormerZeroShot.of(opened, what, names(examples, config), around, seed);
            warn(classes);
            Output.metrics(
                    spec, classes.evaluate(examples, batch, config.load()).toMap(), json);
            return;
        }
        JetFormerZeroShot classes = JetFormerZeroShot.of(opened, what, labels, around, seed);
        warn(classes);
        Pictures.inBatches(Pictures.files(images), (files, pictures) -> {
            double[][] scores = classes.scores(pictures);
            for (int i = 0; i < files.size(); i++) {
                double[] row = scores[i];
                List<Likely> fits = IntStream.range(0, labels.size())
                        .mapToObj(k -> new Likely(labels.get(k), row[k]))
                        .sorted(Comparator.comparingDouble(Likely::logLikelihood)
                                .reversed())
                        .toList();
                String file = files.get(i).toString();
                print(new LikelyLine(file, fits), file, fits.stream().map(f -> "%s %.3f"
                        .formatted(f.label, f.logLikelihood)));
            }
        });
    }

    private void warn(JetFormerZeroShot classes) {
        if (!classes.unknownWords().isEmpty()) {
            Output.err(spec).println("words that the model does not know: " + classes.unknownWords());
        }
    }

    private ImageDataset examples(DataConfig config) {
        return Datasets.openEval(split == null ? config : config.withEvalSplit(split));
    }

    private List<String> names(ImageDataset examples, DataConfig config) {
        List<String> names = labels.isEmpty() ? examples.classNames() : labels;
        if (names.isEmpty()) {
            throw new Failure("%s: names no classes; give them with --labels".formatted(config.path()));
        }
        return names;
    }

    private ZeroShot classifier(SiglipModel towers, List<String> names) {
        return ZeroShot.of(names, templates.isEmpty() ? List.of(TOWERS_TEMPLATE) : templates, towers::embedTexts);
    }

    private void score(SiglipModel towers, DataConfig config) {
        ImageDataset examples = examples(config);
        List<String> names = names(examples, config);
        ZeroShot classifier = classifier(towers, names);
        LabelledFeatures found = LabelledFeatures.of(towers, examples, batch, config.load());
        var metrics = new ClassificationMetrics(names.size());
        metrics.add(classifier.logits(found.features()), found.labels());
        Output.metrics(spec, metrics.toMap(), json);
    }

    private void fit(SiglipModel towers) {
        ZeroShot classifier = classifier(towers, labels);
        Pictures.inBatches(Pictures.files(images), (files, pictures) -> {
            float[] cosines = classifier.logits(Features.of(towers.encode(pictures)));
            for (int i = 0; i < files.size(); i++) {
                String file = files.get(i).toString();
                List<Fit> fits = fits(cosines, i);
                print(new Line(file, fits), file, fits.stream().map(f -> "%s %.3f".formatted(f.label, f.cosine)));
            }
        });
    }

    private List<Fit> fits(float[] cosines, int row) {
        int classes = labels.size();
        return IntStream.range(0, classes)
                .mapToObj(k -> new Fit(labels.get(k), cosines[row * classes + k]))
                .sorted(Comparator.comparingDouble(Fit::cosine).reversed())
                .toList();
    }

    private void print(Object line, String file, Stream<String> fits) {
        Output.of(spec).println(json ? Output.json(line) : file + "  " + fits.collect(Collectors.joining("  ")));
    }
}
