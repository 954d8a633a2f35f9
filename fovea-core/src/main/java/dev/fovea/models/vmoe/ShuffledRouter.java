package dev.fovea.models.vmoe;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The gates of a router handed to tokens by lot: experts are as loaded and gates as large as before, and the choice knows
 * nothing of the token. What accuracy it costs is what the router of that layer is worth.
 *
 * @param of the router whose gates these are
 */
public record ShuffledRouter(Router of) implements Router {

    @Override
    public Routing route(Tensor x, Noise noise) { // [G, S, D]
        Tensor lot =
                torch.randperm(x.size(1), new TensorOptions(ScalarType.Long)).to(x.device(), ScalarType.Long);
        return of.route(x.index_select(1, lot), noise);
    }

    @Override
    public ShuffledRouter with(RouterConfig config) {
        return new ShuffledRouter(of.with(config));
    }
}
