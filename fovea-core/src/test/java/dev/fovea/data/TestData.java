package dev.fovea.data;

import dev.fovea.image.Image;
import dev.fovea.image.ImageEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Assumptions;

/** Small files of every format, and the folder of real data. */
final class TestData {

    private TestData() {}

    /** The folder of real data, or the test is skipped. */
    static Path real(String name) {
        Path folder =
                Path.of(System.getProperty("fovea.data", "../../shared/data")).resolve(name);
        Assumptions.assumeTrue(Files.exists(folder), () -> folder + " is not there; -Dfovea.data=DIR names the data");
        return folder;
    }

    static byte[] resource(String name) {
        try (InputStream in = TestData.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path write(Path file, byte[] bytes) {
        try {
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path write(Path file, String text) {
        return write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A picture of noise that its seed tells from others. */
    static Image image(int height, int width, long seed) {
        var rgb = new byte[height * width * 3];
        new SplittableRandom(seed).nextBytes(rgb);
        return new Image(height, width, rgb);
    }

    static byte[] png(int height, int width, long seed) {
        return ImageEncoder.png(image(height, width, seed));
    }

    /** An idx array of bytes with the sizes the header shall claim. */
    static byte[] idx(int[] shape, byte[] data) {
        ByteBuffer b = ByteBuffer.allocate(4 + 4 * shape.length + data.length);
        b.put(new byte[] {0, 0, 8, (byte) shape.length});
        for (int side : shape) {
            b.putInt(side);
        }
        return b.put(data).array();
    }

    static byte[] gzip(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A member of a tar file; {@code type} 0 for a plain file. */
    record Member(String name, byte[] content, byte type) {

        static Member of(String name, byte[] content) {
            return new Member(name, content, TarArchiveEntry.LF_NORMAL);
        }

        static Member of(String name, String content) {
            return of(name, content.getBytes(StandardCharsets.UTF_8));
        }
    }

    static byte[] tar(List<Member> members) {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(out)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Member member : members) {
                var entry = new TarArchiveEntry(member.name(), member.type(), true);
                entry.setSize(member.content().length);
                if (entry.isSymbolicLink() || entry.isLink()) {
                    entry.setLinkName("/etc/passwd");
                }
                tar.putArchiveEntry(entry);
                tar.write(member.content());
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Shards {@code name-0.tar}, ... with pictures, classes and texts; example i has class i mod 3 and text "text i". */
    static List<Member> samples(int from, int to) {
        return IntStream.range(from, to)
                .boxed()
                .flatMap(i -> Stream.of(
                        Member.of("dir/%06d.png".formatted(i), png(4, 5, i)),
                        Member.of("dir/%06d.cls".formatted(i), Integer.toString(i % 3)),
                        Member.of("dir/%06d.txt".formatted(i), "text " + i)))
                .toList();
    }
}
