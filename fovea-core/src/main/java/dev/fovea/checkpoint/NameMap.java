package dev.fovea.checkpoint;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A table of parameter names: ours against those of a published checkpoint, and how theirs are laid out. The one table
 * serves reading, writing, and gradients under published names.
 *
 * <p>Names hold indices as {@code {i}}. An index that ours has and theirs has not is their leading axis: checkpoints of
 * scanned layers stack them. Where several rules have the same name of ours, reading takes the one that the file has and
 * writing the first.
 *
 * @param rules the table
 * @param ignored patterns of theirs that are passed over, such as buffers ({@code *} stands for anything)
 */
public record NameMap(List<Rule> rules, List<String> ignored) {

    /**
     * One row. Where {@code parts} is more than one, theirs holds so many of ours along its first axis, this being the
     * one with index {@code part}.
     */
    public record Rule(String ours, String theirs, Form form, int part, int parts) {

        public Rule {
            List<String> mine = new NamePattern(ours).indices();
            List<String> its = new NamePattern(theirs).indices();
            if (!mine.containsAll(its) || mine.size() - its.size() > 1) {
                throw new IllegalArgumentException(
                        "%s <-> %s: wanted the same indices, or one more in ours".formatted(ours, theirs));
            }
        }

        @Nullable
        String stackedIndex() {
            var left = new ArrayList<>(new NamePattern(ours).indices());
            left.removeAll(new NamePattern(theirs).indices());
            return left.isEmpty() ? null : left.getFirst();
        }
    }

    /** A row of parameters that are laid out alike. */
    public static Rule rule(String ours, String theirs) {
        return rule(ours, theirs, Form.SAME);
    }

    /** A row. */
    public static Rule rule(String ours, String theirs, Form form) {
        return new Rule(ours, theirs, form, 0, 1);
    }

    /** A row of a parameter of which several lie in one of theirs, along its first axis. */
    public static Rule part(String ours, String theirs, int part, int parts) {
        return new Rule(ours, theirs, Form.SAME, part, parts);
    }

    /** A table. */
    public static NameMap of(Rule... rules) {
        return new NameMap(List.of(rules), List.of());
    }

    /** This table with names of theirs that are passed over. */
    public NameMap ignoring(String... theirs) {
        return new NameMap(
                rules, Stream.concat(ignored.stream(), Stream.of(theirs)).toList());
    }

    /** The rows of both; this one's come first when writing. */
    public NameMap and(NameMap other) {
        return new NameMap(
                Stream.concat(rules.stream(), other.rules.stream()).toList(),
                Stream.concat(ignored.stream(), other.ignored.stream()).toList());
    }

    /** The table of a part of a network, its names behind these beginnings. */
    public NameMap at(String ours, String theirs) {
        return new NameMap(
                rules.stream()
                        .map(r -> new Rule(ours + r.ours(), theirs + r.theirs(), r.form(), r.part(), r.parts()))
                        .toList(),
                ignored.stream().map(name -> theirs + name).toList());
    }

    /** All parameters of the checkpoint under our names, in the types they are stored in. */
    public SequencedMap<String, Tensor> load(Weights weights) {
        return load(weights.path().toString(), weights.tensors(), null);
    }

    /** All parameters of the checkpoint under our names, floating-point ones as {@code type}. */
    public SequencedMap<String, Tensor> load(Weights weights, ScalarType type) {
        return load(weights.path().toString(), weights.tensors(), type);
    }

    /**
     * All stored parameters under our names. What is laid out and typed alike lies in the file's memory without a copy.
     * The tensors belong to the caller, usually a {@code Params} that closes them; they are on the engine's device.
     *
     * @param source what messages call the file
     * @param type the type of floating-point parameters, null for those they are stored in
     * @throws IllegalArgumentException for a tensor that the table does not know
     */
    public SequencedMap<String, Tensor> load(
            String source, Map<String, StoredTensor> stored, @Nullable ScalarType type) {
        List<String> leftovers = leftovers(stored.keySet());
        if (!leftovers.isEmpty()) {
            throw new IllegalArgumentException("%s: %d tensors that the table of names does not know: %s"
                    .formatted(source, leftovers.size(), Neighbours.abbreviate(leftovers)));
        }
        var loaded = new LinkedHashMap<String, Tensor>();
        var origin = new HashMap<String, String>();
        try {
            for (StoredTensor x : stored.values()) {
                for (Rule rule : rules) {
                    Map<String, Integer> indices = new NamePattern(rule.theirs()).match(x.name());
                    if (indices == null) {
                        continue;
                    }
                    for (Map.Entry<String, Tensor> entry :
                            load(rule, indices, x, type).entrySet()) {
                        String before = origin.put(entry.getKey(), x.name());
                        Tensor old = loaded.put(entry.getKey(), entry.getValue());
                        if (old != null) {
                            old.close();
                            throw new IllegalArgumentException(
                                    "%s: %s and %s are both %s".formatted(source, before, x.name(), entry.getKey()));
                        }
                    }
                }
            }
        } catch (RuntimeException e) {
            loaded.values().forEach(Tensor::close);
            throw e;
        }
        return loaded;
    }

