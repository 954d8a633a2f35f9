package dev.fovea.cli;

import static dev.fovea.cli.Said.fovea;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoder;
import dev.fovea.models.classifier.Classifier;
import dev.fovea.models.jetformer.JetFormerModel;
import dev.fovea.models.jetformer.Temperatures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Commands about a Jet and a JetFormer. */
class FlowCommandsTest {

    private static final String JET = """
            system: jet
            model: {image: {height: 8, width: 8}, patch: 4, depth: 2, width: 8, numHeads: 2}
            data: {path: set by the test, evalSplit: test}
            augment: [{op: resize, size: 8}, valueRange]
            preprocess: [{op: resize, size: 8}, valueRange]
            optim: {rule: {name: adam}, lr: 3e-3}
            train: {steps: 3, batchSize: 10}
            samples: 4
            """;

    private static final String JETFORMER = """
            system: jetformer
            model:
              image: {height: 8, width: 8}
              patch: 4
              flow: {depth: 2, width: 8, numHeads: 2}
              softDims: 6
              width: 8
              depth: 1
              mlpDim: 16
              numHeads: 2
              headDim: 4
              numMixtures: 2
              textLength: 12
            texts: words
            textColumn: suffix
            data: {path: set by the test, evalSplit: test}
            augment: [{op: resize, size: 8}, valueRange]
            preprocess: [{op: resize, size: 8}, valueRange]
            loss: {labelDrop: 0.1}
            optim: {rule: {name: adam}, lr: 3e-3}
            train: {steps: 3, batchSize: 10}
            samples: 4
            """;

    private static final String CLASSIFIER = """
            model: {imageSize: 16, patchSize: 4, width: 16, depth: 1, mlpDim: 32, numHeads: 2}
            data: {path: set by the test, evalSplit: test}
            augment: [{op: resize, size: 16}, valueRange]
            preprocess: [{op: resize, size: 16}, valueRange]
            optim: {rule: {name: adam}, lr: 3e-3}
            train: {steps: 3, batchSize: 10}
            """;

    private static final int DRAWN = 104;

    @TempDir
    private static Path folder;

    private static Path captions;
    private static Path colours;
    private static Path jet;
    private static Path jetformer;

    @BeforeAll
    static void train() throws Exception {
        captions = folder.resolve("captions");
        colours = folder.resolve("colours");
        jet = folder.resolve("jet");
        jetformer = folder.resolve("jetformer");
        fovea("draw", captions, "--task", "colour", "--as", "caption", "--count", 20, "--test", 8, "--size", 16);
        fovea("draw", colours, "--task", "colour", "--count", 20, "--test", 8, "--size", 16);
        train(JET, colours, jet);
        train(JETFORMER, captions, jetformer);
    }

    private static void train(String yaml, Path data, Path run) throws Exception {
        Path config = Files.writeString(folder.resolve(run.getFileName() + ".yaml"), yaml);
        Said said = fovea("train", config, "--out", run, "data.path=" + data);
        assertThat(said.exit()).as(said.err()).isZero();
    }

    private static Path picture() {
        return captions.resolve("images/test_00000020.png");
    }

    @Test
    void likelihoodsOfPicturesAloneAndWithTheirText() {
        Said alone = fovea("likelihood", jetformer, picture(), "--json");
        assertThat(alone.json().propertyNames())
                .containsExactly("image", "bitsPerDim", "shareOfReferenceLessLikely", "imageNats");
        JsonNode pair = fovea("likelihood", jetformer, picture(), "--text", "a red circle", "--json")
                .json();
        assertThat(pair.path("imageNats").asDouble() / pair.path("bitsPerDim").asDouble() / (192 * Math.log(2)))
                .isBetween(0.999, 1.001);
        assertThat(pair.path("textNats").asDouble()
                        / pair.path("textNatsPerToken").asDouble())
                .isBetween(3.999, 4.001);
        assertThat(pair.path("loss").isNumber()).isTrue();
        assertThat(fovea("likelihood", jet, picture(), "--json").json().propertyNames())
                .containsExactly("image", "bitsPerDim", "shareOfReferenceLessLikely");
        assertThat(fovea("likelihood", jetformer, captions.resolve("images"), "--text", "a red circle")
                        .out())
                .contains("bits a dimension");
        assertThat(fovea("likelihood", jet, picture(), "--text", "a red circle").err())
                .contains("knows no texts");
    }

    @Test
    void likelihoodsOverADataSet() {
        for (Path run : new Path[] {jet, jetformer}) {
            JsonNode single = fovea("likelihood", run, "--data", captions, "--split", "test", "--json")
                    .json();
            JsonNode wide = fovea("likelihood", run, "--data", captions, "--split", "test", "--json", "--fp64")
                    .json();
            assertThat(single.path("bits").asDouble()).isBetween(4.0, 9.0);
            assertThat(wide.path("bits").asDouble())
                    .isCloseTo(single.path("bits").asDouble(), within(0.01));
            assertThat(wide.path("inversionError").asDouble()).isLessThan(1e-12);
        }
    }

