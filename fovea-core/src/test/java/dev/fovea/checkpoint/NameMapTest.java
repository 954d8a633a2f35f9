package dev.fovea.checkpoint;

import static dev.fovea.checkpoint.NameMap.part;
import static dev.fovea.checkpoint.NameMap.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NameMapTest {

    @TempDir
    private Path folder;

    /** Opens a file that holds the values 0, 1, 2, ... under these names. */
    private Weights weights(Map<String, long[]> shapes) {
        Path file = folder.resolve("x.safetensors");
        try (var _ = new Scope()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            shapes.forEach((name, shape) -> tensors.put(name, counting(shape)));
            Checkpoints.write(file, tensors, Map.of());
        }
        return Checkpoints.open(file);
    }

    private static Tensor counting(long... shape) {
        var values = new float[(int) LongStream.of(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return Tensors.of(values, shape);
    }

    private static void close(SequencedMap<String, Tensor> tensors) {
        tensors.values().forEach(Tensor::close);
    }

    static Stream<Arguments> forms() {
        return Stream.of(
                Arguments.of(Form.SAME, new long[] {2, 3}, "[2, 3]", new int[] {0, 1, 2, 3, 4, 5}),
                Arguments.of(Form.DENSE, new long[] {2, 3}, "[3, 2]", new int[] {0, 3, 1, 4, 2, 5}),
                Arguments.of(Form.CONV, new long[] {1, 2, 1, 3}, "[3, 1, 1, 2]", new int[] {0, 3, 1, 4, 2, 5}),
                Arguments.of(Form.LEADING_ONE, new long[] {1, 3}, "[3]", new int[] {0, 1, 2}),
                Arguments.of(Form.NO_LEADING_ONE, new long[] {3}, "[1, 3]", new int[] {0, 1, 2}),
                Arguments.of(Form.headsOut(2), new long[] {2, 2, 1}, "[2, 2]", new int[] {0, 2, 1, 3}),
                Arguments.of(Form.headsOut(2), new long[] {2, 2, 2}, "[4, 2]", new int[] {0, 4, 1, 5, 2, 6, 3, 7}),
                Arguments.of(Form.headsBias(2), new long[] {2, 3}, "[6]", new int[] {0, 1, 2, 3, 4, 5}),
                Arguments.of(Form.headsIn(2), new long[] {2, 2, 2}, "[2, 4]", new int[] {0, 2, 4, 6, 1, 3, 5, 7}));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyFormGoesToOursAndBack(Form form, long[] theirs, String ours, int[] values) {
        try (Weights weights = weights(Map.of("a", theirs));
                var _ = new Scope()) {
            NameMap names = NameMap.of(rule("w", "a", form));
            SequencedMap<String, Tensor> loaded = names.load(weights);
            Tensor w = loaded.firstEntry().getValue();
            assertThat(Tensors.describe(w)).isEqualTo(ours);
            assertThat(Tensors.toInts(w)).containsExactly(values);
            Tensor back = names.export(loaded).firstEntry().getValue();
            assertThat(Tensors.shape(back)).containsExactly(theirs);
            assertThat(Tensors.toInts(back))
                    .containsExactly(IntStream.range(0, values.length).toArray());
            close(loaded);
        }
    }

    @Test
    void stackedLayersAreOneEach() {
        NameMap names = NameMap.of(rule("blocks.{i}.w", "encoderblock/kernel", Form.DENSE));
        try (Weights weights = weights(Map.of("encoderblock/kernel", new long[] {3, 1, 2}));
                var _ = new Scope()) {
            SequencedMap<String, Tensor> loaded = names.load(weights);
            assertThat(loaded.keySet()).containsExactly("blocks.0.w", "blocks.1.w", "blocks.2.w");
            assertThat(Tensors.toInts(loaded.lastEntry().getValue())).containsExactly(4, 5);
            assertThat(Tensors.describe(loaded.lastEntry().getValue())).isEqualTo("[2, 1]");
            SequencedMap<String, Tensor> back = names.export(loaded);
            assertThat(back.keySet()).containsExactly("encoderblock/kernel");
            assertThat(Tensors.describe(back.firstEntry().getValue())).isEqualTo("[3, 1, 2]");
            assertThat(Tensors.toInts(back.firstEntry().getValue())).containsExactly(0, 1, 2, 3, 4, 5);
            close(loaded);
        }
    }

    @Test
    void partsOfOneTensorAreSplitAndJoined() {
        NameMap names = NameMap.of(part("q", "in_proj", 0, 3), part("k", "in_proj", 1, 3), part("v", "in_proj", 2, 3));
        try (Weights weights = weights(Map.of("in_proj", new long[] {3, 2}));
                var _ = new Scope()) {
            SequencedMap<String, Tensor> loaded = names.load(weights);
            assertThat(Tensors.toInts(loaded.firstEntry().getValue())).containsExactly(0, 1);
            assertThat(Tensors.toInts(names.export(loaded).firstEntry().getValue()))
                    .containsExactly(0, 1, 2, 3, 4, 5);
            assertThatThrownBy(() -> names.export(Map.of("q", counting(1, 2))))
                    .hasMessage("in_proj holds 3 of our parameters, found 1");
            close(loaded);
        }
    }

    @Test
    void tablesAreBuiltFromParts() {
        NameMap block = NameMap.of(rule("norm.weight", "ln.scale"));
        NameMap names = block.at("blocks.{i}.", "h.{i}.").and(block.at("", ""));
        try (Weights weights = weights(Map.of("h.0.ln.scale", new long[] {1}, "h.10.ln.scale", new long[] {1}))) {
            SequencedMap<String, Tensor> loaded = names.load(weights);
            assertThat(loaded.keySet()).containsExactlyInAnyOrder("blocks.0.norm.weight", "blocks.10.norm.weight");
            close(loaded);
        }
    }

    @Test
    void alikeParametersLieInTheFileAndAreWrittenAsTheyAre() {
        NameMap names = NameMap.of(rule("w", "a"));
        try (Weights weights = weights(Map.of("a", new long[] {4}));
                var _ = new Scope()) {
            SequencedMap<String, Tensor> loaded = names.load(weights);
            Tensor w = loaded.firstEntry().getValue();
            assertThat(Tensors.address(w).address())
                    .isEqualTo(weights.tensor("a").data().address());
            assertThat(names.export(loaded).firstEntry().getValue()).isSameAs(w);
            close(loaded);
        }
    }

    @Test
    void loadedTensorsOutliveTheScopeThatIsOpen() {
        NameMap names = NameMap.of(rule("w", "a", Form.DENSE));
        try (Weights weights = weights(Map.of("a", new long[] {2, 2}))) {
            SequencedMap<String, Tensor> loaded;
            try (var _ = new Scope()) {
                loaded = names.load(weights, ScalarType.BFloat16);
            }
            assertThat(loaded.firstEntry().getValue().scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
            close(loaded);
        }
    }

    @Test
    void tensorsOfTheFileThatNoRowKnowsAreNamed() {
        try (Weights weights = weights(Map.of("a", new long[] {1}, "b", new long[] {1}, "c.0", new long[] {1}))) {
            NameMap names = NameMap.of(rule("w", "a"));
            assertThatThrownBy(() -> names.load(weights))
                    .hasMessageEndingWith("2 tensors that the table of names does not know: [b, c.0]");
            assertThat(names.ignoring("c.*").leftovers(weights.tensors().keySet()))
                    .isEqualTo(List.of("b"));
        }
    }

    @Test
    void missingParametersAreNamedWithTheirNeighbours() {
        NameMap names = NameMap.of(rule("blocks.{i}.b", "h.{i}.bias"), rule("blocks.{i}.w", "h.{i}.weight"));
        try (Weights weights = weights(Map.of("h.0.weight", new long[] {1}))) {
            assertThatThrownBy(() -> names.requireAll(List.of("blocks.0.w", "blocks.0.b"), weights))
                    .hasMessageEndingWith("checkpoint has no h.0.bias (ours: blocks.0.b);"
                            + " under the same parent it has [h.0.weight]");
        }
    }

    @Test
    void twoTensorsForOneParameterAreNamed() {
        NameMap names = NameMap.of(rule("w", "a"), rule("w", "b"));
        try (Weights weights = weights(Map.of("a", new long[] {1}, "b", new long[] {1}))) {
            assertThatThrownBy(() -> names.load(weights)).hasMessageEndingWith("a and b are both w");
        }
    }

    @Test
    void otherNumberOfHeadsIsNamed() {
        NameMap names = NameMap.of(rule("w", "a", Form.headsOut(4)));
        try (Weights weights = weights(Map.of("a", new long[] {8, 2, 4}))) {
            assertThatThrownBy(() -> names.load(weights))
                    .hasMessage("a: found [8, 2, 4], wanted [D, H, Dh] with 4 heads");
        }
    }
}
