package dev.fovea.data;

import static dev.fovea.data.TestData.idx;
import static dev.fovea.data.TestData.png;
import static dev.fovea.data.TestData.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.config.Configs;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {

    @TempDir
    Path dir;

    private ImageDataset open(String split) {
        return Datasets.open(DataConfig.of(dir).withSplit(split));
    }

    private static List<Integer> labels(ImageDataset data) {
        List<Integer> labels = new ArrayList<>();
        for (long i = 0; i < data.size(); i++) {
            assertThat(data.get(i).label()).isEqualTo(data.label(i));
            labels.add(data.label(i));
        }
        return labels;
    }

    @Test
    void classesOfFoldersAreSortedNames() {
        write(dir.resolve("train/b/1.png"), png(2, 3, 1));
        write(dir.resolve("train/a/2.PNG"), png(2, 3, 2));
        write(dir.resolve("train/a/1.png"), png(2, 3, 3));
        write(dir.resolve("train/a/notes.txt"), "no picture");
        write(dir.resolve("train/a/.hidden.png"), "no picture");
        write(dir.resolve("test/b/1.png"), png(2, 3, 4));
        ImageDataset train = open("train");
        assertThat(train.classNames()).containsExactly("a", "b");
        assertThat(labels(train)).containsExactly(0, 0, 1);
        assertThat(train.get(0).id()).endsWith("a/1.png");
        assertThat(train.get(0).image()).isEqualTo(train.get(0).image());
        assertThat(train.get(0).image().rgb()).isEqualTo(TestData.image(2, 3, 3).rgb());
        assertThat(Datasets.splits(dir)).containsExactly("test", "train");
        assertThat(labels(Datasets.openEval(DataConfig.of(dir)))).containsExactly(1);
    }

    @Test
    void foldersWithoutSplitsAreHeldOutByClass() {
        for (int i = 0; i < 30; i++) {
            write(dir.resolve((i < 20 ? "many/" : "few/") + i + ".png"), png(1, 1, i));
        }
        DataConfig config = Configs.of(DataConfig.class, "path=" + dir, "holdOut=0.2", "holdOutSeed=3");
        ImageDataset train = Datasets.open(config);
        ImageDataset eval = Datasets.openEval(config);
        assertThat(labels(train)).hasSize(24).filteredOn(l -> l == 0).hasSize(8);
        assertThat(labels(eval)).hasSize(6).filteredOn(l -> l == 0).hasSize(2);
        var ids = new TreeSet<String>();
        for (ImageDataset part : List.of(train, eval)) {
            for (long i = 0; i < part.size(); i++) {
                ids.add(part.get(i).id());
            }
        }
        assertThat(ids).hasSize(30);
        assertThat(Datasets.openEval(config).get(0).id()).isEqualTo(eval.get(0).id());
        assertThat(Datasets.open(config.withSplit("all")).size()).isEqualTo(30);
    }

    @Test
    void validationNamedIsHeldOutOfTrainOnlyThen() {
        for (int i = 0; i < 10; i++) {
            write(dir.resolve("train/a/" + i + ".png"), png(1, 1, i));
            write(dir.resolve("test/a/" + i + ".png"), png(1, 1, i));
        }
        DataConfig config = DataConfig.of(dir);
        assertThat(Datasets.open(config).size()).isEqualTo(10);
        assertThat(Datasets.evalSplit(config)).isEqualTo("test");
        DataConfig tuned = config.withEvalSplit("validation");
        assertThat(Datasets.open(tuned).size()).isEqualTo(9);
        assertThat(Datasets.openEval(tuned).size()).isEqualTo(1);
    }

    @Test
    void picturesWithoutFoldersHaveNoClasses() {
        write(dir.resolve("train/1.png"), png(1, 1, 1));
        write(dir.resolve("test/2.png"), png(1, 1, 1));
        assertThat(labels(open("train"))).containsExactly(-1);
        assertThat(Datasets.splits(dir)).containsExactly("test", "train");
        write(dir.resolve("car/3.png"), png(1, 1, 1));
        assertThat(Datasets.splits(dir)).containsExactly("all");
        assertThat(open("all").classNames()).containsExactly("car", "test", "train");
    }

    @Test
    void metadataNamesPicturesAndTexts() {
        write(dir.resolve("train/x/1.png"), png(2, 2, 1));
        write(dir.resolve("train/2.png"), png(2, 2, 2));
        write(
                dir.resolve("train/metadata.csv"),
                "file_name,label,text\nx/1.png,dog,\"a \"\"good\"\" dog,\nhere\"\n2.png,cat,a cat\n");
        ImageDataset data = open("all");
        assertThat(data.classNames()).containsExactly("cat", "dog");
        assertThat(labels(data)).containsExactly(1, 0);
        assertThat(data.get(0).texts()).isEqualTo(Map.of("text", "a \"good\" dog,\nhere"));
        write(dir.resolve("train/metadata.jsonl"), "{\"file_name\": \"2.png\", \"label\": 7}\n");
        assertThat(labels(open("all"))).containsExactly(7);
    }

    @Test
    void jsonLinesArePartedAtNewlinesAlone() {
        write(dir.resolve("pics/1.png"), png(2, 2, 1));
        write(
                dir.resolve("train.jsonl"),
                "{\"image\": \"pics/1.png\", \"prefix\": \"a\u2028b\", \"suffix\": \"c\"}\n\n");
        ImageDataset data = open("train");
        assertThat(data.size()).isEqualTo(1);
        assertThat(data.get(0).texts()).isEqualTo(Map.of("prefix", "a\u2028b", "suffix", "c"));
        assertThat(data.get(0).label()).isEqualTo(-1);
    }

    @Test
    void brokenLinesAreNamed() {
        write(dir.resolve("a.jsonl"), "{\"image\": \"1.png\"}\n{\"imag\": \"2.png\"}\n");
        assertThatThrownBy(() -> open("all"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(dir.resolve("a.jsonl") + ":2: no image; keys here: [imag]");
        write(dir.resolve("a.jsonl"), "{\"image\": \"1.png\"}\n");
        assertThatThrownBy(
                        () -> Datasets.open(DataConfig.of(dir).withSplit("all")).get(0))
                .hasMessage(dir.resolve("a.jsonl") + ":1: image " + dir.resolve("1.png") + ": no such file");
        write(dir.resolve("a.jsonl"), "{\"image\": \"1.png\"}\n{\"image\"\n");
        assertThatThrownBy(() -> open("all")).hasMessageStartingWith(dir.resolve("a.jsonl") + ":2: not JSON");
    }

    @Test
    void idxFilesPlainAndGzip() {
        write(
                dir.resolve("train-images-idx3-ubyte"),
                idx(new int[] {2, 2, 3}, new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -1}));
        write(dir.resolve("train-labels-idx1-ubyte.gz"), TestData.gzip(idx(new int[] {2}, new byte[] {1, 0})));
        write(dir.resolve("labels.txt"), "zero\none\n");
        ImageDataset data = open("all");
        assertThat(data.classNames()).containsExactly("zero", "one");
        assertThat(labels(data)).containsExactly(1, 0);
        assertThat(data.get(1).image().height()).isEqualTo(2);
        assertThat(data.get(1).image().at(1, 2, 0)).isEqualTo(255);
        assertThat(data.get(1).image().at(0, 1, 2)).isEqualTo(7);
    }

    @Test
    void cifar10RecordsAreLabelThenPlanes() {
        byte[] file = new byte[2 * 3073];
        file[0] = 3;
        file[3073] = 9;
        file[3073 + 1 + 33] = 10; // red at row 1, column 1
        file[3073 + 1 + 1024 + 33] = 20;
        file[3073 + 1 + 2048 + 33] = 30;
        write(dir.resolve("data_batch_1.bin"), file);
        write(dir.resolve("data_batch_2.bin"), file);
        write(dir.resolve("test_batch.bin"), file);
        ImageDataset data = open("train");
        assertThat(labels(data)).containsExactly(3, 9, 3, 9);
        var image = data.get(3).image();
        assertThat(List.of(image.at(1, 1, 0), image.at(1, 1, 1), image.at(1, 1, 2)))
                .containsExactly(10, 20, 30);
        assertThat(image.at(0, 0, 0)).isZero();
    }

    @Test
    void cifar100HasTwoLabels() {
        byte[] file = new byte[3074];
        file[0] = 4;
        file[1] = 99;
        file[2] = 50;
        write(dir.resolve("train.bin"), file);
        assertThat(labels(Datasets.open(DataConfig.of(dir.resolve("train.bin")).withSplit("all"))))
                .containsExactly(99);
        ImageDataset coarse = Datasets.open(DataConfig.of(dir).withSplit("all").withColumns(null, "coarse_label"));
        assertThat(labels(coarse)).containsExactly(4);
        assertThat(coarse.get(0).image().at(0, 0, 0)).isEqualTo(50);
    }

    @Test
    void unknownSplitsAndFormatsAreNamed() {
        write(dir.resolve("train/a/1.png"), png(1, 1, 1));
        assertThatThrownBy(() -> open("tset")).hasMessage(dir + ": no split tset; it has [train]");
        assertThatThrownBy(() -> Datasets.open(DataConfig.of(dir.resolve("none"))))
                .hasMessage(dir.resolve("none") + ": no such file or folder");
        write(dir.resolve("a.tar"), "");
        write(dir.resolve("a.parquet"), "");
        assertThatThrownBy(() -> open("train")).hasMessageContaining("several formats, [PARQUET, WEBDATASET]");
    }

    @Test
    void configurationComesFromYaml() {
        DataConfig config = Configs.parse(
                DataConfig.class,
                "{path: data/x, format: webdataset, badImages: skip, limit: 5}",
                "test",
                List.of("workers=3"));
        assertThat(config.format()).isEqualTo(DataFormat.WEBDATASET);
        assertThat(config.load()).isEqualTo(new LoadOptions(3, 2, BadImages.SKIP, false));
        assertThat(config.limit()).isEqualTo(5);
        assertThat(Configs.parse(DataConfig.class, Configs.write(config), "again", List.of()))
                .isEqualTo(config);
        assertThat(Configs.of(DataConfig.class, "path=x")).isEqualTo(DataConfig.of(Path.of("x")));
    }

    @Test
    void cacheKeepsNoMoreThanItsLimit() {
        for (int i = 0; i < 10; i++) {
            write(dir.resolve("a/" + i + ".png"), png(4, 4, i));
        }
        ImageDataset data = Datasets.open(new DataConfig(
                dir, DataFormat.AUTO, "all", null, 0.1, 0, null, null, 0, 1, false, 1, null, BadImages.FAIL, 0, 2));
        assertThat(data).isNotInstanceOf(ImageCache.class);
        var cache = (ImageCache) ImageCache.of(data, 100);
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < 10; i++) {
                assertThat(cache.get(i).image().rgb())
                        .isEqualTo(TestData.image(4, 4, i).rgb());
            }
        }
        assertThat(cache.held()).isEqualTo(96);
        assertThat(cache.get(1).source()).isSameAs(cache.get(1).source());
    }
}
