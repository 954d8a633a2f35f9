package dev.fovea.data.drawn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.DataConfig;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.image.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DrawnDatasetTest {

    @ParameterizedTest
    @EnumSource(Task.class)
    void picturesDependOnSeedAndIndexAlone(Task task) {
        var data = new DrawnDataset(DrawnConfig.of(task, 100, 5));
        byte[] first = data.get(17).image().rgb();
        data.get(3);
        assertThat(data.get(17).image().rgb()).isEqualTo(first);
        assertThat(new DrawnDataset(DrawnConfig.of(task, 100, 6))
                        .get(17)
                        .image()
                        .rgb())
                .isNotEqualTo(first);
        assertThat(new DrawnDataset(data.config().next(10)).get(0).index()).isEqualTo(100);
    }

    @ParameterizedTest
    @EnumSource(Task.class)
    void everyClassIsDrawnAboutAsOften(Task task) {
        var data = new DrawnDataset(DrawnConfig.of(task, 300, 1).withSize(16));
        var counts = new int[data.classNames().size()];
        for (int i = 0; i < data.size(); i++) {
            counts[data.get(i).label()]++;
        }
        double even = (double) data.size() / counts.length;
        assertThat(Arrays.stream(counts)).allMatch(c -> c > 0.4 * even && c < 1.8 * even);
    }

    @ParameterizedTest
    @EnumSource(Task.class)
    void answersAndBoxesFitThePicture(Task task) {
        var data = new DrawnDataset(DrawnConfig.of(task, 60, 2).withSize(48));
        for (int i = 0; i < data.size(); i++) {
            DrawnExample e = data.get(i);
            assertThat(e.figures()).isNotEmpty();
            Figure f = e.figures().getFirst();
            assertThat(e.caption()).contains(f.name()).contains(f.colour().toString());
            switch (task) {
                case SHAPE -> assertThat(f.name()).isEqualTo(data.classNames().get(e.label()));
                case COLOUR ->
                    assertThat(f.colour()).hasToString(data.classNames().get(e.label()));
                case POSITION ->
                    assertThat(e.caption()).endsWith(" " + data.classNames().get(e.label()));
                case COUNT -> assertThat(e.figures()).hasSize(e.label() + 1);
                case WORD -> assertThat(e.questions()).contains(new Question("what word is written?", f.name()));
            }
            for (Figure figure : e.figures()) {
                Box b = figure.box();
                int inside = 0;
                for (int p = 0; p < 48 * 48; p++) {
                    boolean in = p / 48 >= b.top() && p / 48 < b.bottom() && p % 48 >= b.left() && p % 48 < b.right();
                    inside += in ? figure.mask()[p] : 0;
                }
                assertThat(inside).isEqualTo(figure.area()).isPositive();
            }
        }
    }

    /** In the masks the pictures have the figures' colours, elsewhere they have not. */
    @Test
    void masksLieOnTheFigures() {
        var data =
                new DrawnDataset(DrawnConfig.of(Task.COUNT, 40, 3).withSize(64).plain());
        for (int i = 0; i < data.size(); i++) {
            DrawnExample e = data.get(i);
            for (Figure f : e.figures()) {
                double far = 0;
                for (int p = 0; p < f.mask().length; p++) {
                    for (int c = 0; c < 3 && f.mask()[p] == 1; c++) {
                        far += Math.abs(
                                e.image().at(p / 64, p % 64, c) - f.colour().channel(c));
                    }
                }
                assertThat(far / (3 * f.area())).isLessThan(40);
            }
        }
    }

    /** Digests of pictures as first drawn: another machine, JDK or thread must draw the same. */
    @Test
    void picturesAreTheSameOnEveryMachine() {
        var crc = new CRC32();
        for (Task task : Task.values()) {
            var data = new DrawnDataset(DrawnConfig.of(task, 20, 11).withSize(40));
            for (int i = 0; i < data.size(); i++) {
                crc.update(data.get(i).image().rgb());
            }
        }
        assertThat(crc.getValue()).isEqualTo(857_689_412L);
    }

    @Test
    void imageFolderReadsBack(@TempDir Path dir) {
        var data = new DrawnDataset(DrawnConfig.of(Task.SHAPE, 40, 4));
        DrawnFiles.imageFolder(data, dir.resolve("train"));
        ImageDataset read = Datasets.open(DataConfig.of(dir).withSplit("all"));
        assertThat(read.size()).isEqualTo(40);
        assertThat(read.classNames()).isSorted().isSubsetOf(data.classNames());
        Image first = read.get(0).image();
        String file = String.valueOf(Path.of(read.get(0).id()).getFileName());
        DrawnExample drawn = data.get(Long.parseLong(file.substring(0, 8)));
        assertThat(first.rgb()).isEqualTo(drawn.image().rgb());
        assertThat(read.classNames().get(read.label(0)))
                .isEqualTo(data.classNames().get(drawn.label()));
    }

    @Test
    void linesReadBack(@TempDir Path dir) {
        var data = new DrawnDataset(DrawnConfig.of(Task.COUNT, 10, 4));
        DrawnFiles.jsonl(data, dir, "train", DrawnFiles.Lines.DETECT);
        ImageDataset read = Datasets.open(DataConfig.of(dir).withSplit("all"));
        assertThat(read.size()).isEqualTo(10);
        DrawnExample e = data.get(3);
        assertThat(read.get(3).image().rgb()).isEqualTo(e.image().rgb());
        Figure f = e.figures().getFirst();
        assertThat(read.get(3).texts().get("suffix")).contains(f.box().locations(32, 32) + " " + f.name());
        assertThat(new Box(0, 8, 16, 32).locations(32, 32)).isEqualTo("<loc0000><loc0256><loc0512><loc1023>");
        DrawnFiles.jsonl(data, dir, "test", DrawnFiles.Lines.QUESTION);
        assertThat(Datasets.open(DataConfig.of(dir).withSplit("test")).get(0).texts())
                .containsEntry("prefix", "answer en how many figures are there?");
    }

    @Test
    void cocoHasBoxesAndRunLengths(@TempDir Path dir) throws Exception {
        var data = new DrawnDataset(DrawnConfig.of(Task.COUNT, 5, 4));
        DrawnFiles.coco(data, dir, "test");
        JsonNode coco = JsonMapper.shared().readTree(Files.readString(dir.resolve("instances_test.json")));
        assertThat(coco.path("images")).hasSize(5);
        assertThat(coco.path("categories")).hasSize(10);
        JsonNode first = coco.path("annotations").path(0);
        Figure f = data.get(0).figures().getFirst();
        assertThat(first.path("bbox").path(0).intValue()).isEqualTo(f.box().left());
        assertThat(first.path("bbox").path(3).intValue()).isEqualTo(f.box().height());
        int ones = 0;
        int all = 0;
        for (int i = 0; i < first.path("segmentation").path("counts").size(); i++) {
            int run = first.path("segmentation").path("counts").path(i).intValue();
            ones += i % 2 == 1 ? run : 0;
            all += run;
        }
        assertThat(ones).isEqualTo(f.area()).isEqualTo(first.path("area").intValue());
        assertThat(all).isEqualTo(32 * 32);
        assertThat(DrawnFiles.runs(new byte[] {1, 0, 1, 1}, 2)).isEqualTo(List.of(0, 2, 1, 1));
    }
}
