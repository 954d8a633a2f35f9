package dev.fovea.optim;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Adam with the options that the fused kernel does not have. */
final class AdamUpdate implements Update {

    private final Rule.Adam rule;
    private final List<Tensor> params;
    private final Momenta mu;
    private final List<Tensor> nu;

    AdamUpdate(Rule.Adam rule, List<String> names, List<Tensor> params, State state) {
        this.rule = rule;
        this.params = params;
        mu = new Momenta("mu.", rule.momentumType(), names, params, state);
        nu = IntStream.range(0, params.size())
                .mapToObj(i -> state.add("nu." + names.get(i), () -> torch.zeros_like(params.get(i))))
                .toList();
    }

    @Override
    public void apply(Step s) {
        double correction1 = 1 - Math.pow(rule.b1(), (double) s.count());
        double correction2 = 1 - Math.pow(rule.b2(), (double) s.count());
        var b2 = new Scalar(rule.b2());
        var share2 = new Scalar(1 - rule.b2());
        var eps = new Scalar(rule.eps());
        var epsRoot = new Scalar(rule.epsRoot());
        Shrink.apply(params, s.shrink());
        for (int i = 0; i < params.size(); i++) {
            Tensor g = Gradients.scaled(s.gradients().get(i), s.factor());
            Tensor m = mu.moved(i, rule.b1(), 1 - rule.b1(), g);
            Tensor v = nu.get(i).mul_(b2).addcmul_(g, g, share2);
            Tensor root = v.div(new Scalar(correction2)).add_(epsRoot).sqrt_().add_(eps);
            if (rule.nesterov()) { // b1 · m / (1 − b1^(t+1)) + (1 − b1) · g / (1 − b1^t)
                double next = 1 - Math.pow(rule.b1(), (double) (s.count() + 1));
                params.get(i).addcdiv_(m, root, new Scalar(-s.rate() * rule.b1() / next));
                params.get(i).addcdiv_(g, root, new Scalar(-s.rate() * (1 - rule.b1()) / correction1));
            } else {
                params.get(i).addcdiv_(m, root, new Scalar(-s.rate() / correction1));
            }
            mu.keep(i, m);
        }
    }
}
