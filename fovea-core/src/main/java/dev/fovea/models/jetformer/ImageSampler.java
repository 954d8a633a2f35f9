package dev.fovea.models.jetformer;

import dev.fovea.tensor.Scope;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Pictures from texts, soft token by soft token.
 *
 * @param guidance w, 0 for none
 * @param temperatures of each step's density
 */
public record ImageSampler(JetFormer model, double guidance, Temperatures temperatures) {

    /** Soft tokens, their log-density (under guidance up to a constant), and the decoder's outputs that gave them. */
    public record Sampled(Tensor soft, Tensor logProb, Tensor outputs) {} // [B, N, d], [B, N], [B, N, D]

    /** One soft token and its log-density. */
    private record Choice(Tensor soft, Tensor logProb) {} // [B, 1, d], [B, 1]

    public ImageSampler {
        if (!(guidance >= 0)) {
            throw new IllegalArgumentException("guidance: found %s, wanted 0 or more".formatted(guidance));
        }
        if (guidance > 0 && model.config().fullCovariance()) {
            throw new IllegalArgumentException("guidance takes diagonal mixtures, not fullCovariance");
        }
    }

    /**
     * Draws a picture for each text.
     *
     * @param draws the random numbers of each step
     */
    public Sampled sample(Tensor text, Tensor textValid, IntFunction<Draws> draws) { // int64 [B, L], bool [B, L]
        boolean guided = guidance > 0;
        var soft = new TensorVector();
        var logProb = new TensorVector();
        var outputs = new TensorVector();
        try (var decoding = new Decoding(model)) {
            Tensor out = decoding.prefill(Sequence.of(model, input(text, textValid, guided), false)); // [B or 2B, 1, D]
            for (int i = 0; i < model.config().numTokens(); i++) {
                Choice choice = choose(out, guided, draws.apply(i));
                soft.push_back(choice.soft);
                logProb.push_back(choice.logProb);
                outputs.push_back(out.narrow(0, 0, text.size(0)));
                if (i + 1 < model.config().numTokens()) {
                    Tensor x = model.image().forward(choice.soft); // [B, 1, D]
                    out = decoding.step(guided ? twice(x) : x);
                }
            }
        }
        return new Sampled(torch.cat(soft, 1), torch.cat(logProb, 1), torch.cat(outputs, 1));
    }

    /** With guidance every text twice, the second time without its label. */
    private Sequence.Input input(Tensor text, Tensor textValid, boolean guided) {
        JetFormerConfig c = model.config();
        Tensor all = guided ? twice(text) : text;
        Tensor valid = guided ? twice(textValid) : textValid;
        Tensor none = torch.zeros(
                new long[] {all.size(0), 0, c.softDims()},
                model.image().weight().options());
        Tensor first = torch.ones(new long[] {all.size(0)}, valid.options());
        Tensor rows = torch.ones(new long[] {text.size(0)}, valid.options());
        Tensor drop = guided ? torch.cat(new TensorVector(rows.logical_not(), rows), 0) : null;
        return new Sequence.Input(all, none, first, valid, drop);
    }

    private Choice choose(Tensor out, boolean guided, Draws draws) { // [B or 2B, 1, D]
        try (var scope = new Scope()) {
            Tensor raw = model.imageRaw(out);
            Tensor soft;
            Tensor logProb;
            if (guided) {
                long rows = raw.size(0) / 2;
                Mixture conditional = (Mixture) model.density(raw.narrow(0, 0, rows), temperatures);
                Mixture unconditional = (Mixture) model.density(raw.narrow(0, rows, rows), temperatures);
                Guided density =
                        Guided.of(conditional, unconditional, guidance, draws.gumbel(conditional.logWeights()));
                soft = draws.guided(density);
                logProb = density.logDensity(soft).sum(2);
            } else {
                SoftDensity density = model.density(raw, temperatures);
                soft = density.sample(draws);
                logProb = density.logProb(soft);
            }
            return new Choice(scope.keep(soft), scope.keep(logProb));
        }
    }

    /** Pictures of soft tokens, the factored-out values drawn from their prior times a temperature. */
    public Tensor decode(Tensor soft, double temperature) { // [B, N, d]
        long[] shape = {soft.size(0), soft.size(1), model.config().noiseDims()};
        return model.decode(soft, torch.randn(shape, soft.options()).mul(new Scalar(temperature)));
    }

    private static Tensor twice(Tensor x) {
        return torch.cat(new TensorVector(x, x), 0);
    }
}
