package dev.fovea.cli;

import dev.fovea.models.classifier.Classifier;
import dev.fovea.models.classifier.RoutingSweep;
import dev.fovea.models.vmoe.Capacity;
import dev.fovea.models.vmoe.Groups;
import dev.fovea.models.vmoe.Order;
import dev.fovea.models.vmoe.Rerouting;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What of a V-MoE's routing can be chosen again without training. */
final class RoutingOptions {

    @Option(
            names = "--capacity",
            split = ",",
            paramLabel = "C",
            description =
                    "slots of an expert in units of an even load, such as 0.1,0.25,0.5,1.0; as trained unless given")
    private List<Double> capacities = List.of();

    @Option(
            names = "--routing",
            split = ",",
            paramLabel = "ORDER",
            description = "who is served first: ${COMPLETION-CANDIDATES}; as trained unless given")
    private List<Order> orders = List.of();

    @Option(names = "--k", split = ",", paramLabel = "N", description = "experts a token; as trained unless given")
    private List<Integer> ks = List.of();

    @Option(
            names = "--group",
            paramLabel = "N",
            description = "so many pictures compete for slots; 1: a picture's answer does not depend on its neighbours")
    private @Nullable Integer group;

    @Option(
            names = "--shuffle",
            paramLabel = "BLOCK",
            split = ",",
            description = "tokens meet the experts of these blocks by lot: what their routers are worth")
    private List<Integer> shuffled = List.of();

    /** The model whose routers of the chosen blocks know nothing of the tokens. */
    Classifier shuffled(Classifier model) {
        Classifier other = model;
        for (int block : shuffled) {
            other = other.shuffled(block);
        }
        return other;
    }

    /** Whether anything was chosen. */
    boolean given() {
        return !capacities.isEmpty() || !orders.isEmpty() || !ks.isEmpty() || group != null;
    }

    /** All settings. */
    RoutingSweep sweep() {
        return new RoutingSweep(capacities, orders, ks, groups());
    }

    /** The model with the one setting that was chosen. */
    Classifier applied(Classifier model) {
        if (capacities.size() > 1 || orders.size() > 1 || ks.size() > 1) {
            throw new Failure("--capacity, --routing, --k: wanted at most one value of each here");
        }
        return given()
                ? model.with(new Rerouting(
                        ks.isEmpty() ? null : ks.getFirst(),
                        capacities.isEmpty() ? null : Capacity.of(capacities.getFirst()),
                        orders.isEmpty() ? null : orders.getFirst(),
                        groups()))
                : model;
    }

    private @Nullable Groups groups() {
        return group == null ? null : new Groups(group, null);
    }
}
