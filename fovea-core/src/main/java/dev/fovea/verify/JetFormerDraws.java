package dev.fovea.verify;

import dev.fovea.models.jetformer.Draws;
import dev.fovea.models.jetformer.Guided;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Random numbers of sampling as a case recorded them. */
final class JetFormerDraws {

    private JetFormerDraws() {}

    /** Where nothing is drawn. */
    static Draws none() {
        return of(null, null, null);
    }

    /** Of one token of a text. */
    static Draws text(Case c, String name) {
        return of(c, name, null);
    }

    /** Of one soft token: {@code <at>component_gumbel} and either {@code normal} or the draws of rejection. */
    static Draws soft(Case c, String at) {
        return of(c, at + "component_gumbel", at);
    }

    private static Draws of(@Nullable Case c, @Nullable String gumbel, @Nullable String at) {
        return new Draws() {
            @Override
            public Tensor gumbel(Tensor like) {
                return c == null || gumbel == null
                        ? torch.zeros_like(like)
                        : c.tensor(gumbel).view_as(like);
            }

            @Override
            public Tensor normal(Tensor like) {
                if (c == null || at == null) {
                    throw new IllegalStateException("no normal draws are recorded");
                }
                return c.tensor(at + "normal").view_as(like);
            }

            @Override
            public Tensor guided(Guided density) {
                if (c == null || at == null) {
                    throw new IllegalStateException("no draws of rejection are recorded");
                }
                return density.rejectionSample(
                        c.tensor(at + "proposal_normal"),
                        c.tensor(at + "accept_uniform"),
                        c.tensor(at + "fallback_normal"));
            }
        };
    }
}
