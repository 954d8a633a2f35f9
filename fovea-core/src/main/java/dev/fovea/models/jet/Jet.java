package dev.fovea.models.jet;

import dev.fovea.models.jet.Coupling.Step;
import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Size;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The whole flow: pictures to latents of the same shape, and back. Fresh, it is the identity. */
public record Jet(JetConfig config, List<Coupling> couplings) {

    /** What came out, and for each picture the log-determinant of the map that made it. */
    public record Flow(Tensor out, Tensor logDet) {} // [B, H, W, c], [B]

    public static Jet of(Params p, JetConfig c) {
        List<Projection> projections = c.projections();
        return new Jet(
                c,
                IntStream.range(0, c.depth())
                        .mapToObj(i -> Coupling.of(p.at("couplings", i), c, projections.get(i)))
                        .toList());
    }

    /** Pictures to latents. */
    public Flow forward(Tensor image) { // [B, H, W, c]
        return forward(image, null, Probe.NONE);
    }

    /** Pictures to latents, given context vectors where the configuration has a width for them. */
    public Flow forward(Tensor image, @Nullable Tensor context, Probe probe) { // [B, H, W, c], [B, L, F]
        Tensor x = cut(image); // [B, N, C]
        probe.see("tokens", x);
        Tensor logDet = noChange(x);
        for (int i = 0; i < couplings.size(); i++) {
            Step step = run(couplings.get(i), x, context, false);
            x = step.x();
            logDet = logDet.add(step.logDet());
            probe.see("layer%02d".formatted(i), x);
            probe.see("layer%02d_logdet".formatted(i), step.logDet());
        }
        return new Flow(join(x), logDet);
    }

    /** Latents to pictures; the log-determinant is this direction's. */
    public Flow inverse(Tensor latent) { // [B, H, W, c]
        return inverse(latent, null);
    }

    /** Latents to pictures, given context vectors. */
    public Flow inverse(Tensor latent, @Nullable Tensor context) { // [B, H, W, c], [B, L, F]
        Tensor x = cut(latent); // [B, N, C]
        Tensor logDet = noChange(x);
        for (Coupling coupling : couplings.reversed()) {
            Step step = run(coupling, x, context, true);
            x = step.x();
            logDet = logDet.add(step.logDet());
        }
        return new Flow(join(x), logDet);
    }

    Tensor cut(Tensor image) { // [B, H, W, c]
        requireShape(image);
        return Patches.cut(image, Size.of(config.patch())); // [B, N, C]
    }

    Tensor join(Tensor tokens) { // [B, N, C]
        return Patches.join(tokens, config.grid(), Size.of(config.patch())); // [B, H, W, c]
    }

    /** A coupling's temporaries are freed with it. */
    static Step run(Coupling coupling, Tensor x, @Nullable Tensor context, boolean inverse) {
        try (var scope = new Scope()) {
            Step step = inverse ? coupling.inverse(x, context) : coupling.forward(x, context);
            return new Step(scope.keep(step.x()), scope.keep(step.logDet()));
        }
    }

    private static Tensor noChange(Tensor x) {
        return torch.zeros(new long[] {x.size(0)}, x.options()); // [B]
    }

    private void requireShape(Tensor x) {
        Size size = config.image();
        if (x.dim() != 4 || x.size(1) != size.height() || x.size(2) != size.width() || x.size(3) != config.channels()) {
            throw new IllegalArgumentException("found %s, this flow takes [B, %d, %d, %d]"
                    .formatted(Tensors.describe(x), size.height(), size.width(), config.channels()));
        }
    }
}
