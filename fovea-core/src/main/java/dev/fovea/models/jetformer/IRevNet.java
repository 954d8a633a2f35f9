package dev.fovea.models.jetformer;

import static dev.fovea.checkpoint.NameMap.rule;
import static org.bytedeco.pytorch.global.torch.relu;

import dev.fovea.checkpoint.Form;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.models.vit.Size;
import dev.fovea.nn.Conv2d;
import dev.fovea.nn.GroupNorm;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Additive couplings of convolutions over a token grid (arXiv 1802.07088), the invertible adaptor that came before Jet.
 * It keeps volume: its log-determinant is 0.
 */
public record IRevNet(List<Block> blocks) {

    private static final int MOST_GROUPS = 32;
    private static final double NORM_EPS = 1e-6;

    /** What a half adds to the other; the first block has no norm before its first convolution. */
    public record Block(
            @Nullable GroupNorm norm0, Conv2d conv0, GroupNorm norm1, Conv2d conv1, GroupNorm norm2, Conv2d conv2) {

        static Block of(Params p, boolean first, int half, int middle, int groups) {
            return new Block(
                    first ? null : GroupNorm.of(p.at("norm0"), half, groups, NORM_EPS),
                    conv(p.at("conv0"), half, middle),
                    GroupNorm.of(p.at("norm1"), middle, groups, NORM_EPS),
                    conv(p.at("conv1"), middle, middle),
                    GroupNorm.of(p.at("norm2"), middle, groups, NORM_EPS),
                    conv(p.at("conv2"), middle, half));
        }

        private static Conv2d conv(Params p, int in, int out) {
            return Conv2d.withoutBias(p, in, out, 3, 1, 1, Init.LECUN_NORMAL);
        }

        Tensor forward(Tensor x) { // [B, C/2, h, w]
            x = conv0.forward(norm0 == null ? x : relu(norm0.forward(x)));
            x = conv1.forward(relu(norm1.forward(x)));
            return conv2.forward(relu(norm2.forward(x)));
        }
    }

    /**
     * @param channels C, values a token
     * @param bottleneck twice the channels between a block's convolutions
     */
    public static IRevNet of(Params p, int numBlocks, int channels, int bottleneck) {
        int groups = Math.min(MOST_GROUPS, channels / 2);
        return new IRevNet(IntStream.range(0, numBlocks)
                .mapToObj(i -> Block.of(p.at("blocks", i), i == 0, channels / 2, bottleneck / 2, groups))
                .toList());
    }

    /** What big_vision calls its parameters. */
    public static NameMap bigVision() {
        return NameMap.of(
                        rule("norm0.weight", "gn_0/scale"),
                        rule("norm0.bias", "gn_0/bias"),
                        rule("norm1.weight", "gn_1/scale"),
                        rule("norm1.bias", "gn_1/bias"),
                        rule("norm2.weight", "gn_2/scale"),
                        rule("norm2.bias", "gn_2/bias"),
                        rule("conv0.weight", "Conv_0/kernel", Form.CONV),
                        rule("conv1.weight", "Conv_1/kernel", Form.CONV),
                        rule("conv2.weight", "Conv_2/kernel", Form.CONV))
                .at("blocks.{i}.", "modules_{i}/");
    }

    public Tensor forward(Tensor tokens, Size grid) { // [B, h·w, C]
        TensorVector halves = onGrid(tokens, grid).chunk(2, 1); // [B, C/2, h, w] each
        Tensor first = halves.get(0);
        Tensor second = halves.get(1);
        for (Block block : blocks) {
            Tensor sum = first.add(block.forward(second));
            first = second;
            second = sum;
        }
        return offGrid(first, second);
    }

    /** What {@link #forward} made {@code tokens} of. */
    public Tensor inverse(Tensor tokens, Size grid) { // [B, h·w, C]
        TensorVector halves = onGrid(tokens, grid).chunk(2, 1);
        Tensor first = halves.get(0);
        Tensor second = halves.get(1);
        for (Block block : blocks.reversed()) {
            Tensor before = second.sub(block.forward(first));
            second = first;
            first = before;
        }
        return offGrid(first, second);
    }

    private static Tensor onGrid(Tensor tokens, Size grid) { // [B, h·w, C]
        return tokens.transpose(1, 2).unflatten(2, grid.height(), grid.width()); // [B, C, h, w]
    }

    private static Tensor offGrid(Tensor first, Tensor second) { // [B, C/2, h, w] each
        return torch.cat(new TensorVector(first, second), 1).flatten(2, 3).transpose(1, 2); // [B, h·w, C]
    }
}
