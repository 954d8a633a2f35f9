package dev.fovea.models.classifier;

import dev.fovea.models.vit.Probe;
import dev.fovea.models.vit.Vit;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vmoe.Compute;
import dev.fovea.models.vmoe.Noise;
import dev.fovea.models.vmoe.Usage;
import dev.fovea.models.vmoe.Vmoe;
import dev.fovea.models.vmoe.VmoeConfig;
import dev.fovea.nn.Params;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a classifier is made of: a Vision Transformer, or one with experts. */
public sealed interface Network {

    /**
     * What is trained on.
     *
     * @param logits rows of a picture's members together where the network is an ensemble // [B·M, K]
     * @param members M, 1 where it is none
     * @param auxiliary a loss that the network adds to the task's; null for none // []
     */
    record Trained(Tensor logits, int members, @Nullable Tensor auxiliary) {}

    static Network of(Params p, VitConfig vit, @Nullable VmoeConfig vmoe) {
        return vmoe == null ? new Dense(Vit.of(p, vit)) : new Sparse(Vmoe.of(p, vmoe));
    }

    /** Sizes of the network. */
    VitConfig config();

    /**
     * What evaluation gives.
     *
     * @param logits of an ensemble, the logarithm of its members' mean probabilities // [B, K]
     * @param usage of its experts; none where it has none
     */
    record Evaluated(Tensor logits, Usage usage) {}

    /** A forward pass in evaluation. */
    Evaluated evaluate(Tensor image); // [B, H, W, 3]

    /** Class logits in evaluation. */
    default Tensor logits(Tensor image) { // [B, H, W, 3]
        return evaluate(image).logits(); // [B, K]
    }

    /** Multiply-adds of a picture, for experts used like this. */
    Compute compute(Usage usage);

    /** What the head sees, in evaluation. */
    Tensor features(Tensor image); // [B, H, W, 3] to [B, D]

    /** A forward pass in training. */
    Trained train(Tensor image); // [B, H, W, 3]

    /** A Vision Transformer. */
    record Dense(Vit vit) implements Network {

        @Override
        public VitConfig config() {
            return vit.config();
        }

        @Override
        public Evaluated evaluate(Tensor image) {
            return new Evaluated(vit.forward(image), Usage.NONE);
        }

        @Override
        public Compute compute(Usage usage) {
            return Compute.of(vit.config());
        }

        @Override
        public Tensor features(Tensor image) {
            return vit.forward(image, Probe.NONE).preLogits();
        }

        @Override
        public Trained train(Tensor image) {
            return new Trained(vit.forward(image), 1, null);
        }
    }

    /** A Vision Transformer with experts. */
    record Sparse(Vmoe vmoe) implements Network {

        @Override
        public VitConfig config() {
            return vmoe.config().vit();
        }

        @Override
        public Evaluated evaluate(Tensor image) {
            Vmoe.Output out = vmoe.forward(image, Noise.NONE);
            return new Evaluated(vmoe.combined(out.logits()), Usage.of(image.size(0), out.routings()));
        }

        @Override
        public Compute compute(Usage usage) {
            return Compute.of(vmoe.config(), usage);
        }

        /** In an ensemble, the mean over its members. */
        @Override
        public Tensor features(Tensor image) {
            Tensor each = vmoe.forward(image, Noise.NONE).preLogits(); // [B·M, D]
            return each.unflatten(0, image.size(0), -1).mean(1);
        }

        @Override
        public Trained train(Tensor image) {
            Vmoe.Output out = vmoe.forward(image, Noise.DRAWN);
            return new Trained(out.logits(), vmoe.config().moe().router().ensemble(), out.auxiliaryLoss());
        }
    }
}
