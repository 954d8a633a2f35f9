package dev.fovea.models.vmoe;

import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * E perceptrons side by side, W₂ gelu(W₁ x + b₁) + b₂ each. The weights lie as in the published checkpoints, ready for a
 * batched product.
 */
public record Experts(Tensor up, Tensor upBias, Tensor down, Tensor downBias, Gelu gelu, double dropout) {
    // [E, D, F], [E, F], [E, F, D], [E, D]

    private static final Init BIAS = Init.normal(1e-6);

    static Experts of(Params p, int width, int mlpDim, Gelu gelu, MoeConfig c) {
        int e = c.numExperts();
        Init weight = c.equalExperts() ? alike(Init.XAVIER_UNIFORM) : each(Init.XAVIER_UNIFORM);
        Init bias = c.equalExperts() ? alike(BIAS) : BIAS;
        return new Experts(
                p.at("up").get("weight", weight, e, width, mlpDim),
                p.at("up").get("bias", bias, e, mlpDim),
                p.at("down").get("weight", weight, e, mlpDim, width),
                p.at("down").get("bias", bias, e, width),
                gelu,
                c.dropout());
    }

    /** Rows sorted by expert, so many of each: the cost is that of the rows there are. */
    public Tensor forward(Tensor rows, long[] load, Noise noise) { // [R, D], [E]
        if (rows.size(0) == 0) {
            return rows;
        }
        TensorVector x = rows.split_with_sizes(load);
        // unbind's gradient is one stack, where a select for each expert would fill the whole tensor E times
        TensorVector w1 = up.unbind();
        TensorVector b1 = upBias.unbind();
        TensorVector w2 = down.unbind();
        TensorVector b2 = downBias.unbind();
        var y = new TensorVector();
        for (int e = 0; e < load.length; e++) {
            if (load[e] > 0) {
                Tensor h = hidden(torch.addmm(b1.get(e), x.get(e), w1.get(e)), noise); // [load, F]
                y.push_back(torch.addmm(b2.get(e), h, w2.get(e))); // [load, D]
            }
        }
        return dropped(torch.cat(y, 0), noise); // [R, D]
    }

    /** Buffers of equal size, empty slots computed with the rest: two batched products. */
    public Tensor forward(Tensor buffers, Noise noise) { // [E, B, D]
        Tensor h = hidden(torch.baddbmm(upBias.unsqueeze(1), buffers, up), noise); // [E, B, F]
        return dropped(torch.baddbmm(downBias.unsqueeze(1), h, down), noise); // [E, B, D]
    }

    private Tensor hidden(Tensor x, Noise noise) {
        return dropped(torch.gelu(x, gelu == Gelu.TANH ? "tanh" : "none"), noise);
    }

    private Tensor dropped(Tensor x, Noise noise) {
        return dropout > 0 && noise.training() ? torch.dropout(x, dropout, true) : x;
    }

    /** One expert's values for all of them. */
    private static Init alike(Init one) {
        return (x, g) -> {
            one.fill(x.select(0, 0), g);
            x.copy_(x.select(0, 0).clone().expand_as(x));
        };
    }

    /** Each expert on its own. */
    private static Init each(Init one) {
        return (Tensor x, GeneratorOptional g) -> {
            for (long e = 0; e < x.size(0); e++) {
                one.fill(x.select(0, e), g);
            }
        };
    }
}
