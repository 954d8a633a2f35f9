package dev.fovea.models.jetformer;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Sequences with holes, moved to the right end, so that the cache can go on after them.
 *
 * @param x the elements, zero where there are none
 * @param mask which element may see which
 * @param valid which places hold an element
 */
public record RightAlign(Tensor x, Tensor mask, Tensor valid) { // [B, T, D], bool [B, T, T], bool [B, T]

    public static RightAlign of(Tensor x, Tensor mask, Tensor valid) { // [B, T, D], bool [B, T, T], bool [B, T]
        long length = x.size(1);
        Tensor count = valid.to(ScalarType.Long).cumsum(1); // [B, T]
        Tensor total = count.select(1, length - 1).unsqueeze(1); // [B, 1]
        Tensor place = count.sub(total).add(new Scalar(length - 1)); // [B, T]
        Tensor moves = torch.one_hot(place.clamp_min(new Scalar(0L)), length)
                .to(ScalarType.Bool)
                .logical_and(valid.unsqueeze(2)); // [B, from, to]
        Tensor to = moves.transpose(1, 2).to(x.scalar_type()); // [B, to, from]
        Tensor aligned = to.matmul(mask.to(x.scalar_type())).matmul(to.transpose(1, 2)); // [B, T, T]
        Tensor places = torch.arange(new Scalar(length), count.options()).unsqueeze(0); // [1, T]
        return new RightAlign(
                to.matmul(x), aligned.gt(new Scalar(0.5)), places.ge(total.neg().add(new Scalar(length))));
    }
}
