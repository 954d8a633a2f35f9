package dev.fovea.models.vmoe;

import dev.fovea.models.vmoe.RouterConfig.TokensChoose;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What keeps tokens spread over the experts, one value a group (arXiv 2106.05974, appendix A.2).
 *
 * @param total the weighted sum, added to the task's loss; terms of weight 0 are left out, not multiplied // [G]
 * @param importance squared variation of the experts' sums of clean gates // [G]
 * @param load squared variation of the experts' probabilities of being chosen; null without noise // [G]
 * @param gshard GShard's loss, of the gates routed by // [G]
 */
public record AuxiliaryLoss(
        Tensor total, Tensor importance, @Nullable Tensor load, Tensor gshard) {

    /**
     * @param logits without noise // [G, S, E]
     * @param noisy what was routed by, the same as {@code logits} without noise // [G, S, E]
     * @param gates softmax of {@code noisy} // [G, S, E]
     * @param sigma standard deviation of the noise, 0 without
     */
    static AuxiliaryLoss of(Tensor logits, Tensor noisy, Tensor gates, double sigma, TokensChoose c) {
        Tensor importance = squaredVariation(logits.softmax(-1).sum(1));
        Tensor load = sigma > 0 ? squaredVariation(chosen(logits, noisy, sigma, c.k())) : null;
        Tensor gshard = gshard(gates);
        Tensor total = torch.zeros_like(importance);
        total = c.gshardWeight() > 0 ? total.add(gshard.mul(new Scalar(c.gshardWeight()))) : total;
        total = c.importanceWeight() > 0 ? total.add(importance.mul(new Scalar(c.importanceWeight()))) : total;
        total = c.loadWeight() > 0 && load != null ? total.add(load.mul(new Scalar(c.loadWeight()))) : total;
        return new AuxiliaryLoss(total, importance, load, gshard);
    }

    /** Probability of each expert to be among a token's k best if the noise were drawn again, mean over tokens. */
    private static Tensor chosen(Tensor logits, Tensor noisy, double sigma, int k) { // [G, S, E] each
        Tensor threshold = noisy.topk(k).get0().narrow(2, k - 1, 1); // [G, S, 1]
        return torch.special_ndtr(logits.sub(threshold).div(new Scalar(sigma))).mean(1); // [G, E]
    }

    /** E Σₑ (share of tokens whose best expert is e) (mean gate of e). */
    private static Tensor gshard(Tensor gates) { // [G, S, E]
        long numExperts = gates.size(2);
        Tensor best = gates.detach().argmax(new LongOptional(2), true); // [G, S, 1]
        Tensor experts = torch.arange(new Scalar(numExperts), best.options()); // [E]
        Tensor share = best.eq(experts).to(gates.scalar_type()).mean(1); // [G, E]
        return share.mul(gates.mean(1)).sum(1).mul(new Scalar((double) numExperts)); // [G]
    }

    /** (standard deviation / mean)² over the experts, of a population. */
    private static Tensor squaredVariation(Tensor x) { // [G, E]
        return x.var(new long[] {1}, false).div(x.mean(1).square()); // [G]
    }
}
