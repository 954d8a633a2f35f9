package dev.fovea.models.jet;

import dev.fovea.models.vit.Size;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** A share of a latent's values. The flow gives every value back to the place of a pixel, so that a latent has places too. */
public enum LatentPart {
    /** Columns of tokens from the left. */
    LEFT,
    /** Rows of tokens from the top. */
    TOP,
    /** The first values of every token. */
    CHANNELS,
    /** Whole tokens by chance. */
    TOKENS,
    /** Single values by chance. */
    VALUES;

    /**
     * 1 for the values of a share and 0 for the others: the number of columns, rows, channels, tokens or values that comes
     * nearest to it.
     *
     * @param share 0 for nothing, 1 for all
     * @param seed of what is chosen by chance; a larger share holds the smaller one of the same seed
     */
    float[] mask(JetConfig c, double share, long seed) { // [N, C]
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share: found %s, wanted 0 to 1".formatted(share));
        }
        Size grid = c.grid();
        int width = c.tokenWidth();
        int[] order = order(count(grid, width), seed);
        long chosen = Math.round(share * order.length);
        var mask = new float[c.numTokens() * width];
        for (int i = 0; i < mask.length; i++) {
            int token = i / width;
            int unit =
                    switch (this) {
                        case LEFT -> token % grid.width();
                        case TOP -> token / grid.width();
                        case CHANNELS -> i % width;
                        case TOKENS -> token;
                        case VALUES -> i;
                    };
            mask[i] = order[unit] < chosen ? 1 : 0;
        }
        return mask;
    }

    private int count(Size grid, int width) {
        return switch (this) {
            case LEFT -> grid.width();
            case TOP -> grid.height();
            case CHANNELS -> width;
            case TOKENS -> grid.height() * grid.width();
            case VALUES -> grid.height() * grid.width() * width;
        };
    }

    /** When each unit is chosen. */
    private int[] order(int count, long seed) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        if (this == TOKENS || this == VALUES) {
            Collections.shuffle(order, new Random(seed));
        }
        return order.stream().mapToInt(Integer::intValue).toArray();
    }
}
