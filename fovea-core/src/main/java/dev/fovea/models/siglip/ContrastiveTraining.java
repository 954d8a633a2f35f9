package dev.fovea.models.siglip;

import dev.fovea.config.Configs;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.Mixing;
import dev.fovea.eval.Evaluator;
import dev.fovea.image.Preprocess;
import dev.fovea.models.siglip.ContrastiveConfig.LossKind;
import dev.fovea.models.siglip.ContrastiveConfig.TextSection;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vit.VitConfig.Gelu;
import dev.fovea.nn.Params;
import dev.fovea.report.Environment;
import dev.fovea.report.RunReport;
import dev.fovea.tensor.Scope;
import dev.fovea.text.ByteTokenizer;
import dev.fovea.text.PaddedTokenizer;
import dev.fovea.text.SiglipTokenizer;
import dev.fovea.train.Outcome;
import dev.fovea.train.PictureRun;
import dev.fovea.train.Progress;
import dev.fovea.train.RunFolder;
import dev.fovea.train.Trainer;
import dev.fovea.train.Training;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains two towers from their configuration into a run folder, which {@link SiglipModel#open} opens when the run has
 * ended; in the folder of an interrupted run it goes on from the newest checkpoint.
 */
public final class ContrastiveTraining implements Training {

    /** What the metrics call the split that is evaluated. */
    private static final String EVALUATED = "eval";

    private final ContrastiveConfig config;
    private final Path folder;

    public ContrastiveTraining(ContrastiveConfig config, Path folder) {
        this.config = config;
        this.folder = folder;
    }

    @Override
    public Outcome run(Progress progress, Consumer<Trainer> started) {
        ImageDataset data = Datasets.open(config.data());
        ImageDataset evalData = Datasets.openEval(config.data());
        TextSection text = config.text();
        Path vocabulary = text.tokenizer();
        PaddedTokenizer tokenizer = vocabulary == null ? new ByteTokenizer() : SiglipTokenizer.read(vocabulary);
        SiglipConfig towers = towers(tokenizer.vocabSize());
        Configs.write(config, RunFolder.config(folder));
        var card = new SiglipCard(towers, vocabulary == null, config.preprocess());
        if (vocabulary == null) {
            card.write(folder);
        } else {
            card.write(folder, vocabulary);
        }
        var captions = new Captions(tokenizer, config.textColumn(), text.maxLength());
        try (Params params = initial(towers).trainable()) {
            Siglip model = Siglip.of(params, towers);
            SequencedMap<String, Evaluator> evaluators = new LinkedHashMap<>();
            evaluators.put(
                    EVALUATED,
                    new RetrievalEvaluation(
                            model,
                            captions,
                            evalData,
                            new Preprocess(config.preprocess()),
                            config.evalBatch(),
                            config.data().load()));
            return PictureRun.of(config, Mixing.NONE, data, params, folder, started, (trainer, batches) -> {
                var objective = new ContrastiveObjective(model, captions, config.loss());
                Outcome outcome = trainer.run(objective, batches, evaluators, progress);
                if (!outcome.stopped()) {
                    report(outcome, PictureRun.subtitle(config, params, data));
                }
                return outcome;
            });
        }
    }

    private SiglipConfig towers(int vocabSize) {
        VitConfig vision = config.vision().toVit(0);
        TextSection text = config.text();
        return new SiglipConfig(
                vision,
                new TextConfig(
                        vocabSize,
                        text.maxLength(),
                        text.width(),
                        text.depth(),
                        text.mlpDim(),
                        text.numHeads(),
                        vision.outputWidth(),
                        1e-6,
                        Gelu.TANH),
                config.loss() == LossKind.SIGMOID);
    }

    private Params initial(SiglipConfig towers) {
        Path init = config.init();
        if (init == null) {
            return Params.fresh(config.train().seed());
        }
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var scope = new Scope();
                SiglipModel from = SiglipModel.open(init)) {
            if (!from.model().config().equals(towers)) {
                throw new IllegalArgumentException("init: %s has %s, this configuration wants %s"
                        .formatted(init, from.model().config(), towers));
            }
            from.parameterTable().forEach((name, x) -> tensors.put(name, scope.release(x.clone())));
        }
        return Params.of(tensors);
    }

    private void report(Outcome outcome, String subtitle) {
        var headline = new LinkedHashMap<String, String>();
        var scores = new LinkedHashMap<String, Double>();
        outcome.metrics().forEach((name, value) -> {
            if (name.startsWith(EVALUATED + "/")) {
                String metric = name.substring(EVALUATED.length() + 1);
                scores.put(metric, value);
                headline.put(metric, "%.1f%%".formatted(100 * value));
            }
        });
        new RunReport(
                        String.valueOf(folder.toAbsolutePath().getFileName()),
                        subtitle,
                        headline,
                        RunFolder.readMetrics(folder),
                        RunFolder.readTimings(folder),
                        scores,
                        List.of(),
                        null,
                        null,
                        RunFolder.readConfig(folder),
                        Environment.here(Path.of("")))
                .write(folder);
    }
}
