package dev.fovea.models.jetformer;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.checkpoint.Weights;
import dev.fovea.config.Configs;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.Mixing;
import dev.fovea.eval.Evaluator;
import dev.fovea.image.Preprocess;
import dev.fovea.models.jet.FlowReport;
import dev.fovea.models.jet.SampleGrids;
import dev.fovea.nn.Params;
import dev.fovea.tensor.Scope;
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
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Trains a JetFormer from its configuration into a run folder, which is a model folder too when the run has ended. The
 * same call on the folder of an interrupted run takes it up where its newest checkpoint left it.
 */
public final class JetFormerTraining implements Training {

    private final JetFormerTrainingConfig config;
    private final Path folder;

    public JetFormerTraining(JetFormerTrainingConfig config, Path folder) {
        this.config = config;
        this.folder = folder;
    }

    @Override
    public Outcome run(Progress progress, Consumer<Trainer> started) {
        return run(Datasets.open(config.data()), Datasets.openEval(config.data()), progress, started);
    }

    /** Trains on data at hand. */
    public Outcome run(ImageDataset data, ImageDataset evalData, Progress progress, Consumer<Trainer> started) {
        Configs.write(config, RunFolder.config(folder));
        var texts = new TextSource(config.texts(), config.textColumn());
        Vocabulary vocabulary = texts.vocabulary(data, config.model().textLength());
        JetFormerConfig sizes =
                config.model().withVocabulary(vocabulary.entries().size());
        long steps = config.train().totalSteps(data.size());
        try (Params params = params().trainable()) {
            JetFormer model = JetFormer.of(params, sizes);
            var loss = new JetFormerLoss(model, config.loss());
            SequencedMap<String, Evaluator> evaluators = evaluators(loss, texts, vocabulary, evalData);
            return PictureRun.of(config, Mixing.NONE, data, params, folder, started, (trainer, batches) -> {
                Outcome outcome = trainer.run(
                        new JetFormerObjective(
                                loss, texts, vocabulary, steps * config.train().accumulate()),
                        new JetFormerObjective.Steps(batches),
                        evaluators,
                        progress);
                new JetFormerCard(sizes, vocabulary, config.preprocess()).write(folder);
                if (!outcome.stopped()) {
                    FlowReport.write(folder, outcome.metrics(), PictureRun.subtitle(config, params, data));
                }
                return outcome;
            });
        }
    }

    private SequencedMap<String, Evaluator> evaluators(
            JetFormerLoss loss, TextSource texts, Vocabulary vocabulary, ImageDataset evalData) {
        ImageDataset some = config.evalExamples() == null ? evalData : evalData.first(config.evalExamples());
        var evaluators = new LinkedHashMap<String, Evaluator>();
        evaluators.put(
                FlowReport.EVALUATED,
                new JetFormerEvaluation(
                        loss,
                        texts,
                        vocabulary,
                        some,
                        new Preprocess(config.preprocess()),
                        config.evalBatch(),
                        config.evalDraws(),
                        config.data().load()));
        if (config.samples() > 0) {
            List<String> wanted = texts.wanted(some, vocabulary, config.samples());
            var temperatures = new Temperatures(config.temperature(), 1);
            evaluators.put(
                    "samples",
                    new SampleGrids(
                            folder,
                            () -> JetFormerModel.generate(
                                    loss.model(), vocabulary, wanted, config.guidance(), temperatures)));
        }
        return evaluators;
    }

    /** Fresh ones, but for the principal components, which a file has. */
    private Params params() {
        Path file = config.pcaFile();
        if (file == null) {
            return Params.fresh(config.train().seed());
        }
        var tensors = new LinkedHashMap<String, Tensor>();
        try (Weights weights = Checkpoints.open(file);
                var scope = new Scope()) {
            for (String name : List.of("components", "explained_variance", "mean")) {
                tensors.put(
                        "pca." + name,
                        scope.release(Checkpoints.tensor(weights.tensor(name + "_"))
                                .to(ScalarType.Float)
                                .clone()));
            }
        }
        return Params.of(tensors, config.train().seed());
    }
}
