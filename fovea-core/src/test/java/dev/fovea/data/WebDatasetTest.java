package dev.fovea.data;

import static dev.fovea.data.TestData.gzip;
import static dev.fovea.data.TestData.samples;
import static dev.fovea.data.TestData.tar;
import static dev.fovea.data.TestData.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.TestData.Member;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebDatasetTest {

    @TempDir
    Path dir;

    @Test
    void shardsOfABracePatternAreOneDataSet() {
        write(dir.resolve("s-00.tar"), tar(samples(0, 5)));
        write(dir.resolve("s-01.tar"), tar(samples(5, 6)));
        write(dir.resolve("s-02.tar"), gzip(tar(samples(6, 11))));
        ImageDataset data =
                Datasets.open(DataConfig.of(Path.of(dir + "/s-{00..02}.tar")).withSplit("all"));
        assertThat(data.size()).isEqualTo(11);
        for (int i : List.of(10, 0, 7, 5, 4)) {
            ImageExample example = data.get(i);
            assertThat(example.label()).isEqualTo(i % 3).isEqualTo(data.label(i));
            assertThat(example.texts()).isEqualTo(Map.of("txt", "text " + i));
            assertThat(example.image().rgb()).isEqualTo(TestData.image(4, 5, i).rgb());
            assertThat(example.id()).endsWith("/dir/%06d.png".formatted(i));
        }
        assertThatThrownBy(() -> Datasets.open(DataConfig.of(Path.of(dir + "/s-{00..03}.tar"))))
                .hasMessageContaining("no file " + dir.resolve("s-03.tar"));
    }

    @Test
    void streamAndIndexSeeTheSame() {
        Path plain = write(dir.resolve("a.tar"), tar(samples(0, 9)));
        Path packed = write(dir.resolve("b.tar.gz"), gzip(tar(samples(0, 9))));
        List<String> indexed = new ArrayList<>();
        WebDataset data = WebDataset.open(List.of(plain), 0);
        for (int i = 0; i < data.size(); i++) {
            indexed.add(data.get(i).key() + data.get(i).text("txt"));
        }
        for (Path file : List.of(plain, packed)) {
            List<String> streamed = new ArrayList<>();
            try (var cursor = new WebShards(List.of(file)).open(0)) {
                cursor.forEachRemaining(s -> streamed.add(s.key() + s.text("txt")));
            }
            assertThat(streamed).isEqualTo(indexed);
        }
    }

    @Test
    void compressedShardsKeepToTheMemoryLimit() {
        Path packed = write(dir.resolve("b.tar.gz"), gzip(tar(List.of(Member.of("a.txt", "x".repeat(1001))))));
        assertThatThrownBy(() -> WebDataset.open(List.of(packed), 1000)).hasMessageContaining("1000 bytes are allowed");
        assertThat(WebDataset.open(List.of(packed), 1001).size()).isEqualTo(1);
    }

    @Test
    void namesWithoutKeyAreNoSamples() {
        Path file = write(
                dir.resolve("a.tar"),
                tar(List.of(
                        new Member("./", new byte[0], TarArchiveEntry.LF_DIR),
                        Member.of("README", "no ending"),
                        Member.of("./._000.png", "no key"),
                        Member.of("./000.seg.png", "one"),
                        Member.of("./000.txt", "two"))));
        WebSample sample = WebDataset.open(List.of(file), 0).get(0);
        assertThat(sample.key()).isEqualTo("000");
        assertThat(sample.parts()).containsOnlyKeys("seg.png", "txt");
    }

    @ParameterizedTest
    @CsvSource({
        "/etc/x.png, 0, wanted a relative path without ..",
        "../x.png, 0, wanted a relative path without ..",
        "a/../../x.png, 0, wanted a relative path without ..",
        "a/.., 0, wanted a relative path without ..",
        "x.png, 1, is a link",
        "x.png, 2, is a link",
        "x.png, 3, is a device or pipe",
        "x.png, 6, is a device or pipe",
    })
    void hostileEntriesAreRefused(String name, char type, String message) {
        byte[] content = type == '0' ? new byte[3] : new byte[0];
        byte[] bytes = tar(List.of(Member.of("0.png", "fine"), new Member(name, content, (byte) type)));
        Path file = write(dir.resolve("a.tar"), bytes);
        Path packed = write(dir.resolve("a.tar.gz"), gzip(bytes));
        for (Path path : List.of(file, packed)) {
            assertThatThrownBy(() -> WebDataset.open(List.of(path), 1 << 20))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageStartingWith(path + ": entry ")
                    .hasMessageContaining(message);
        }
    }

    @Test
    void sizesBeyondTheFileAreRefused() {
        byte[] bytes = tar(List.of(Member.of("0.png", "fine")));
        Path cut = write(dir.resolve("cut.tar"), Arrays.copyOf(bytes, 514));
        assertThatThrownBy(() -> WebDataset.open(List.of(cut), 0))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(cut + ": ");
        byte[] huge = bytes.clone();
        System.arraycopy("77777777777".getBytes(StandardCharsets.US_ASCII), 0, huge, 124, 11);
        Path file = write(dir.resolve("huge.tar"), huge);
        withChecksum(huge);
        write(file, huge);
        assertThatThrownBy(() -> WebDataset.open(List.of(file), 0))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(file + ": ");
        Path packed = write(dir.resolve("huge.tgz"), gzip(huge));
        assertThatThrownBy(() -> WebDataset.open(List.of(packed), 1 << 20)).hasMessageStartingWith(packed + ": ");
    }

    @Test
    void archivesCutBetweenEntriesAreRefused() {
        byte[] bytes = tar(List.of(Member.of("0.txt", "fine"), Member.of("1.txt", "fine")));
        Path cut = write(dir.resolve("cut.tar"), Arrays.copyOf(bytes, 1024));
        assertThatThrownBy(() -> WebDataset.open(List.of(cut), 0))
                .hasMessageStartingWith(cut + ": no end-of-archive mark");
        assertThatThrownBy(() -> new WebShards(List.of(cut)).open(0))
                .hasMessageStartingWith(cut + ": no end-of-archive");
    }

    @Test
    void wrongChecksumsAreNamed() {
        byte[] bytes = tar(List.of(Member.of("0.png", "fine")));
        bytes[1]++;
        Path file = write(dir.resolve("a.tar"), bytes);
        assertThatThrownBy(() -> WebDataset.open(List.of(file), 0)).hasMessageContaining("checksum is wrong");
    }

    /** Puts the right checksum into the first header. */
    static void withChecksum(byte[] tar) {
        Arrays.fill(tar, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += tar[i] & 0xff;
        }
        byte[] digits = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, tar, 148, 8);
    }

    @Test
    void samplesWithoutPictureOrWithBadClassAreNamed() {
        Path file = write(
                dir.resolve("a.tar"),
                tar(List.of(Member.of("0.txt", "a"), Member.of("1.png", "x"), Member.of("1.cls", "cat"))));
        ImageDataset data = Datasets.open(DataConfig.of(file).withSplit("all").withColumns(null, null));
        assertThatThrownBy(() -> data.get(0))
                .hasMessageContaining("a.tar/0: no picture")
                .hasMessageContaining("[txt]");
        ImageDataset raw = new WebImages(WebDataset.open(List.of(file), 0), null, "cls", List.of());
        assertThatThrownBy(() -> raw.get(1)).hasMessageContaining("a.tar/1.cls: found \"cat\", wanted a class number");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "x;[x]",
                "s-{8..11}.tar;[s-8.tar, s-9.tar, s-10.tar, s-11.tar]",
                "s-{08..11};[s-08, s-09, s-10, s-11]",
                "{a,b}{1..2};[a1, a2, b1, b2]",
            })
    void bracesExpand(String pattern, String names) {
        assertThat(Braces.expand(pattern)).hasToString(names);
    }

    @Test
    void bracesDoNotExplode() {
        assertThatThrownBy(() -> Braces.expand("{0..99999999}")).hasMessageContaining("longer than");
        assertThatThrownBy(() -> Braces.expand("{0..9999}{0..9999}")).hasMessageContaining("more than");
        assertThatThrownBy(() -> Braces.expand("{5..1}")).hasMessageContaining("backwards");
    }
}
