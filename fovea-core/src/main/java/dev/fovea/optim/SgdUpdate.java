package dev.fovea.optim;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Gradient descent, plain or with momentum: trace ← g + momentum · trace. */
final class SgdUpdate implements Update {

    private final Rule.Sgd rule;
    private final List<Tensor> params;
    private final @Nullable Momenta traces;

    SgdUpdate(Rule.Sgd rule, List<String> names, List<Tensor> params, State state) {
        this.rule = rule;
        this.params = params;
        traces = rule.momentum() == 0 ? null : new Momenta("trace.", rule.momentumType(), names, params, state);
    }

    @Override
    public void apply(Step s) {
        Shrink.apply(params, s.shrink());
        var descent = new Scalar(-s.rate());
        for (int i = 0; i < params.size(); i++) {
            Tensor x = params.get(i);
            Tensor g = s.gradients().get(i);
            if (traces == null) {
                x.add_(g, new Scalar(-s.rate() * s.factor()));
                continue;
            }
            Tensor trace = traces.moved(i, rule.momentum(), s.factor(), g);
            if (rule.nesterov()) { // g + momentum · trace
                x.add_(g, new Scalar(-s.rate() * s.factor()));
                x.add_(trace, new Scalar(-s.rate() * rule.momentum()));
            } else {
                x.add_(trace, descent);
            }
            traces.keep(i, trace);
        }
    }
}
