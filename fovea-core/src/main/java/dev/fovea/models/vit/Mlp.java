package dev.fovea.models.vit;

import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.nn.Init;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** W₂ gelu(W₁ x + b₁) + b₂. */
public record Mlp(Linear up, Linear down, Gelu gelu) {

    private static final Init BIAS = Init.normal(1e-6);

    public static Mlp of(Params p, int width, int mlpDim, Gelu gelu) {
        return new Mlp(
                Linear.of(p.at("up"), width, mlpDim, Init.XAVIER_UNIFORM, BIAS),
                Linear.of(p.at("down"), mlpDim, width, Init.XAVIER_UNIFORM, BIAS),
                gelu);
    }

    public Tensor forward(Tensor x) { // [B, N, D]
        return down.forward(torch.gelu(up.forward(x), gelu == Gelu.TANH ? "tanh" : "none"));
    }
}
