package dev.fovea.verify;

import dev.fovea.optim.Accumulation;
import dev.fovea.train.Losses;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Losses, their gradients, mixup and gradient accumulation. What a case holds is told from the names of its tensors. */
final class LossChecks {

    private static final Pattern CLASSES = Pattern.compile("(softmax|softmax_kl|sigmoid)/(\\w+)/(\\w+)");
    private static final Pattern TOKENS =
            Pattern.compile("(none|\\w+)/smooth([\\d.e-]+)/(normalized|summed)/(per_sequence|mean|grad_logits)");

    private LossChecks() {}

    static void functions(Case c) {
        String reference = c.config().required("reference").asString();
        if (c.config().has("accum_steps")) {
            accumulation(c, c.config());
        } else if (reference.contains("mixup")) {
            MixupChecks.mixup(c);
        } else if (reference.contains("contrastive")) {
            contrast(c);
        } else if (reference.contains("weighted_softmax")) {
            tokens(c);
        } else {
            classes(c);
        }
    }

    private static void classes(Case c) {
        for (String name : c.expected().keySet()) {
            Matcher m = CLASSES.matcher(name);
            if (!m.matches()) {
                continue;
            }
            boolean grid = m.group(2).equals("axis1");
            Tensor logits = c.tensor(grid ? "grid_logits" : "logits").set_requires_grad(true);
            Tensor labels = c.tensor(grid ? "grid_labels" : m.group(2));
            long axis = grid ? 1 : -1;
            Tensor loss =
                    switch (m.group(1)) {
                        case "softmax" -> Losses.softmaxXent(logits, labels, axis);
                        case "softmax_kl" -> Losses.softmaxKl(logits, labels, axis);
                        default -> Losses.sigmoidXent(logits, labels);
                    };
            c.compare(name, part(m.group(3), loss, logits));
        }
    }

    private static void tokens(Case c) {
        for (String name : c.expected().keySet()) {
            Matcher m = TOKENS.matcher(name);
            if (!m.matches()) {
                continue;
            }
            Tensor logits = c.tensor("logits").set_requires_grad(true); // [B, T, V]
            Tensor weights = m.group(1).equals("none") ? null : c.tensor(m.group(1)); // [B, T]
            Tensor loss = Losses.weightedSoftmaxXent(
                    logits,
                    c.tensor("labels").to(ScalarType.Long),
                    weights,
                    Double.parseDouble(m.group(2)),
                    m.group(3).equals("normalized"));
            c.compare(name, part(m.group(4), loss, logits));
        }
    }

    private static Tensor part(String part, Tensor loss, Tensor logits) {
        return switch (part) {
            case "mean" -> loss.mean();
            case "grad_logits" -> {
                loss.mean().backward();
                yield logits.grad();
            }
            default -> loss;
        };
    }

    private static void contrast(Case c) {
        List<String> inputs = List.of("zimg", "ztxt", "t", "b");
        var mask = c.inputs().containsKey("mask") ? c.tensor("mask") : null;
        pairs(c, "softmax", inputs, x -> softmax(c, "softmax", x, null));
        pairs(c, "softmax_masked", inputs, x -> softmax(c, "softmax_masked", x, mask));
        pairs(c, "sigmoid", inputs, x -> {
            Tensor loss = Losses.sigmoidContrast(x.get(0), x.get(1), x.get(2), x.get(3));
            compareIfExpected(c, "sigmoid/per_example", loss);
            return loss.mean();
        });
        for (long block : new long[] {1, 4, 1024}) { // the same, a block of texts at a time
            pairs(c, "sigmoid", inputs, x -> Losses.sigmoidContrastMean(x.get(0), x.get(1), x.get(2), x.get(3), block));
        }
    }

    private static Tensor softmax(Case c, String name, List<Tensor> x, @Nullable Tensor mask) {
        var contrast = Losses.softmaxContrast(x.get(0), x.get(1), x.get(2), mask);
        compareIfExpected(c, name + "/per_example", contrast.loss());
        compareIfExpected(c, name + "/correct", contrast.correct().to(ScalarType.Long));
        Tensor counts = (mask == null ? torch.ones_like(contrast.loss()) : mask).to(ScalarType.Float);
        Tensor number = counts.sum().add(new Scalar(1e-8));
        compareIfExpected(
                c, name + "/correct_share", contrast.correct().mul(counts).sum().div(number));
        return contrast.loss().mul(counts).sum().div(number);
    }

    /** Compares a scalar loss and its gradients by each input. */
    private static void pairs(Case c, String name, List<String> inputs, Function<List<Tensor>, Tensor> loss) {
        List<Tensor> leaves =
                inputs.stream().map(x -> c.tensor(x).set_requires_grad(true)).toList();
        Tensor mean = loss.apply(leaves);
        compareIfExpected(c, name + "/mean", mean);
        mean.backward();
        for (int i = 0; i < leaves.size(); i++) {
            if (leaves.get(i).grad().defined()) {
                compareIfExpected(
                        c,
                        "%s/grad_%s".formatted(name, inputs.get(i)),
                        leaves.get(i).grad());
            }
        }
    }

    private static void compareIfExpected(Case c, String name, Tensor x) {
        if (c.expects(name)) {
            c.compare(name, x);
        }
    }

    /** The fixture's own small model: inputs centred over the micro-batch, tanh, a linear layer. */
    private static void accumulation(Case c, JsonNode config) {
        Tensor images = c.tensor("image").flatten(1, -1); // [B, D]
        Tensor labels = c.tensor("labels"); // [B, K]
        Tensor w = c.tensor("w").set_requires_grad(true); // [D, K]
        Tensor b = c.tensor("b").set_requires_grad(true); // [K]
        int parts = Math.max(1, config.required("accum_steps").asInt());
        long size = images.size(0) / parts;
        double loss = Accumulation.backward(parts, i -> {
            Tensor x = images.narrow(0, i * size, size); // [S, D]
            Tensor z = x.sub(x.mean(new long[] {0}, true, new ScalarTypeOptional())); // [S, D]
            Tensor logits = z.tanh().matmul(w).add(b); // [S, K]
            return Losses.softmaxXent(logits, labels.narrow(0, i * size, size), -1)
                    .mean();
        });
        var found = new LinkedHashMap<String, Tensor>();
        found.put("grad/w", w.grad());
        found.put("grad/b", b.grad());
        c.compare("loss", new double[] {loss});
        found.forEach(c::compare);
    }
}
