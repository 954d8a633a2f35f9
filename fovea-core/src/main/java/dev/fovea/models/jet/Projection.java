package dev.fovea.models.jet;

import dev.fovea.models.jet.JetConfig.Kind;
import dev.fovea.models.vit.Size;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** How a coupling chooses its halves: an order of channels or tokens, whose first half is seen and second half moved. */
public enum Projection {
    /** Channels in an order drawn once. */
    RANDOM(Kind.CHANNELS),
    /** Tokens whose row and column add up to an even number first. */
    CHECKERBOARD(Kind.SPATIAL),
    CHECKERBOARD_INV(Kind.SPATIAL),
    /** Even columns first. */
    VSTRIPES(Kind.SPATIAL),
    VSTRIPES_INV(Kind.SPATIAL),
    /** Even rows first. */
    HSTRIPES(Kind.SPATIAL),
    HSTRIPES_INV(Kind.SPATIAL);

    private final Kind kind;

    Projection(Kind kind) {
        this.kind = kind;
    }

    /** Along what it orders. */
    public Kind kind() {
        return kind;
    }

    /** All of a kind. */
    public static List<Projection> of(Kind kind) {
        return Arrays.stream(values()).filter(p -> p.kind == kind).toList();
    }

    /** Rows and columns that a half, each of its tokens cut in two, makes as a grid in row-major order. */
    Size halfGrid(Size grid) {
        boolean rows = this == HSTRIPES || this == HSTRIPES_INV;
        return rows ? new Size(grid.height() / 2, 2 * grid.width()) : grid;
    }

    /**
     * The tokens of a grid in this order, by row-major index.
     *
     * @throws IllegalArgumentException where the halves are not of one size
     */
    long[] order(Size grid) {
        int width = grid.width();
        IntPredicate isFirst =
                switch (this) {
                    // The reference adds the row to the index, not to the column: the same on grids of even width.
                    case CHECKERBOARD, CHECKERBOARD_INV -> i -> (i + i / width) % 2 == 0;
                    case VSTRIPES, VSTRIPES_INV -> i -> i % 2 == 0;
                    case HSTRIPES, HSTRIPES_INV -> i -> i / width % 2 == 0;
                    case RANDOM -> throw new IllegalStateException("a random order is drawn, not computed");
                };
        boolean swapped = name().endsWith("_INV");
        int tokens = grid.height() * width;
        long[] seen = half(tokens, i -> isFirst.test(i) != swapped);
        long[] moved = half(tokens, i -> isFirst.test(i) == swapped);
        if (seen.length != moved.length) {
            throw new IllegalArgumentException("%s on a grid of %s: halves of %d and %d tokens, wanted equal ones"
                    .formatted(this, grid, seen.length, moved.length));
        }
        return LongStream.concat(Arrays.stream(seen), Arrays.stream(moved)).toArray();
    }

    private static long[] half(int tokens, IntPredicate belongs) {
        return IntStream.range(0, tokens).filter(belongs).asLongStream().toArray();
    }
}
