package dev.fovea.train;

import dev.fovea.data.DataConfig;
import dev.fovea.data.ImageBatches;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.Mixing;
import dev.fovea.image.Preprocess;
import dev.fovea.image.Step;
import dev.fovea.nn.Params;
import dev.fovea.optim.Horizon;
import dev.fovea.optim.OptimConfig;
import dev.fovea.optim.Optimizer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** What all runs over pictures share: the optimizer, the batches and the trainer that a configuration asks for. */
public final class PictureRun {

    /** The sections that every such configuration has; {@code augment} takes a decoded picture to the network's input. */
    public interface Config {
        DataConfig data();

        List<Step> augment();

        OptimConfig optim();

        TrainConfig train();
    }

    private PictureRun() {}

    /**
     * Opens what the run needs, hands it to {@code body} and closes it.
     *
     * @param params what is trained
     * @param started is given the trainer before its first step, to stop it from another thread
     * @param body runs the trainer over the batches, and does what follows while the parameters are there
     */
    public static Outcome of(
            Config config,
            Mixing mixing,
            ImageDataset data,
            Params params,
            Path folder,
            Consumer<Trainer> started,
            BiFunction<Trainer, ImageBatches, Outcome> body) {
        TrainConfig train = config.train();
        long steps = train.totalSteps(data.size());
        var horizon = new Horizon(steps, (long) train.batchSize(), data.size());
        try (var optimizer = Optimizer.of(config.optim(), params.table(), horizon);
                var batches = ImageBatches.training(
                        data,
                        new Preprocess(config.augment()),
                        train.microBatchSize(),
                        train.seed(),
                        mixing,
                        config.data().load())) {
            var trainer = new Trainer(train, steps, params.table(), optimizer, folder);
            started.accept(trainer);
            return body.apply(trainer, batches);
        }
    }

    /** What a report says below its title: how much was trained on what. */
    public static String subtitle(Config config, Params params, ImageDataset data) {
        return "%,d parameters, %,d training examples from %s"
                .formatted(params.count(), data.size(), config.data().path());
    }
}
