package dev.fovea.models.jet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.config.Configs;
import dev.fovea.image.Image;
import dev.fovea.image.Step;
import dev.fovea.image.ValueRange;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Engine;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Editing by a flow with random weights. */
class LatentEditingTest {

    @TempDir
    private static Path folder;

    private static JetModel model;
    private static final Image A = picture(1);
    private static final Image B = picture(2);

    @BeforeAll
    static void shaken() {
        Engine.start();
        JetConfig c = Configs.of(
                JetConfig.class, "image={height: 8, width: 8}", "patch=2", "depth=3", "width=8", "numHeads=2");
        try (Params p = Params.fresh(0);
                var _ = new NoGradGuard()) {
            Jet.of(p, c);
            Engine.seed(1);
            p.table().values().forEach(x -> {
                if (x.is_floating_point()) {
                    x.add_(torch.randn_like(x).mul(new Scalar(0.3)));
                }
            });
            new JetCard(c, List.<Step>of(ValueRange.SIGNED)).write(folder);
            Checkpoints.write(folder.resolve("model.safetensors"), p.table(), Map.of());
        }
        model = JetModel.open(folder, true);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Image picture(long seed) {
        var rgb = new byte[8 * 8 * 3];
        new Random(seed).nextBytes(rgb);
        return new Image(8, 8, rgb);
    }

    private static List<String> bytes(Image... images) {
        return Arrays.stream(images).map(x -> Arrays.toString(x.rgb())).toList();
    }

    @ParameterizedTest
    @EnumSource
    void noneOfAPartIsThePictureAndAllOfItTheOther(LatentPart part) {
        List<Image> mixed = new LatentEditing(model).mix(A, B, part, List.of(0.0, 0.5, 1.0), 3);
        assertThat(bytes(mixed.getFirst(), mixed.getLast())).isEqualTo(bytes(A, B));
        assertThat(bytes(mixed.get(1))).doesNotContainAnyElementsOf(bytes(A, B));
    }

    @ParameterizedTest
    @EnumSource
    void aPartHasItsShareAndAGreaterShareHoldsIt(LatentPart part) {
        JetConfig c = model.config();
        float[] half = part.mask(c, 0.5, 7);
        float[] more = part.mask(c, 0.75, 7);
        int count = 0;
        for (int i = 0; i < half.length; i++) {
            count += (int) half[i];
            assertThat(more[i]).isGreaterThanOrEqualTo(half[i]);
        }
        assertThat(count).isEqualTo(half.length / 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> part.mask(c, 1.5, 0))
                .withMessageContaining("wanted 0 to 1");
    }

    /** 4 × 4 tokens of 12 values: the left half of each row of tokens, the first half of each token. */
    @Test
    void placesAreTokensOfTheGridAndChannelsValuesOfATokens() {
        float[] left = LatentPart.LEFT.mask(model.config(), 0.5, 0);
        float[] top = LatentPart.TOP.mask(model.config(), 0.25, 0);
        float[] channels = LatentPart.CHANNELS.mask(model.config(), 0.5, 0);
        for (int i = 0; i < left.length; i++) {
            assertThat(left[i]).isEqualTo(i / 12 % 4 < 2 ? 1 : 0);
            assertThat(top[i]).isEqualTo(i / 12 < 4 ? 1 : 0);
            assertThat(channels[i]).isEqualTo(i % 12 < 6 ? 1 : 0);
        }
    }

    @Test
    void aDirectionBetweenTwoPicturesLeadsFromOneToTheOther() {
        var editing = new LatentEditing(model);
        LatentEditing.Direction direction = editing.direction(List.of(A), List.of(B));
        List<Image> moved = editing.along(A, direction, List.of(0.0, 1.0));
        assertThat(bytes(moved.toArray(Image[]::new))).isEqualTo(bytes(A, B));
        assertThat(bytes(editing.along(B, direction, List.of(-1.0)).getFirst())).isEqualTo(bytes(A));
        assertThatIllegalArgumentException().isThrownBy(() -> editing.direction(List.of(), List.of(A)));
    }

    /** 70 pictures are more than a batch. */
    @Test
    void aDirectionIsTheDifferenceOfMeans() {
        var editing = new LatentEditing(model);
        List<Image> many = IntStream.range(0, 70).mapToObj(i -> i < 35 ? A : B).toList();
        LatentEditing.Direction half = editing.direction(List.of(A), many);
        LatentEditing.Direction whole = editing.direction(List.of(A), List.of(B));
        for (int i = 0; i < half.values().length; i++) {
            assertThat(half.values()[i]).isCloseTo(whole.values()[i] / 2, within(1e-5f));
        }
    }

    @Test
    void whatIsDrawnAnewFollowsItsSeed() {
        var editing = new LatentEditing(model);
        List<Image> drawn = editing.redraw(A, LatentPart.TOKENS, List.of(0.0, 0.5), 0.8, 4);
        assertThat(bytes(drawn.getFirst())).isEqualTo(bytes(A));
        assertThat(bytes(editing.redraw(A, LatentPart.TOKENS, List.of(0.5), 0.8, 4)
                        .getFirst()))
                .isEqualTo(bytes(drawn.getLast()));
        assertThat(bytes(editing.redraw(A, LatentPart.TOKENS, List.of(0.5), 0.8, 5)
                        .getFirst()))
                .isNotEqualTo(bytes(drawn.getLast()));
    }
}
