package dev.fovea.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * An event file that TensorBoard reads: records of length, checksum, protocol-buffer event, checksum. Each process that
 * works on a run writes a file of its own; a resumed one says from which step TensorBoard shall forget the earlier
 * files.
 */
public final class TensorBoardFile implements AutoCloseable {

    private final Path path;
    private final OutputStream out;

    private TensorBoardFile(Path path, OutputStream out) {
        this.path = path;
        this.out = out;
    }

    /**
     * Begins a file in {@code folder}.
     *
     * @param lastStep the step resumed from; what earlier files hold of later steps is forgotten
     */
    public static TensorBoardFile open(Path folder, long lastStep) {
        long seconds = System.currentTimeMillis() / 1000;
        try {
            Files.createDirectories(folder);
            var file = create(folder, "events.out.tfevents.%010d.%s".formatted(seconds, host()));
            file.event(0, new Proto().text(3, "brain.Event:2"));
            if (lastStep >= 0) {
                file.event(lastStep + 1, new Proto().message(7, new Proto().varint(1, 1))); // SessionLog START
            }
            file.flush();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("%s: %s".formatted(folder, e.getMessage()), e);
        }
    }

    public void scalar(String tag, long step, double value) {
        summary(tag, step, new Proto().fixed32(2, Float.floatToRawIntBits((float) value)));
    }

    /** A picture as PNG bytes. */
    public void image(String tag, long step, int height, int width, byte[] png) {
        int rgb = 3;
        summary(
                tag,
                step,
                new Proto()
                        .message(
                                4,
                                new Proto()
                                        .varint(1, height)
                                        .varint(2, width)
                                        .varint(3, rgb)
                                        .bytes(4, png)));
    }

    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void summary(String tag, long step, Proto value) {
        Proto tagged = new Proto().text(1, tag).append(value);
        event(step, new Proto().message(5, new Proto().message(1, tagged)));
    }

    private void event(long step, Proto content) {
        double wallTime = System.currentTimeMillis() / 1e3;
        byte[] event = new Proto()
                .fixed64(1, Double.doubleToRawLongBits(wallTime))
                .varint(2, step)
                .append(content)
                .toBytes();
        byte[] length = littleEndian(8).putLong(event.length).array();
        try {
            out.write(length);
            out.write(littleEndian(4).putInt(maskedCrc(length)).array());
            out.write(event);
            out.write(littleEndian(4).putInt(maskedCrc(event)).array());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private UncheckedIOException failed(IOException e) {
        return new UncheckedIOException("%s: %s".formatted(path, e.getMessage()), e);
    }

    private static TensorBoardFile create(Path folder, String name) throws IOException {
        for (int i = 0; ; i++) {
            Path path = folder.resolve(i == 0 ? name : name + "." + i);
            try {
                return new TensorBoardFile(
                        path, new BufferedOutputStream(Files.newOutputStream(path, StandardOpenOption.CREATE_NEW)));
            } catch (FileAlreadyExistsException e) {
                // begun in the same second by the process before this one: the next number
            }
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** TensorBoard's rotation of CRC32C, so that a checksum of data that holds checksums stays good. */
    static int maskedCrc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        int x = (int) crc.getValue();
        return ((x >>> 15) | (x << 17)) + 0xa282ead8;
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The few wire types of protocol buffers that an event needs. */
    private static final class Proto {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Proto varint(int field, long value) {
            return raw((long) field << 3).raw(value);
        }

        Proto fixed64(int field, long bits) {
            raw((field << 3) | 1);
            bytes.writeBytes(littleEndian(8).putLong(bits).array());
            return this;
        }

        Proto fixed32(int field, int bits) {
            raw((field << 3) | 5);
            bytes.writeBytes(littleEndian(4).putInt(bits).array());
            return this;
        }

        Proto bytes(int field, byte[] value) {
            raw((field << 3) | 2).raw(value.length);
            bytes.writeBytes(value);
            return this;
        }

        Proto text(int field, String value) {
            return bytes(field, value.getBytes(UTF_8));
        }

        Proto message(int field, Proto value) {
            return bytes(field, value.toBytes());
        }

        Proto append(Proto other) {
            bytes.writeBytes(other.toBytes());
            return this;
        }

        byte[] toBytes() {
            return bytes.toByteArray();
        }

        private Proto raw(long varint) {
            long rest = varint;
            while ((rest & ~0x7fL) != 0) {
                bytes.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            bytes.write((int) rest);
            return this;
        }
    }
}
