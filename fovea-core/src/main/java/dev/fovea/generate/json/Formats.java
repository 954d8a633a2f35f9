package dev.fovea.generate.json;

import java.util.Map;

/** What strings of a {@code format} look like; every match is one, and not every one a match. */
final class Formats {

    private static final String DAY =
            "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))";
    private static final String TIME = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:Z|[+-](?:0\\d|1[0-4]):[0-5]\\d)";
    private static final String BYTE = "(?:\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])";

    /** Patterns by format. */
    static final Map<String, String> PATTERNS = Map.of(
            "date", "^\\d{4}-" + DAY + "$",
            "time", "^" + TIME + "$",
            "date-time", "^\\d{4}-" + DAY + "T" + TIME + "$",
            "uuid", "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            "ipv4", "^" + BYTE + "(?:\\." + BYTE + "){3}$",
            "email", "^[A-Za-z0-9_+-]{1,64}@[a-z0-9]{1,63}(?:\\.[a-z0-9]{1,63}){1,4}$");

    private Formats() {}
}
