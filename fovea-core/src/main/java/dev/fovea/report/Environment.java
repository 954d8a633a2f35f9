package dev.fovea.report;

import dev.fovea.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What a run ran on, for the reader who wants to repeat it. */
public final class Environment {

    private Environment() {}

    /**
     * Machine, versions and time, by name.
     *
     * @param source a folder of the checkout whose revision is named, if it is one
     */
    public static SequencedMap<String, String> here(Path source) {
        var here = new LinkedHashMap<String, String>();
        Engine.Report engine = Engine.report();
        here.put(
                "Time",
                ZonedDateTime.now(ZoneId.systemDefault())
                        .truncatedTo(ChronoUnit.SECONDS)
                        .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
        String version = Environment.class.getPackage().getImplementationVersion();
        if (version != null) {
            here.put("Fovea", version);
        }
        String revision = revision(source.toAbsolutePath());
        if (revision != null) {
            here.put("Revision", revision);
        }
        here.put("libtorch", engine.apiVersion() + (engine.fast() ? " (MKL build)" : ""));
        here.put("Java", Runtime.version() + " " + System.getProperty("java.vendor"));
        here.put("System", "%s %s".formatted(System.getProperty("os.name"), System.getProperty("os.arch")));
        here.put("Processor", processor());
        here.put("Vector instructions", engine.cpuCapability());
        here.put("Device", Engine.device().is_cuda() ? "cuda" : "cpu");
        here.put(
                "Threads",
                "%d of %d processors"
                        .formatted(Engine.threads(), Runtime.getRuntime().availableProcessors()));
        String memory = field(Path.of("/proc/meminfo"), "MemTotal");
        if (memory != null) {
            here.put("Memory", Math.round(Long.parseLong(memory.replaceAll("\\D", "")) / 1048576.0) + " GiB");
        }
        String peak = field(Path.of("/proc/self/status"), "VmHWM");
        if (peak != null) {
            here.put("Peak memory of the process", Long.parseLong(peak.replaceAll("\\D", "")) / 1024 + " MiB");
        }
        return here;
    }

    private static String processor() {
        String model = field(Path.of("/proc/cpuinfo"), "model name");
        return model != null ? model : System.getProperty("os.arch", "unknown");
    }

    private static @Nullable String field(Path file, String name) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }

    /** The commit that is checked out in the nearest folder above that is one of git's; read without git itself. */
    static @Nullable String revision(Path folder) {
        for (Path at = folder; at != null; at = at.getParent()) {
            Path git = at.resolve(".git");
            if (!Files.isDirectory(git)) {
                continue;
            }
            try {
                String head = Files.readString(git.resolve("HEAD")).strip();
                if (!head.startsWith("ref: ")) {
                    return head;
                }
                String ref = head.substring("ref: ".length());
                return Files.exists(git.resolve(ref))
                        ? Files.readString(git.resolve(ref)).strip()
                        : packed(git, ref);
            } catch (IOException e) {
                return null;
            }
        }
        return null;
    }

    private static @Nullable String packed(Path git, String ref) throws IOException {
        Path file = git.resolve("packed-refs");
        if (!Files.exists(file)) {
            return null;
        }
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.endsWith(" " + ref))
                    .map(line -> line.substring(0, line.indexOf(' ')))
                    .findFirst()
                    .orElse(null);
        }
    }
}
