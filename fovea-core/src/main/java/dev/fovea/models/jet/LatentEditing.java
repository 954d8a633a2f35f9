package dev.fovea.models.jet;

import dev.fovea.image.Image;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Pictures changed through their latents: parts taken from another picture or drawn anew, and steps along what sets two
 * sets of pictures apart (as in arXiv 1807.03039, section 6).
 *
 * @param model a flow without a context
 */
public record LatentEditing(JetModel model) {

    private static final int BATCH = 64;

    /** What sets one set of pictures apart from another, in latents. */
    public record Direction(float[] values) {} // [H, W, c]

    /** A picture with parts of another's latent, a picture a share. */
    public List<Image> mix(Image image, Image other, LatentPart part, List<Double> shares, long seed) {
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Tensor z = model.latents(List.of(image, other)); // [2, H, W, c]
            return replaced(z.narrow(0, 0, 1), z.narrow(0, 1, 1), part, shares, seed);
        }
    }

    /**
     * A picture with parts of its latent drawn anew, a picture a share.
     *
     * @param temperature standard deviation of what is drawn; 1 is the prior
     */
    public List<Image> redraw(Image image, LatentPart part, List<Double> shares, double temperature, long seed) {
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Tensor z = model.latents(List.of(image)); // [1, H, W, c]
            Engine.seed(seed);
            return replaced(z, torch.randn_like(z).mul(new Scalar(temperature)), part, shares, seed);
        }
    }

    /** From the mean latent of one set of pictures to that of another. */
    public Direction direction(List<Image> from, List<Image> to) {
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            return new Direction(Tensors.toFloats(mean(to).sub(mean(from))));
        }
    }

    /** A picture moved along a direction, a picture a strength; 0 is the picture itself, 1 as far as from set to set. */
    public List<Image> along(Image image, Direction direction, List<Double> strengths) {
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Tensor z = model.latents(List.of(image)); // [1, H, W, c]
            Tensor step = Engine.toDevice(Tensors.of(direction.values, Tensors.shape(z)))
                    .to(z.scalar_type());
            var moved = new TensorVector();
            strengths.forEach(s -> moved.push_back(z.add(step.mul(new Scalar(s)))));
            return model.pictures(torch.cat(moved, 0));
        }
    }

    private Tensor mean(List<Image> images) { // [H, W, c]
        if (images.isEmpty()) {
            throw new IllegalArgumentException("no pictures: a direction takes at least one on either side");
        }
        Tensor sum = model.latents(images.subList(0, 1)).squeeze(0);
        for (int from = 1; from < images.size(); from += BATCH) {
            try (var scope = new Scope()) {
                Tensor z = model.latents(images.subList(from, Math.min(images.size(), from + BATCH)));
                sum = scope.keep(sum.add(z.sum(new long[] {0})));
            }
        }
        return sum.div(new Scalar((double) images.size()));
    }

    private List<Image> replaced(Tensor z, Tensor other, LatentPart part, List<Double> shares, long seed) {
        JetConfig c = model.config();
        var mixed = new TensorVector();
        for (double share : shares) {
            Tensor mask = Engine.toDevice(Tensors.of(part.mask(c, share, seed), 1, c.numTokens(), c.tokenWidth()))
                    .to(z.scalar_type());
            mixed.push_back(z.lerp(other, model.flow().join(mask))); // [1, H, W, c]
        }
        return model.pictures(torch.cat(mixed, 0));
    }
}
