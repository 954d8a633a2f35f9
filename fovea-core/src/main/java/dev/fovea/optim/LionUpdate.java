package dev.fovea.optim;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Lion: u = sign(b1 · m + (1 − b1) · g), then m ← b2 · m + (1 − b2) · g. */
final class LionUpdate implements Update {

    private final Rule.Lion rule;
    private final List<Tensor> params;
    private final Momenta mu;

    LionUpdate(Rule.Lion rule, List<String> names, List<Tensor> params, State state) {
        this.rule = rule;
        this.params = params;
        mu = new Momenta("mu.", rule.momentumType(), names, params, state);
    }

    @Override
    public void apply(Step s) {
        Shrink.apply(params, s.shrink());
        var descent = new Scalar(-s.rate());
        for (int i = 0; i < params.size(); i++) {
            Tensor g = s.gradients().get(i);
            Tensor mixed = mu.mixed(i, rule.b1(), (1 - rule.b1()) * s.factor(), g);
            params.get(i).add_(direction(mixed), descent);
            mu.keep(i, mu.moved(i, rule.b2(), (1 - rule.b2()) * s.factor(), g));
        }
    }

    private Tensor direction(Tensor x) {
        return switch (rule.mode()) {
            case HARD -> x.sign_();
            case SMOOTH -> x.mul_(new Scalar(rule.smoothBeta())).tanh_();
            case REFINED -> torch.where(x.abs().lt(new Scalar(1.0)), x, x.sign());
        };
    }
}
