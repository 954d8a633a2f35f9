package dev.fovea.models.vmoe;

import dev.fovea.models.vmoe.RouterConfig.TokensChoose;
import dev.fovea.nn.Init;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Each token goes to the k experts of its largest gates, softmax(W x + ε) (arXiv 2106.05974, section 2.2). The softmax
 * comes before the choice and what is kept is not normalised again, so that W is trained at k = 1 too.
 *
 * <p>In an ensemble (arXiv 2110.03360) the tokens of a group stand member by member, s = token · M + member, and a
 * member's gates for the experts of the others are 0.
 */
public record TokenRouter(Tensor weight, TokensChoose config) implements Router { // [E, D]

    public static TokenRouter of(Params p, int width, int numExperts, TokensChoose config) {
        return new TokenRouter(p.get("weight", Init.LECUN_NORMAL, numExperts, width), config);
    }

    @Override
    public TokenRouter with(RouterConfig config) {
        TokensChoose t = Router.sameKind(TokensChoose.class, config);
        if (t.members() != this.config.members()) {
            throw new IllegalArgumentException(
                    "members: the model has %d, found %d".formatted(this.config.members(), t.members()));
        }
        return new TokenRouter(weight, t);
    }

    @Override
    public Routing.Sparse route(Tensor x, Noise noise) { // [G, S, D]
        int groups = (int) x.size(0);
        int groupSize = (int) x.size(1);
        int numExperts = (int) weight.size(0);
        Tensor logits = config.members() == 1 ? Router.logits(x, weight) : memberLogits(x); // [G·M, S/M, E/M]
        double sigma = noise.training() ? config.noiseStd() / logits.size(2) : 0;
        Tensor noisy = Router.noisy(logits, sigma, noise);
        Tensor own = noisy.softmax(-1);
        var loss = AuxiliaryLoss.of(logits, noisy, own, sigma, config);
        Tensor gates = config.members() == 1 ? own : blockDiagonal(own); // [G, S, E]
        int capacity = config.capacity().slots((long) groupSize * config.k(), numExperts);
        var assignment = Assignment.of(
                Tensors.toFloats(gates), groups, groupSize, numExperts, config.k(), capacity, config.order());
        return new Routing.Sparse(gates, Routes.of(assignment), assignment, loss, logits);
    }

    /** Each member's tokens against its own experts, a group and member being one row. */
    private Tensor memberLogits(Tensor x) { // [G, S, D]
        long m = config.members();
        Tensor byMember = x.unflatten(1, x.size(1) / m, m).transpose(1, 2); // [G, M, S/M, D]
        var each = new TensorVector();
        for (long i = 0; i < m; i++) {
            Tensor experts = weight.narrow(0, i * weight.size(0) / m, weight.size(0) / m); // [E/M, D]
            each.push_back(Router.logits(byMember.select(1, i), experts)); // [G, S/M, E/M]
        }
        return torch.stack(each, 1).flatten(0, 1); // [G·M, S/M, E/M]
    }

    /** Back to all tokens of a group and all experts, with zeros between a member and the others' experts. */
    private Tensor blockDiagonal(Tensor own) { // [G·M, S/M, E/M]
        long m = config.members();
        Tensor each = own.unflatten(0, own.size(0) / m, m).transpose(1, 2).unsqueeze(3); // [G, S/M, M, 1, E/M]
        Tensor members = torch.eye(m, own.options()).unsqueeze(2); // [M, M, 1]
        return each.mul(members).flatten(3, 4).flatten(1, 2); // [G, S, E]
    }
}
