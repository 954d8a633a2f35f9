package dev.fovea.models.vit;

import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.nn.LayerNorm;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** The blocks one after another, and the final layer norm. Every token sees every token. */
public record Encoder(List<EncoderBlock> blocks, LayerNorm norm) {

    public static Encoder of(Params p, int depth, int width, int mlpDim, int numHeads, double normEps, Gelu gelu) {
        return new Encoder(
                IntStream.range(0, depth)
                        .mapToObj(i -> EncoderBlock.of(p.at("blocks", i), width, mlpDim, numHeads, normEps, gelu))
                        .toList(),
                LayerNorm.of(p.at("norm"), width, normEps));
    }

    /** Each block's temporaries are freed with it; with a probe all stays until the caller's scope closes. */
    public Tensor forward(Tensor x, Probe probe) { // [B, N, D]
        for (int i = 0; i < blocks.size(); i++) {
            EncoderBlock block = blocks.get(i);
            x = probe.watches()
                    ? block.forward(x, probe.at("block%02d/".formatted(i)))
                    : Scope.scoped(x, y -> block.forward(y, Probe.NONE));
        }
        probe.see("pre_ln", x);
        return norm.forward(x);
    }
}
