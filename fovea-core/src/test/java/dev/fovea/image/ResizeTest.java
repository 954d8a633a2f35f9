package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Laws of resizing; the numbers of the references are tested by the fixtures. */
class ResizeTest {

    private static final Image PICTURE = Samples.picture(23, 31);

    @ParameterizedTest
    @EnumSource
    void constantPicturesStayConstant(Filter filter) {
        Image grey = Image.filled(17, 29, 77);
        for (boolean antialias : new boolean[] {false, true}) {
            for (int[] size : new int[][] {{5, 8}, {40, 60}, {17, 3}, {1, 1}}) {
                Pixels x = Resize.resize(Pixels.of(grey), size[0], size[1], filter, antialias);
                for (float v : x.values()) {
                    assertThat(v).isBetween(76.99f, 77.01f);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NEAREST", "BILINEAR", "BICUBIC", "AREA", "LANCZOS3", "LANCZOS5"})
    void theSameSizeIsTheSamePicture(Filter filter) {
        assertThat(Resize.resize(PICTURE, 23, 31, filter, true).rgb()).isEqualTo(PICTURE.rgb());
    }

    @Test
    void mirroredBeforeEqualsMirroredAfter() {
        Image before = Resize.resize(PICTURE.flipLeftRight(), 10, 14, Filter.BICUBIC, true);
        Image after = Resize.resize(PICTURE, 10, 14, Filter.BICUBIC, true).flipLeftRight();
        for (int i = 0; i < before.size(); i++) {
            assertThat((before.rgb()[i] & 0xff) - (after.rgb()[i] & 0xff)).isBetween(-1, 1);
        }
    }

    @Test
    void aBoxEqualsItsCrop() {
        Image box = Resize.resize(PICTURE, 3, 5, 12, 20, 7, 9, Filter.BILINEAR, true);
        Image crop = Resize.resize(PICTURE.crop(3, 5, 12, 20), 7, 9, Filter.BILINEAR, true);
        assertThat(box.rgb()).isEqualTo(crop.rgb());
    }

    @Test
    void areaByAWholeFactorIsTheMean() {
        Pixels x = Pixels.of(Samples.picture(8, 12));
        Pixels half = Resize.resize(x, 4, 6, Filter.AREA, false);
        float sum = x.values()[0] + x.values()[3] + x.values()[36] + x.values()[39];
        assertThat(half.values()[0]).isEqualTo(sum / 4);
    }

    @Test
    void pillowHasNotEveryFilter() {
        assertThatThrownBy(() -> PillowResize.resize(PICTURE, 4, 4, Filter.GAUSSIAN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Pillow has no filter gaussian");
    }
}
