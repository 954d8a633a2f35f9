package dev.fovea.models.vit;

import static org.bytedeco.pytorch.global.torch.gelu;

import dev.fovea.nn.GroupNorm;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import dev.fovea.nn.StdConv2d;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Convolutions before the patches: early vision in the form that trains best from little data (arXiv 2106.14881). */
public record ConvStem(List<Stage> stages) {

    private static final int CHANNELS_PER_GROUP = 8;

    /** One stage: down to its stride, and a residual unit where asked for. */
    public record Stage(
            ConvUnit enter,
            @Nullable ConvUnit first,
            @Nullable ConvUnit second) {

        static Stage of(Params p, int in, int out, int stride, boolean residual) {
            return new Stage(
                    ConvUnit.of(p.at("enter"), in, out, stride),
                    residual ? ConvUnit.of(p.at("first"), out, out, 1) : null,
                    residual ? ConvUnit.of(p.at("second"), out, out, 1) : null);
        }

        public Tensor forward(Tensor x) { // [B, C, H, W]
            x = enter.forward(x); // [B, C', H/s, W/s]
            return first == null || second == null ? x : x.add(second.forward(first.forward(x)));
        }
    }

    /** Convolution 3×3 with standardised filters, group norm, GELU. */
    public record ConvUnit(StdConv2d conv, GroupNorm norm) {

        static ConvUnit of(Params p, int in, int out, int stride) {
            return new ConvUnit(
                    StdConv2d.of(p.at("conv"), in, out, 3, stride, 1, Init.HE_NORMAL),
                    GroupNorm.of(p.at("norm"), out, out / CHANNELS_PER_GROUP, 1e-5));
        }

        public Tensor forward(Tensor x) { // [B, C, H, W]
            return gelu(norm.forward(conv.forward(x)));
        }
    }

    public static ConvStem of(Params p, ConvStemConfig c) {
        var stages = new ArrayList<Stage>();
        int in = 3;
        for (int i = 0; i < c.channels().size(); i++) {
            int out = c.channels().get(i);
            stages.add(Stage.of(
                    p.at("stages", i), in, out, c.strides().get(i), c.residual().get(i)));
            in = out;
        }
        return new ConvStem(List.copyOf(stages));
    }

    public Tensor forward(Tensor x) { // [B, 3, H, W]
        for (Stage stage : stages) {
            x = stage.forward(x);
        }
        return x; // [B, C, H/s, W/s]
    }
}
