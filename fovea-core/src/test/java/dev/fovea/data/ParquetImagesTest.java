package dev.fovea.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files written by pyarrow; {@code make_parquet.py} beside them made them. */
class ParquetImagesTest {

    @TempDir
    Path dir;

    private Path copy(String codec, String name) {
        return TestData.write(dir.resolve(name), TestData.resource("images_" + codec + ".parquet"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "lz4"})
    void readsWhatPyarrowWrote(String codec) {
        copy(codec, "train-00000-of-00001.parquet");
        ImageDataset data = Datasets.open(DataConfig.of(dir).withSplit("all"));
        assertThat(data.size()).isEqualTo(7);
        assertThat(data.classNames()).containsExactly("ant", "bee", "cow");
        for (int i = 0; i < 7; i++) {
            ImageExample example = data.get(i);
            assertThat(example.label()).isEqualTo(i % 3);
            assertThat(example.texts()).isEqualTo(i == 2 ? Map.of() : Map.of("text", "text " + i));
            assertThat(example.id()).endsWith("#" + i + " (" + i + ".png)");
            assertThat(example.image().height()).isEqualTo(3);
            assertThat(example.image().at(0, 0, 0)).isEqualTo(i);
            assertThat(example.image().at(1, 0, 0)).isEqualTo(i + 42);
        }
    }

    @Test
    void shardsOfASplitAreOneDataSet() {
        copy("zstd", "data/train-00000-of-00002.parquet");
        copy("gzip", "data/train-00001-of-00002.parquet");
        copy("none", "data/test-00000-of-00001.parquet");
        assertThat(Datasets.open(DataConfig.of(dir)).size()).isEqualTo(14);
        assertThat(Datasets.openEval(DataConfig.of(dir)).size()).isEqualTo(7);
    }

    @Test
    void columnsThatAreNotThereAreNamed() {
        Path file = copy("none", "a.parquet");
        assertThatThrownBy(() -> ParquetImages.read(List.of(file), "img", null, 1 << 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ": no column img (imageColumn); columns: [image, label, text, boxes]");
        assertThatThrownBy(() -> ParquetImages.read(List.of(file), "boxes", null, 1 << 20))
                .hasMessageStartingWith(file + ": column boxes is no picture");
        assertThat(ParquetImages.read(List.of(file), null, "text", 1 << 20).classNames())
                .hasSize(6);
    }

    @Test
    void memoryLimitIsKept() {
        Path file = copy("none", "a.parquet");
        assertThatThrownBy(() -> ParquetImages.read(List.of(file), null, null, 100))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(
                        file + ": the pictures take more than the 100 bytes allowed; raise memoryLimitMb, or stream");
    }

    @Test
    void cutAndForeignFilesAreNamed() {
        byte[] whole = TestData.resource("images_none.parquet");
        Path cut = TestData.write(dir.resolve("cut.parquet"), Arrays.copyOf(whole, whole.length - 100));
        assertThatThrownBy(() -> ParquetFile.open(cut, null, null))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(cut + ": wanted PAR1 at both ends, found \"PAR1\" and ");
        Path tiny = TestData.write(dir.resolve("tiny.parquet"), "PAR1PAR1");
        assertThatThrownBy(() -> ParquetFile.open(tiny, null, null))
                .hasMessage(tiny + ": found 8 bytes, a Parquet file has at least 12");
        byte[] footer = whole.clone();
        footer[whole.length - 5] = 0x7f;
        Path huge = TestData.write(dir.resolve("huge.parquet"), footer);
        assertThatThrownBy(() -> ParquetFile.open(huge, null, null))
                .hasMessageStartingWith(huge + ": the footer claims ");
    }
}
