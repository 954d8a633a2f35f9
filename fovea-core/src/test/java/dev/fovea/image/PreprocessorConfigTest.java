package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PreprocessorConfigTest {

    @Test
    void absentKeysHaveTheDefaultsOfTheClass() {
        var config = PreprocessorConfig.parse("{\"image_processor_type\": \"SiglipImageProcessorFast\"}", "x");
        assertThat(config.preprocess().steps())
                .containsExactly(
                        new Step.PillowResizeTo(224, 224, Filter.BICUBIC),
                        new Normalize(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5), 1 / 255.0));
        assertThat(config.panAndScan()).isNull();
    }

    @Test
    void clipResizesTheShorterSideAndCropsTheMiddle() {
        var config = PreprocessorConfig.parse("""
                {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 20}, "crop_size": {"height": 20, "width": 16}}
                """, "x");
        Pixels x = config.preprocess().apply(Samples.picture(30, 47), new Random(0));
        assertThat(List.of(x.height(), x.width())).containsExactly(20, 16);
    }

    @Test
    void longPicturesAreCroppedByPanAndScan() {
        var config = PreprocessorConfig.parse("""
                {"image_processor_type": "Gemma3ImageProcessor", "do_pan_and_scan": true, "pan_and_scan_min_crop_size": 10}
                """, "x");
        List<Image> views = config.views(Samples.picture(20, 67));
        assertThat(views).hasSize(4);
        assertThat(views.get(1).width()).isEqualTo(23);
        assertThat(views.get(3).width()).isEqualTo(21);
        assertThat(config.views(Samples.picture(20, 21))).hasSize(1);
    }

    @Test
    void unknownProcessorsAreNamed() {
        assertThatThrownBy(
                        () -> PreprocessorConfig.parse("{\"image_processor_type\": \"DonutImageProcessor\"}", "a.json"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a.json: image processor Donut is not known; wanted one of Siglip, Gemma3, ViT, CLIP");
    }
}
