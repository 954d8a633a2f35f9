package dev.fovea.tensor;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that loads libtorch and sets what is global in it: threads and the random seed.
 *
 * <p>Where the class path holds the MKL build of libtorch (artifact {@code pytorch-native-cpu}, Linux x86-64), its
 * files are unpacked once into a cache folder named by version and put before the natives that JavaCPP would load. A
 * program that embeds Fovea needs no JVM flag for it: call {@link #start()} (every entry of the library does) before
 * touching a class of {@code org.bytedeco.pytorch}. Elsewhere JavaCPP's own libtorch runs, slower;
 * {@link #report()} says which.
 *
 * <p>Folder: the system property {@code fovea.cache}, else the environment's {@code FOVEA_CACHE}, else
 * {@code XDG_CACHE_HOME/fovea}, else {@code ~/.cache/fovea}.
 */
public final class Engine {

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final String RESOURCES = "pytorch/cpu/linux-x86_64/";
    private static final List<String> LIBRARIES =
            List.of("libgomp-98b21ff3.so.1", "libc10.so", "libtorch_cpu.so", "libtorch.so");

    private static @Nullable Report report;

    private Engine() {}

    /**
     * What was loaded.
     *
     * @param apiVersion version of libtorch as its headers state it
     * @param nativesFrom folder or jar that libtorch_cpu came from
     * @param fast whether the MKL build of libtorch is the one in use
     * @param cpuCapability widest vector instructions libtorch will use, such as {@code AVX2}
     * @param cudaDevices number of CUDA devices that can be used, 0 on a CPU build
     */
    public record Report(String apiVersion, String nativesFrom, boolean fast, String cpuCapability, int cudaDevices) {}

    /** Loads libtorch if that has not happened yet. Cheap afterwards; safe from any thread. */
    public static void start() {
        report();
    }

    /** Loads libtorch if that has not happened yet, and says what was loaded. */
    public static synchronized Report report() {
        if (report == null) {
            report = load();
        }
        return report;
    }

    /** Number of threads one operation uses. */
    public static int threads() {
        start();
        return torch.get_num_threads();
    }

    /** Sets the number of threads one operation uses (OpenMP, MKL), for the whole process. */
    public static void setThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: found %d, wanted at least 1".formatted(threads));
        }
        start();
        torch.set_num_threads(threads);
    }

    /** Seeds the engine's default generators, for the whole process. */
    public static void seed(long seed) {
        start();
        torch.manual_seed(seed);
    }

    /**
     * Where parameters and batches live: {@code cuda} when the CUDA build is in use and the system property
     * {@code fovea.device} does not say {@code cpu}, else the CPU.
     */
    public static Device device() {
        boolean cuda = report().cudaDevices() > 0 && !"cpu".equals(System.getProperty("fovea.device"));
        return new Device(cuda ? "cuda" : "cpu");
    }

    /** {@code x} on {@link #device()}; itself when it is there. */
    public static Tensor toDevice(Tensor x) {
        if (report().cudaDevices() == 0) {
            return x;
        }
        return x.to(device(), x.scalar_type());
    }

    /** Whether the CPU multiplies bfloat16 in hardware, so that bf16 autocast is a gain and not a loss. */
    public static boolean hasFastBf16() {
        return Cpu.FAST_BF16;
    }

    /** What the processor can do; asked once. */
    private static final class Cpu {
        static final boolean FAST_BF16 = fastBf16();

        private static boolean fastBf16() {
            try {
                String flags = Files.readString(Path.of("/proc/cpuinfo"));
                return flags.contains("avx512_bf16") || flags.contains("amx_bf16");
            } catch (IOException e) {
                return false;
            }
        }
    }

    /** libtorch's description of its build: compiler, BLAS, OpenMP, flags. */
    public static String buildDescription() {
        start();
        return torch.show_config().getString();
    }

    /** The library of the threads of libtorch's operations; null where it is not one of the files unpacked here. */
    static @Nullable Path openMp() {
        Path torch = Path.of(report().nativesFrom());
        return report().fast() ? torch.resolveSibling(LIBRARIES.getFirst()) : null;
    }

    private static Report load() {
        Path folder = fastNatives();
        if (folder != null) {
            String paths = System.getProperty("java.library.path", "");
            System.setProperty(
                    "java.library.path", paths.isEmpty() ? folder.toString() : folder + File.pathSeparator + paths);
            System.setProperty("org.bytedeco.javacpp.pathsFirst", "true");
        }
        // JavaCPP unpacks some 300 MB of natives itself; keep them beside ours rather than in a folder of its own.
        System.setProperty(
                "org.bytedeco.javacpp.cachedir",
                System.getProperty(
                        "org.bytedeco.javacpp.cachedir",
                        cacheFolder().resolve("javacpp").toString()));
        try {
            Loader.load(torch.class);
        } catch (UnsatisfiedLinkError e) {
            throw new IllegalStateException(
                    "libtorch could not be loaded on %s %s: %s"
                            .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), e.getMessage()),
                    e);
        }
        String from = mappedLibtorch();
        boolean fast = folder != null && from.startsWith(folder.toString());
        int devices = 0;
        if (torch.hasCUDA()) {
            Loader.load(torch_cuda.class);
            devices = (int) torch_cuda.device_count();
        }
        Report loaded = new Report(
                torch.TORCH_VERSION, from, fast, torch.get_cpu_capability().getString(), devices);
        if (folder != null && !fast) {
            LOG.warn(
                    "libtorch came from {}, not from {}: a class of the engine was touched before Engine.start()",
                    from,
                    folder);
        }
        LOG.debug("{}", loaded);
        return loaded;
    }

    /** The libtorch_cpu that the process has mapped, read from the operating system where it tells. */
    private static String mappedLibtorch() {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("libtorch_cpu"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** Where Fovea keeps what it unpacks and downloads. */
    public static Path cacheFolder() {
        String set = System.getProperty("fovea.cache");
        if (set == null) {
            set = System.getenv("FOVEA_CACHE");
        }
        if (set != null && !set.isBlank()) {
            return Path.of(set).toAbsolutePath();
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && !xdg.isBlank() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("fovea").toAbsolutePath();
    }

    private static @Nullable Path fastNatives() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "");
        if (!os.contains("linux") || !(arch.equals("amd64") || arch.equals("x86_64"))) {
            return null;
        }
        ClassLoader loader = Engine.class.getClassLoader();
        URL found = loader.getResource(RESOURCES + "libtorch_cpu.so");
        URL gpu = loader.getResource("org/bytedeco/pytorch/linux-x86_64-gpu/libtorch_cuda.so");
        if (found == null || gpu != null) {
            return null;
        }
        try {
            return unpackOnce(loader, found);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot unpack libtorch into %s (set FOVEA_CACHE to a writable folder with 600 MB free): %s"
                            .formatted(cacheFolder(), e.getMessage()),
                    e);
        }
    }

    /** Unpacks into a folder of a temporary name and renames it, so that two processes or a kill do no harm. */
    private static Path unpackOnce(ClassLoader loader, URL found) throws IOException {
        Path target = cacheFolder().resolve("libtorch-" + version(loader) + "-cpu-linux-x86_64");
        if (Files.isDirectory(target)) {
            return target;
        }
        Files.createDirectories(cacheFolder());
        Path work = Files.createTempDirectory(cacheFolder(), "unpack-");
        try {
            for (String name : LIBRARIES) {
                URL resource = loader.getResource(RESOURCES + name);
                if (resource == null) {
                    throw new IOException("%s is not beside %s".formatted(name, found));
                }
                copy(resource, work.resolve(name));
            }
            // One OpenMP runtime instead of two: the preset asks for libgomp.so.1.
            Files.createSymbolicLink(work.resolve("libgomp.so.1"), Path.of("libgomp-98b21ff3.so.1"));
            try {
                Files.move(work, target, ATOMIC_MOVE);
            } catch (FileSystemException e) {
                if (!Files.isDirectory(target)) { // else another process was faster
                    throw e;
                }
            }
            return target;
        } finally {
            deleteTree(work);
        }
    }

    private static void copy(URL resource, Path file) throws IOException {
        try (InputStream in = resource.openStream()) {
            Files.copy(in, file);
        }
        long wanted = uncompressedSize(resource);
        if (wanted >= 0 && Files.size(file) != wanted) {
            throw new IOException("%s: unpacked %d of %d bytes".formatted(file, Files.size(file), wanted));
        }
    }

    private static long uncompressedSize(URL resource) throws IOException {
        String text = resource.toString();
        if (!text.startsWith("jar:file:")) {
            return -1;
        }
        int bang = text.indexOf("!/");
        try (var zip = new ZipFile(Path.of(URI.create(text.substring(4, bang))).toFile())) {
            ZipEntry entry = zip.getEntry(text.substring(bang + 2));
            return entry == null ? -1 : entry.getSize();
        }
    }

    private static String version(ClassLoader loader) throws IOException {
        try (InputStream in =
                loader.getResourceAsStream("META-INF/maven/ai.djl.pytorch/pytorch-native-cpu/pom.properties")) {
            if (in != null) {
                var properties = new Properties();
                properties.load(in);
                return properties.getProperty("version", "unknown");
            }
        }
        return "2.7.1";
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        List<Path> paths = new ArrayList<>();
        try (var tree = Files.walk(root)) {
            tree.sorted(Comparator.reverseOrder()).forEach(paths::add);
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }
}
