package dev.fovea.cli.hub;

import java.util.regex.Pattern;

/**
 * A file of a model on the hub.
 *
 * @param path in the model's folder, with slashes
 * @param size in bytes
 * @param etag what its content is known by: SHA-256 of large files, git's SHA-1 of others
 */
record RemoteFile(String path, long size, String etag) {

    private static final Pattern ETAG = Pattern.compile("[0-9A-Za-z_-]{1,128}");

    RemoteFile {
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..") || part.contains("\\") || part.contains(":")) {
                throw new HubException("the hub names a file '%s', which leads out of a folder".formatted(path));
            }
        }
        if (!ETAG.matcher(etag).matches()) {
            throw new HubException("%s: the hub's etag is '%s'".formatted(path, etag));
        }
        if (size < 0) {
            throw new HubException("%s: the hub does not say how large it is".formatted(path));
        }
    }

    /** Whether its content is known by a SHA-256. */
    boolean hasSha256() {
        return etag.matches("[0-9a-f]{64}");
    }

    /** Whether its content is known by git's SHA-1. */
    boolean hasGitSha1() {
        return etag.matches("[0-9a-f]{40}");
    }
}
