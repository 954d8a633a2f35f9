package dev.fovea.data.drawn;

import java.awt.geom.Path2D;

/** Capital letters as strokes on a grid of 4 columns and 6 rows, y downwards. */
final class Glyphs {

    /** From one letter's left edge to the next one's. */
    static final int ADVANCE = 6;

    static final int WIDTH = 4;
    static final int HEIGHT = 6;

    // One string a letter, A to Z: strokes parted by a blank, points as two digits, column and row.
    private static final String[] STROKES = {
        "062046 1434", // A
        "06003041423303 3344453606", // B
        "4130100105163645", // C
        "06003041453606", // D
        "40000646 0333", // E
        "400006 0333", // F
        "41301001051636454323", // G
        "0006 4046 0343", // H
        "1030 2026 1636", // I
        "404536160504", // J
        "0006 400346", // K
        "000646", // L
        "0600234046", // M
        "06004640", // N
        "103041453616050110", // O
        "06003041423303", // P
        "103041453616050110 2446", // Q
        "06003041423303 2346", // R
        "413010010213334445361605", // S
        "0040 2026", // T
        "000516364540", // U
        "002640", // V
        "0016233640", // W
        "0046 4006", // X
        "002340 2326", // Y
        "00400646", // Z
    };

    private Glyphs() {}

    /** The strokes of a word, its upper left corner at the origin. */
    static Path2D word(String word) {
        var path = new Path2D.Double();
        for (int i = 0; i < word.length(); i++) {
            char letter = word.charAt(i);
            if (letter < 'A' || letter > 'Z') {
                throw new IllegalArgumentException("word: wanted letters A to Z, found " + word);
            }
            boolean begun = false;
            String strokes = STROKES[letter - 'A'];
            for (int p = 0; p < strokes.length(); p++) {
                if (strokes.charAt(p) == ' ') {
                    begun = false;
                    continue;
                }
                double x = i * (double) ADVANCE + (strokes.charAt(p) - '0');
                double y = strokes.charAt(++p) - '0';
                if (begun) {
                    path.lineTo(x, y);
                } else {
                    path.moveTo(x, y);
                    begun = true;
                }
            }
        }
        return path;
    }

    /** How wide a word is. */
    static int width(String word) {
        return (word.length() - 1) * ADVANCE + WIDTH;
    }
}
