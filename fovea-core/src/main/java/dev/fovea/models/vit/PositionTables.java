package dev.fovea.models.vit;

import static java.lang.Math.cos;
import static java.lang.Math.pow;
import static java.lang.Math.sin;

import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Tensors;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Position embeddings: the sin-cos table, and the resampling of a learned one to another grid. */
public final class PositionTables {

    /** How a learned table {@code [1, h·w, D]} gets to another grid. */
    @FunctionalInterface
    public interface Resampling {
        Tensor resample(Tensor table, Size from, Size to);
    }

    /** The usual lowest frequency of sines is one over this. */
    public static final double TEMPERATURE = 10_000;

    private PositionTables() {}

    /**
     * The sin-cos table {@code [1, h·w, D]}: sin and cos of the column, then of the row, each over D/4 frequencies
     * from 1 down to 1/10000.
     */
    public static Tensor sincos2d(Size grid, int width) {
        return sincos2d(grid, width, TEMPERATURE);
    }

    /** The same with frequencies down to 1 / temperature. */
    public static Tensor sincos2d(Size grid, int width, double temperature) {
        int quarter = width / 4;
        var table = new float[grid.height() * grid.width() * width];
        for (int row = 0, at = 0; row < grid.height(); row++) {
            for (int column = 0; column < grid.width(); column++, at += width) {
                for (int j = 0; j < quarter; j++) {
                    double omega = 1 / pow(temperature, quarter == 1 ? 0 : j / (quarter - 1.0));
                    table[at + j] = (float) sin(column * omega);
                    table[at + quarter + j] = (float) cos(column * omega);
                    table[at + 2 * quarter + j] = (float) sin(row * omega);
                    table[at + 3 * quarter + j] = (float) cos(row * omega);
                }
            }
        }
        return Engine.toDevice(Tensors.of(table, 1, (long) grid.height() * grid.width(), width));
    }

    /** A learned table on a new grid, corner on corner: big_vision's rule (a spline zoom of order 1). */
    public static Tensor resampleAligned(Tensor table, Size from, Size to) { // [1, h·w, D]
        return from.equals(to)
                ? table
                : toTokens(torch.upsample_bilinear2d(
                        toGrid(table, from),
                        new long[] {to.height(), to.width()},
                        true,
                        new DoubleOptional(),
                        new DoubleOptional()));
    }

    /** A learned table on a new grid by bicubic interpolation with half-pixel centres: the rule of transformers. */
    public static Tensor resampleBicubic(Tensor table, Size from, Size to) { // [1, h·w, D]
        return from.equals(to)
                ? table
                : toTokens(torch.upsample_bicubic2d(
                        toGrid(table, from),
                        new long[] {to.height(), to.width()},
                        false,
                        new DoubleOptional(),
                        new DoubleOptional()));
    }

    private static Tensor toGrid(Tensor table, Size grid) { // [1, h·w, D]
        return table.view(1, grid.height(), grid.width(), table.size(2))
                .permute(0, 3, 1, 2)
                .contiguous(); // [1, D, h, w]
    }

    private static Tensor toTokens(Tensor grid) { // [1, D, h, w]
        return grid.flatten(2, 3).transpose(1, 2).contiguous(); // [1, h·w, D]
    }
}
