package dev.fovea.models.jet;

import static org.bytedeco.pytorch.global.torch.gelu;

import dev.fovea.models.vit.Size;
import dev.fovea.nn.Conv2d;
import dev.fovea.nn.GroupNorm;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Residual convolutions over the token grid, in a Vision Transformer's place; the last layer begins at zero. */
public record ConvNet(Conv2d enter, List<Block> blocks, Conv2d leave, Size grid) implements CouplingNet {

    /** x + conv₁ₓ₁ gelu conv₃ₓ₃ norm x. */
    public record Block(GroupNorm norm, Conv2d wide, Conv2d mix) {

        static Block of(Params p, int width) {
            return new Block(
                    GroupNorm.of(p.at("norm"), width, 1, 1e-5),
                    Conv2d.of(p.at("wide"), width, width, 3, 1, 1, Init.LECUN_NORMAL),
                    Conv2d.of(p.at("mix"), width, width, 1, 1, 0, Init.LECUN_NORMAL));
        }

        Tensor forward(Tensor x) { // [B, D, h, w]
            return x.add(mix.forward(gelu(wide.forward(norm.forward(x)))));
        }
    }

    static ConvNet of(Params p, JetConfig c, Size grid) {
        int half = c.tokenWidth() / 2;
        return new ConvNet(
                Conv2d.of(p.at("enter"), half, c.width(), 1, 1, 0, Init.LECUN_NORMAL),
                IntStream.range(0, c.blockDepth())
                        .mapToObj(i -> Block.of(p.at("blocks", i), c.width()))
                        .toList(),
                Conv2d.of(p.at("leave"), c.width(), 2L * half, 1, 1, 0, Init.ZEROS),
                grid);
    }

    @Override
    public Tensor forward(Tensor seen, @Nullable Tensor context) { // [B, N, C/2]
        Tensor x = seen.transpose(1, 2).unflatten(2, grid.height(), grid.width()); // [B, C/2, h, w]
        x = enter.forward(x.contiguous()); // [B, D, h, w]
        for (Block block : blocks) {
            x = block.forward(x);
        }
        return leave.forward(x).flatten(2, 3).transpose(1, 2); // [B, N, C]
    }
}
