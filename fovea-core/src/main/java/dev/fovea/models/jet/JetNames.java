package dev.fovea.models.jet;

import static dev.fovea.checkpoint.NameMap.rule;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.Form;
import dev.fovea.checkpoint.NameMap;
import dev.fovea.checkpoint.Weights;
import dev.fovea.models.jet.JetConfig.Kind;
import dev.fovea.models.vit.VitNames;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What published checkpoints of Jet (big_vision) call its parameters. All couplings are stacked along a first axis, and
 * the orders of channels and tokens are matrices of zeros and ones, all zero for couplings of the other kind.
 */
public final class JetNames {

    private static final String CHANNEL_MASKS = "channel_coupling_masks-FREEZE_ME";
    private static final String SPATIAL_MASKS = "spatial_coupling_masks-FREEZE_ME";

    private JetNames() {}

    /** All but the orders. */
    public static NameMap bigVision(JetConfig c) {
        return NameMap.of(
                        rule("enter.weight", "init_proj/kernel", Form.DENSE),
                        rule("enter.bias", "init_proj/bias"),
                        rule("positions", "posemb", Form.LEADING_ONE),
                        rule("leave.weight", "final_proj/kernel", Form.DENSE),
                        rule("leave.bias", "final_proj/bias"))
                .and(VitNames.bigVisionAttention(c.numHeads()).at("context.", ""))
                .and(VitNames.bigVisionUnscannedEncoder(c.numHeads()).at("encoder.", "vit/"))
                .at("couplings.{c}.net.", "couplings/dnn/")
                .ignoring(CHANNEL_MASKS, SPATIAL_MASKS);
    }

    /** All parameters of a published checkpoint under our names. The tensors belong to the caller. */
    public static SequencedMap<String, Tensor> load(Weights weights, JetConfig c, ScalarType type) {
        SequencedMap<String, Tensor> all = bigVision(c).load(weights, type);
        all.putAll(orders(weights, "", c));
        return all;
    }

    /**
     * The orders of channels and tokens under our names, {@code couplings.<i>.order}. The tensors belong to the caller.
     *
     * @param theirs where the flow lies in the checkpoint, such as {@code params_adaptor/}, or empty
     * @throws IllegalArgumentException where a matrix is no permutation or of another size than the configuration's
     */
    public static SequencedMap<String, Tensor> orders(Weights weights, String theirs, JetConfig c) {
        var orders = new LinkedHashMap<String, Tensor>();
        List<Projection> projections = c.projections();
        try (var scope = new Scope()) {
            Tensor channel = masks(weights, theirs + CHANNEL_MASKS, c.depth(), c.tokenWidth());
            Tensor spatial = masks(weights, theirs + SPATIAL_MASKS, c.depth(), c.numTokens());
            for (int i = 0; i < c.depth(); i++) {
                boolean isChannel = projections.get(i).kind() == Kind.CHANNELS;
                Tensor mask = (isChannel ? channel : spatial).select(0, i); // [C, C] or [N, N]
                orders.put(
                        orderName(i),
                        scope.release(Engine.toDevice(
                                order(mask, theirs + (isChannel ? CHANNEL_MASKS : SPATIAL_MASKS) + "[" + i + "]"))));
            }
        }
        return orders;
    }

    /** The published matrices of our orders. They belong to the open scope. */
    public static SequencedMap<String, Tensor> masks(Map<String, Tensor> ours, JetConfig c) {
        var channel = new TensorVector();
        var spatial = new TensorVector();
        List<Projection> projections = c.projections();
        for (int i = 0; i < c.depth(); i++) {
            boolean isChannel = projections.get(i).kind() == Kind.CHANNELS;
            Tensor order = ours.get(orderName(i));
            if (order == null) {
                throw new IllegalArgumentException("there is no %s".formatted(orderName(i)));
            }
            Tensor mask = torch.one_hot(order, order.numel()).t().to(ScalarType.Float); // [C, C] or [N, N]
            channel.push_back(isChannel ? mask : torch.zeros(c.tokenWidth(), c.tokenWidth()));
            spatial.push_back(isChannel ? torch.zeros(c.numTokens(), c.numTokens()) : mask);
        }
        var masks = new LinkedHashMap<String, Tensor>();
        masks.put(CHANNEL_MASKS, torch.stack(channel));
        masks.put(SPATIAL_MASKS, torch.stack(spatial));
        return masks;
    }

    private static String orderName(int coupling) {
        return "couplings.%d.order".formatted(coupling);
    }

    private static Tensor masks(Weights weights, String name, long depth, long size) {
        Tensor x = Checkpoints.tensor(weights.tensor(name));
        if (x.dim() != 3 || x.size(0) != depth || x.size(1) != size || x.size(2) != size) {
            throw new IllegalArgumentException("%s: checkpoint has %s, the model expects [%d, %d, %d]"
                    .formatted(name, Tensors.describe(x), depth, size, size));
        }
        return x;
    }

    /** Column j of the matrix has its one in the row whose value goes to place j. */
    private static Tensor order(Tensor mask, String name) { // [n, n]
        Tensor order = mask.argmax(new LongOptional(0), false); // [n]
        Tensor made = torch.one_hot(order, order.numel()).t().to(mask.scalar_type());
        boolean isPermutation =
                made.equal(mask) && made.sum(1).eq(new Scalar(1)).all().item_bool();
        if (!isPermutation) {
            throw new IllegalArgumentException(name + ": is no permutation matrix");
        }
        return order;
    }
}
