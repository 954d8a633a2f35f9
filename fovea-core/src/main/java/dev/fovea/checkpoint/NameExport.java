package dev.fovea.checkpoint;

import dev.fovea.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The writing direction of a {@link NameMap}: gathers what is one tensor of theirs. */
final class NameExport {

    /** The layers and parts of one tensor of theirs, as found so far. */
    private static final class Gathered {
        final NameMap.Rule rule;
        final boolean stacked;
        final TreeMap<Integer, TreeMap<Integer, Tensor>> layers = new TreeMap<>();

        Gathered(NameMap.Rule rule, boolean stacked) {
            this.rule = rule;
            this.stacked = stacked;
        }
    }

    private final NameMap names;

    NameExport(NameMap names) {
        this.names = names;
    }

    SequencedMap<String, Tensor> run(Map<String, Tensor> ours) {
        var gathered = new LinkedHashMap<String, Gathered>();
        for (Map.Entry<String, Tensor> entry : ours.entrySet()) {
            gather(entry.getKey(), entry.getValue(), gathered);
        }
        var theirs = new LinkedHashMap<String, Tensor>();
        gathered.forEach((name, x) -> theirs.put(name, join(name, x)));
        return theirs;
    }

    private void gather(String name, Tensor x, Map<String, Gathered> gathered) {
        for (NameMap.Rule rule : names.rules()) {
            Map<String, Integer> indices = new NamePattern(rule.ours()).match(name);
            if (indices != null) {
                String theirs = new NamePattern(rule.theirs()).name(indices);
                String stacked = rule.stackedIndex();
                int layer = stacked == null ? 0 : indices.getOrDefault(stacked, 0);
                Tensor before = gathered.computeIfAbsent(theirs, _ -> new Gathered(rule, stacked != null))
                        .layers
                        .computeIfAbsent(layer, _ -> new TreeMap<>())
                        .put(rule.part(), x);
                if (before != null) {
                    throw new IllegalArgumentException("two parameters are %s, one of them %s".formatted(theirs, name));
                }
                return;
            }
        }
        throw new IllegalArgumentException("the table of names has no row for our " + name);
    }

    private static Tensor join(String name, Gathered x) {
        NameMap.Rule rule = x.rule;
        if (!x.stacked && rule.parts() == 1 && rule.form().equals(Form.SAME)) {
            return x.layers.firstEntry().getValue().firstEntry().getValue();
        }
        if (x.layers.lastKey() != x.layers.size() - 1) {
            throw new IllegalArgumentException(
                    "%s stacks layers 0 to %d, found only %s".formatted(name, x.layers.lastKey(), x.layers.keySet()));
        }
        try (var scope = new Scope()) {
            var layers = new TensorVector();
            for (Map<Integer, Tensor> parts : x.layers.values()) {
                if (parts.size() != rule.parts()) {
                    throw new IllegalArgumentException(
                            "%s holds %d of our parameters, found %d".formatted(name, rule.parts(), parts.size()));
                }
                var pieces = new TensorVector();
                parts.values().forEach(part -> pieces.push_back(rule.form().toTheirs(part.detach())));
                layers.push_back(rule.parts() == 1 ? pieces.get(0) : torch.cat(pieces, 0));
            }
            Tensor joined = x.stacked ? torch.stack(layers, 0) : layers.get(0);
            return scope.keep(joined.contiguous());
        }
    }
}
