package dev.fovea.models.vmoe;

import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The routed MLP: tokens in groups, a router, experts (arXiv 2106.05974, section 2). */
public record MoeMlp(Router router, Experts experts, MoeConfig config) {

    /**
     * What comes out.
     *
     * @param y 0 where a token met no expert // [B, N, D]
     * @param routings one for the full groups, and one for what they left over
     */
    public record Output(Tensor y, List<Routing> routings) {}

    public static MoeMlp of(Params p, int width, int mlpDim, Gelu gelu, MoeConfig c) {
        int f = c.mlpDim() == null ? mlpDim : c.mlpDim();
        return new MoeMlp(Router.of(p.at("router"), width, c), Experts.of(p.at("experts"), width, f, gelu, c), c);
    }

    /** The same weights, routed otherwise. */
    public MoeMlp with(MoeConfig c) {
        return new MoeMlp(router.with(c.router()), experts, c);
    }

    /** The same experts, met by lot. */
    MoeMlp shuffled() {
        return new MoeMlp(new ShuffledRouter(router), experts, config);
    }

    public Output forward(
            Tensor x, Noise noise) { // [B, N, D]; in an ensemble [B·M, N, D], members of a picture together
        long m = config.router().ensemble();
        Tensor byToken = m == 1 ? x : x.unflatten(0, x.size(0) / m, m).transpose(1, 2); // [B, N, M, D]
        Tensor flat = byToken.reshape(-1, x.size(2)); // [T, D]
        long tokens = flat.size(0);
        long size = config.groups().size(tokens, m * x.size(1));
        requireWholeMembers(size, m);
        long full = tokens / size * size;
        var routings = new ArrayList<Routing>();
        Tensor y = grouped(flat.narrow(0, 0, full), size, noise, routings);
        if (full < tokens) {
            Tensor rest = grouped(flat.narrow(0, full, tokens - full), tokens - full, noise, routings);
            y = torch.cat(new TensorVector(y, rest), 0); // [T, D]
        }
        Tensor out = m == 1 ? y : y.unflatten(0, x.size(0) / m, x.size(1), m).transpose(1, 2);
        return new Output(out.reshape(x.size(0), x.size(1), x.size(2)), routings);
    }

    private Tensor grouped(Tensor flat, long size, Noise noise, List<Routing> routings) { // [G·S, D]
        Routing routing = router.route(flat.unflatten(0, -1, size), noise);
        routings.add(routing);
        return switch (routing) {
            case Routing.Sparse s -> Scope.scoped(flat, x -> sparse(x, s, noise));
            case Routing.Soft s ->
                Scope.scoped(flat, x -> soft(x.unflatten(0, -1, size), s, noise).flatten(0, 1));
        };
    }

    private Tensor sparse(Tensor flat, Routing.Sparse s, Noise noise) { // [G·S, D]
        Routes routes = s.routes();
        Tensor rows = routes.dispatch(rounded(flat)).to(flat.scalar_type()); // [R, D]
        // Each launch costs on an accelerator, empty slots cost on a CPU.
        Tensor y = flat.is_cuda()
                ? routes.fromSlots(experts.forward(routes.toSlots(rows), noise))
                : experts.forward(rows, routes.load(), noise);
        return routes.combine(rounded(y).to(flat.scalar_type()), s.gates().flatten(0, 1));
    }

    private Tensor soft(Tensor x, Routing.Soft s, Noise noise) { // [G, S, D]
        long groups = x.size(0);
        long numExperts = s.dispatch().size(2);
        Tensor in = rounded(x).to(x.scalar_type());
        Tensor slots = s.dispatch().flatten(2, 3).transpose(1, 2).bmm(in); // [G, E·P, D]
        Tensor buffers = slots.unflatten(1, numExperts, -1).transpose(0, 1).flatten(1, 2); // [E, G·P, D]
        Tensor y = rounded(experts.forward(buffers, noise)).to(x.scalar_type()); // [E, G·P, D]
        Tensor back = y.unflatten(1, groups, -1).transpose(0, 1).flatten(1, 2); // [G, E·P, D]
        return s.combine().flatten(2, 3).bmm(back); // [G, S, D]
    }

    private Tensor rounded(Tensor x) {
        return config.bf16() ? x.to(ScalarType.BFloat16) : x;
    }

    private static void requireWholeMembers(long size, long members) {
        if (size % members != 0) {
            throw new IllegalArgumentException(
                    "groups of %d tokens do not hold all %d members of each".formatted(size, members));
        }
    }
}
