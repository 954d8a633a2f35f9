package dev.fovea.bench;

import com.sun.management.ThreadMXBean;
import dev.fovea.kernel.KvRows;
import dev.fovea.kernel.Matrix;
import dev.fovea.kernel.Workers;
import dev.fovea.models.gemma.Gemma;
import dev.fovea.models.gemma.GemmaCheckpoint;
import dev.fovea.models.gemma.GemmaDecoding;
import dev.fovea.models.gemma.GemmaKernels;
import dev.fovea.models.gemma.GemmaModel;
import dev.fovea.models.gemma.KernelDecoding;
import dev.fovea.models.gemma.PackedFolder;
import dev.fovea.models.gemma.PictureDecoding;
import dev.fovea.models.gemma.WeightFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Prefill and decoding of a Gemma 3 folder: {@code GemmaBench FOLDER engine|bf16|int8|int4 DEPTHS [TOKENS] [THREADS] [CACHE]}, depths
 * separated by commas; one that ends in {@code f} is a cache filled with random keys instead of a prompt. A folder of packed weights
 * or a GGUF file is opened as it is. One process is one measurement; start ten and take the worst.
 */
public final class GemmaBench {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private GemmaBench() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 3) {
            throw new IllegalArgumentException("wanted FOLDER engine|bf16|int8|int4 DEPTHS [TOKENS] [THREADS]");
        }
        String[] depths = args[2].split(",", -1);
        int tokens = args.length > 3 ? Integer.parseInt(args[3]) : 128;
        int threads = args.length > 4
                ? Integer.parseInt(args[4])
                : Runtime.getRuntime().availableProcessors();
        KvRows.Format cache = KvRows.Format.valueOf(args.length > 5 ? args[5].toUpperCase(Locale.ROOT) : "BF16");
        long start = System.nanoTime();
        boolean isGguf = args[0].endsWith(".gguf");
        if (isGguf || PackedFolder.is(Path.of(args[0]))) {
            try (GemmaModel model = isGguf
                    ? GemmaModel.openGguf(Path.of(args[0]), null, null)
                    : GemmaModel.open(Path.of(args[0]), null)) {
                GemmaKernels kernels = Objects.requireNonNull(model.packed());
                kernels.keep(cache);
                System.out.printf(
                        Locale.ROOT,
                        "opened in %.2f s, %s, %.3f GB a token%n",
                        seconds(start),
                        kernels.label(),
                        kernels.bytes() / 1e9);
                run(model.config().text().vocabSize(), kernels::decoding, kernels, depths, tokens);
            }
            System.out.printf(Locale.ROOT, "peak memory %.2f GB%n", Timing.peakMegabytes() / 1e3);
            return;
        }
        try (GemmaCheckpoint checkpoint = GemmaCheckpoint.read(Path.of(args[0]), null)) {
            System.out.printf(Locale.ROOT, "opened in %.2f s%n", seconds(start));
            Gemma model = checkpoint.model();
            int vocabulary = model.config().text().vocabSize();
            if (args[1].equals("engine")) {
                run(vocabulary, () -> new GemmaDecoding(model), null, depths, tokens);
            } else {
                start = System.nanoTime();
                try (var kernels =
                        GemmaKernels.of(model, WeightFormat.valueOf(args[1].toUpperCase(Locale.ROOT)), threads)) {
                    System.out.printf(
                            Locale.ROOT, "packed in %.2f s, %.3f GB a token%n", seconds(start), kernels.bytes() / 1e9);
                    kernels.keep(cache);
                    run(vocabulary, kernels::decoding, kernels, depths, tokens);
                }
            }
        }
        System.out.printf(Locale.ROOT, "peak memory %.2f GB%n", Timing.peakMegabytes() / 1e3);
    }

    private static void run(
            int vocabulary,
            Supplier<PictureDecoding> decodings,
            @Nullable GemmaKernels kernels,
            String[] depths,
            int tokens) {
        var random = new Random(0);
        for (String text : depths) {
            boolean isFilled = text.endsWith("f");
            int depth = Integer.parseInt(isFilled ? text.substring(0, text.length() - 1) : text);
            try (PictureDecoding decoding = decodings.get()) {
                int[] prompt = random.ints(isFilled ? 1 : Math.max(1, depth), 0, vocabulary)
                        .toArray();
                if (isFilled && decoding instanceof KernelDecoding fast) {
                    fast.fillAtRandom(depth, 0);
                }
                long start = System.nanoTime();
                decoding.next(prompt);
                double prefill = seconds(start);
                decoding.next(prompt[0]); // the first single token pays for what later ones find ready
                var times = new double[tokens];
                long allocated = THREADS.getTotalThreadAllocatedBytes();
                for (int i = 0; i < tokens; i++) {
                    start = System.nanoTime();
                    decoding.next(random.nextInt(vocabulary));
                    times[i] = seconds(start);
                }
                allocated = (THREADS.getTotalThreadAllocatedBytes() - allocated) / tokens;
                double mean = Arrays.stream(times).average().orElseThrow();
                double median = Arrays.stream(times)
                        .sorted()
                        .skip(tokens / 2)
                        .findFirst()
                        .orElseThrow();
                System.out.printf(
                        Locale.ROOT,
                        "depth %6d: prefill %8.1f tokens/s, decoding %7.2f tokens/s (median %.2f ms, %d kB of garbage)%s%s%n",
                        depth,
                        prompt.length / prefill,
                        1 / mean,
                        1e3 * median,
                        allocated / 1000,
                        kernels == null ? "" : weights(kernels, median),
                        decoding instanceof KernelDecoding fast
                                ? String.format(Locale.ROOT, ", cache %.3f GB", fast.cacheBytes() / 1e9)
                                : "");
            }
        }
    }

    /** How fast a token of so many seconds reads, and what part that is of reading the same memory plainly just then. */
    private static String weights(GemmaKernels kernels, double each) {
        double rate = (double) kernels.bytes() / each;
        try (var workers = new Workers(kernels.threads())) {
            double limit = PlainRead.bytesPerSecond(
                    kernels.matrices().stream().map(Matrix::memory).toList(), workers, 0.3);
            return String.format(
                    Locale.ROOT,
                    ", weights at %.1f GB/s, %.0f%% of plain reading (%.1f)",
                    rate / 1e9,
                    100 * rate / limit,
                    limit / 1e9);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
