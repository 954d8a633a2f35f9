package dev.fovea.models.jetformer;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.config.Configs;
import dev.fovea.data.ImageDataset;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocess;
import dev.fovea.models.jet.PictureTensors;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import dev.fovea.tensor.Tensors;
import dev.fovea.train.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A trained JetFormer: pictures from texts, texts from pictures, and how likely either is. By one thread at a time. */
public final class JetFormerModel implements AutoCloseable {

    private final JetFormerCard card;
    private final @Nullable JetFormerTrainingConfig run;
    private final Params params;
    private final JetFormer model;

    private JetFormerModel(JetFormerCard card, @Nullable JetFormerTrainingConfig run, Params params) {
        this.card = card;
        this.run = run;
        this.params = params;
        try {
            model = JetFormer.of(params, card.model());
            params.requireNoLeftovers();
        } catch (RuntimeException e) {
            params.close();
            throw e;
        }
    }

    /** Whether a folder holds a JetFormer. */
    public static boolean isJetFormer(Path folder) {
        return JetFormerCard.isThere(folder);
    }

    /** Opens a run or model folder. */
    public static JetFormerModel open(Path folder) {
        return open(folder, false);
    }

    /** The same, and with {@code doubles} in float64. */
    public static JetFormerModel open(Path folder, boolean doubles) {
        Path config = RunFolder.config(folder);
        return new JetFormerModel(
                JetFormerCard.read(folder),
                Files.exists(config) ? Configs.read(JetFormerTrainingConfig.class, config, List.of()) : null,
                Params.of(Checkpoints.own(RunFolder.model(folder), doubles)));
    }

    /** How the model was trained, or null where the folder is no run's. */
    public @Nullable JetFormerTrainingConfig run() {
        return run;
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

    /** Texts to draw pictures for: the model's classes in turn, or the texts of a data set's pictures. */
    public List<String> textsToDraw(ImageDataset data, int count) {
        String column = run == null ? JetFormerTrainingConfig.TEXT_COLUMN : run.textColumn();
        return new TextSource(card.vocabulary().kind(), column).wanted(data, card.vocabulary(), count);
    }

    /** Pictures as the model sees them: preprocessed, and grey where it knows no colours. */
    public List<Image> seen(List<Image> images) {
        try (var _ = new Scope()) {
            return PictureTensors.toImages(PictureTensors.centred(tensor(images)));
        }
    }

    /** Whether training asked for texts after pictures; taken for granted where no run says otherwise. */
    public boolean reads() {
        return run == null || run.loss().textFirst() < 1;
    }

    /** Whether training asked for pictures after texts; likewise. */
    public boolean draws() {
        return run == null || run.loss().textFirst() > 0;
    }

    JetFormer model() {
        return model;
    }

    Preprocess pipeline() {
        return new Preprocess(card.preprocess());
    }

    /** Pictures as the model takes them, in the type of its weights. */
    Tensor tensor(List<Image> images) { // [B, H, W, c]
        JetFormerConfig c = card.model();
        return PictureTensors.of(images, pipeline(), c.image(), c.channels())
                .to(model.image().weight().scalar_type());
    }
}
