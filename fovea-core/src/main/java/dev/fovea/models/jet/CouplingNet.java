package dev.fovea.models.jet;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What computes a coupling's bias and raw scale from the half that it sees. */
public sealed interface CouplingNet permits VitNet, ConvNet {

    /**
     * Bias and raw scale of the other half, one after the other on the last axis.
     *
     * @param context vectors to condition on {@code [B, L, F]}, null where the network takes none
     */
    Tensor forward(Tensor seen, @Nullable Tensor context); // [B, N, C/2] to [B, N, C]
}
