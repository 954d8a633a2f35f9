package dev.fovea.eval;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** How often each run of 1 to n words occurs in a text that is already cut at blanks. */
record NGrams(int words, Map<List<String>, Integer> counts) {

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    static NGrams of(String text, int max) {
        List<String> words =
                BLANKS.splitAsStream(text).filter(word -> !word.isEmpty()).toList();
        var counts = new HashMap<List<String>, Integer>();
        for (int n = 1; n <= max; n++) {
            for (int i = 0; i + n <= words.size(); i++) {
                counts.merge(List.copyOf(words.subList(i, i + n)), 1, Integer::sum);
            }
        }
        return new NGrams(words.size(), counts);
    }
}
