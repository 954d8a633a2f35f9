package dev.fovea.data.drawn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Captions and questions of a picture, from its figures. */
final class Texts {

    private static final List<String> NUMBERS = List.of(
            "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve");

    private Texts() {}

    static String caption(Task task, List<Figure> figures) {
        if (figures.isEmpty()) {
            return "nothing to be seen";
        }
        Figure first = figures.getFirst();
        if (task == Task.WORD) {
            return "the word %s in %s".formatted(first.name(), first.colour());
        }
        if (figures.size() == 1) {
            return "%s %s %s".formatted(article(first.described()), first.described(), place(first));
        }
        Map<String, Integer> counts = new LinkedHashMap<>();
        figures.forEach(f -> counts.merge(f.described(), 1, Integer::sum));
        List<String> parts = new ArrayList<>();
        counts.forEach(
                (what, n) -> parts.add(n == 1 ? article(what) + " " + what : NUMBERS.get(n) + " " + plural(what)));
        int last = parts.size() - 1;
        return last == 0 ? parts.getFirst() : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
    }

    static List<Question> questions(Task task, List<Figure> figures, SplittableRandom random) {
        List<Question> questions = new ArrayList<>();
        if (task == Task.WORD) {
            for (Figure word : figures) {
                questions.add(new Question("what word is written?", word.name()));
                questions.add(
                        new Question("what colour is the word?", word.colour().toString()));
                questions.add(new Question(
                        "how many letters has the word?",
                        NUMBERS.get(word.name().length())));
            }
            return questions;
        }
        questions.add(new Question("how many figures are there?", NUMBERS.get(figures.size())));
        for (Figure f : figures) {
            if (figures.stream().filter(o -> o.colour() == f.colour()).count() == 1) {
                questions.add(new Question("what shape is the %s figure?".formatted(f.colour()), f.name()));
            }
            if (figures.stream().filter(o -> o.name().equals(f.name())).count() == 1) {
                questions.add(new Question(
                        "what colour is the %s?".formatted(f.name()), f.colour().toString()));
                questions.add(new Question("where is the %s?".formatted(f.name()), Position.NAMES.get(f.position())));
            }
        }
        Colour colour = Colour.ALL.get(random.nextInt(Colour.ALL.size()));
        String shape = Shape.ALL.get(random.nextInt(Shape.ALL.size())).toString();
        if (!figures.isEmpty() && random.nextBoolean()) {
            Figure there = figures.get(random.nextInt(figures.size()));
            colour = there.colour();
            shape = there.name();
        }
        String asked = colour + " " + shape;
        boolean yes = figures.stream().anyMatch(f -> f.described().equals(asked));
        questions.add(new Question("is there %s %s?".formatted(article(asked), asked), yes ? "yes" : "no"));
        long count = figures.stream().filter(f -> f.described().equals(asked)).count();
        questions.add(new Question("how many %s are there?".formatted(plural(asked)), NUMBERS.get((int) count)));
        return questions;
    }

    private static String place(Figure f) {
        String name = Position.NAMES.get(f.position());
        return (name.equals("left") || name.equals("right") ? "on the " : name.equals("centre") ? "in the " : "at the ")
                + name;
    }

    private static String article(String words) {
        return "aeiou".indexOf(words.charAt(0)) >= 0 ? "an" : "a";
    }

    private static String plural(String words) {
        return words.endsWith("s") ? words + "es" : words + "s";
    }
}