    @Test
    void qualityOfPicturesInTheFeaturesOfAClassifier() throws Exception {
        Path classifier = folder.resolve("classifier");
        train(CLASSIFIER, colours, classifier);
        for (Path run : new Path[] {jet, jetformer}) {
            JsonNode drawn = fovea(
                            "fid",
                            run,
                            "--data",
                            captions,
                            "--split",
                            "test",
                            "--features",
                            classifier,
                            "--count",
                            5,
                            "--json")
                    .json();
            assertThat(drawn.path("frechetDistance").asDouble()).isPositive();
            assertThat(drawn.path("generated").asInt()).isEqualTo(5);
        }
        Path pictures = colours.resolve("test");
        Said same = fovea("fid", pictures, "--data", colours, "--split", "test", "--features", classifier);
        assertThat(same.out())
                .containsPattern("frechetDistance +0.0000\\n")
                .containsPattern("precision +1.0000\\n")
                .containsPattern("recall +1.0000\\n")
                .contains("not the published Inception")
                .doesNotContain("consistency");
    }

    @Test
    void consistencyIsWhatTheClassifierSaysOfEachPictureDrawn() throws Exception {
        Path classifier = folder.resolve("judge");
        Path drawer = folder.resolve("drawer");
        train(CLASSIFIER, colours, classifier);
        train(
                JETFORMER.replace("texts: words", "texts: classes").replace("textLength: 12", "vocabRepeats: 2"),
                colours,
                drawer);
        try (var model = JetFormerModel.open(drawer)) {
            List<String> classes = model.vocabulary().entries();
            List<String> asked = IntStream.range(0, DRAWN)
                    .mapToObj(i -> classes.get(i % classes.size()))
                    .toList();
            assertConsistency(drawer, colours, classifier, asked, asked);
        }
        List<String> texts = Files.readAllLines(captions.resolve("test.jsonl")).stream()
                .map(x -> x.replaceAll(".*\"suffix\":\"([^\"]*)\".*", "$1")) // a red circle at the top
                .toList();
        List<String> asked = IntStream.range(0, DRAWN)
                .mapToObj(i -> texts.get(i % texts.size()))
                .toList();
        assertConsistency(
                jetformer,
                captions,
                classifier,
                asked,
                asked.stream().map(x -> x.replaceAll("^a (\\w+) .*", "$1")).toList());
    }

    /** Against what the classifier says of each of the same pictures. */
    private static void assertConsistency(
            Path drawer, Path data, Path classifier, List<String> texts, List<String> labels) {
        Said quality = fovea(
                "fid",
                drawer,
                "--data",
                data,
                "--split",
                "test",
                "--features",
                classifier,
                "--count",
                DRAWN,
                "--temperature",
                9,
                "--json");
        var said = new ArrayList<String>();
        try (var model = JetFormerModel.open(drawer);
                var judge = Classifier.open(classifier)) {
            for (int from : new int[] {0, 100}) { // what fid draws at a time
                List<String> some = texts.subList(from, Math.min(DRAWN, from + 100));
                for (Image image : model.generate(some, 2, new Temperatures(9, 1), from)) {
                    said.add(judge.predict(image, 1).getFirst().label());
                }
            }
        }
        long hits = IntStream.range(0, DRAWN)
                .filter(i -> labels.get(i).equals(said.get(i)))
                .count();
        assertThat(said.stream().distinct().count()).isGreaterThan(1);
        assertThat(hits).isPositive();
        assertThat(quality.json().path("consistency").asDouble())
                .as(quality.err())
                .isEqualTo(hits / (double) DRAWN);
    }

    @Test
    void classifiesByLikelihood() {
        for (String by : new String[] {"text", "image"}) {
            Said said = fovea("zeroshot", jetformer, "--data", colours, "--split", "test", "--by", by, "--json");
            assertThat(said.json().path("top1").isNumber()).as(said.err()).isTrue();
        }
        Said fits =
                fovea("zeroshot", jetformer, picture(), "--labels", "red,mauve", "--template", "a {} circle", "--json");
        assertThat(fits.json().path("labels").get(0).path("logLikelihood").asDouble())
                .isNegative();
        assertThat(fits.err()).contains("does not know: [mauve]");
    }

    @Test
    void editsPicturesThroughTheirLatents() {
        Path out = folder.resolve("edited.png");
        Path other = captions.resolve("images/test_00000021.png");
        Object[] start = {"edit", jet, picture(), "--out", out};
        assertThat(width(start, out, "--with", other, "--part", "top", "--share", "0.5,1"))
                .isEqualTo(4);
        assertThat(width(start, out, "--redraw", "--part", "values")).isEqualTo(4);
        assertThat(width(start, out, "--from", other, "--to", picture(), "--strength", "1,2,3,4"))
                .isEqualTo(5);
        Object[] classes = {"edit", jet, "--data", colours, "--out", out};
        assertThat(width(classes, out, "--from", "red", "--to", "blue", "--strength", 1))
                .isEqualTo(2);
        assertThat(fovea("edit", jet, "--data", colours, "--from", "red", "--to", "mauve")
                        .err())
                .contains("no class mauve");
        assertThat(fovea("edit", jet, picture()).err()).contains("wanted one of --with, --redraw");
    }

    /** Pictures of 8 pixels in a row of the grid, with gaps of 2. */
    private static int width(Object[] start, Path out, Object... more) {
        Said said =
                fovea(Stream.concat(Arrays.stream(start), Arrays.stream(more)).toArray());
        assertThat(said.exit()).as(said.err()).isZero();
        return (ImageDecoder.read(out).width() - 2) / 10;
    }
}
