package dev.fovea.models.vmoe;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.models.vit.Size;
import dev.fovea.models.vit.Vit;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.models.vit.VitConfig.Pool;
import dev.fovea.models.vit.VitConfig.Positions;
import dev.fovea.models.vmoe.RouterConfig.ExpertsChoose;
import dev.fovea.models.vmoe.RouterConfig.Soft;
import dev.fovea.models.vmoe.RouterConfig.TokensChoose;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Autocast;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class VmoeTest {

    private static final int WIDTH = 12;

    private static VitConfig vit(Pool pool) {
        return new VitConfig(
                Size.of(8), Size.of(4), WIDTH, 4, 20, 2, Positions.LEARN, pool, 0, 5, 1e-6, Gelu.TANH, null);
    }

    private static VmoeConfig config(int numExperts, RouterConfig router, Groups groups) {
        var moe = new MoeConfig(new Placement.Every(2), numExperts, null, router, groups, 0, false, false);
        return VmoeConfig.of(vit(Pool.TOK), moe);
    }

    private static TokensChoose tokens(int k, double capacity) {
        return TokensChoose.of(k).with(k, Capacity.of(capacity), Order.PRIORITY);
    }

    /** Every parameter at random, also those that begin at zero. */
    private static Params parameters(VmoeConfig c) {
        Params shapes = Params.fresh(1);
        Vmoe.of(shapes, c);
        var random = new LinkedHashMap<String, Tensor>();
        try (var scope = new Scope();
                var _ = new NoGradGuard()) {
            Engine.seed(3);
            shapes.table()
                    .forEach((name, x) ->
                            random.put(name, scope.release(torch.randn_like(x).mul(new Scalar(0.5)))));
        }
        shapes.close();
        return Params.of(random);
    }

    private static float[] logits(Vmoe model, Tensor image) {
        return Tensors.toFloats(model.forward(image));
    }

    private static float[] rows(float[] values, int from, int to) {
        int width = 5;
        return Arrays.copyOfRange(values, from * width, to * width);
    }

    @Test
    void soloRoutingDoesNotDependOnNeighbours() {
        VmoeConfig c = config(4, tokens(2, 0.5), Groups.SOLO);
        try (Params p = parameters(c);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            Vmoe model = Vmoe.of(p, c);
            Tensor images = torch.randn(6, 8, 8, 3);
            float[] together = logits(model, images);
            for (int i = 0; i < 6; i++) {
                assertThat(logits(model, images.narrow(0, i, 1)))
                        .containsExactly(rows(together, i, i + 1), within(1e-4f));
            }
            Vmoe shared = model.with(new Rerouting(null, null, null, Groups.BATCH));
            assertThat(logits(shared, images)).isNotEqualTo(together);
        }
    }

    /** The same gates and loads, given to other tokens. */
    @Test
    void aShuffledRouterOnlyPermutes() {
        VmoeConfig c = config(4, tokens(2, 4), Groups.BATCH);
        try (Params p = parameters(c);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            Vmoe model = Vmoe.of(p, c);
            Tensor images = torch.randn(5, 8, 8, 3);
            int block = c.moeBlocks().getFirst();
            Routing.Sparse before = routing(model.forward(images, Noise.NONE), block);
            Vmoe.Output after = model.shuffled(block).forward(images, Noise.NONE);
            Routing.Sparse lot = routing(after, block);
            assertThat(lot.routes().load()).containsExactly(before.routes().load());
            assertThat(Tensors.toFloats(lot.gates())).isNotEqualTo(Tensors.toFloats(before.gates()));
            assertThat(sorted(lot.gates())).containsExactly(sorted(before.gates()), within(1e-5f));
            assertThat(Tensors.toFloats(model.combined(after.logits()))).isNotEqualTo(logits(model, images));
            assertThatThrownBy(() -> model.shuffled(0))
                    .hasMessageContaining("block 0 has no experts; blocks that have: [");
        }
    }

    private static Routing.Sparse routing(Vmoe.Output out, int block) {
        return (Routing.Sparse) requireNonNull(out.routings().get(block)).getFirst();
    }

    private static float[] sorted(Tensor x) {
        float[] values = Tensors.toFloats(x);
        Arrays.sort(values);
        return values;
    }

    @Test
    void paddingNeverCompetes() {
        VmoeConfig c = config(4, tokens(1, 0.3), Groups.BATCH);
        try (Params p = parameters(c);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            Vmoe model = Vmoe.of(p, c);
            Tensor images = torch.randn(5, 8, 8, 3);
            float[] alone = Tensors.toFloats(
                    model.forward(images.narrow(0, 0, 3), Noise.NONE).logits());
            float[] padded =
                    Tensors.toFloats(model.forwardReal(images, 3, Noise.NONE).logits());
            assertThat(padded).containsExactly(alone);
            assertThat(rows(logits(model, images), 0, 3)).isNotEqualTo(alone);
        }
    }

    @Test
    void whatGroupsLeaveOverIsAGroupOfItsOwn() {
        VmoeConfig c = config(4, tokens(2, 0.5), new Groups(2, null));
        try (Params p = parameters(c);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            Vmoe model = Vmoe.of(p, c);
            Tensor images = torch.randn(5, 8, 8, 3);
            float[] all = logits(model, images);
            assertThat(rows(all, 0, 2)).containsExactly(logits(model, images.narrow(0, 0, 2)), within(1e-4f));
            assertThat(rows(all, 4, 5)).containsExactly(logits(model, images.narrow(0, 4, 1)), within(1e-4f));
        }
    }

    @Test
    void withRoomForAllEveryExpertsShareIsItsGate() {
        var config = new MoeConfig(new Placement.At(List.of()), 3, null, tokens(3, 1), Groups.BATCH, 0, false, false);
        try (Params p = Params.fresh(2);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            MoeMlp moe = MoeMlp.of(p, WIDTH, 16, Gelu.TANH, config);
            Tensor x = torch.randn(2, 7, WIDTH);
            Tensor gates =
                    Router.logits(x, ((TokenRouter) moe.router()).weight()).softmax(-1); // [2, 7, 3]
            Tensor all = moe.experts()
                    .forward(x.reshape(1, 14, WIDTH).expand(3, 14, WIDTH).contiguous(), Noise.NONE); // [3, 14, D]
            Tensor mixed = all.mul(gates.reshape(14, 3).t().unsqueeze(2)).sum(0); // [14, D]
            assertThat(Tensors.toFloats(moe.forward(x, Noise.NONE).y()))
                    .containsExactly(Tensors.toFloats(mixed), within(1e-5f));
        }
    }

    @Test
    void expertsGiveTheSameByRowsAndByBuffers() {
        var config = MoeConfig.of(new Placement.At(List.of()), 4, 1);
        try (Params p = Params.fresh(2);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            Experts experts = Experts.of(p, WIDTH, 16, Gelu.TANH, config);
            Tensor buffers = torch.randn(4, 3, WIDTH);
            float[] byRows =
                    Tensors.toFloats(experts.forward(buffers.flatten(0, 1), new long[] {3, 3, 3, 3}, Noise.NONE));
            assertThat(Tensors.toFloats(experts.forward(buffers, Noise.NONE))).containsExactly(byRows, within(1e-5f));
        }
    }

    /** With one expert the gate is 1; with all experts, which are alike, the gates sum to 1. */
    @ParameterizedTest
    @CsvSource({"1, 1", "4, 4"})
    void anUpcycledNetworkIsTheDenseOneWhereGatesSumToOne(int numExperts, int k) {
        VmoeConfig c = config(numExperts, tokens(k, 1), Groups.BATCH);
        try (Params dense = Params.fresh(4);
                var scope = new Scope();
                var _ = new NoGradGuard()) {
            Vit vit = Vit.of(dense, c.vit());
            dense.table().values().forEach(x -> x.add_(torch.randn_like(x)));
            var sparse = new LinkedHashMap<String, Tensor>();
            Upcycling.experts(dense.table(), c).forEach((name, x) -> sparse.put(name, scope.release(x.clone())));
            try (Params p = Params.of(sparse, 5)) {
                Vmoe model = Vmoe.of(p, c);
                assertThat(p.leftovers()).isEmpty();
                assertThat(p.drawn()).allMatch(name -> name.contains("router"));
                Tensor images = torch.randn(3, 8, 8, 3);
                assertThat(logits(model, images)).containsExactly(Tensors.toFloats(vit.forward(images)), within(2e-4f));
            }
        }
    }

    /** Two members with the same weights say what one says. */
    @Test
    void anEnsembleOfEqualMembersIsOneNetwork() {
        VmoeConfig one = config(3, tokens(1, 3), Groups.SOLO);
        VmoeConfig two = config(6, tokens(1, 6).withMembers(2), Groups.SOLO);
        try (Params single = parameters(one);
                var scope = new Scope();
                var _ = new NoGradGuard()) {
            Vmoe model = Vmoe.of(single, one);
            var doubled = new LinkedHashMap<String, Tensor>();
            single.table()
                    .forEach((name, x) -> doubled.put(
                            name,
                            scope.release(name.contains(".moe.") ? torch.cat(new TensorVector(x, x), 0) : x.clone())));
            try (Params p = Params.of(doubled)) {
                Tensor images = torch.randn(3, 8, 8, 3);
                assertThat(logits(Vmoe.of(p, two), images))
                        .containsExactly(Tensors.toFloats(model.forward(images).log_softmax(-1)), within(1e-4f));
            }
        }
    }

    @Test
    void aMemberOfAnEnsembleMeetsItsOwnExpertsAlone() {
        var moe = new MoeConfig(
                new Placement.At(List.of()), 6, null, tokens(1, 1).withMembers(3), Groups.BATCH, 0, false, false);
        try (Params p = Params.fresh(9);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            MoeMlp.Output out = MoeMlp.of(p, WIDTH, 16, Gelu.TANH, moe).forward(torch.randn(6, 7, WIDTH), Noise.NONE);
            Routes routes = ((Routing.Sparse) out.routings().getFirst()).routes();
            int[] token = routes.token();
            int[] expert = routes.expert();
            assertThat(routes.rows()).isPositive();
            for (int r = 0; r < routes.rows(); r++) {
                assertThat(expert[r] / 2).isEqualTo(token[r] % 3);
            }
        }
    }

    @Test
    void everyKindOfRouterIsDifferentiable() {
        var ensemble = new TokensChoose(1, Capacity.of(1), Order.VANILLA, 1, .005, .005, .1, 2);
        for (RouterConfig router :
                List.of(tokens(2, 1), new ExpertsChoose(Capacity.of(1), 1), new Soft(2, .1), ensemble)) {
            VmoeConfig c = config(4, router, Groups.SOLO);
            try (Params p = parameters(c).trainable();
                    var _ = new Scope()) {
                Vmoe.Output out = Vmoe.of(p, c).forward(torch.randn(3, 8, 8, 3), Noise.DRAWN);
                Tensor loss = out.logits().square().sum();
                Tensor auxiliary = out.auxiliaryLoss();
                (auxiliary == null ? loss : loss.add(auxiliary)).backward();
                p.table().forEach((name, x) -> assertThat(x.grad().abs().sum().item_double())
                        .as("%s: %s", router, name)
                        .isPositive()
                        .isFinite());
            }
        }
    }

    /** bfloat16 would change who is chosen. */
    @Test
    void routersStayInFloat32UnderAutocast() {
        VmoeConfig c = config(4, tokens(2, 1), Groups.BATCH);
        try (Params p = Params.fresh(6);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            MoeMlp moe = MoeMlp.of(p, WIDTH, 16, Gelu.TANH, c.moe());
            Tensor x = torch.randn(2, 7, WIDTH);
            float[] wanted = Tensors.toFloats(
                    ((Routing.Sparse) moe.forward(x, Noise.NONE).routings().getFirst()).gates());
            try (var _ = Autocast.bf16()) {
                MoeMlp.Output out = moe.forward(x, Noise.NONE);
                assertThat(Tensors.toFloats(((Routing.Sparse) out.routings().getFirst()).gates()))
                        .containsExactly(wanted);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Pool.class,
            names = {"GAP", "MAP", "TOK", "FIRST"})
    void everyPoolingRuns(Pool pool) {
        VmoeConfig c = VmoeConfig.of(vit(pool), MoeConfig.of(new Placement.Last(1), 2, 1));
        try (Params p = Params.fresh(7);
                var _ = new Scope();
                var _ = new NoGradGuard()) {
            assertThat(Tensors.shape(Vmoe.of(p, c).forward(torch.randn(1, 8, 8, 3))))
                    .containsExactly(1, 5);
        }
    }

    @Test
    void placementsAreThoseOfThePaper() {
        assertThat(new Placement.Every(2).blocks(8)).containsExactly(1, 3, 5, 7);
        assertThat(new Placement.Last(2).blocks(24)).containsExactly(21, 23);
        assertThat(new Placement.Last(5).blocks(32)).containsExactly(23, 25, 27, 29, 31);
        assertThatThrownBy(() -> new Placement.Last(5).blocks(8)).hasMessageContaining("8 blocks has 4 odd ones");
    }

    /** Compute relative to ViT-H/14, as published (arXiv 2106.05974, table 8). */
    @ParameterizedTest
    @CsvSource({"L/16, 2, 2, 1.05, 38.9", "H/14, 5, 2, 1.05, 111.1", "H/14, 5, 1, 1.05, 100.5", "H/14, 5, 2, 0.5, 100.0"
    })
    void computeIsThePublishedShare(String variant, int last, int k, double capacity, double percent) {
        VmoeConfig c = VmoeConfig.published(variant, new Placement.Last(last), 224, 1000);
        var blocks = new TreeMap<Integer, Usage.Block>();
        long slots = Math.round(k * capacity * c.numTokens() * 1000);
        for (int block : c.moeBlocks()) {
            blocks.put(block, new Usage.Block(1000L * c.numTokens(), slots, slots, 0, new long[32], 32));
        }
        double own = Compute.of(c, new Usage(1000, blocks)).padded();
        double dense = Compute.of(VmoeConfig.published("H/14", new Placement.Last(1), 224, 1000)
                        .vit())
                .padded();
        assertThat(100 * own / dense).isCloseTo(percent, within(0.3));
    }

    @Test
    void freshExpertsAreAlikeUnlessAskedOtherwise() {
        try (Params alike = Params.fresh(8);
                Params apart = Params.fresh(8);
                var _ = new Scope()) {
            MoeConfig c = MoeConfig.of(new Placement.At(List.of()), 3, 1);
            Tensor same = Experts.of(alike, 4, 6, Gelu.TANH, c).up();
            assertThat(Tensors.toFloats(same.select(0, 0))).containsExactly(Tensors.toFloats(same.select(0, 2)));
            var other = new MoeConfig(c.placement(), 3, null, c.router(), c.groups(), 0, false, false);
            Tensor different = Experts.of(apart, 4, 6, Gelu.TANH, other).up();
            assertThat(Tensors.toFloats(different.select(0, 0))).isNotEqualTo(Tensors.toFloats(different.select(0, 2)));
        }
    }

    @Test
    void softSlotsDoNotMixTheWholeBatch() {
        assertThatThrownBy(() -> config(4, new Soft(2, 0), Groups.BATCH)).hasMessageContaining("soft slots mix all");
    }

    @Test
    void aChoiceThatARouterDoesNotHaveIsRefused() {
        var k = new Rerouting(2, null, null, null);
        assertThatThrownBy(() -> new Soft(2, 0).with(k)).hasMessageStartingWith("k: cannot be chosen");
        assertThatThrownBy(() -> MoeConfig.of(new Placement.Every(2), 4, 1).with(new Rerouting(5, null, null, null)))
                .hasMessage("k 5 is more than the experts to choose from, 4");
    }
}
