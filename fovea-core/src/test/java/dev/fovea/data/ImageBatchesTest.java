package dev.fovea.data;

import static dev.fovea.data.TestData.png;
import static dev.fovea.data.TestData.samples;
import static dev.fovea.data.TestData.tar;
import static dev.fovea.data.TestData.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.image.Preprocess;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ImageBatchesTest {

    private static final Preprocess PLAIN = Preprocess.parse("[{op: valueRange}]");
    private static final Preprocess AUGMENT =
            Preprocess.parse("[{op: randomCrop, size: 6, padding: 2}, {op: flipLeftRight}, {op: valueRange}]");
    private static final LoadOptions FAIL = new LoadOptions(3, 2, BadImages.FAIL, false);
    private static final LoadOptions SKIP = new LoadOptions(3, 2, BadImages.SKIP, false);

    @TempDir
    Path dir;

    /** Pictures of one colour by class, number i of class i mod 3. */
    private ImageDataset pictures(int count) {
        for (int i = 0; i < count; i++) {
            write(dir.resolve("%d/%03d.png".formatted(i % 3, i)), png(6, 7, i));
        }
        return Datasets.open(DataConfig.of(dir).withSplit("all"));
    }

    @SuppressWarnings("NullAway") // it does not see that an array in a class file may be null
    private static ImageBatch copy(ImageBatch b) {
        float[] targets = b.targets();
        return new ImageBatch(
                b.size(),
                b.height(),
                b.width(),
                b.channels(),
                b.pixels().clone(),
                b.labels().clone(),
                targets == null ? null : targets.clone(),
                b.valid(),
                b.indices().clone(),
                b.texts());
    }

    private static float[] targets(ImageBatch batch) {
        return Objects.requireNonNull(batch.targets());
    }

    private static void assertSame(ImageBatch a, ImageBatch b) {
        assertThat(a.indices()).isEqualTo(b.indices());
        assertThat(a.labels()).isEqualTo(b.labels());
        assertThat(a.pixels()).isEqualTo(b.pixels());
        assertThat(a.targets()).isEqualTo(b.targets());
        assertThat(a.valid()).isEqualTo(b.valid());
        assertThat(a.texts()).isEqualTo(b.texts());
    }

    @Test
    void batchesDependOnNeitherWorkersNorWhereTheRunBegan() {
        ImageDataset data = pictures(20);
        var mixing = new Mixing(3, 0.1, 0.2);
        List<ImageBatch> run = new ArrayList<>();
        try (var batches =
                ImageBatches.training(data, AUGMENT, 8, 5, mixing, new LoadOptions(1, 1, BadImages.FAIL, false))) {
            for (int step = 0; step < 12; step++) {
                run.add(copy(batches.at(step)));
            }
        }
        try (var batches =
                ImageBatches.training(data, AUGMENT, 8, 5, mixing, new LoadOptions(4, 3, BadImages.FAIL, false))) {
            for (int step : new int[] {7, 8, 9, 2, 11}) {
                assertSame(batches.at(step), run.get(step));
            }
        }
    }

    @Test
    void everyExampleComesOnceAnEpoch() {
        ImageDataset data = pictures(10);
        try (var batches = ImageBatches.training(data, PLAIN, 4, 1, Mixing.NONE, FAIL)) {
            List<Long> seen = new ArrayList<>();
            for (int step = 0; step < 10; step++) { // four epochs of ten
                Arrays.stream(batches.at(step).indices()).forEach(seen::add);
            }
            for (int epoch = 0; epoch < 4; epoch++) {
                assertThat(seen.subList(10 * epoch, 10 * epoch + 10)).doesNotHaveDuplicates();
            }
            assertThat(seen.subList(0, 10)).isNotEqualTo(seen.subList(10, 20));
        }
    }

    @Test
    void dropLastEndsEveryEpochAtAFullBatch() {
        ImageDataset data = pictures(10);
        var load = new LoadOptions(2, 2, BadImages.FAIL, true);
        try (var batches = ImageBatches.training(data, PLAIN, 4, 1, Mixing.NONE, load)) {
            for (int epoch = 0; epoch < 5; epoch++) {
                List<Long> seen = new ArrayList<>();
                Arrays.stream(batches.at(2L * epoch).indices()).forEach(seen::add);
                Arrays.stream(batches.at(2L * epoch + 1).indices()).forEach(seen::add);
                assertThat(seen).hasSize(8).doesNotHaveDuplicates();
            }
        }
        assertThatThrownBy(() -> ImageBatches.training(data, PLAIN, 11, 1, Mixing.NONE, load))
                .hasMessage("dropLast: 10 examples do not fill one batch of 11");
    }

    @Test
    void evaluationSeesAllInOrderAndPadsWithZeros() {
        ImageDataset data = pictures(10);
        try (var batches = ImageBatches.evaluation(data, PLAIN, 4, FAIL)) {
            assertThat(batches.steps()).isEqualTo(3);
            assertThat(batches.at(0).labels()).containsExactly(0, 0, 0, 0);
            assertThat(batches.at(0).valid()).isEqualTo(4);
            ImageBatch last = batches.at(2);
            assertThat(last.valid()).isEqualTo(2);
            assertThat(last.indices()).containsExactly(8, 9, -1, -1);
            assertThat(last.labels()).containsExactly(2, 2, -1, -1);
            assertThat(Arrays.copyOfRange(last.pixels(), 2 * 6 * 7 * 3, last.pixels().length))
                    .containsOnly(0);
            byte[] rgb = data.get(9).image().rgb();
            assertThat(last.pixels()[6 * 7 * 3 + 5]).isEqualTo((rgb[5] & 0xff) / 127.5f - 1, within(1e-6f));
            assertThat(batches.at(0).valid()).isEqualTo(4);
            assertThatThrownBy(() -> batches.at(3)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void brokenPictureStopsTheRunWithItsName() {
        ImageDataset data = pictures(10);
        write(dir.resolve("1/004.png"), "no picture");
        try (var batches = ImageBatches.evaluation(data, PLAIN, 10, FAIL)) {
            assertThatThrownBy(() -> batches.at(0))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageStartingWith(dir.resolve("1/004.png") + ": not a picture");
        }
    }

    @Test
    void skippedPictureIsReplacedByTheNextInTraining() {
        pictures(9); // 0/000 0/003 0/006, 1/001 1/004 1/007, ...
        write(dir.resolve("1/004.png"), "no picture"); // number 4
        write(dir.resolve("1/007.png"), ""); // number 5
        ImageDataset fresh = Datasets.open(DataConfig.of(dir).withSplit("all"));
        try (var batches = ImageBatches.training(fresh, PLAIN, 9, 1, Mixing.NONE, SKIP)) {
            long[] indices = batches.at(0).indices();
            assertThat(Arrays.stream(indices).sorted()).containsExactly(0L, 1L, 2L, 3L, 6L, 6L, 6L, 7L, 8L);
            assertThat(batches.at(0).valid()).isEqualTo(9);
            batches.at(1);
            assertThat(batches.skipped()).isEqualTo(2);
        }
    }

    @Test
    void skippedPictureIsMissingFromAnEvaluation() {
        ImageDataset data = pictures(9);
        write(dir.resolve("1/004.png"), "no picture");
        ImageDataset fresh = Datasets.open(DataConfig.of(dir).withSplit("all"));
        try (var batches = ImageBatches.evaluation(fresh, PLAIN, 6, SKIP)) {
            ImageBatch batch = batches.at(0);
            assertThat(batch.valid()).isEqualTo(5);
            assertThat(batch.indices()).containsExactly(0, 1, 2, 3, 5, -1);
            int row = 6 * 7 * 3;
            float[] fifth = Arrays.copyOfRange(batch.pixels(), 4 * row, 5 * row);
            float[] rest = Arrays.copyOfRange(batch.pixels(), 5 * row, 6 * row);
            float[] wanted = new float[row];
            PLAIN.apply(data.get(5).image(), Seeds.generator(0), wanted, 0, 6, 7);
            assertThat(fifth).isEqualTo(wanted);
            assertThat(rest).containsOnly(0);
        }
    }

    @Test
    void picturesOfOtherSizesAreNamed() {
        ImageDataset data = pictures(9);
        write(dir.resolve("2/008.png"), png(5, 5, 0));
        try (var batches = ImageBatches.evaluation(data, PLAIN, 9, SKIP)) {
            assertThatThrownBy(() -> batches.at(0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(dir.resolve("2/008.png") + ": ")
                    .hasMessageContaining("[5, 5]");
        }
    }

    @Test
    void mixedTargetsAreTheMixOfTheirRows() {
        ImageDataset data = pictures(8);
        try (var soft = ImageBatches.training(data, PLAIN, 8, 3, new Mixing(3, 0.3, 0), FAIL);
                var hard = ImageBatches.training(data, PLAIN, 8, 3, Mixing.NONE, FAIL);
                var mixed = ImageBatches.training(data, PLAIN, 8, 3, new Mixing(3, 0, 1), FAIL)) {
            ImageBatch plain = hard.at(1);
            assertThat(plain.targets()).isNull();
            float[] smooth = targets(soft.at(1));
            int label = plain.labels()[2];
            assertThat(smooth[6 + label]).isEqualTo(0.8f, within(1e-6f));
            assertThat(smooth[6 + (label + 1) % 3]).isEqualTo(0.1f, within(1e-6f));
            ImageBatch mix = mixed.at(1);
            float[] targets = targets(mix);
            int row = 6 * 7 * 3;
            int r = IntStream.range(1, 8)
                    .filter(i -> plain.labels()[i] != plain.labels()[i - 1])
                    .findFirst()
                    .orElseThrow();
            float a = targets[3 * r + plain.labels()[r]];
            assertThat(a).isBetween(0.5f, 1f);
            assertThat(mix.pixels()[r * row + 7])
                    .isEqualTo(
                            a * plain.pixels()[r * row + 7] + (1 - a) * plain.pixels()[(r - 1) * row + 7],
                            within(1e-5f));
        }
    }

    @Test
    void streamsResumeAtAnyStep() {
        for (int s = 0; s < 4; s++) {
            write(dir.resolve("s-%d.tar".formatted(s)), tar(samples(5 * s, 5 * s + 5)));
        }
        Shards<ImageExample> shards = Datasets.stream(DataConfig.of(dir));
        assertThat(shards.count()).isEqualTo(4);
        List<ImageBatch> run = new ArrayList<>();
        try (var batches = ImageBatches.streaming(shards, 7, PLAIN, 3, 9, Mixing.NONE, FAIL)) {
            for (int step = 0; step < 20; step++) {
                run.add(copy(batches.at(step)));
            }
        }
        try (var batches = ImageBatches.streaming(
                shards, 7, PLAIN, 3, 9, Mixing.NONE, new LoadOptions(1, 4, BadImages.FAIL, false))) {
            for (int step : new int[] {17, 18, 3, 4, 0, 19}) {
                assertSame(batches.at(step), run.get(step));
            }
        }
        float[] firstEpoch = new float[20];
        for (int i = 0; i < 20; i++) {
            firstEpoch[i] = run.get(i / 3).pixels()[i % 3 * 60];
        }
        float[] secondEpoch = new float[20];
        for (int i = 20; i < 40; i++) {
            secondEpoch[i - 20] = run.get(i / 3).pixels()[i % 3 * 60];
        }
        assertThat(firstEpoch).isNotEqualTo(secondEpoch);
        Arrays.sort(firstEpoch);
        Arrays.sort(secondEpoch);
        assertThat(firstEpoch).isEqualTo(secondEpoch);
    }

    @Test
    void streamsFillSkippedRowsWithTheirOwn() {
        var members = new ArrayList<>(samples(0, 6));
        members.set(6, TestData.Member.of("dir/000002.png", "no picture"));
        write(dir.resolve("s.tar"), tar(members));
        Shards<ImageExample> shards = Datasets.stream(DataConfig.of(dir));
        try (var batches = ImageBatches.streaming(shards, 1, PLAIN, 6, 9, Mixing.NONE, SKIP)) {
            ImageBatch batch = batches.at(0);
            assertThat(batch.valid()).isEqualTo(6);
            assertThat(batch.indices()).containsExactly(0, 1, 3, 4, 5, 0);
            assertThat(batches.skipped()).isPositive();
        }
    }
}
