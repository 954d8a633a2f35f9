package dev.fovea.models.classifier;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.checkpoint.ShardedFiles;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.data.drawn.DrawnConfig;
import dev.fovea.data.drawn.DrawnDataset;
import dev.fovea.data.drawn.Task;
import dev.fovea.models.siglip.SiglipModel;
import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import dev.fovea.models.vmoe.Capacity;
import dev.fovea.models.vmoe.MoeConfig;
import dev.fovea.models.vmoe.Noise;
import dev.fovea.models.vmoe.Order;
import dev.fovea.models.vmoe.Placement;
import dev.fovea.models.vmoe.Rerouting;
import dev.fovea.models.vmoe.Vmoe;
import dev.fovea.models.vmoe.VmoeConfig;
import dev.fovea.models.vmoe.VmoeNames;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint in the layout of the released ones, small, random and for square pictures. */
class ReleasedVmoeTest {

    @TempDir
    private Path folder;

    private static final VmoeConfig CONFIG = VmoeConfig.of(
            new VitConfig(
                    Size.of(16), Size.of(4), 16, 4, 24, 2, Positions.LEARN, Pool.TOK, 16, 9, 1e-6, Gelu.TANH, null),
            MoeConfig.of(new Placement.Last(2), 4, 2));

    private static ImageDataset pictures() {
        return new DrawnDataset(
                        DrawnConfig.of(Task.POSITION, 12, 0).withSize(16).plain())
                .classified();
    }

    /** A training state: the parameters, a counter, moments of the optimizer; experts cut over two shards. */
    private Path write(Params params, Tensor images, float[][] logits) throws IOException {
        Path index = folder.resolve("vmoe_s32_last2.index");
        Vmoe model = Vmoe.of(params, CONFIG);
        Engine.seed(3);
        params.table().values().forEach(x -> x.add_(torch.randn_like(x).mul(new Scalar(0.2))));
        var state = new LinkedHashMap<String, Tensor>();
        VmoeNames.published(2, 1).export(params.table()).forEach((name, x) -> {
            state.put("params/" + name, x.contiguous());
            state.put("opt_state/mu/" + name, torch.zeros_like(x));
        });
        state.put("step", torch.ones(1));
        ShardedFiles.write(index, state, 2, name -> name.contains("Moe/Mlp"));
        logits[0] = Tensors.toFloats(model.forward(images, Noise.NONE).logits());
        return index;
    }

    @Test
    void opensIsEvaluatedAtOtherCapacitiesAndBecomesAFolder() throws IOException {
        Engine.start();
        try (var _ = new Scope();
                var _ = new NoGradGuard();
                Params params = Params.fresh(0)) {
            Tensor images = torch.rand(3, 16, 16, 3);
            float[][] expected = new float[1][];
            Path index = write(params, images, expected);
            assertThat(SiglipModel.isSiglip(index)).isFalse();
            Path copy = folder.resolve("copy");
            try (Classifier released = Classifier.open(index)) {
                assertThat(requireNonNull(released.card().vmoe()).moeBlocks()).containsExactly(1, 3);
                assertThat(Tensors.toFloats(released.model().logits(images)))
                        .containsExactly(expected[0], within(1e-5f));
                var sweep = new RoutingSweep(List.of(0.25, 4.0), List.of(Order.PRIORITY), List.of(), null);
                List<RoutingSweep.Row> rows = sweep.run(released, pictures(), 6, LoadOptions.DEFAULT, _ -> {});
                assertThat(rows.getFirst().served()).isLessThan(rows.getLast().served());
                released.save(copy);
            }
            try (Classifier again = Classifier.open(copy)) {
                assertThat(Tensors.toFloats(again.model().logits(images))).containsExactly(expected[0], within(1e-5f));
                Classifier all = again.with(new Rerouting(null, Capacity.of(4), null, null));
                assertThat(all.evaluate(pictures(), 6, LoadOptions.DEFAULT)
                                .usage()
                                .blocks()
                                .values())
                        .allMatch(block -> block.served() == block.tokens());
            }
        }
    }
}
