package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.config.Configs;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class PreprocessTest {

    private static final Image PICTURE = Samples.picture(45, 60);

    private static final Preprocess TRAIN = Preprocess.parse("""
            [{op: inceptionCrop, size: 24, minArea: 0.2}, flipLeftRight, {op: randAugment, referenceSize: 224}, valueRange]
            """);

    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    @Test
    void equalGeneratorsGiveEqualPictures() {
        Pixels first = TRAIN.apply(PICTURE, random(3));
        assertThat(TRAIN.apply(PICTURE, random(3)).values()).isEqualTo(first.values());
        assertThat(TRAIN.apply(PICTURE, random(4)).values()).isNotEqualTo(first.values());
    }

    @Test
    void writingIntoABatchEqualsMakingAPicture() {
        var batch = new float[3 * 24 * 24 * 3];
        TRAIN.apply(PICTURE, random(3), batch, 24 * 24 * 3, 24, 24);
        Pixels alone = TRAIN.apply(PICTURE, random(3));
        assertThat(Arrays.copyOfRange(batch, 24 * 24 * 3, 2 * 24 * 24 * 3)).isEqualTo(alone.values());
        assertThat(Arrays.copyOf(batch, 24 * 24 * 3)).containsOnly(0);
    }

    @Test
    void aSizeThatDoesNotFitTheBatchIsNamed() {
        Preprocess small = Preprocess.parse("[{op: resizeSmall, size: 30}, valueRange]");
        assertThatThrownBy(() -> small.apply(PICTURE, random(0), new float[9999], 0, 30, 30))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("preprocessing gives [30, 40] for a picture of [45, 60], the batch takes [30, 30]; "
                        + "resize or crop it");
    }

    @Test
    void configurationsWriteWhatTheyRead() {
        String yaml = Configs.write(TRAIN);
        assertThat(Configs.parse(Preprocess.class, yaml, "x", List.of())).isEqualTo(TRAIN);
        assertThat(yaml).contains("maxRatio: 1.33");
    }

    @Test
    void unknownKeysAreNamed() {
        assertThatThrownBy(() -> Preprocess.parse("[{op: inceptionCrop, size: 24, minAera: 0.2}]"))
                .hasMessageContaining("did you mean minArea?");
        assertThatThrownBy(() -> Preprocess.parse("[{op: incepCrop}]")).hasMessageContaining("inceptionCrop");
    }

    @Test
    void augmentationOfFloatsIsRefused() {
        Preprocess wrong = Preprocess.parse("[valueRange, randAugment]");
        assertThatThrownBy(() -> wrong.apply(PICTURE, random(0)))
                .hasMessage("randAugment takes bytes and found floats; put it before valueRange or normalize");
    }

    @Test
    void paddedCropsShowTheWholeRangeOfPlaces() {
        Image dot = Image.filled(8, 8, 0);
        dot.rgb()[0] = 1;
        var crop = new Step.RandomCrop(8, null, 4, 9);
        var places = new boolean[81];
        var random = random(1);
        for (int i = 0; i < 2000; i++) {
            Image x = (Image) crop.apply(dot, random);
            int at = 0;
            while (at < x.size() && x.rgb()[at] != 1) {
                at += 3;
            }
            places[at == x.size() ? 80 : Math.min(79, at / 3)] = true;
            assertThat(x.height() * x.width()).isEqualTo(64);
        }
        assertThat(places[0]).isTrue();
        assertThat(places[4 * 8 + 4]).isTrue();
        assertThat(places[80]).as("the dot cropped away").isTrue();
        assertThat(places[5 * 8 + 5]).as("further than the padding").isFalse();
    }

    @Test
    void inceptionBoxesKeepToAreaAndRatio() {
        var crop = new InceptionCrop(null, null, 0.1, 0.6, 0.75, 1.33, Filter.BILINEAR, false);
        var random = random(2);
        for (int i = 0; i < 2000; i++) {
            InceptionCrop.Box box = crop.draw(90, 120, random);
            double area = box.height() * box.width() / (90.0 * 120);
            assertThat(area).isBetween(0.1, 0.6);
            assertThat((double) box.width() / box.height()).isBetween(0.70, 1.40);
            assertThat(box.top() + box.height()).isLessThanOrEqualTo(90);
            assertThat(box.left() + box.width()).isLessThanOrEqualTo(120);
        }
    }

    @Test
    void inceptionFallsBackToTheWholePicture() {
        var crop = new InceptionCrop(null, null, 0.9, 1, 0.75, 1.33, Filter.BILINEAR, false);
        assertThat(crop.draw(10, 400, random(0))).isEqualTo(new InceptionCrop.Box(0, 0, 10, 400));
    }

    @Test
    void everyAugmentationKeepsTheSize() {
        var random = random(7);
        for (int i = 0; i < 200; i++) {
            Picture x = new RandAugment(3, i % 30, i % 2 == 0 ? null : 224).apply(Samples.picture(9, 7), random);
            assertThat(x.size()).isEqualTo(9 * 7 * 3);
        }
    }

    @Test
    void smallPicturesKeepTheirContentWithAReferenceSize() {
        Image x = Samples.picture(32, 32);
        double shift = AugmentOp.TRANSLATE_X.argument(10) * 32 / 224;
        Image moved = AugmentOp.TRANSLATE_X.apply(x, shift, AugmentOp.GREY);
        assertThat(moved.at(5, 0, 0)).isEqualTo(x.at(5, 14, 0));
        assertThat(AugmentOp.TRANSLATE_X
                        .apply(x, AugmentOp.TRANSLATE_X.argument(10), AugmentOp.GREY)
                        .rgb())
                .containsOnly((byte) 128);
    }
}
