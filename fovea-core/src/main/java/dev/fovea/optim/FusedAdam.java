package dev.fovea.optim;

import static dev.fovea.optim.NativeOperator.keptList;
import static dev.fovea.optim.NativeOperator.list;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam in one native call for the whole group: each parameter, gradient and moment is read once and written once, with
 * clipping and decay on the way. ViT-S/16, 2 cores: 27 ms a step, against 66 with an operation a formula.
 */
final class FusedAdam implements Update {

    private static final NativeOperator ADAMW = NativeOperator.of("_fused_adamw_", "");

    private final Rule.Adam rule;
    private final List<Tensor> params;
    private final State scratch = new State("optimizer");
    private final Tensor count;
    private final Tensor inverseFactor;
    private final IValue paramList;
    private final IValue muList;
    private final IValue nuList;
    private final IValue countList;
    private final IValue none;

    FusedAdam(Rule.Adam rule, List<String> names, List<Tensor> params, State state) {
        this.rule = rule;
        this.params = params;
        var mu = new ArrayList<Tensor>();
        var nu = new ArrayList<Tensor>();
        for (int i = 0; i < params.size(); i++) {
            Tensor x = params.get(i);
            mu.add(state.add("mu." + names.get(i), () -> torch.zeros_like(x)));
            nu.add(state.add("nu." + names.get(i), () -> torch.zeros_like(x)));
        }
        count = scratch.add("count", () -> params.getFirst().new_zeros(new long[0]));
        inverseFactor = scratch.add("inverse_factor", () -> torch.zeros_like(count));
        paramList = keptList(params);
        muList = keptList(mu);
        nuList = keptList(nu);
        countList = keptList(Collections.nCopies(params.size(), count));
        none = keptList(List.of());
    }

    @Override
    public void apply(Step s) {
        count.fill_(new Scalar((double) s.count()));
        IValue scale = new IValue();
        if (s.factor() != 1) {
            inverseFactor.fill_(new Scalar(1 / s.factor()));
            scale = new IValue(inverseFactor);
        }
        double decay = 0;
        if (s.rate() != 0) {
            decay = s.shrink() / s.rate(); // the kernel multiplies it by the rate again
        } else {
            Shrink.apply(params, s.shrink());
        }
        ADAMW.call(
                paramList,
                list(s.gradients()),
                muList,
                nuList,
                none,
                countList,
                new IValue(s.rate()),
                new IValue(rule.b1()),
                new IValue(rule.b2()),
                new IValue(decay),
                new IValue(rule.eps()),
                new IValue(false),
                new IValue(false),
                scale,
                new IValue());
    }

    @Override
    public void close() {
        paramList.close();
        muList.close();
        nuList.close();
        countList.close();
        none.close();
        scratch.close();
    }
}
