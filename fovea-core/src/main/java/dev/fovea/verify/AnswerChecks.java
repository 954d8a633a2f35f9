package dev.fovea.verify;

import dev.fovea.eval.AnswerMetrics;
import dev.fovea.eval.VqaAnswer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Scores of short answers; the questions are in the case's configuration. */
final class AnswerChecks {

    private static final Map<String, String> TYPES = Map.of("yesno", "yes/no", "number", "number", "other", "other");

    private AnswerChecks() {}

    private record Row(String answer, String type, List<String> people) {

        Row map(UnaryOperator<String> change) {
            return new Row(
                    change.apply(answer), type, people.stream().map(change).toList());
        }
    }

    static void run(Case c) {
        JsonNode config = c.config();
        List<Row> rows = config.required("vqav2_rows")
                .valueStream()
                .map(row -> new Row(text(row, "answer"), text(row, "answer_type"), strings(row.required("answers"))))
                .toList();
        if (config.required("vqav2_last_row_is_padding").asBoolean()) {
            rows = rows.subList(0, rows.size() - 1);
        }
        vqaV2(c, rows);
        vqa(c, "vqa", rows);
        vqa(
                c,
                "vqa_lower",
                rows.stream()
                        .map(row -> row.map(text -> text.toLowerCase(Locale.ROOT)))
                        .toList());
        c.compare(
                "anls",
                rows(config, "anls_rows")
                        .mapToDouble(row -> AnswerMetrics.anls(text(row, "target"), text(row, "prediction")))
                        .toArray(),
                config.required("anls_rows").size());
        c.compare(
                "relaxed",
                rows(config, "relaxed_rows")
                        .mapToLong(row -> AnswerMetrics.relaxed(text(row, "target"), text(row, "prediction")) ? 1 : 0)
                        .toArray(),
                config.required("relaxed_rows").size());
        texts(c, rows);
    }

    private static void vqaV2(Case c, List<Row> rows) {
        c.compare("vqav2/acc", mean(rows, row -> VqaAnswer.score(row.answer, row.people)));
        c.compare("vqav2/num", scalar(rows.size()));
        TYPES.forEach((name, type) -> {
            List<Row> ofType =
                    rows.stream().filter(row -> row.type.equals(type)).toList();
            if (!ofType.isEmpty()) {
                c.compare("vqav2/acc_" + name, mean(ofType, row -> VqaAnswer.score(row.answer, row.people)));
                c.compare("vqav2/num_" + name, scalar(ofType.size()));
            }
        });
    }

    private static void vqa(Case c, String name, List<Row> rows) {
        c.compare(name + "/acc", mean(rows, row -> AnswerMetrics.agreement(row.answer, row.people)));
        c.compare(name + "/acc_any", mean(rows, row -> row.people.contains(row.answer) ? 1 : 0));
        c.compare(name + "/anls", mean(rows, row -> AnswerMetrics.anls(row.people, row.answer)));
        c.compare(name + "/num", scalar(rows.size()));
    }

    /** The strings beside the numbers: what was made of each answer. */
    private static void texts(Case c, List<Row> rows) {
        JsonNode config = c.config();
        rows(config, "normalisation").forEach(row -> {
            String text = text(row, "text");
            c.compareRow("stripped: " + text, text(row, "stripped"), VqaAnswer.stripped(text));
            c.compareRow(
                    "normalised: " + text, text(row, "normalised"), VqaAnswer.normalized(VqaAnswer.stripped(text)));
        });
        rows(config, "science_qa").forEach(row -> {
            String text = text(row, "text");
            c.compareRow("science_qa: " + text, text(row, "answer"), AnswerMetrics.scienceQaChoice(text));
        });
        rows(config, "tally_qa").forEach(row -> {
            String text = text(row, "text");
            c.compareRow("tally_qa: " + text, text(row, "numeral"), AnswerMetrics.numeral(text));
        });
        JsonNode scored = config.required("vqav2_scored");
        for (int i = 0; i < scored.size(); i++) {
            Row row = rows.get(i).map(VqaAnswer::stripped);
            Row made = new HashSet<>(row.people).size() > 1 ? row.map(VqaAnswer::normalized) : row;
            c.compareRow("vqav2_scored[%d]".formatted(i), text(scored.get(i), "answer"), made.answer);
            c.compareRow(
                    "vqav2_scored[%d].gts".formatted(i), strings(scored.get(i).required("gts")), made.people);
        }
    }

    private static double[] mean(List<Row> rows, ToDoubleFunction<Row> score) {
        return scalar(rows.stream().mapToDouble(score).sum() / rows.size());
    }

    private static double[] scalar(double value) {
        return new double[] {value};
    }

    private static Stream<JsonNode> rows(JsonNode config, String name) {
        return config.required(name).valueStream();
    }

    private static String text(JsonNode row, String field) {
        return row.required(field).asString();
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }
}
