package dev.fovea.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Java arrays to tensors and back, and what a tensor looks like. Every method copies; none keeps the array. */
public final class Tensors {

    private Tensors() {}

    /** A float32 tensor of the given shape, with the values in row-major order. */
    public static Tensor of(float[] values, long... shape) {
        Tensor x = empty(ScalarType.Float, values.length, shape);
        new FloatPointer(x.data_ptr()).put(values);
        return x;
    }

    /** A float64 tensor of the given shape, with the values in row-major order. */
    public static Tensor of(double[] values, long... shape) {
        Tensor x = empty(ScalarType.Double, values.length, shape);
        new DoublePointer(x.data_ptr()).put(values);
        return x;
    }

    /** An int64 tensor of the given shape, with the values in row-major order. */
    public static Tensor of(long[] values, long... shape) {
        Tensor x = empty(ScalarType.Long, values.length, shape);
        new LongPointer(x.data_ptr()).put(values);
        return x;
    }

    /** An int64 tensor of the given shape from ints: libtorch indexes with int64. */
    public static Tensor of(int[] values, long... shape) {
        return of(Arrays.stream(values).asLongStream().toArray(), shape);
    }

    /** A uint8 tensor of the given shape, with the values in row-major order. */
    public static Tensor of(byte[] values, long... shape) {
        Tensor x = empty(ScalarType.Byte, values.length, shape);
        new BytePointer(x.data_ptr()).put(values);
        return x;
    }

    /** All values in row-major order, as float32. */
    public static float[] toFloats(Tensor x) {
        Tensor y = onCpu(x, ScalarType.Float);
        var values = new float[count(y)];
        new FloatPointer(y.data_ptr()).get(values);
        return values;
    }

    /** A matrix as float32, a row an array. */
    public static float[][] toRows(Tensor x) { // [N, D]
        float[] values = toFloats(x);
        int width = Math.toIntExact(x.size(1));
        var rows = new float[Math.toIntExact(x.size(0))][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
        }
        return rows;
    }

    /** All values in row-major order, as float64. */
    public static double[] toDoubles(Tensor x) {
        Tensor y = onCpu(x, ScalarType.Double);
        var values = new double[count(y)];
        new DoublePointer(y.data_ptr()).get(values);
        return values;
    }

    /** All values in row-major order, as int64. */
    public static long[] toLongs(Tensor x) {
        Tensor y = onCpu(x, ScalarType.Long);
        var values = new long[count(y)];
        new LongPointer(y.data_ptr()).get(values);
        return values;
    }

    /** All values in row-major order, as int32. */
    public static int[] toInts(Tensor x) {
        Tensor y = onCpu(x, ScalarType.Int);
        var values = new int[count(y)];
        new IntPointer(y.data_ptr()).get(values);
        return values;
    }

    /** The sizes of the axes. */
    public static long[] shape(Tensor x) {
        var shape = new long[(int) x.dim()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = x.size(i);
        }
        return shape;
    }

    /** The shape as the messages write it: {@code [2, 3]}. */
    public static String describe(Tensor x) {
        return Arrays.toString(shape(x));
    }

    /** Address of the first element; only for readers and writers of files. */
    public static Pointer address(Tensor x) {
        return x.data_ptr();
    }

    /** The memory of a contiguous tensor on the CPU; it lives as long as the tensor. */
    public static MemorySegment segment(Tensor x) {
        if (!x.is_contiguous() || x.is_cuda()) {
            throw new IllegalArgumentException("tensor %s: wanted contiguous memory of the CPU".formatted(describe(x)));
        }
        return MemorySegment.ofAddress(x.data_ptr().address()).reinterpret(x.nbytes());
    }

    /** A tensor on native memory of the caller's, which must live as long as the tensor is used. */
    public static Tensor over(MemorySegment memory, ScalarType type, long... shape) {
        Engine.start();
        try (var scope = new Scope()) {
            Pointer pointer = new Pointer() {
                {
                    address = memory.address();
                }
            };
            Tensor x = torch.from_blob(pointer, shape, new TensorOptions(type));
            if (x.nbytes() != memory.byteSize()) {
                throw new IllegalArgumentException(
                        "%s %s on %d bytes".formatted(type, Arrays.toString(shape), memory.byteSize()));
            }
            return scope.keep(x);
        }
    }

    private static Tensor empty(ScalarType type, long found, long... shape) {
        long wanted = LongStream.of(shape).reduce(1, Math::multiplyExact);
        if (wanted != found) {
            throw new IllegalArgumentException(
                    "shape %s takes %d values, found %d".formatted(Arrays.toString(shape), wanted, found));
        }
        Engine.start();
        try (var scope = new Scope()) {
            return scope.keep(torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional()));
        }
    }

    private static Tensor onCpu(Tensor x, ScalarType type) {
        return x.detach().cpu().to(type).contiguous();
    }

    private static int count(Tensor x) {
        return Math.toIntExact(x.numel());
    }
}
