package dev.fovea.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The data sets that the project keeps beside its checkout; skipped where they are absent. */
class RealDataTest {

    @ParameterizedTest
    @CsvSource({
        "fashion_mnist, train, 60000, 28, 28, 10",
        "fashion_mnist, test, 10000, 28, 28, 10",
        "cifar10, test, 2000, 32, 32, 10",
        "cifar100, train, 6000, 32, 32, 100",
        "digits, train, 1200, 8, 8, 10",
        "vtab_mini/eurosat, validation, 200, 64, 64, 10",
    })
    void countsSizesAndClasses(String name, String split, int size, int height, int width, int classes) {
        ImageDataset data = Datasets.open(DataConfig.of(TestData.real(name)).withSplit(split));
        assertThat(data.size()).isEqualTo(size);
        assertThat(data.classNames()).hasSize(classes);
        assertThat(LongStream.range(0, size).map(data::label).distinct().count())
                .isEqualTo(classes);
        assertThat(LongStream.range(0, size).map(data::label)).allMatch(l -> l >= 0 && l < classes);
        for (long i : new long[] {0, size / 2, size - 1}) {
            assertThat(data.get(i).image().height()).isEqualTo(height);
            assertThat(data.get(i).image().width()).isEqualTo(width);
        }
    }

    @Test
    void fashionMnistIsBalancedAndNamed() {
        ImageDataset data = Datasets.open(DataConfig.of(TestData.real("fashion_mnist")));
        assertThat(data.classNames()).startsWith("T-shirt/top", "Trouser").endsWith("Ankle boot");
        assertThat(LongStream.range(0, data.size())
                        .filter(i -> data.label(i) == 9)
                        .count())
                .isEqualTo(6000);
        assertThat(data.label(0)).isEqualTo(9);
        long sum = 0;
        for (long i = 0; i < 100; i++) {
            for (byte b : data.get(i).image().rgb()) {
                sum += b & 0xff;
            }
        }
        // The mean of all of Fashion-MNIST is 72.9; the first hundred lie near it.
        assertThat(sum / (100.0 * 28 * 28 * 3)).isBetween(60.0, 85.0);
    }

    @Test
    void cifar100HasFineAndCoarseLabels() {
        DataConfig config = DataConfig.of(TestData.real("cifar100")).withSplit("test");
        assertThat(Datasets.open(config).classNames())
                .startsWith("apple", "aquarium_fish")
                .endsWith("worm");
        ImageDataset coarse = Datasets.open(config.withColumns("img", "coarse_label"));
        assertThat(coarse.classNames()).hasSize(20);
        assertThat(LongStream.range(0, coarse.size()).map(coarse::label)).allMatch(l -> l >= 0 && l < 20);
    }

    @Test
    void flowersAreFoldersOfSeveralSizes() {
        ImageDataset data = Datasets.open(DataConfig.of(TestData.real("flowers_folder")));
        assertThat(data.size()).isEqualTo(200);
        assertThat(data.classNames()).containsExactly("daisy", "dandelion", "roses", "sunflowers", "tulips");
        assertThat(LongStream.range(0, 200).filter(i -> data.label(i) == 4).count())
                .isEqualTo(40);
        assertThat(Math.max(data.get(7).image().height(), data.get(7).image().width()))
                .isEqualTo(112);
    }

    @Test
    void shapeQuestionsAreTarSamples() {
        ImageDataset data = Datasets.open(DataConfig.of(TestData.real("shape_questions")));
        assertThat(data.size()).isEqualTo(1500);
        assertThat(data.get(1499).texts().get("json")).startsWith("{\"qa\"");
        assertThat(data.get(1499).image().width()).isEqualTo(64);
    }

    @Test
    void bloodCellsAreLinesWithBoxes() {
        ImageDataset data = Datasets.open(DataConfig.of(TestData.real("blood_cells")));
        assertThat(data.size()).isEqualTo(205);
        long boxes = LongStream.range(0, 205)
                .map(i -> data.get(i).texts().getOrDefault("suffix", "").split(";").length)
                .sum();
        assertThat(boxes).isEqualTo(2804);
        assertThat(data.get(0).image().height()).isEqualTo(240);
    }

    @Test
    void parquetStreamsWhatItHoldsByIndex() {
        DataConfig config = DataConfig.of(TestData.real("vtab_mini/eurosat")).withSplit("validation");
        ImageDataset data = Datasets.open(config);
        long i = 0;
        try (var cursor = Datasets.stream(config).open(0)) {
            for (; cursor.hasNext(); i++) {
                ImageExample streamed = cursor.next();
                assertThat(streamed.id()).isEqualTo(data.get(i).id());
                assertThat(streamed.label()).isEqualTo(data.label(i));
            }
        }
        assertThat(i).isEqualTo(data.size());
    }
}
