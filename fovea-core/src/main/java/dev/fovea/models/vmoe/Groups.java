package dev.fovea.models.vmoe;

import org.jspecify.annotations.Nullable;

/**
 * Which tokens are routed together and compete for the experts' slots. What the batch leaves over is a smaller group of
 * its own, so that a batch may have any size.
 *
 * @param images so many pictures a group; 1 is solo routing: a picture's answer does not depend on its neighbours
 * @param tokens so many tokens a group, in storage order, as the authors' configurations have it; with neither, the whole
 *     batch is one group
 */
public record Groups(@Nullable Integer images, @Nullable Integer tokens) {

    /** The whole batch is one group. */
    public static final Groups BATCH = new Groups(null, null);

    /** Each picture is a group of its own. */
    public static final Groups SOLO = new Groups(1, null);

    public Groups {
        if (images != null && tokens != null) {
            throw new IllegalArgumentException("images, tokens: wanted at most one of them, found both");
        }
        if ((images != null && images < 1) || (tokens != null && tokens < 1)) {
            throw new IllegalArgumentException("images %s, tokens %s: wanted at least 1".formatted(images, tokens));
        }
    }

    /** Tokens a group, when a batch has so many and each picture so many of them. */
    int size(long all, long perImage) {
        long size = images != null ? images * perImage : tokens != null ? tokens : all;
        return Math.toIntExact(Math.min(size, all));
    }
}
