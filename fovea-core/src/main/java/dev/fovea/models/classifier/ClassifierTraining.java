package dev.fovea.models.classifier;

import dev.fovea.config.Configs;
import dev.fovea.data.Datasets;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.Mixing;
import dev.fovea.eval.Evaluator;
import dev.fovea.image.Preprocess;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vmoe.VmoeConfig;
import dev.fovea.nn.Params;
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
import java.util.stream.IntStream;

/**
 * Trains a classifier from its configuration into a run folder, which is a model folder too when the run has ended. The
 * same call on the folder of an interrupted run takes it up where its newest checkpoint left it.
 */
public final class ClassifierTraining implements Training {

    /** What the metrics call the split that is evaluated. */
    private static final String EVALUATED = "eval";

    private final ClassifierConfig config;
    private final Path folder;

    public ClassifierTraining(ClassifierConfig config, Path folder) {
        this.config = config;
        this.folder = folder;
    }

    /** Trains on the data that the configuration names. */
    @Override
    public Outcome run(Progress progress, Consumer<Trainer> started) {
        return run(Datasets.open(config.data()), Datasets.openEval(config.data()), progress, started);
    }

    /**
     * Trains on data at hand.
     *
     * @param started is given the trainer before its first step, to stop it from another thread
     */
    public Outcome run(ImageDataset data, ImageDataset evalData, Progress progress, Consumer<Trainer> started) {
        int numClasses = numClasses(data, evalData);
        VitConfig vit = config.model().toVit(numClasses);
        VmoeConfig vmoe = config.toVmoe(numClasses);
        var card = ModelCard.of(
                vit, vmoe, data.classNames().size() == numClasses ? data.classNames() : List.of(), config.preprocess());
        Configs.write(config, RunFolder.config(folder));
        var mixing = config.labelSmoothing() > 0 || config.mixup() > 0
                ? new Mixing(numClasses, config.labelSmoothing(), config.mixup())
                : Mixing.NONE;
        try (Params params = ClassifierInit.params(config, vit, vmoe).trainable()) {
            Network model = Network.of(params, vit, vmoe);
            var evaluation = new ClassifierEvaluation(
                    model,
                    evalData,
                    new Preprocess(config.preprocess()),
                    config.evalBatch(),
                    config.data().load());
            SequencedMap<String, Evaluator> evaluators = new LinkedHashMap<>();
            evaluators.put(EVALUATED, evaluation);
            return PictureRun.of(config, mixing, data, params, folder, started, (trainer, batches) -> {
                Outcome outcome = trainer.run(
                        new ClassifierObjective(model, config.loss(), numClasses), batches, evaluators, progress);
                card.write(folder);
                if (!outcome.stopped()) {
                    ClassifierReport.write(
                            folder, card, evalData, evaluation.run(), PictureRun.subtitle(config, params, data));
                }
                return outcome;
            });
        }
    }

    private static int numClasses(ImageDataset data, ImageDataset evalData) {
        int named = Math.max(data.classNames().size(), evalData.classNames().size());
        if (named > 0) {
            return named;
        }
        int largest = IntStream.range(0, Math.toIntExact(data.size()))
                .map(data::label)
                .max()
                .orElse(-1);
        if (largest < 0) {
            throw new IllegalArgumentException("the training data has no labels, and a classifier needs them");
        }
        return largest + 1;
    }
}
