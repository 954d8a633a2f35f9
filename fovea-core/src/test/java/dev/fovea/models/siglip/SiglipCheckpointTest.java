package dev.fovea.models.siglip;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SiglipCheckpointTest {

    private static final VitConfig VISION = new VitConfig(
            Size.of(16), Size.of(8), 24, 2, 48, 3, Positions.LEARN, Pool.MAP, 0, 0, 1e-6, Gelu.TANH, null);
    private static final SiglipConfig TOWERS =
            new SiglipConfig(VISION, new TextConfig(50, 7, 16, 3, 32, 2, 24, 1e-6, Gelu.TANH), true);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sizesAndParametersOfABigVisionFileAreFound(boolean scanned) {
        Path file = folder.resolve("towers.safetensors");
        try (Params params = Params.fresh(1)) {
            Siglip.of(params, TOWERS);
            var named = new LinkedHashMap<String, Tensor>();
            try (var _ = new Scope()) {
                SiglipNames.bigVision(3, 2, scanned)
                        .export(params.table())
                        .forEach((name, x) -> named.put("params/" + name, x));
                Checkpoints.write(file, named, Map.of());
            }
            SiglipCheckpoint found = SiglipCheckpoint.read(file);
            assertThat(found.config()).isEqualTo(TOWERS);
            try (Params loaded = Params.of(found.tensors())) {
                Siglip.of(loaded, TOWERS);
                loaded.requireNoLeftovers();
                params.table().forEach((name, x) -> assertThat(
                                Tensors.toFloats(requireNonNull(loaded.table().get(name))))
                        .as(name)
                        .isEqualTo(Tensors.toFloats(x)));
            }
            assertThat(SiglipModel.isSiglip(file)).isTrue();
        }
    }

    @Test
    void aFileOfAnotherModelIsNamed() {
        Path file = folder.resolve("vit.safetensors");
        try (var _ = new Scope()) {
            Checkpoints.write(
                    file, new LinkedHashMap<>(Map.of("img/head/bias", Tensors.of(new float[3], 3))), Map.of());
        }
        assertThat(SiglipModel.isSiglip(file)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SiglipCheckpoint.read(file))
                .withMessageContaining("vit.safetensors: no img/embedding/kernel");
    }
}
