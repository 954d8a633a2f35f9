package dev.fovea.models.jet;

import dev.fovea.data.ImageBatch;
import dev.fovea.models.vit.Probe;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import dev.fovea.train.Loss;
import dev.fovea.train.Objective;
import java.util.LinkedHashMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Bits per dimension of a batch of pictures. Where the flow has a context, it is the picture's class, one-hot; with the
 * given probability a whole step sees zeros instead, as in the reference.
 */
public final class JetObjective implements Objective<ImageBatch> {

    private final Jet jet;
    private final double contextDrop;
    private final @Nullable Reversible reversible;

    private JetObjective(Jet jet, double contextDrop, @Nullable Reversible reversible) {
        this.jet = jet;
        this.contextDrop = contextDrop;
        this.reversible = reversible;
    }

    /** Backward by autograd, from the activations that forward left. */
    public static JetObjective of(Jet jet, double contextDrop) {
        return new JetObjective(jet, contextDrop, null);
    }

    /** Backward from activations that the inverse gives back, in the memory of one coupling. */
    public static JetObjective reversible(Jet jet, Params params, double contextDrop) {
        return new JetObjective(jet, contextDrop, new Reversible(jet, params.table(), ""));
    }

    @Override
    public Loss loss(ImageBatch batch, boolean train) {
        Tensor image =
                PictureTensors.dequantised(PictureTensors.of(batch, jet.config().channels())); // [B, H, W, c]
        boolean dropped = train
                && contextDrop > 0
                && jet.config().contextWidth() > 0
                && torch.rand(1).item_double() < contextDrop;
        Tensor context = context(batch, jet.config(), ScalarType.Float, dropped);
        if (reversible != null && train) {
            Reversible.Bits bits = reversible.bits(image, context);
            return loss(bits.mean(), bits.parts());
        }
        Jet.Flow flow = jet.forward(image, context, Probe.NONE);
        BitsPerDim bits = BitsPerDim.of(flow.out(), flow.logDet());
        return loss(bits.total().mean(), bits);
    }

    /** One-hot classes {@code [B, 1, F]} of the batch's real rows, or null where the flow takes no context. */
    static @Nullable Tensor context(ImageBatch batch, JetConfig c, ScalarType type, boolean dropped) {
        if (c.contextWidth() == 0) {
            return null;
        }
        var values = new float[batch.valid() * c.contextWidth()];
        for (int i = 0; i < batch.valid() && !dropped; i++) {
            int label = batch.labels()[i];
            if (label >= c.contextWidth()) {
                throw new IllegalArgumentException(
                        "label %d: contextWidth %d has no place for it".formatted(label, c.contextWidth()));
            }
            if (label >= 0) {
                values[i * c.contextWidth() + label] = 1;
            }
        }
        return Engine.toDevice(
                Tensors.of(values, batch.valid(), 1, c.contextWidth()).to(type));
    }

    private static Loss loss(Tensor mean, BitsPerDim bits) {
        var terms = new LinkedHashMap<String, Tensor>();
        terms.put("nll", bits.prior().detach().mean());
        terms.put("logdet", bits.logDet().detach().mean());
        return new Loss(mean, terms);
    }
}
