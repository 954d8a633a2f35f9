package dev.fovea.eval;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The VQAv2 score of a short answer against several people's (visualqa.org/evaluation.html), with the normalisation of the
 * official script and its quirks: a comma between digits anywhere makes every punctuation mark vanish instead of becoming
 * a blank, and a full stop goes unless a digit follows.
 */
public final class VqaAnswer {

    /** As many people must agree for the full score. */
    private static final double ENOUGH = 3;

    private static final String PUNCTUATION = ";/[]\"{}()=+\\_-><@`,?!";
    private static final Pattern DIGIT_COMMA = Pattern.compile("\\p{Nd},\\p{Nd}");
    private static final Pattern FULL_STOP = Pattern.compile("\\.(?!\\p{Nd})");
    private static final Pattern BLANKS = Pattern.compile("[\\s\\x1c-\\x1f]+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern OUTER_BLANKS =
            Pattern.compile("\\A" + BLANKS + "|" + BLANKS + "\\z", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Set<String> ARTICLES = Set.of("a", "an", "the");
    private static final Map<String, String> WORDS = words();

    private VqaAnswer() {}

    /** Mean over the people of min(1, matches among the others / 3). Nothing is normalised where all people agree. */
    public static double score(String answer, List<String> people) {
        String own = stripped(answer);
        List<String> others = people.stream().map(VqaAnswer::stripped).toList();
        if (new HashSet<>(others).size() > 1) {
            own = normalized(own);
            others = others.stream().map(VqaAnswer::normalized).toList();
        }
        double sum = 0;
        for (int leftOut = 0; leftOut < others.size(); leftOut++) {
            int matches = 0;
            for (int i = 0; i < others.size(); i++) {
                matches += i != leftOut && others.get(i).equals(own) ? 1 : 0;
            }
            sum += Math.min(1, matches / ENOUGH);
        }
        return sum / others.size();
    }

    /** Line ends and tabs as blanks, none at the ends. */
    public static String stripped(String text) {
        String spaced = text.replace('\n', ' ').replace('\t', ' ');
        return OUTER_BLANKS.matcher(spaced).replaceAll("");
    }

    /** Lower case without articles and punctuation, apostrophes put back, numbers up to ten as digits. */
    public static String normalized(String text) {
        boolean digitComma = DIGIT_COMMA.matcher(text).find();
        String out = text;
        for (int i = 0; i < PUNCTUATION.length(); i++) {
            char p = PUNCTUATION.charAt(i);
            boolean besideBlank = text.contains(p + " ") || text.contains(" " + p);
            out = out.replace(String.valueOf(p), digitComma || besideBlank ? "" : " ");
        }
        out = FULL_STOP.matcher(out).replaceAll("");
        return BLANKS.splitAsStream(out.toLowerCase(Locale.ROOT))
                .filter(word -> !word.isEmpty() && !ARTICLES.contains(word))
                .map(word -> WORDS.getOrDefault(word, word))
                .collect(Collectors.joining(" "));
    }

    /** Each form with one apostrophe left out stands for the form. */
    private static Map<String, String> words() {
        var words = new HashMap<String, String>();
        String forms = """
                ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't
                he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't
                must've needn't not've o'clock oughtn't 'ow's'at shan't she'd've should've shouldn't shouldn't've
                somebody'd've somebody'll somebody's someone'd someone'd've someone'll someone's something'd
                something'd've something'll that's there'd there'd've there're there's they'd they'd've they'll they're
                they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's where'd where's where've
                who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've y'all y'all'll
                y'all'd've you'd you'd've you'll you're you've
                """;
        for (String form : BLANKS.split(forms.strip(), -1)) {
            for (int i = form.indexOf('\''); i >= 0; i = form.indexOf('\'', i + 1)) {
                words.put(form.substring(0, i) + form.substring(i + 1), form);
            }
        }
        words.put("somebody'd", "somebodyd"); // the official script has this one the wrong way round
        List<String> numbers =
                List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");
        for (int n = 0; n < numbers.size(); n++) {
            words.put(numbers.get(n), String.valueOf(n));
        }
        words.put("none", "0");
        return words;
    }
}
