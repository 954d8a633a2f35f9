package dev.fovea.cli;

import dev.fovea.data.ImageDataset;
import dev.fovea.image.Image;
import dev.fovea.models.jet.JetModel;
import dev.fovea.models.jetformer.JetFormerModel;
import dev.fovea.models.jetformer.Temperatures;
import java.nio.file.Path;
import java.util.List;

/** A model that draws pictures: a Jet from noise, a JetFormer for its classes in turn or the texts of a data set. */
sealed interface Drawings extends AutoCloseable {

    static boolean isGenerative(Path model) {
        return JetFormerModel.isJetFormer(model) || JetModel.isJet(model);
    }

    static Drawings open(Path model) {
        return JetFormerModel.isJetFormer(model)
                ? new OfJetFormer(JetFormerModel.open(model))
                : new OfJet(JetModel.open(model));
    }

    /** Up to {@code most} of the wanted pictures, from the given one on. */
    List<Image> draw(DrawingOptions options, ImageDataset data, int from, int most);

    /** What each of so many pictures is drawn for; nothing where the model draws from noise alone. */
    List<String> asked(ImageDataset data, int count);

    /** Pictures as the model sees them. */
    List<Image> seen(List<Image> images);

    @Override
    void close();

    record OfJet(JetModel model) implements Drawings {

        @Override
        public List<Image> draw(DrawingOptions options, ImageDataset data, int from, int most) {
            return model.sample(Math.min(most, options.count - from), options.temperature(1), options.seed + from);
        }

        @Override
        public List<String> asked(ImageDataset data, int count) {
            return List.of();
        }

        @Override
        public List<Image> seen(List<Image> images) {
            return model.seen(images);
        }

        @Override
        public void close() {
            model.close();
        }
    }

    record OfJetFormer(JetFormerModel model) implements Drawings {

        private static final double TEMPERATURE = 0.95;

        @Override
        public List<Image> draw(DrawingOptions options, ImageDataset data, int from, int most) {
            int to = Math.min(options.count, from + most);
            return model.generate(
                    asked(data, to).subList(from, to),
                    options.guidance,
                    new Temperatures(options.temperature(TEMPERATURE), 1),
                    options.seed + from);
        }

        @Override
        public List<String> asked(ImageDataset data, int count) {
            return model.textsToDraw(data, count);
        }

        @Override
        public List<Image> seen(List<Image> images) {
            return model.seen(images);
        }

        @Override
        public void close() {
            model.close();
        }
    }
}
