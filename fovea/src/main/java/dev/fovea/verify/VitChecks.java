package dev.fovea.verify;

import dev.fovea.models.vit.PositionTables;
import dev.fovea.models.vit.Size;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Vision Transformer against big_vision. */
final class VitChecks {

    private static final Pattern RESAMPLED = Pattern.compile("new_((\\d+)x(\\d+)_to_(\\d+)x(\\d+))");

    private VitChecks() {}

    /** Learned positions on another grid. */
    static void positions(Case c) {
        for (String name : c.expected().keySet()) {
            Matcher m = RESAMPLED.matcher(name);
            if (m.matches()) {
                Size from = new Size(Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3)));
                Size to = new Size(Integer.parseInt(m.group(4)), Integer.parseInt(m.group(5)));
                c.compare(name, PositionTables.resampleAligned(c.tensor("old_" + m.group(1)), from, to));
            }
        }
    }
}
