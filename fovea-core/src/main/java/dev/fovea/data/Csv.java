package dev.fovea.data;

import java.util.ArrayList;
import java.util.List;

/** Comma-separated values with quotes (RFC 4180). */
final class Csv {

    /** @param number of the line on which the record begins, counted from 1 */
    record Line(int number, List<String> cells) {}

    private Csv() {}

    static List<Line> parse(Object source, String text) {
        List<Line> records = new ArrayList<>();
        List<String> cells = new ArrayList<>();
        var cell = new StringBuilder();
        boolean quoted = false;
        int line = 1;
        int start = 1;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (quoted) {
                if (i == text.length()) {
                    throw DataFiles.broken(source + ":" + start, "a quoted cell is not closed");
                }
                line += c == '\n' ? 1 : 0;
                if (c != '"') {
                    cell.append(c);
                } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    cell.append('"');
                    i++;
                } else {
                    quoted = false;
                }
            } else if (c == '"' && cell.isEmpty()) {
                quoted = true;
            } else if (c == ',' || c == '\n') {
                cells.add(cell.toString());
                cell.setLength(0);
                if (c == '\n') {
                    if (cells.size() > 1 || !cells.getFirst().isEmpty()) {
                        records.add(new Line(start, List.copyOf(cells)));
                    }
                    cells.clear();
                    start = ++line;
                }
            } else {
                cell.append(c);
            }
        }
        return records;
    }
}
