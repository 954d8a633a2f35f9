package dev.fovea.eval;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Scores of one short answer, as the question-answering data sets define them. */
public final class AnswerMetrics {

    /** Below this similarity an answer counts nothing (arXiv 1907.00490, eq. 1). */
    private static final double ANLS_THRESHOLD = 0.5;
    /** Numbers may be off by this share (ChartQA, arXiv 2203.10244, section 5.1). */
    private static final double RELAXED_ERROR = 0.05;

    private static final String DIGITS = "[0-9]+(?:_[0-9]+)*";
    private static final Pattern NUMBER = Pattern.compile(
            "[+-]?(?:inf|infinity|nan|(?:%s\\.?(?:%s)?|\\.%s)(?:e[+-]?%s)?)".formatted(DIGITS, DIGITS, DIGITS, DIGITS));
    private static final Pattern PERCENT = Pattern.compile("%+\\z");
    private static final Pattern SCIENCE_QA = Pattern.compile("the answer is ([a-z])\\.");
    private static final List<String> NUMERALS = List.of(
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty");

    private AnswerMetrics() {}

    /** min(1, matches / 3) of an answer against several people's, nothing normalised (OKVQA). */
    public static double agreement(String answer, List<String> people) {
        return Math.min(1, people.stream().filter(answer::equals).count() / 3.0);
    }

    /** Normalised Levenshtein similarity, 0 from half the length on. An empty target wants an empty answer. */
    public static double anls(String target, String answer) {
        if (target.isEmpty()) {
            return answer.isEmpty() ? 1 : 0;
        }
        int[] a = target.codePoints().toArray();
        int[] b = answer.codePoints().toArray();
        double distance = (double) editDistance(a, b) / Math.max(a.length, b.length);
        return distance < ANLS_THRESHOLD ? 1 - distance : 0;
    }

    /** The best of {@link #anls} over several targets. */
    public static double anls(List<String> targets, String answer) {
        return targets.stream()
                .mapToDouble(target -> anls(target, answer))
                .max()
                .orElseThrow();
    }

    private static int editDistance(int[] a, int[] b) {
        var row = new int[b.length + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length; i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length; j++) {
                int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length];
    }

    /**
     * Whether a number is within 5% of the target, and any other answer equal to it. A percentage is a hundredth; a target
     * of 0 wants the same text.
     */
    public static boolean relaxed(String target, String answer) {
        Double wanted = number(target);
        Double found = number(answer);
        if (wanted == null || found == null || wanted == 0) {
            return answer.equals(target);
        }
        return Math.abs(found - wanted) / Math.abs(wanted) <= RELAXED_ERROR;
    }

    /** A number as Python's {@code float} reads it, a percentage as its hundredth; null for any other text. */
    private static @Nullable Double number(String text) {
        boolean percentage = text.endsWith("%");
        String plain = PERCENT.matcher(text).replaceAll("").strip().toLowerCase(Locale.ROOT);
        if (!NUMBER.matcher(plain).matches()) {
            return null;
        }
        String java =
                plain.replace("_", "").replaceFirst("inf(inity)?", "Infinity").replace("nan", "NaN");
        return Double.parseDouble(java) / (percentage ? 100 : 1);
    }

    /** The letter of "the answer is b.", or {@code failed} (ScienceQA). */
    public static String scienceQaChoice(String answer) {
        Matcher m = SCIENCE_QA.matcher(answer.toLowerCase(Locale.ROOT));
        return m.lookingAt() ? m.group(1) : "failed";
    }

    /** A number word up to twenty as digits, anything else unchanged (TallyQA). */
    public static String numeral(String answer) {
        String word = answer.toLowerCase(Locale.ROOT);
        int number = word.equals("none") ? 0 : NUMERALS.indexOf(word);
        return number < 0 ? answer : String.valueOf(number);
    }
}