    /** Those of the file's names that no row knows and that are not ignored. */
    public List<String> leftovers(Collection<String> theirs) {
        List<NamePattern> known = Stream.concat(rules.stream().map(Rule::theirs), ignored.stream())
                .distinct()
                .map(NamePattern::new)
                .toList();
        return theirs.stream()
                .filter(name -> known.stream().noneMatch(pattern -> pattern.match(name) != null))
                .sorted()
                .toList();
    }

    /** What a file may call a parameter of ours. */
    public List<String> theirs(String ours) {
        return rules.stream()
                .flatMap(rule -> Stream.ofNullable(new NamePattern(rule.ours()).match(ours))
                        .map(indices -> new NamePattern(rule.theirs()).name(indices)))
                .distinct()
                .toList();
    }

    /** Refuses a checkpoint that lacks one of the wanted parameters, naming what it has beside it. */
    public void requireAll(Collection<String> ours, Weights weights) {
        for (String name : ours) {
            List<String> theirs = theirs(name);
            if (theirs.stream().noneMatch(weights.tensors()::containsKey)) {
                throw new IllegalArgumentException("%s: checkpoint has no %s%s"
                        .formatted(
                                weights.path(),
                                theirs.isEmpty() ? name : String.join(" or ", theirs) + " (ours: " + name + ")",
                                Neighbours.of(
                                        theirs.isEmpty() ? name : theirs.getFirst(),
                                        weights.tensors().keySet())));
            }
        }
    }

    /**
     * Parameters, or their gradients, under their names. What is laid out alike is the same tensor; the others belong to
     * the open {@link Scope}.
     */
    public SequencedMap<String, Tensor> export(Map<String, Tensor> ours) {
        return new NameExport(this).run(ours);
    }

    private static Map<String, Tensor> load(
            Rule rule, Map<String, Integer> indices, StoredTensor stored, @Nullable ScalarType type) {
        var ours = new NamePattern(rule.ours());
        String stacked = rule.stackedIndex();
        var loaded = new LinkedHashMap<String, Tensor>();
        try (var scope = new Scope()) {
            Tensor x = Checkpoints.tensor(stored);
            if (stacked == null) {
                loaded.put(ours.name(indices), own(scope, ours(rule, x), type));
                return loaded;
            }
            if (x.dim() == 0) {
                throw new IllegalArgumentException("found a scalar, wanted layers on a leading axis");
            }
            for (int i = 0; i < x.size(0); i++) {
                indices.put(stacked, i);
                loaded.put(ours.name(indices), own(scope, ours(rule, x.select(0, i)), type));
            }
            return loaded;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(stored.name() + ": " + e.getMessage(), e);
        }
    }

    private static Tensor ours(Rule rule, Tensor theirs) {
        if (rule.parts() == 1) {
            return rule.form().toOurs(theirs);
        }
        if (theirs.dim() == 0 || theirs.size(0) % rule.parts() != 0) {
            throw new IllegalArgumentException(
                    "first axis is to hold %d parameters, found %s".formatted(rule.parts(), describe(theirs)));
        }
        long size = theirs.size(0) / rule.parts();
        return rule.form().toOurs(theirs.narrow(0, rule.part() * size, size));
    }

    private static String describe(Tensor x) {
        return Tensors.describe(x);
    }

    private static Tensor own(Scope scope, Tensor x, @Nullable ScalarType type) {
        Tensor typed = type != null && x.is_floating_point() ? x.to(type) : x;
        return scope.release(Engine.toDevice(typed.contiguous()));
    }
}
