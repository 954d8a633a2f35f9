package dev.fovea.models.jet;

import dev.fovea.checkpoint.Checkpoints;
import dev.fovea.config.Configs;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.Mixing;
import dev.fovea.eval.Evaluator;
import dev.fovea.image.Preprocess;
import dev.fovea.nn.Params;
import dev.fovea.train.Outcome;
import dev.fovea.train.PictureRun;
import dev.fovea.train.Progress;
import dev.fovea.train.RunFolder;
import dev.fovea.train.Trainer;
import dev.fovea.train.Training;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Trains a Jet from its configuration into a run folder, which is a model folder too when the run has ended. The same
 * call on the folder of an interrupted run takes it up where its newest checkpoint left it.
 */
public final class JetTraining implements Training {

    private static final long SAMPLE_SEED = 0;

    private final JetTrainingConfig config;
    private final Path folder;

    public JetTraining(JetTrainingConfig config, Path folder) {
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
        var card = new JetCard(config.model(), config.preprocess());
        try (Params params = params().trainable()) {
            Jet jet = Jet.of(params, config.model());
            params.requireNoLeftovers();
            SequencedMap<String, Evaluator> evaluators = evaluators(jet, evalData);
            return PictureRun.of(config, Mixing.NONE, data, params, folder, started, (trainer, batches) -> {
                JetObjective objective = config.reversible()
                        ? JetObjective.reversible(jet, params, config.contextDrop())
                        : JetObjective.of(jet, config.contextDrop());
                Outcome outcome = trainer.run(objective, batches, evaluators, progress);
                card.write(folder);
                if (!outcome.stopped()) {
                    FlowReport.write(folder, outcome.metrics(), PictureRun.subtitle(config, params, data));
                }
                return outcome;
            });
        }
    }

    private SequencedMap<String, Evaluator> evaluators(Jet jet, ImageDataset evalData) {
        ImageDataset some = config.evalExamples() == null ? evalData : evalData.first(config.evalExamples());
        var evaluators = new LinkedHashMap<String, Evaluator>();
        evaluators.put(
                FlowReport.EVALUATED,
                new JetEvaluation(
                        jet,
                        ScalarType.Float,
                        some,
                        new Preprocess(config.preprocess()),
                        config.evalBatch(),
                        config.evalDraws(),
                        config.data().load()));
        if (config.samples() > 0) {
            evaluators.put(
                    "samples",
                    new SampleGrids(
                            folder, () -> JetSampler.sample(jet, config.samples(), config.temperature(), SAMPLE_SEED)));
        }
        return evaluators;
    }

    private Params params() {
        if (config.init() == null) {
            return Params.fresh(config.train().seed());
        }
        JetCard from = JetCard.read(config.init());
        if (!from.model().equals(config.model())) {
            throw new IllegalArgumentException(
                    "%s: has %s, the model section wants %s".formatted(config.init(), from.model(), config.model()));
        }
        return Params.of(Checkpoints.own(config.init().resolve("model.safetensors")));
    }
}
