package dev.fovea.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigsTest {

    enum Precision {
        FP32,
        BF16
    }

    @TypeKey("type")
    sealed interface Rate {}

    record Cosine(@Default("10") long warmup, @Default("0") double end) implements Rate {}

    record Constant() implements Rate {}

    @TypeName("rsqrt")
    record InverseRoot(double timescale) implements Rate {}

    record Optim(
            double peak,
            @Default("1e-4") double weightDecay,
            @Nullable Double clipNorm,
            @Default("{type: cosine, warmup: 5}") Rate schedule) {
        Optim {
            if (peak < 0) {
                throw new IllegalArgumentException("peak %s is negative".formatted(peak));
            }
        }
    }

    record Run(
            @Default("run") String name,
            @Nullable Path data,
            Optim optim,
            @Default("fp32") Precision precision,
            @Default("false") boolean verbose,
            @Default("[]") List<Integer> sizes,
            @Default("[]") List<Rate> stages,
            @Default("{}") SequencedMap<String, Double> rates,
            @Default("100") int steps) {}

    private static Run parse(String yaml, String... overrides) {
        return Configs.parse(Run.class, yaml, "run.yaml", List.of(overrides));
    }

    @Test
    void absentKeysTakeTheRecordsDefaults() {
        Run run = parse("optim: {peak: 1.0e-3}");
        assertThat(run.optim()).isEqualTo(new Optim(1e-3, 1e-4, null, new Cosine(5, 0)));
        assertThat(run.name()).isEqualTo("run");
        assertThat(run.data()).isNull();
        assertThat(run.precision()).isEqualTo(Precision.FP32);
        assertThat(run.sizes()).isEmpty();
    }

    @Test
    void everyKindOfValueIsRead() {
        Run run = parse("""
                name: night   # a comment
                data: /data/x
                optim:
                  peak: 3e-4
                  clipNorm: 1
                  schedule: {type: rsqrt, timescale: 10_000.0e0}
                """.replace("10_000.0e0", "1e4") + """
                precision: bf16
                verbose: true
                sizes: [32, 64]
                stages: [constant, {type: cosine, end: .5}]
                rates: {'head/.*': 10, body: .1}
                """);
        assertThat(run)
                .isEqualTo(new Run(
                        "night",
                        Path.of("/data/x"),
                        new Optim(3e-4, 1e-4, 1.0, new InverseRoot(10_000)),
                        Precision.BF16,
                        true,
                        List.of(32, 64),
                        List.of(new Constant(), new Cosine(10, 0.5)),
                        new java.util.LinkedHashMap<>(Map.of("head/.*", 10.0, "body", 0.1)),
                        100));
        assertThat(run.rates().firstEntry().getKey()).isEqualTo("head/.*");
    }

    @Test
    void overridesComeAfterTheFileInTheirOrder() {
        Run run = parse(
                "optim: {peak: 1e-3}\nsizes: [1, 2, 3]\nstages: [{type: cosine}]",
                "optim.peak=3e-4",
                "steps=7",
                "steps=8",
                "sizes.1=20",
                "stages.0.end=.1",
                "data=/a=b",
                "optim.schedule.warmup=9",
                "rates={a: 1, b: 2}");
        assertThat(run.optim().peak()).isEqualTo(3e-4);
        assertThat(run.steps()).isEqualTo(8);
        assertThat(run.sizes()).containsExactly(1, 20, 3);
        assertThat(run.stages()).containsExactly(new Cosine(10, 0.1));
        assertThat(run.data()).isEqualTo(Path.of("/a=b"));
        assertThat(run.optim().schedule()).isEqualTo(new Cosine(9, 0));
        assertThat(run.rates()).containsExactly(Map.entry("a", 1.0), Map.entry("b", 2.0));
    }

    @Test
    void aMappingThatNamesNoTypeIsLaidOverTheDefault() {
        assertThat(parse("optim: {peak: 1, schedule: {end: .1}}").optim().schedule())
                .isEqualTo(new Cosine(5, 0.1));
        assertThat(parse("optim: {peak: 1, schedule: {type: constant}}").optim().schedule())
                .isEqualTo(new Constant());
        assertThat(parse("optim: {peak: 1, schedule: {type: cosine}}").optim().schedule())
                .isEqualTo(new Cosine(10, 0));
    }

    /** Where a record's keys exclude each other, a default among them must not stay beside the one given. */
    @Test
    void aRecordThatIsGivenReplacesItsDefaultWhole() {
        record Length(@Nullable Long steps, @Nullable Double percent) {}
        record Ramp(@Default("{steps: 0}") Length warmup) {}
        assertThat(Configs.of(Ramp.class).warmup()).isEqualTo(new Length(0L, null));
        assertThat(Configs.of(Ramp.class, "warmup.percent=.1").warmup()).isEqualTo(new Length(null, 0.1));
    }

    @Test
    void valuesAloneMakeARecord() {
        assertThat(Configs.of(Optim.class, "peak=1", "clipNorm=2"))
                .isEqualTo(new Optim(1, 1e-4, 2.0, new Cosine(5, 0)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        optim: {peak: 1, weigthDecay: 0}    | run.yaml:1: optim.weigthDecay: no such key; did you mean weightDecay? Keys here: [peak, weightDecay, clipNorm, schedule]
        optim: {peak: 1, q: 0}              | run.yaml:1: optim.q: no such key; Keys here: [peak, weightDecay, clipNorm, schedule]
        optim: {}                           | run.yaml:1: optim.peak: missing; wanted a number
        name: x                             | run.yaml:1: optim: missing; wanted a mapping with keys [peak, weightDecay, clipNorm, schedule]
        optim: 3                            | run.yaml:1: optim: found '3', wanted a mapping with keys [peak, weightDecay, clipNorm, schedule]
        optim: {peak: high}                 | run.yaml:1: optim.peak: found 'high', wanted a number
        optim: {peak: NaN}                  | run.yaml:1: optim.peak: found 'NaN', wanted a number
        optim: {peak: }                     | run.yaml:1: optim.peak: found nothing, wanted a number
        optim: {peak: -1}                   | run.yaml:1: optim: peak -1.0 is negative
        optim: {peak: [1]}                  | run.yaml:1: optim.peak: found a list of 1, wanted a number
        optim: {peak: {a: 1}}               | run.yaml:1: optim.peak: found a mapping with keys [a], wanted a number
        {optim: {peak: 1}, steps: 2.5}      | run.yaml:1: steps: found '2.5', wanted a whole number of 32 bits
        {optim: {peak: 1}, steps: 5e9}      | run.yaml:1: steps: found '5e9', wanted a whole number of 32 bits
        {optim: {peak: 1}, verbose: NO}     | run.yaml:1: verbose: found 'NO', wanted true or false
        {optim: {peak: 1}, precision: fp16} | run.yaml:1: precision: found 'fp16', wanted one of [fp32, bf16]
        {optim: {peak: 1}, sizes: 3}        | run.yaml:1: sizes: found '3', wanted a list
        {optim: {peak: 1}, sizes: [1, x]}   | run.yaml:1: sizes.1: found 'x', wanted a whole number of 32 bits
        {optim: {peak: 1}, rates: {a: b}}   | run.yaml:1: rates.a: found 'b', wanted a number
        {optim: {peak: 1}, stages: [cosin]} | run.yaml:1: stages.0.type: found 'cosin'; did you mean cosine? wanted one of [cosine, constant, rsqrt]
        {optim: {peak: 1}, stages: [{}]}    | run.yaml:1: stages.0: key type is missing; it is one of [cosine, constant, rsqrt]
        {optim: {peak: 1}, stages: [rsqrt]} | run.yaml:1: stages.0.timescale: missing; wanted a number
        {optim: {peak: 1}, stages: [[]]}    | run.yaml:1: stages.0: found a list of 0, wanted one of [cosine, constant, rsqrt]
        {name: a, name: b}                  | run.yaml:1: name: key given twice, first at run.yaml:1
        {optim: &x {peak: 1}, rates: *x}    | run.yaml:1: rates: aliases (*x) are not read; write the value out
        [1]                                 | run.yaml:1: found a list of 1, wanted a mapping with keys [name, data, optim, precision, verbose, sizes, stages, rates, steps]
        """)
    void aMistakeIsNamedWithItsPlace(String yaml, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(yaml)).withMessage(message);
    }

    @Test
    void theLineOfAMistakeIsTheLineInTheFile() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("name: x\noptim:\n  peak: 1\n  peek: 2\n"))
                .withMessageStartingWith("run.yaml:4: optim.peek: no such key; did you mean peak?");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("name: x\noptim:\n  peak: 1\n  peak: 2\n"))
                .withMessage("run.yaml:4: optim.peak: key given twice, first at run.yaml:3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("name: x\noptim: {peak: 1\n"))
                .withMessageMatching("run.yaml:\\d: not YAML: [^\\n]*");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("name: x\n---\nname: y"))
                .withMessage("run.yaml:3: a second document begins here; a configuration is one document");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        optim.pek=1          | override 'optim.pek=1': optim.pek: no such key; did you mean peak? Keys here: [peak, weightDecay, clipNorm, schedule]
        optim.peak           | override 'optim.peak': wanted key=value, such as optim.peak=3e-4
        =3                   | override '=3': wanted key=value, such as optim.peak=3e-4
        optim.peak=          | override 'optim.peak=': optim.peak: found nothing, wanted a number
        sizes.2=3            | override 'sizes.2=3': sizes.2: no such element; the list has 2, counted from 0
        sizes.x=3            | override 'sizes.x=3': sizes.x: no such element; the list has 2, counted from 0
        name.x=3             | override 'name.x=3': name.x: name has no keys, it is 'a' at run.yaml:1
        """)
    void aWrongOverrideIsQuoted(String override, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("{name: a, optim: {peak: 1}, sizes: [1, 2]}", override))
                .withMessage(message);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
        NO
        yes
        1e-3
        007
        0x10
        12:30:45
        1.10
        """)
    void aTextStaysAsItIsWritten(String text) {
        assertThat(parse("{optim: {peak: 1}, name: %s}".formatted(text)).name()).isEqualTo(text);
        assertThat(parse("optim: {peak: 1}", "name=" + text).name()).isEqualTo(text);
    }

    @Test
    void whatIsWrittenIsReadAsAnEqualRecord() {
        var rates = new java.util.LinkedHashMap<String, Double>();
        rates.put("head/.*: [x]", 1e-300);
        rates.put("null", 0.1);
        rates.put("a #b", Double.POSITIVE_INFINITY);
        for (String name : List.of(
                "null", "~", "NO", "true", "1e-3", "- x", "a: b", "two\nlines", "", " edge ", "ü'\"\\", "*a", "{")) {
            var run = new Run(
                    name,
                    Path.of("a b/c"),
                    new Optim(0.1 + 0.2, Double.MIN_VALUE, 1e22, new InverseRoot(1)),
                    Precision.BF16,
                    true,
                    List.of(1, -2),
                    List.of(new Constant(), new Cosine(1, 2)),
                    rates,
                    3);
            String yaml = Configs.write(run);
            assertThat(parse(yaml)).as(yaml).isEqualTo(run);
            assertThat(Configs.write(parse(yaml))).isEqualTo(yaml);
        }
    }

    @Test
    void theWrittenFormIsPlain() {
        assertThat(Configs.write(new Optim(3e-4, 0, null, new Cosine(1, 0)))).isEqualTo("""
                peak: 3.0E-4
                weightDecay: 0.0
                clipNorm: null
                schedule:
                  type: cosine
                  warmup: 1
                  end: 0.0
                """);
    }

    @Test
    void aFileIsNamedWhenItIsNotThere(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("x.yaml");
        assertThatThrownBy(() -> Configs.read(Optim.class, file, List.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(file + ": no such file");
        Files.writeString(file, "peak: 2");
        assertThat(Configs.read(Optim.class, file, List.of("weightDecay=1")).weightDecay())
                .isEqualTo(1);
    }

    @TypeKey("system")
    @TypeName("small")
    record Whole(@Default("3") int steps) {}

    @Test
    void aWholeConfigurationMayNameItsOwnType(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a.yaml"), "system: small\nsteps: 5\n");

        assertThat(Configs.typeName("system", file, List.of())).isEqualTo("small");
        assertThat(Configs.typeName("system", file, List.of("system=large"))).isEqualTo("large");
        assertThat(Configs.read(Whole.class, file, List.of())).isEqualTo(new Whole(5));
        assertThat(Configs.write(new Whole(5))).isEqualTo("system: small\nsteps: 5\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Configs.read(Whole.class, file, List.of("system=large")))
                .withMessageContaining("system")
                .withMessageContaining("wanted small");
    }

    @Test
    void aWholeConfigurationNeedNotNameItsType() {
        assertThat(Configs.of(Whole.class, "steps=4")).isEqualTo(new Whole(4));
    }
}
