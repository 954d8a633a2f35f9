package dev.fovea.models.vmoe;

import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Pool;

/**
 * Multiply-adds of one picture's forward pass: {@code 4 D² N + 2 N² D + 2 D F N} a block, patches and head besides. Where
 * a block has experts, {@code 2 D F} is paid for each row that they compute, and {@code D E N} for the router.
 *
 * @param padded with every slot of the experts' buffers, which is what fixed buffers cost
 * @param useful with the slots that tokens filled alone, which is what it costs on a CPU
 */
public record Compute(double padded, double useful) {

    /** Of a network without experts. */
    public static Compute of(VitConfig c) {
        int tokens = c.numPatches() + (c.pool() == Pool.TOK ? 1 : 0);
        double all = c.depth() * (attention(c, tokens) + mlp(c, c.mlpDim()) * tokens) + ends(c);
        return new Compute(all, all);
    }

    /** Of a network with experts, by what was counted of their use. */
    public static Compute of(VmoeConfig c, Usage usage) {
        VitConfig v = c.vit();
        int tokens = c.numTokens();
        int f = c.moe().mlpDim() == null ? v.mlpDim() : c.moe().mlpDim();
        double padded = ends(v);
        double useful = padded;
        int copies = 1;
        for (int i = 0; i < v.depth(); i++) {
            Usage.Block block = usage.blocks().get(i);
            if (block == null) {
                double dense = copies * (attention(v, tokens) + mlp(v, v.mlpDim()) * tokens);
                padded += dense;
                useful += dense;
            } else {
                copies = c.moe().router().ensemble();
                double router = (double) v.width() * block.routerColumns() * tokens;
                double rest = copies * attention(v, tokens) + router;
                padded += rest + mlp(v, f) * block.slots() / usage.images();
                useful += rest + mlp(v, f) * block.rows() / usage.images();
            }
        }
        return new Compute(padded, useful);
    }

    private static double attention(VitConfig c, int tokens) {
        double d = c.width();
        return 4 * d * d * tokens + 2.0 * tokens * tokens * d;
    }

    /** Of one token. */
    private static double mlp(VitConfig c, int mlpDim) {
        return 2.0 * c.width() * mlpDim;
    }

    private static double ends(VitConfig c) {
        double patch = 3.0 * c.patch().height() * c.patch().width();
        double rep = (double) c.width() * c.repSize();
        return c.numPatches() * patch * c.width() + rep + (double) c.outputWidth() * c.numClasses();
    }
}
