package dev.fovea.cli;

import dev.fovea.kernel.Kernels;
import dev.fovea.tensor.Engine;
import dev.fovea.tensor.Scope;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What this machine and this build have. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Say what was loaded: versions, BLAS, CPU, threads, devices, memory, JDK; exit 1 when the slow libtorch is in use.",
        footerHeading = "%nExamples:%n",
        footer = {"  fovea doctor", "  fovea doctor --json"})
final class Doctor implements Callable<Integer> {

    private static final int SIDE = 1024;
    private static final int SLOW_SIDE = 128; // bf16 without instructions for it takes seconds at the other size

    @Option(names = "--json", description = "one JSON object")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Engine.Report engine = Engine.report();
        var facts = new LinkedHashMap<String, Object>();
        facts.put("fovea", Version.current());
        facts.put("java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        facts.put("java home", System.getProperty("java.home"));
        facts.put(
                "system",
                "%s %s, %s"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                System.getProperty("os.arch")));
        facts.put("cpu", cpu());
        facts.put("cpu capability", engine.cpuCapability());
        facts.put("bf16 in hardware", Engine.hasFastBf16());
        facts.put("cores", Runtime.getRuntime().availableProcessors());
        facts.put("engine threads", Engine.threads());
        facts.put("memory", memory());
        facts.put("java heap limit", bytes(Runtime.getRuntime().maxMemory()));
        facts.put("libtorch", engine.apiVersion());
        facts.put("natives from", engine.nativesFrom());
        facts.put("fast libtorch in use", engine.fast());
        facts.put("blas", blas());
        facts.put("cuda devices", engine.cudaDevices());
        facts.put("device", Engine.device().str().getString());
        facts.put("cache", Engine.cacheFolder().toString());
        facts.put("kernels", Kernels.note());
        facts.put("fp32 product", "%.0f GFLOP/s".formatted(gigaflops(ScalarType.Float, SIDE)));
        facts.put(
                "bf16 product",
                "%.0f GFLOP/s".formatted(gigaflops(ScalarType.BFloat16, Engine.hasFastBf16() ? SIDE : SLOW_SIDE)));
        PrintWriter out = Output.of(spec);
        if (json) {
            out.println(Output.json(facts));
        } else {
            facts.forEach((name, value) -> out.printf("%-22s %s%n", name, value));
            if (!engine.fast() && engine.cudaDevices() == 0) {
                out.println("\nThe slow libtorch is in use: is pytorch-native-cpu (linux-x86_64) on the class path?");
            }
        }
        return engine.fast() || engine.cudaDevices() > 0 ? 0 : 1;
    }

    /** Best of a few products of two square matrices. */
    private static double gigaflops(ScalarType type, int side) {
        try (var _ = new Scope()) {
            Tensor x = torch.randn(side, side).to(type);
            double best = 0;
            for (int i = 0; i < 5; i++) {
                long start = System.nanoTime();
                x.matmul(x).close();
                best = Math.max(best, 2.0 * side * side * side / (System.nanoTime() - start));
            }
            return best;
        }
    }

    private static String blas() {
        return Engine.buildDescription()
                .lines()
                .map(String::strip)
                .filter(line ->
                        line.contains("Math Kernel Library") || line.contains("MKL-DNN") || line.contains("OpenMP"))
                .map(line -> line.replaceFirst("^- ", ""))
                .reduce((a, b) -> a + "; " + b)
                .orElse("unknown");
    }

    private static String cpu() {
        return field("/proc/cpuinfo", "model name", System.getProperty("os.arch"));
    }

    private static String memory() {
        return field("/proc/meminfo", "MemTotal", "unknown") + ", available "
                + field("/proc/meminfo", "MemAvailable", "unknown");
    }

    private static String field(String file, String name, String otherwise) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }

    static String bytes(long count) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double value = count;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return unit == 0 ? count + " B" : "%.1f %s".formatted(value, units[unit]);
    }
}
