package dev.fovea.models.vmoe;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * What the experts had to do for a number of pictures. Sums, so that batches add up.
 *
 * @param images pictures
 * @param blocks by number of the block
 */
public record Usage(long images, SequencedMap<Integer, Block> blocks) {

    /** Nothing yet. */
    public static final Usage NONE = new Usage(0, new TreeMap<>());

    /**
     * One block with experts.
     *
     * @param tokens tokens that were routed
     * @param slots rows that full buffers have
     * @param rows rows that tokens filled
     * @param served tokens that met an expert at least once
     * @param load rows of each expert // [E]
     * @param routerColumns columns of the router's weight: experts, or slots of all experts where they are soft
     */
    public record Block(long tokens, long slots, long rows, long served, long[] load, int routerColumns) {

        /** Greatest load over the mean one: 1 where all experts have the same. */
        public double imbalance() {
            long most = 0;
            for (long n : load) {
                most = Math.max(most, n);
            }
            return rows == 0 ? 1 : (double) most * load.length / rows;
        }

        private Block plus(Block o) {
            var sum = load.clone();
            for (int e = 0; e < sum.length; e++) {
                sum[e] += o.load[e];
            }
            return new Block(tokens + o.tokens, slots + o.slots, rows + o.rows, served + o.served, sum, routerColumns);
        }
    }

    /** Of one forward pass over so many pictures. */
    public static Usage of(long images, Map<Integer, List<Routing>> routings) {
        var blocks = new TreeMap<Integer, Block>();
        routings.forEach((i, all) -> all.forEach(routing -> blocks.merge(i, block(routing), Block::plus)));
        return new Usage(images, blocks);
    }

    /** Both together. */
    public Usage plus(Usage o) {
        var sum = new TreeMap<>(blocks);
        o.blocks.forEach((i, block) -> sum.merge(i, block, Block::plus));
        return new Usage(images + o.images, sum);
    }

    private static Block block(Routing routing) {
        return switch (routing) {
            case Routing.Sparse s -> {
                int[] experts = s.routes().expertsOfTokens();
                long served = 0;
                for (int n : experts) {
                    served += n > 0 ? 1 : 0;
                }
                long[] load = s.routes().load();
                yield new Block(experts.length, s.routes().slots(), s.routes().rows(), served, load, load.length);
            }
            case Routing.Soft s -> {
                long tokens = s.combine().size(0) * s.combine().size(1);
                long perExpert = s.combine().size(0) * s.combine().size(3);
                var load = new long[(int) s.combine().size(2)];
                Arrays.fill(load, perExpert);
                long slots = load.length * perExpert;
                yield new Block(
                        tokens,
                        slots,
                        slots,
                        tokens,
                        load,
                        load.length * (int) s.combine().size(3));
            }
        };
    }
}
