package dev.fovea.models.classifier;

import dev.fovea.data.ImageDataset;
import dev.fovea.data.LoadOptions;
import dev.fovea.models.vmoe.Capacity;
import dev.fovea.models.vmoe.Groups;
import dev.fovea.models.vmoe.Order;
import dev.fovea.models.vmoe.Rerouting;
import dev.fovea.models.vmoe.RouterConfig.TokensChoose;
import dev.fovea.models.vmoe.Usage;
import dev.fovea.report.TablePage;
import dev.fovea.report.TablePage.Lines;
import dev.fovea.report.TablePage.Table;
import dev.fovea.tensor.Engine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A trained network with experts, evaluated at several capacities, orders and k: what accuracy costs (arXiv 2106.05974,
 * section 4). Empty lists leave the setting as it was trained.
 *
 * @param capacities factors C; slots are rounded to the nearest, without going up to a multiple
 * @param groups who competes; null as trained
 */
public record RoutingSweep(
        List<Double> capacities,
        List<Order> orders,
        List<Integer> ks,
        @Nullable Groups groups) {

    /**
     * One setting's scores.
     *
     * @param order who is served first, as a name; "-" where tokens do not choose
     * @param k experts a token; 0 where tokens do not choose
     * @param capacity C asked for; NaN as trained
     * @param effectiveCapacity C after rounding: slots over choices
     * @param served share of tokens that met an expert in a block, mean over blocks
     * @param paddedMillions multiply-adds of a picture where whole buffers are computed
     * @param usefulMillions multiply-adds of what tokens filled
     * @param millisecondsAnImage time of the forward pass on this machine
     */
    public record Row(
            String order,
            int k,
            double capacity,
            double effectiveCapacity,
            double top1,
            double crossEntropy,
            double served,
            double paddedMillions,
            double usefulMillions,
            double millisecondsAnImage) {}

    /** Evaluates each setting; {@code done} is given each row as it comes. */
    public List<Row> run(Classifier model, ImageDataset data, int batchSize, LoadOptions load, Consumer<Row> done) {
        var rows = new ArrayList<Row>();
        for (Order order : orNull(orders)) {
            for (Integer k : orNull(ks)) {
                for (Double factor : orNull(capacities)) {
                    Capacity capacity = factor == null ? null : Capacity.of(factor);
                    Classifier rerouted = model.with(new Rerouting(k, capacity, order, groups));
                    Engine.seed(0); // the random order draws
                    Row row = row(rerouted, factor, rerouted.evaluate(data, batchSize, load));
                    rows.add(row);
                    done.accept(row);
                }
            }
        }
        return rows;
    }

    private static <T> List<@Nullable T> orNull(List<T> values) {
        var some = new ArrayList<@Nullable T>(values);
        if (some.isEmpty()) {
            some.add(null);
        }
        return some;
    }

    private static Row row(Classifier model, @Nullable Double capacity, ClassifierEvaluation.Result result) {
        TokensChoose choose =
                model.card().moe() != null && model.card().moe().router() instanceof TokensChoose t ? t : null;
        long slots = 0;
        long tokens = 0;
        double served = 0;
        for (Usage.Block block : result.usage().blocks().values()) {
            slots += block.slots();
            tokens += block.tokens();
            served += (double) block.served() / block.tokens();
        }
        int k = choose == null ? 1 : choose.k();
        return new Row(
                choose == null ? "-" : choose.order().name().toLowerCase(Locale.ROOT),
                choose == null ? 0 : k,
                capacity == null ? Double.NaN : capacity,
                (double) slots / ((double) k * tokens),
                result.metrics().top1(),
                result.metrics().crossEntropy(),
                served / result.usage().blocks().size(),
                result.compute().padded() / 1e6,
                result.compute().useful() / 1e6,
                1e3 * result.secondsAnImage());
    }

    /** Names of the table's columns. */
    public static final List<String> HEADER =
            List.of("order", "k", "C", "C real", "top-1", "CE", "served", "M madds", "useful", "ms");

    /** A row as it shall be read. */
    public static List<String> cells(Row r) {
        return List.of(
                r.order,
                Integer.toString(r.k),
                Double.isNaN(r.capacity) ? "trained" : text("%.3g", r.capacity),
                text("%.3f", r.effectiveCapacity),
                text("%.4f", r.top1),
                text("%.4f", r.crossEntropy),
                text("%.3f", r.served),
                text("%.3f", r.paddedMillions),
                text("%.3f", r.usefulMillions),
                text("%.3f", r.millisecondsAnImage));
    }

    private static String text(String format, double x) {
        return String.format(Locale.ROOT, format, x);
    }

    /** The page of the rows: accuracy over capacity and over compute, and the table. */
    public static TablePage page(String title, String subtitle, List<Row> rows) {
        return new TablePage(
                title,
                subtitle,
                List.of(new Table(
                        "Settings",
                        HEADER,
                        rows.stream().map(RoutingSweep::cells).toList())),
                List.of(
                        new Lines("Top-1 accuracy", "capacity", lines(rows, Row::effectiveCapacity)),
                        new Lines("Top-1 accuracy", "useful million multiply-adds", lines(rows, Row::usefulMillions))),
                List.of());
    }

    private static SequencedMap<String, List<double[]>> lines(List<Row> rows, ToDoubleFunction<Row> across) {
        var lines = new LinkedHashMap<String, List<double[]>>();
        rows.stream().sorted(Comparator.comparingDouble(across)).forEach(row -> lines.computeIfAbsent(
                        "%s, k %d".formatted(row.order, row.k), _ -> new ArrayList<>())
                .add(new double[] {across.applyAsDouble(row), row.top1}));
        return lines;
    }
}
