package dev.fovea.models.classifier;

import dev.fovea.config.Configs;
import dev.fovea.config.Default;
import dev.fovea.image.Preprocess;
import dev.fovea.image.Step;
import dev.fovea.models.vit.PositionTables;
import dev.fovea.models.vit.VitConfig;
import dev.fovea.models.vmoe.MoeConfig;
import dev.fovea.models.vmoe.VmoeConfig;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model folder says beside the weights, in {@code fovea.yaml}.
 *
 * @param vit the network, or what it has in common with one without experts
 * @param moe its experts; absent where it has none
 * @param qkNorm whether attention norms queries and keys; in networks with experts alone
 * @param labels name of each class; empty where there are none
 * @param preprocess from a decoded picture to the network's input
 */
public record ModelCard(
        VitConfig vit,
        @Nullable MoeConfig moe,
        @Default("false") boolean qkNorm,
        @Default("[]") List<String> labels,
        List<Step> preprocess) {

    static final String FILE = "fovea.yaml";

    public ModelCard {
        labels = List.copyOf(labels);
        preprocess = List.copyOf(preprocess);
        if (!labels.isEmpty() && labels.size() != vit.numClasses()) {
            throw new IllegalArgumentException("labels: found %d, wanted one for each of the %d classes"
                    .formatted(labels.size(), vit.numClasses()));
        }
    }

    /** A card of a network with or without experts. */
    static ModelCard of(VitConfig vit, @Nullable VmoeConfig vmoe, List<String> labels, List<Step> preprocess) {
        return new ModelCard(vit, vmoe == null ? null : vmoe.moe(), vmoe != null && vmoe.qkNorm(), labels, preprocess);
    }

    /** The network with experts; null where there are none. */
    public @Nullable VmoeConfig vmoe() {
        return moe == null ? null : new VmoeConfig(vit, moe, qkNorm, PositionTables.TEMPERATURE, 0);
    }

    static ModelCard read(Path folder) {
        return Configs.read(ModelCard.class, folder.resolve(FILE), List.of());
    }

    void write(Path folder) {
        Configs.write(this, folder.resolve(FILE));
    }

    Preprocess pipeline() {
        return new Preprocess(preprocess);
    }

    String label(int classIndex) {
        return labels.isEmpty() ? Integer.toString(classIndex) : labels.get(classIndex);
    }
}
