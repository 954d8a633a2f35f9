package dev.fovea.models.jetformer;

import dev.fovea.tensor.Scope;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Texts from pictures.
 *
 * @param temperature divides the logits; 0 takes the likeliest token
 * @param topK only so many of the likeliest tokens can be drawn; 0 for all
 */
public record TextSampler(JetFormer model, double temperature, int topK) {

    /** Token ids, their log-probabilities under the model as it is, and the decoder's outputs that gave them. */
    public record Sampled(Tensor ids, Tensor logProb, Tensor outputs) {} // int64 [B, M], [B, M], [B, M, D]

    public TextSampler {
        if (!(temperature >= 0) || topK < 0) {
            throw new IllegalArgumentException(
                    "temperature %s, topK %d: wanted 0 or more".formatted(temperature, topK));
        }
    }

    /**
     * Writes {@code length} tokens on from a prompt for each picture; what comes after the end of a text is for the caller
     * to cut off.
     *
     * @param prompt int64 {@code [B, L]}; L may be 0
     * @param promptValid bool {@code [B, L]}
     */
    public Sampled sample(
            Tensor soft, Tensor prompt, Tensor promptValid, int length, IntFunction<Draws> draws) { // [B, N, d]
        var ids = new TensorVector();
        var logProb = new TensorVector();
        var outputs = new TensorVector();
        try (var decoding = new Decoding(model)) {
            Tensor out = decoding.prefill(
                    Sequence.of(model, Sequence.Input.of(prompt, soft, false, promptValid), false)); // [B, 1, D]
            for (int i = 0; i < length; i++) {
                Tensor logits = model.textLogits(out); // [B, 1, V]
                Tensor id = choose(logits, draws.apply(i)); // [B, 1]
                ids.push_back(id);
                logProb.push_back(
                        logits.log_softmax(2).gather(2, id.unsqueeze(2)).squeeze(2));
                outputs.push_back(out);
                if (i + 1 < length) {
                    out = decoding.step(model.text().forward(id));
                }
            }
        }
        return new Sampled(torch.cat(ids, 1), torch.cat(logProb, 1), torch.cat(outputs, 1));
    }

    private Tensor choose(Tensor logits, Draws draws) { // [B, 1, V]
        try (var scope = new Scope()) {
            Tensor x = logits;
            if (topK > 0 && topK < x.size(2)) {
                Tensor least = x.topk(topK, 2, true, true).get0().narrow(2, topK - 1, 1);
                x = x.masked_fill(x.lt(least), new Scalar(Double.NEGATIVE_INFINITY));
            }
            if (temperature > 0) {
                x = x.div(new Scalar(temperature)).log_softmax(2).add(draws.gumbel(logits));
            }
            return scope.keep(x.argmax(new LongOptional(2), false)); // [B, 1]
        }
    }
}
