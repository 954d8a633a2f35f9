package dev.fovea.models.gemma;

import dev.fovea.nn.Init;
import dev.fovea.nn.Linear;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** (gelu(x W_gate) ⊙ x W_up) W_down (arXiv 2002.05202), the tanh form of GELU, without biases. */
public record GatedMlp(Linear gate, Linear up, Linear down) {

    public static GatedMlp of(Params p, int width, int mlpDim, Init init) {
        return new GatedMlp(
                Linear.withoutBias(p.at("gate"), width, mlpDim, init),
                Linear.withoutBias(p.at("up"), width, mlpDim, init),
                Linear.withoutBias(p.at("down"), mlpDim, width, init));
    }

    public Tensor forward(Tensor x) { // [B, T, D]
        return down.forward(torch.gelu(gate.forward(x), "tanh").mul(up.forward(x)));
    }
}
