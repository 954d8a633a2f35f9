package dev.fovea.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.text.JsonScanner.MalformedException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

class JsonScannerTest {

    @Test
    void stringsAsJacksonWritesThem() throws IOException {
        var random = new Random(6);
        for (int round = 0; round < 400; round++) {
            ArrayNode texts = JsonMapper.shared().createArrayNode();
            for (int i = random.nextInt(6); i > 0; i--) {
                texts.add(text(random));
            }
            JsonMapper mapper = JsonMapper.builder()
                    .configure(JsonWriteFeature.ESCAPE_NON_ASCII, random.nextBoolean())
                    .build();
            JsonScanner in = scanner(
                    random.nextBoolean() ? mapper.writeValueAsString(texts) : texts.toPrettyString(),
                    1 + random.nextInt(9));
            if (in.enter('[', ']')) {
                for (JsonNode text : texts) {
                    in.readString();
                    assertThat(in.text()).isEqualTo(text.asString());
                    assertThat(in.length()).isEqualTo(text.asString().getBytes(UTF_8).length);
                    in.more(']');
                }
            }
            assertThat(in.peek()).isNegative();
        }
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(random.nextInt(20) == 0 ? 900 : 8); i > 0; i--) {
            text.appendCodePoint(
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextInt(0x80);
                        case 1 -> random.nextInt(0xD800);
                        case 2 -> 0x10000 + random.nextInt(0x100000);
                        default -> "\"\\/\b\f\n\r\t {}[],:".charAt(random.nextInt(15));
                    });
        }
        return text.toString();
    }

    @Test
    void valuesArePassedWhole() throws IOException {
        for (String value : new String[] {"null", "-1.5e3", "\"a\\\"}]\"", "[1, {\"a]\": [\"}\"]}]", "{ }"}) {
            JsonScanner in = scanner("{\"key\" : %s , \"next\":7}".formatted(value), 3);
            in.enter('{', '}');
            assertThat(in.key()).isEqualTo("key");
            assertThat(new String(in.value(), UTF_8)).isEqualTo(value);
            assertThat(in.more('}')).isTrue();
            assertThat(in.key()).isEqualTo("next");
            assertThat(in.integer()).isEqualTo(7);
            assertThat(in.more('}')).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "\"",
                "\"a",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\\ud83d\"",
                "\"\\ud83dx\"",
                "\"\\ude42\"",
                "\"\\ud83d\\u0041\"",
                "\"\n\"",
                "\"\\"
            })
    void whatIsNoStringIsRefused(String text) {
        assertThatThrownBy(() -> scanner(text, 2).readString()).isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.0", "1e3", "2147483648", "x"})
    void whatIsNoIntegerIsRefused(String text) {
        assertThatThrownBy(() -> scanner(text, 2).integer()).isInstanceOf(MalformedException.class);
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        var in = new JsonScanner(new ByteArrayInputStream(new byte[] {'"', 'a', (byte) 0xC3, '"'}));
        assertThatThrownBy(in::readString).isInstanceOf(MalformedException.class);
    }

    /** A scanner that is given so many bytes at a time. */
    private static JsonScanner scanner(String text, int atOnce) {
        return new JsonScanner(new FilterInputStream(new ByteArrayInputStream(text.getBytes(UTF_8))) {
            @Override
            public int read(byte[] target) throws IOException {
                return in.read(target, 0, Math.min(atOnce, target.length));
            }
        });
    }
}
