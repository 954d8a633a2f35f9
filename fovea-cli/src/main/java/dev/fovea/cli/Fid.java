package dev.fovea.cli;

import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.eval.Features;
import dev.fovea.eval.ImageQuality;
import dev.fovea.eval.PictureEncoder;
import dev.fovea.eval.PrecisionRecall;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.models.classifier.Classifier;
import dev.fovea.models.classifier.Prediction;
import dev.fovea.models.inception.Inception;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Quality of generated pictures. */
@Command(
        name = "fid",
        mixinStandardHelpOptions = true,
        description = {
            "Fréchet distance, precision and recall of generated pictures against real ones, in the features of a"
                    + " network that you name.",
            "The distance is the published FID only with the published Inception network; with a classifier of your own"
                    + " it compares only with distances in the same features, of as many pictures.",
            "Real pictures are taken as the model sees them: cropped and resized as in its training.",
            "Where the classifier knows what a JetFormer draws for, a class by the same name or one named in each text,"
                    + " consistency is the share of its pictures that the classifier takes for it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  fovea fid runs/jetformer-fashion --data ../shared/data/fashion_mnist --features runs/classifier",
            "  fovea fid pictures/ --data ../shared/data/cifar10 --features runs/classifier --json"
        })
final class Fid implements Callable<Integer> {

    private static final int BATCH = 100;

    @Parameters(
            index = "0",
            paramLabel = "GENERATED",
            description = "a run or model folder of a Jet or a JetFormer, or a folder of pictures")
    private Path generated = Path.of("");

    @Option(names = "--data", required = true, paramLabel = "PATH", description = "real pictures")
    private Path data = Path.of("");

    @Option(names = "--split", paramLabel = "NAME", description = "part of the data; chosen by the data unless given")
    private @Nullable String split;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "the first so many pictures of the data; all unless given")
    private @Nullable Long limit;

    @Option(
            names = "--features",
            required = true,
            paramLabel = "MODEL",
            description =
                    "the network: a classifier's run, a SigLIP, or the published Inception (pt_inception-2015-12-05)")
    private Path features = Path.of("");

    @Option(
            names = "--k",
            defaultValue = "" + PrecisionRecall.NEIGHBOURS,
            paramLabel = "K",
            description = "nearest neighbours of precision and recall")
    private int k;

    @Mixin
    private DrawingOptions drawing = new DrawingOptions();

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    record Report(
            double frechetDistance,
            double precision,
            double recall,
            @Nullable Double consistency,
            int real,
            int generated,
            String features) {}

    @Override
    public Integer call() {
        DataConfig config = DataConfig.of(data);
        ImageDataset all = Datasets.openEval(split == null ? config : config.withEvalSplit(split));
        ImageDataset real = limit == null ? all : all.first(limit);
        try (PictureEncoder network = Encoders.open(features)) {
            Features found;
            Features truth;
            Double consistency = null;
            if (Drawings.isGenerative(generated)) {
                try (Drawings model = Drawings.open(generated)) {
                    var hits = new Consistency(network, model.asked(real, drawing.count));
                    found = features(
                            network, drawing.count, from -> hits.see(from, model.draw(drawing, real, from, BATCH)));
                    truth = of(network, real, model::seen);
                    consistency = hits.share();
                }
            } else if (Files.isDirectory(generated)) {
                List<Path> files = Pictures.files(List.of(generated));
                found = features(
                        network,
                        files.size(),
                        from -> files.subList(from, Math.min(files.size(), from + BATCH)).stream()
                                .map(ImageDecoder::read)
                                .toList());
                truth = of(network, real, images -> images);
            } else {
                throw new Failure("%s: wanted a Jet, a JetFormer or a folder of pictures".formatted(generated));
            }
            print(ImageQuality.of(truth, found, k), consistency, network instanceof Inception);
        }
        return 0;
    }

    /** How many pictures a classifier takes for what they were drawn for, where it knows that of all of them. */
    private static final class Consistency {

        private final List<String> asked;
        private final @Nullable Classifier judge;
        private int hits;

        Consistency(PictureEncoder network, List<String> texts) {
            List<String> labels = network instanceof Classifier c ? c.card().labels() : List.of();
            this.asked = texts.stream().flatMap(x -> named(x, labels).stream()).toList();
            this.judge = network instanceof Classifier c && !texts.isEmpty() && asked.size() == texts.size() ? c : null;
        }

        /** The one label that is the text or stands in it as words, leaving out those within another such label. */
        private static Optional<String> named(String text, List<String> labels) {
            List<String> found =
                    labels.stream().filter(x -> holds(text, x)).distinct().toList();
            List<String> longest = found.stream()
                    .filter(x -> found.stream().noneMatch(y -> !y.equals(x) && holds(y, x)))
                    .toList();
            return longest.size() == 1 ? Optional.of(longest.getFirst()) : Optional.empty();
        }

        private static boolean holds(String text, String words) {
            return (" " + text + " ").contains(" " + words + " ");
        }

        /** The same pictures; the first of them is the given one. */
        List<Image> see(int from, List<Image> images) {
            if (judge != null) {
                List<List<Prediction>> said = judge.predict(images, 1);
                for (int i = 0; i < images.size(); i++) {
                    hits += said.get(i).getFirst().label().equals(asked.get(from + i)) ? 1 : 0;
                }
            }
            return images;
        }

        @Nullable
        Double share() {
            return judge == null ? null : (double) hits / asked.size();
        }
    }

    private static Features of(PictureEncoder network, ImageDataset real, UnaryOperator<List<Image>> seen) {
        return features(network, Math.toIntExact(real.size()), from -> {
            var images = new ArrayList<Image>();
            for (long i = from; i < Math.min(real.size(), from + BATCH); i++) {
                images.add(real.get(i).image());
            }
            return seen.apply(images);
        });
    }

    /** @param pictures a batch from the given one on */
    private static Features features(PictureEncoder network, int count, IntFunction<List<Image>> pictures) {
        var rows = new float[count][];
        for (int from = 0; from < count; ) {
            float[][] some = network.encode(pictures.apply(from));
            System.arraycopy(some, 0, rows, from, some.length);
            from += some.length;
        }
        return Features.of(rows);
    }

    private void print(ImageQuality q, @Nullable Double consistency, boolean inception) {
        if (json) {
            Output.of(spec)
                    .println(Output.json(new Report(
                            q.frechetDistance(),
                            q.overlap().precision(),
                            q.overlap().recall(),
                            consistency,
                            q.real(),
                            q.generated(),
                            features.toString())));
        } else {
            var scores = new LinkedHashMap<>(q.toMap());
            if (consistency != null) {
                scores.put("consistency", consistency);
            }
            Output.metrics(spec, scores, false);
            Output.of(spec)
                    .println("features                 " + features
                            + (inception
                                    ? ", an Inception in the published layout"
                                    : ", not the published Inception: no FID to set beside others'"));
        }
    }
}
