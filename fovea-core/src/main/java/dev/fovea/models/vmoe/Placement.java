package dev.fovea.models.vmoe;

import dev.fovea.config.TypeKey;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Which blocks have experts; blocks are counted from 0 (arXiv 2106.05974, section 3.1). */
@TypeKey("rule")
public sealed interface Placement {

    /** Blocks n-1, 2n-1, 3n-1, ... */
    record Every(int n) implements Placement {
        public Every {
            requirePositive(n);
        }
    }

    /** The last n of the blocks 1, 3, 5, ... */
    record Last(int n) implements Placement {
        public Last {
            requirePositive(n);
        }
    }

    /** The blocks named; none of them makes a dense network. */
    record At(List<Integer> blocks) implements Placement {
        public At {
            blocks = List.copyOf(new TreeSet<>(blocks));
        }
    }

    /**
     * The blocks with experts of a network of {@code depth} blocks, ascending.
     *
     * @throws IllegalArgumentException where the network has no such blocks
     */
    default List<Integer> blocks(int depth) {
        List<Integer> all =
                switch (this) {
                    case Every(int n) ->
                        IntStream.range(0, depth)
                                .filter(i -> (i + 1) % n == 0)
                                .boxed()
                                .toList();
                    case Last(int n) -> {
                        List<Integer> odd = IntStream.range(0, depth)
                                .filter(i -> i % 2 == 1)
                                .boxed()
                                .toList();
                        if (odd.size() < n) {
                            throw new IllegalArgumentException(
                                    "placement last %d: a network of %d blocks has %d odd ones"
                                            .formatted(n, depth, odd.size()));
                        }
                        yield odd.subList(odd.size() - n, odd.size());
                    }
                    case At(List<Integer> blocks) -> blocks;
                };
        for (int i : all) {
            if (i < 0 || i >= depth) {
                throw new IllegalArgumentException(
                        "placement: no block %d in a network of %d blocks".formatted(i, depth));
            }
        }
        return all;
    }

    private static void requirePositive(int n) {
        if (n < 1) {
            throw new IllegalArgumentException("n: found %d, wanted at least 1".formatted(n));
        }
    }
}
