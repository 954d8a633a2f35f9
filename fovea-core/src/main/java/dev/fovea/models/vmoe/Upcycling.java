package dev.fovea.models.vmoe;

import dev.fovea.models.vit.VitConfig.Pool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A trained dense Vision Transformer as the beginning of one with experts: where a block gets experts, each of them is a
 * copy of its MLP (arXiv 2212.05055). Routers are left to be drawn.
 */
public final class Upcycling {

    private static final Pattern MLP = Pattern.compile("encoder\\.blocks\\.(\\d+)\\.mlp\\.(up|down)\\.(weight|bias)");

    private Upcycling() {}

    /**
     * The parameters of a dense network under the names and in the shapes of one with experts. Copies belong to the open
     * {@link dev.fovea.tensor.Scope}; what stays alike is the same tensor.
     */
    public static SequencedMap<String, Tensor> experts(SequencedMap<String, Tensor> dense, VmoeConfig c) {
        List<Integer> moe = c.moeBlocks();
        var sparse = new LinkedHashMap<String, Tensor>();
        dense.forEach((name, x) -> {
            Matcher m = MLP.matcher(name);
            if (m.matches() && moe.contains(Integer.valueOf(m.group(1)))) {
                Tensor one = m.group(3).equals("weight") ? x.t() : x; // ours are [out, in], an expert's [in, out]
                sparse.put(
                        "encoder.blocks.%s.moe.experts.%s.%s".formatted(m.group(1), m.group(2), m.group(3)),
                        tiled(one, c.moe().numExperts()));
            } else if (name.equals("position_embedding") && c.vit().pool() == Pool.TOK) {
                // A dense network's class token has no position.
                sparse.put(name, torch.cat(new TensorVector(torch.zeros_like(x.narrow(1, 0, 1)), x), 1));
            } else {
                sparse.put(name, x);
            }
        });
        return sparse;
    }

    private static Tensor tiled(Tensor one, int numExperts) {
        var copies = new TensorVector();
        for (int e = 0; e < numExperts; e++) {
            copies.push_back(one);
        }
        return torch.stack(copies, 0);
    }
}
