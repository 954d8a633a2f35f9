package dev.fovea.models.jet;

import dev.fovea.models.jet.JetConfig.Kind;
import dev.fovea.models.jet.JetConfig.Net;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One affine coupling: half of the values passes and decides how the other half is moved and scaled,
 * y = (x + b) · m σ(r) (arXiv 2412.15129, section 3).
 *
 * @param order of channels or tokens; those of its first half are seen, the others moved
 */
public record Coupling(Kind kind, Tensor order, CouplingNet net, double scaleFactor) { // int64 [C] or [N]

    /** A coupling's result and, for each picture, the logarithm of what it did to volume. */
    public record Step(Tensor x, Tensor logDet) {} // [B, N, C], [B]

    private record Halves(Tensor seen, Tensor moved) {} // [B, N, C/2] each

    private record Affine(Tensor bias, Tensor scale, Tensor logDet) {} // [B, N, C/2], [B, N, C/2], [B]

    static Coupling of(Params p, JetConfig c, Projection projection) {
        Tensor order = projection.kind() == Kind.CHANNELS
                ? p.constant("order", Init.PERMUTATION, ScalarType.Long, c.tokenWidth())
                : p.constant(
                        "order",
                        (x, _) -> x.copy_(Tensors.of(projection.order(c.grid()), x.numel())),
                        ScalarType.Long,
                        c.numTokens());
        CouplingNet net = c.net() == Net.VIT
                ? VitNet.of(p.at("net"), c)
                : ConvNet.of(p.at("net"), c, projection.halfGrid(c.grid()));
        return new Coupling(projection.kind(), order, net, c.scaleFactor());
    }

    public Step forward(Tensor x, @Nullable Tensor context) { // [B, N, C], [B, L, F]
        Halves halves = split(x);
        Affine a = affine(halves.seen, context);
        return new Step(merge(halves.seen, halves.moved.add(a.bias).mul(a.scale)), a.logDet);
    }

    /** What {@link #forward} made {@code x} of; the log-determinant is this map's own, minus the other's. */
    public Step inverse(Tensor x, @Nullable Tensor context) { // [B, N, C], [B, L, F]
        Halves halves = split(x);
        Affine a = affine(halves.seen, context);
        return new Step(merge(halves.seen, halves.moved.div(a.scale).sub(a.bias)), a.logDet.neg());
    }

    /** In the type of the picture whatever the network's: a rounded scale would not be undone by its inverse. */
    private Affine affine(Tensor seen, @Nullable Tensor context) { // [B, N, C/2]
        TensorVector parts = net.forward(seen, context).to(seen.scalar_type()).chunk(2, -1);
        Tensor raw = parts.get(1);
        return new Affine(
                parts.get(0),
                raw.sigmoid().mul(new Scalar(scaleFactor)),
                torch.log_sigmoid(raw).add(new Scalar(Math.log(scaleFactor))).sum(1, 2));
    }

    private Halves split(Tensor x) { // [B, N, C]
        TensorVector parts = x.index_select(axis(), order).chunk(2, axis());
        return new Halves(cut(parts.get(0)), cut(parts.get(1)));
    }

    private Tensor merge(Tensor seen, Tensor moved) { // [B, N, C/2] each
        return torch.cat(new TensorVector(uncut(seen), uncut(moved)), axis())
                .index_select(axis(), order.argsort()); // [B, N, C]
    }

    private int axis() {
        return kind == Kind.CHANNELS ? 2 : 1;
    }

    /** Half of the tokens, each cut into two that follow each other, so that both kinds give a network one shape. */
    private Tensor cut(Tensor x) { // [B, N, C/2] or [B, N/2, C]
        return kind == Kind.CHANNELS ? x : x.reshape(x.size(0), 2 * x.size(1), x.size(2) / 2); // [B, N, C/2]
    }

    private Tensor uncut(Tensor x) { // [B, N, C/2]
        return kind == Kind.CHANNELS ? x : x.reshape(x.size(0), x.size(1) / 2, 2 * x.size(2)); // [B, N/2, C]
    }
}
