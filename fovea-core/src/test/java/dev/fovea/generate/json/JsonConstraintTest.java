package dev.fovea.generate.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.text.Tokenizer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonConstraintTest {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int END = 0;

    /** Tokens are these texts, by position; the first is the end. Half of them are single characters of JSON. */
    private static final List<String> TEXTS = List.of(
            "<end>",
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            " ",
            "\n",
            "\\",
            "/",
            "-",
            "+",
            ".",
            "@",
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "7",
            "8",
            "9",
            "a",
            "b",
            "c",
            "d",
            "e",
            "f",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "v",
            "x",
            "E",
            "T",
            "Z",
            "\u00e9",
            "\u20ac",
            "\ud83d\ude42",
            "{\"",
            "\"}",
            "\": ",
            "\",",
            "},{",
            "true",
            "null",
            "12",
            "\"a",
            "],\"",
            "{}",
            "[]",
            "\\\"",
            "name",
            "\n  ",
            "ab\"",
            "1.5e",
            ": \"",
            "<turn>",
            "\u0001",
            "\"\"");

    private static final Tokenizer TOKENS = new Tokenizer() {
        @Override
        public int[] encode(String text) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String decode(int... ids) {
            return String.join("", Arrays.stream(ids).mapToObj(TEXTS::get).toList());
        }
    };

    private static final TokenTable TABLE = TokenTable.of(TOKENS, TEXTS.size(), Set.of(END, TEXTS.indexOf("<turn>")));

    private static JsonNode json(String text) {
        return JSON.readTree(text.replace('\'', '"'));
    }

    /** Tokens drawn evenly from those allowed, until the end is drawn. */
    private static List<Integer> draw(JsonSchema schema, int maxTokens, Random random) {
        var constraint = new JsonConstraint(schema, TABLE, 1, maxTokens, END);
        var answer = new ArrayList<Integer>();
        while (answer.size() < maxTokens) {
            int[] history = IntStream.concat(IntStream.of(5), answer.stream().mapToInt(x -> x))
                    .toArray();
            float[] logits = new float[TEXTS.size()];
            constraint.process(logits, history);
            int[] allowed = IntStream.range(0, logits.length)
                    .filter(i -> logits[i] == 0)
                    .toArray();
            int id = allowed[random.nextInt(allowed.length)];
            if (id == END) {
                return answer;
            }
            answer.add(id);
        }
        return answer;
    }

    private static String text(List<Integer> ids) {
        return TOKENS.decode(ids.stream().mapToInt(x -> x).toArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'object'}",
                "{}",
                "{'type':['string','null']}",
                "{'type':'integer'}",
                "{'type':'number'}",
                "{'type':'number','minimum':-1.25,'maximum':3.5}",
                "{'type':'number','exclusiveMinimum':0,'exclusiveMaximum':1}",
                "{'type':'number','exclusiveMinimum':2.05,'maximum':2.3}",
                "{'type':'number','maximum':-0.4}",
                "{'type':'number','minimum':12.75}",
                "{'type':'number','minimum':-7,'exclusiveMaximum':-2.5}",
                "{'type':['number','null'],'minimum':4.5,'maximum':4.5}",
                "{'allOf':[{'type':'number','minimum':1},{'type':'integer','maximum':12,'minimum':3}]}",
                "{'$defs':{'n':{'properties':{'name':{'type':'string'}},'required':['name']}},'type':'object','properties':{'a':"
                        + "{'type':'integer'}},'allOf':[{'$ref':'#/$defs/n'},{'properties':{'name':{'maxLength':3,'type':'string'}}}]}",
                "{'allOf':[{'type':'object','properties':{'a':{'type':'integer'},'b':{}},'required':['a']},{'type':'object',"
                        + "'properties':{'a':{'minimum':3,'type':'integer'}},'additionalProperties':false}]}",
                "{'allOf':[{'type':'object','properties':{'k':{'type':'integer'}},'required':['k']},{'oneOf':["
                        + "{'type':'object','properties':{'t':{'const':'a'}},'required':['t']},"
                        + "{'type':'object','properties':{'t':{'enum':['b','c']}},'required':['t']}]}]}",
                "{'oneOf':[{'type':'string','maxLength':3},{'type':'integer'},{'type':'array','maxItems':2}]}",
                "{'oneOf':[{'type':'object','properties':{'a':{}},'required':['a'],'additionalProperties':false},"
                        + "{'type':'object','properties':{'b':{}},'required':['b']}]}",
                "{'enum':['a','b\\\"c',null,12,{'x':[1,true]},{}]}",
                "{'const':{'k':'v'}}",
                "{'type':'array','items':{'type':'boolean'},'minItems':2,'maxItems':4}",
                "{'type':'array','items':{'type':'array','items':{'type':'integer'},'maxItems':2},'maxItems':3}",
                "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'string','maxLength':3},'name':{}},"
                        + "'required':['b'],'additionalProperties':false}",
                "{'type':'object','properties':{'a':{'type':'object','properties':{'c':{'enum':[1,2]}},'required':['c']}},"
                        + "'required':['a','d']}",
                "{'type':'object','additionalProperties':{'type':'number'}}",
                "{'type':'object','additionalProperties':false}",
                "{'type':'string','minLength':2,'maxLength':4}",
                "{'type':'string','pattern':'^(ab|c+)[0-9]{2}x?$'}",
                "{'type':'string','pattern':'[^a-z]b'}",
                "{'type':'string','pattern':'^\\\\S\\\\d*\\\\.|^e$'}",
                "{'type':'string','format':'date'}",
                "{'type':'string','format':'date-time'}",
                "{'type':'string','format':'ipv4'}",
                "{'anyOf':[{'type':'integer'},{'type':'array','items':{'$ref':'#'}}]}",
                "{'$defs':{'n':{'type':'object','properties':{'v':{'type':'integer'},'next':{'anyOf':[{'$ref':'#/$defs/n'},"
                        + "{'type':'null'}]}},'required':['v','next'],'additionalProperties':false}},'$ref':'#/$defs/n'}"
            })
    void allowedTokensAlwaysMakeAValidValue(String source) {
        JsonNode node = json(source);
        JsonSchema schema = JsonSchema.of(node);
        var random = new Random(8);
        var lengths = new ArrayList<Integer>();
        for (int round = 0; round < 60; round++) {
            List<Integer> ids = draw(schema, 40 + random.nextInt(100), random);
            String text = text(ids);
            assertThat(text).doesNotContain("<turn>", "<end>");
            JsonNode value = JSON.readTree(text);
            assertThat(Validator.errors(node, value, node)).as(text).isEmpty();
            lengths.add(ids.size());
        }
        assertThat(lengths).as("answers are not all alike").isNotEmpty();
    }

    /** Every number of two digits after the point may be written just where it lies between the bounds. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'number','minimum':-1.25,'maximum':3.5}",
                "{'type':'number','exclusiveMinimum':-3,'exclusiveMaximum':-2.5}",
                "{'type':'number','exclusiveMinimum':0,'maximum':1.07}",
                "{'type':'number','minimum':2.5}",
                "{'type':'number','exclusiveMaximum':-0.5}"
            })
    void numbersBetweenBoundsAndNoOthers(String source) {
        JsonNode node = json(source);
        var schema = JsonSchema.of(node);
        for (int hundredths = -500; hundredths <= 500; hundredths++) {
            String text = BigDecimal.valueOf(hundredths, 2).toPlainString();
            boolean valid = Validator.errors(node, JSON.readTree(text), node).isEmpty();
            Reader reader = Reader.at(schema.root);
            for (int i = 0; i < text.length() && reader != null; i++) {
                reader = reader.read((byte) text.charAt(i), schema.rules);
            }
            assertThat(reader != null && reader.mayEnd(schema.rules)).as(text).isEqualTo(valid);
        }
    }

    @Test
    void modelMayWriteWhatTheSchemaAllows() {
        JsonSchema schema = JsonSchema.of(
                json(
                        "{'type':'object','properties':{'name':{'type':'string'},'a':{'type':'array','items':{'type':'integer'}}}}"));
        for (String text : List.of(
                "{\"name\":\"\u00e9\ud83d\ude42\",\"a\":[1,2]}",
                "{}",
                "{\n  \"a\": [ ]\n}",
                "{\"name\": \"\\\"\\\\\"}")) {
            assertThat(accepts(schema, text)).as(text).isTrue();
        }
        for (String text :
                List.of("[]", "{\"a\":[1,]}", "{\"a\":[01]}", "{\"b\":1}", "{\"name\":\"\n\"}", "{} x", "{")) {
            assertThat(accepts(schema, text)).as(text).isFalse();
        }
    }

    private static boolean accepts(JsonSchema schema, String text) {
        Reader reader = Reader.at(schema.root);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            reader = reader.read(b, schema.rules);
            if (reader == null) {
                return false;
            }
        }
        return reader.mayEnd(schema.rules);
    }

    /** Every range of small numbers, with and without bounds, number by number. */
    @Test
    void rangesHoldTheirNumbersAlone() {
        var random = new Random(4);
        for (int round = 0; round < 300; round++) {
            int size = round % 3 == 0 ? 12 : round % 3 == 1 ? 130 : 3000;
            long a = random.nextLong(-size, size);
            long b = random.nextLong(-size, size);
            var schema = JSON.createObjectNode().put("type", "integer");
            boolean hasLeast = random.nextInt(4) > 0;
            boolean hasMost = random.nextInt(4) > 0 || !hasLeast;
            long least = hasLeast ? Math.min(a, b) : Long.MIN_VALUE;
            long most = hasMost ? Math.max(a, b) : Long.MAX_VALUE;
            if (hasLeast) {
                schema.put("minimum", least);
            }
            if (hasMost) {
                schema.put("exclusiveMaximum", most + 0.5);
            }
            JsonSchema range = JsonSchema.of(schema);
            for (int n = -size - 20; n <= size + 20; n++) {
                assertThat(accepts(range, Integer.toString(n)))
                        .as("%s %d", schema, n)
                        .isEqualTo(n >= least && n <= most);
            }
            assertThat(accepts(range, "-0")).isFalse();
            assertThat(accepts(range, "007")).isFalse();
            assertThat(accepts(range, "123456789")).isEqualTo(!hasMost);
            assertThat(accepts(range, "-123456789")).isEqualTo(!hasLeast);
        }
    }

    @Test
    void longTextsNeedNoDeepStack() {
        String text = "x".repeat(200_000);
        JsonSchema schema = JsonSchema.of(JSON.createObjectNode().put("const", text));
        assertThat(accepts(schema, "\"" + text + "\"")).isTrue();
        assertThat(accepts(schema, "\"" + text + "x\"")).isFalse();
    }

    @Test
    void brokenUtf8IsNeverAllowed() {
        JsonSchema schema = JsonSchema.of(json("{'type':'string'}"));
        Reader open = Reader.at(schema.root).read((byte) '"', schema.rules);
        assertThat(open).isNotNull();
        for (int[] bytes : new int[][] {
            {0x80}, {0xC0}, {0xC1}, {0xE0, 0x80}, {0xED, 0xA0}, {0xF0, 0x80}, {0xF4, 0x90}, {0xF5}, {0xE2, '"'}
        }) {
            Reader reader = open;
            for (int b : bytes) {
                reader = reader == null ? null : reader.read((byte) b, schema.rules);
            }
            assertThat(reader).as(Arrays.toString(bytes)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'number','minimum':3,'exclusiveMaximum':3} # schema #: no number lies from 3 to 3",
                "{'type':'number','multipleOf':3} # schema #: multipleOf is not supported",
                "{'allOf':[{'type':'string'},{'type':'null'}]} # schema #: no value is both \"string\" and \"null\"",
                "{'allOf':[{'$ref':'#'}]} # schema #: allOf holds itself",
                "{'allOf':[{'pattern':'a'},{'pattern':'b'}]} # schema #: pattern of two schemas is not supported in allOf",
                "{'type':'object','properties':{'a':{'allOf':[{'$ref':'#'},{'type':'object'}]}}} # schema #/properties/a/allOf",
                "{'oneOf':[{'type':'integer'},{'type':'number'}]} # schema #: oneOf: alternatives 0 and 1 cannot be told apart",
                "{'type':'integer','minimum':3,'exclusiveMaximum':3} # schema #: no whole number lies from 3 to 2",
                "{'type':'array','uniqueItems':true} # schema #: uniqueItems is not supported",
                "{'properties':{'a':{'oneOf':[{},{}]}}} # schema #/properties/a: oneOf: alternatives 0 and 1 cannot",
                "{'type':'string','format':'color'} # schema #: format color is not supported, only [date",
                "{'type':'string','pattern':'(?=a)'} # schema #: pattern (?=a): (? other than (?: is not supported, at",
                "{'type':'integer','maximum':2.5,'minimum':1e30} # schema #: minimum 1.0E30, wanted a number of at most 18",
                "{'type':'string','pattern':'(a)\\\\1'} # schema #: pattern (a)\\1: \\1 is not supported, at",
                "{'type':'thing'} # schema #: type thing, wanted one of [array",
                "{'$ref':'#/$defs/x'} # schema #: $ref #/$defs/x leads nowhere",
                "{'anyOf':[{'$ref':'#'},{'type':'null'}]} # schema #/anyOf/0: # refers to itself with nothing in between",
                "{'type':'array','items':{'$ref':'#'},'minItems':1} # schema: no value is finite",
                "{'required':['a'],'additionalProperties':false} # schema #: \"a\" is required, and",
                "{'type':'string','maxLength':1,'minLength':2} # schema #: maxLength 1 is below minLength",
                "false # schema #: false is no schema"
            })
    void whatIsNotSupportedIsNamed(String schemaAndMessage) {
        String[] parts = schemaAndMessage.split(" # ", 2);
        JsonNode schema = json(parts[0]);
        assertThatThrownBy(() -> JsonSchema.of(schema))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(parts[1])
                .hasMessageNotContaining("\n");
    }

    @Test
    void beamsShareAConstraint() {
        JsonSchema schema = JsonSchema.of(json("{'type':'array','items':{'enum':['a',12]},'minItems':1}"));
        var shared = new JsonConstraint(schema, TABLE, 0, 50, END);
        int[][] beams = {ids("[", "\"a"), ids("[", "12", "]"), ids("[", "12", ","), ids("["), ids("[", "\"a", "\"", "]")
        };
        for (int[] beam : beams) {
            float[] logits = new float[TEXTS.size()];
            shared.process(logits, beam);
            float[] alone = new float[TEXTS.size()];
            new JsonConstraint(schema, TABLE, 0, 50, END).process(alone, beam);
            assertThat(logits).isEqualTo(alone);
        }
    }

    private static int[] ids(String... texts) {
        return Arrays.stream(texts).mapToInt(TEXTS::indexOf).toArray();
    }

    @Test
    void answerThatCannotBeJsonIsRefused() {
        var constraint = new JsonConstraint(JsonSchema.anyObject(), TABLE, 0, 50, END);
        assertThatThrownBy(() -> constraint.process(new float[TEXTS.size()], new int[] {TEXTS.indexOf("[")}))
                .hasMessageEndingWith("cannot stand here in JSON of the schema");
        assertThatThrownBy(() -> new JsonConstraint(JsonSchema.anyObject(), TABLE, 0, 1, END))
                .hasMessageStartingWith("the shortest value of the schema has 2 bytes");
    }
}
