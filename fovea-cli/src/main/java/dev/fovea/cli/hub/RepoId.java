package dev.fovea.cli.hub;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model on the hub.
 *
 * @param name {@code organisation/name}, or a name alone for the oldest models
 * @param revision branch, tag or commit
 */
public record RepoId(String name, String revision) {

    private static final String PART = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?";
    private static final Pattern SHAPE =
            Pattern.compile("(%s(?:/%s)?)(?:@([A-Za-z0-9][A-Za-z0-9._/-]*))?".formatted(PART, PART));
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    public RepoId {
        if (revision.contains("..")) {
            throw new HubException("%s@%s: no such revision can exist".formatted(name, revision));
        }
    }

    /** {@code org/name}, or {@code org/name@revision}; the revision is {@code main} where there is none. */
    public static RepoId parse(String text) {
        Matcher m = SHAPE.matcher(text);
        if (!m.matches()) {
            throw new HubException("'%s' is no model's name, wanted organisation/name".formatted(text));
        }
        return new RepoId(m.group(1), m.group(2) == null ? "main" : m.group(2));
    }

    /** Whether the revision is a commit and so never changes. */
    boolean isCommit() {
        return isCommit(revision);
    }

    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    /** The name of its folder in the cache. */
    String folder() {
        return "models--" + name.replace("/", "--");
    }
}
