package dev.fovea.models.jetformer;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocess;
import dev.fovea.models.jet.PictureTensors;
import dev.fovea.models.vit.Probe;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A trained JetFormer: pictures from texts, texts from pictures, and how likely either is. By one thread at a time. */
public final class JetFormerModel implements AutoCloseable {

    private final JetFormerCard card;
    private final Params params;
    private final JetFormer model;

    private JetFormerModel(JetFormerCard card, Params params) {
        this.card = card;
        this.params = params;
        try {
            model = JetFormer.of(params, card.model());
            params.requireNoLeftovers();
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    /** Opens a run or model folder. */
    public static JetFormerModel open(Path folder) {
        return new JetFormerModel(
                JetFormerCard.read(folder), Params.of(Checkpoints.own(folder.resolve("model.safetensors"))));
    }

    /** The sizes. */
    public JetFormerConfig config() {
        return card.model();
    }

    /** What texts are made of: the classes where texts are classes. */
    public Vocabulary vocabulary() {
        return card.vocabulary();
    }

    /**
     * A picture for each text; the same seed and texts give the same pictures.
     *
     * @param guidance w, 0 for none: how far towards what sets the text's pictures apart
     * @param temperatures below 1 for likelier pictures
     */
    public List<Image> generate(List<String> texts, double guidance, Temperatures temperatures, long seed) {
        Engine.seed(seed);
        return generate(model, card.vocabulary(), texts, guidance, temperatures);
    }

    static List<Image> generate(
            JetFormer model, Vocabulary vocabulary, List<String> texts, double guidance, Temperatures temperatures) {
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Vocabulary.Ids ids = vocabulary.encode(texts);
            var sampler = new ImageSampler(model, guidance, temperatures);
            Tensor soft =
                    sampler.sample(ids.text(), ids.valid(), _ -> Draws.ENGINE).soft();
            return PictureTensors.toImages(sampler.decode(soft, 1));
        }
    }

    /**
     * A text for each picture.
     *
     * @param temperature 0 for the likeliest token at each step
     * @param topK only so many of the likeliest tokens can be drawn; 0 for all
     */
    public List<String> caption(List<Image> images, double temperature, int topK, long seed) {
        if (card.vocabulary().kind() == Vocabulary.Kind.CLASSES) {
            throw new IllegalStateException("this model draws classes and writes no texts; scores() weighs given ones");
        }
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Tensor soft = encode(images, seed);
            Tensor none = torch.zeros(images.size(), 0).to(ScalarType.Long);
            int length = card.model().textLength();
            Tensor ids = new TextSampler(model, temperature, topK)
                    .sample(soft, none, none.to(ScalarType.Bool), length, _ -> Draws.ENGINE)
                    .ids();
            long[] all = Tensors.toLongs(ids);
            var texts = new ArrayList<String>();
            for (int i = 0; i < images.size(); i++) {
                texts.add(card.vocabulary().decode(Arrays.copyOfRange(all, i * length, (i + 1) * length)));
            }
            return texts;
        }
    }

    /** log p(text | picture) in nats: a row a picture, a column a text. The largest of a row classifies the picture. */
    public double[][] scores(List<Image> images, List<String> texts, long seed) {
        try (var _ = new Scope();
                var _ = new NoGradGuard()) {
            Vocabulary.Ids ids = card.vocabulary().encode(texts);
            double[] all = Tensors.toDoubles(CaptionScores.of(model, encode(images, seed), ids.text(), ids.valid()));
            var rows = new double[images.size()][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(all, i * texts.size(), (i + 1) * texts.size());
            }
            return rows;
        }
    }

    /** Bits per sub-pixel of each picture after its text, with one draw of dequantisation noise. */
    public double[] bits(List<Image> images, List<String> texts, long seed) {
        var bits = new double[images.size()];
        for (int i = 0; i < bits.length; i++) {
            Engine.seed(seed);
            try (var _ = new Scope();
                    var _ = new NoGradGuard()) {
                Tensor image = tensor(images.subList(i, i + 1));
                Vocabulary.Ids ids = card.vocabulary().encode(texts.subList(i, i + 1));
                var batch = new JetFormerLoss.Batch(
                        image,
                        ids.text(),
                        ids.valid(),
                        ids.valid(),
                        torch.ones(new long[] {1}, ids.valid().options()));
                var loss = new JetFormerLoss(model, new LossConfig(1, 1, false, 0, 0, true, 0, 0, false));
                bits[i] = loss.of(batch, LossDraws.evaluation(image), 0, false, Probe.NONE)
                        .value()
                        .item_double();
            }
        }
        return bits;
    }

    @Override
    public void close() {
        params.close();
    }

    /** Soft tokens of pictures under dequantisation noise of a seed. */
    private Tensor encode(List<Image> images, long seed) {
        Engine.seed(seed);
        return model.encode(model.patches(PictureTensors.dequantised(tensor(images))))
                .soft(); // [B, N, d]
    }

    private Tensor tensor(List<Image> images) {
        JetFormerConfig c = card.model();
        return PictureTensors.of(images, new Preprocess(card.preprocess()), c.image(), c.channels());
    }
}
