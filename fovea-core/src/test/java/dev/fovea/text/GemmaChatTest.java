package dev.fovea.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class GemmaChatTest {

    private static final Message USER = Message.of(Role.USER, " Hi.\u00a0\n");
    private static final Message MODEL = Message.of(Role.ASSISTANT, "Hello. ");
    private static final Message SYSTEM = Message.of(Role.SYSTEM, " Be kind. ");

    @Test
    void systemWordsStandBeforeTheFirstUsersAndKeepTheirBlanks() {
        assertThat(GemmaChat.render(List.of(SYSTEM, USER, MODEL, USER), true)).isEqualTo("""
                        <start_of_turn>user
                         Be kind.\s

                        Hi.<end_of_turn>
                        <start_of_turn>model
                        Hello.<end_of_turn>
                        <start_of_turn>user
                        Hi.<end_of_turn>
                        <start_of_turn>model
                        """);
    }

    @Test
    void picturesStandWhereTheyAre() {
        var turn = new Message(
                Role.USER,
                List.of(
                        new Part.Text("a "),
                        new Part.Image(),
                        new Part.Image(),
                        new Part.Text(" b"),
                        new Part.Image()));
        assertThat(GemmaChat.render(List.of(turn), false))
                .isEqualTo("<start_of_turn>user\na<start_of_image><start_of_image>b<start_of_image><end_of_turn>\n");
    }

    @Test
    void turnsThatDoNotAlternateAreRefused() {
        assertThatThrownBy(() -> GemmaChat.render(List.of(USER, USER), true))
                .hasMessage("turn 2 is the user's, wanted the assistant's: they alternate, the user first");
        assertThatThrownBy(() -> GemmaChat.render(List.of(SYSTEM, MODEL), true))
                .hasMessage("turn 1 is the assistant's, wanted the user's: they alternate, the user first");
        assertThatThrownBy(() -> GemmaChat.render(List.of(USER, SYSTEM), true)).hasMessageStartingWith("turn 2");
        assertThatThrownBy(() -> GemmaChat.render(List.of(), true)).hasMessage("a conversation without a user's turn");
    }

    @Test
    void beginningIsMarkedOnce() {
        var tokenizer = SentencePiece.of(
                Models.withBytes(SentencePieceModel.Algorithm.BPE, Models.userDefined("<start_of_turn>")), "test");
        int[] ids = GemmaChat.encode(List.of(USER), true, tokenizer, 1);
        assertThat(ids).startsWith(1, tokenizer.id("<start_of_turn>")).containsOnlyOnce(1);
    }

    @Test
    void messagesAreReadFromJson() {
        var json = JsonMapper.shared().readTree("""
                        {"role":"user","content":[{"type":"image"},{"type":"text","text":"a"}]}""");
        assertThat(Message.of(json)).isEqualTo(new Message(Role.USER, List.of(new Part.Image(), new Part.Text("a"))));
        assertThatThrownBy(() -> Message.of(JsonMapper.shared().readTree("{\"role\":\"tool\",\"content\":\"\"}")))
                .hasMessage("role 'tool', wanted system, user or assistant");
    }

    private static final List<Tool> TOOLS =
            List.of(new Tool("weather", "The weather.", JsonMapper.shared().readTree("{\"type\":\"object\"}")));

    @Test
    void callsAreReadBackFromTheirTurn() {
        var call = new ToolCall("weather", JsonMapper.shared().readTree("{\"city\":\"Oslo\"}"));
        for (List<ToolCall> calls : List.of(List.of(call), List.of(call, call))) {
            String text = ((Part.Text) ToolPrompt.calls(calls).parts().getFirst()).text();
            assertThat(ToolPrompt.parse(text, TOOLS)).isEqualTo(calls);
            assertThat(ToolPrompt.parse("So:\n```json\n" + text + "\n```", TOOLS))
                    .isEqualTo(calls);
        }
    }

    @Test
    void wordsAndUnknownFunctionsAreNoCalls() {
        assertThat(ToolPrompt.parse("It rains.", TOOLS)).isEmpty();
        assertThat(ToolPrompt.parse("{\"name\":\"clock\",\"arguments\":{}}", TOOLS))
                .isEmpty();
        assertThat(ToolPrompt.parse("[1]", TOOLS)).isEmpty();
        assertThat(ToolPrompt.parse("{\"name\":\"weather\"} and more", TOOLS)).isEmpty();
    }

    @Test
    void functionsAreDescribedBeforeTheSystemsWords() {
        String text = GemmaChat.render(ToolPrompt.withTools(List.of(SYSTEM, USER), TOOLS), true);
        assertThat(text).contains("\"name\":\"weather\"").containsSubsequence("weather", " Be kind. \n\nHi.");
    }
}
