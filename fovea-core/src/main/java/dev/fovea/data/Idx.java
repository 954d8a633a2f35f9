package dev.fovea.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * An array of unsigned bytes in the idx format of MNIST, plain or gzip: magic {@code 00 00 08 n}, n big-endian sizes, then the bytes.
 *
 * @param shape n sizes
 * @param data the bytes, row-major
 */
record Idx(int[] shape, byte[] data) {

    // Deflate cannot do better than 1032 to 1, so a file bounds what it may claim to hold.
    private static final long MOST_PER_BYTE = 1032;

    static Idx read(Path file, int dims) {
        long length = DataFiles.size(file);
        boolean gzip = DataFiles.isGzip(file);
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                InputStream in = gzip ? new GZIPInputStream(raw, 1 << 16) : raw) {
            int[] shape = header(file, in, dims);
            long wanted = 1;
            for (int side : shape) {
                wanted = Math.multiplyExact(wanted, side);
            }
            long most = !gzip ? length : length * MOST_PER_BYTE;
            if (wanted > most || wanted > Integer.MAX_VALUE - 16) {
                throw DataFiles.broken(
                        file,
                        "the header claims %s = %d bytes, a file of %d bytes holds at most %d"
                                .formatted(Arrays.toString(shape), wanted, length, most));
            }
            byte[] data = DataFiles.readFully(file, in, (int) wanted, "data of " + Arrays.toString(shape));
            if (in.read() >= 0) {
                throw DataFiles.broken(
                        file,
                        "bytes follow the %d that the header claims %s".formatted(wanted, Arrays.toString(shape)));
            }
            return new Idx(shape, data);
        } catch (ArithmeticException e) {
            throw DataFiles.broken(file, "the sizes in the header multiply to more than 2^63");
        } catch (IOException e) {
            throw DataFiles.failed(file, e);
        }
    }

    private static int[] header(Path file, InputStream in, int dims) throws IOException {
        byte[] magic = DataFiles.readFully(file, in, 4, "magic");
        if (magic[0] != 0 || magic[1] != 0 || magic[2] != 8 || magic[3] != dims) {
            throw DataFiles.broken(
                    file,
                    "found magic %02x %02x %02x %02x, wanted 00 00 08 %02x (idx of unsigned bytes with %d sizes)"
                            .formatted(magic[0], magic[1], magic[2], magic[3], dims, dims));
        }
        ByteBuffer sizes = ByteBuffer.wrap(DataFiles.readFully(file, in, 4 * dims, "sizes"));
        var shape = new int[dims];
        for (int i = 0; i < dims; i++) {
            shape[i] = sizes.getInt();
            if (shape[i] < 0) {
                throw DataFiles.broken(file, "size %d is %d, wanted 0 or more".formatted(i, shape[i]));
            }
        }
        return shape;
    }
}
