package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardFileTest {

    @TempDir
    Path folder;

    /** Events of the one file, each as its fields by number; checks every checksum. */
    private List<Map<Integer, Object>> events() throws IOException {
        try (var files = Files.list(folder)) {
            ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(files.findFirst().orElseThrow()))
                    .order(ByteOrder.LITTLE_ENDIAN);
            var events = new ArrayList<Map<Integer, Object>>();
            while (in.hasRemaining()) {
                var length = new byte[8];
                in.get(length);
                assertThat(in.getInt()).isEqualTo(TensorBoardFile.maskedCrc(length));
                var event = new byte
                        [(int) ByteBuffer.wrap(length)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong()];
                in.get(event);
                assertThat(in.getInt()).isEqualTo(TensorBoardFile.maskedCrc(event));
                events.add(fields(event));
            }
            return events;
        }
    }

    private static Map<Integer, Object> fields(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        var fields = new HashMap<Integer, Object>();
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            Object value =
                    switch (tag & 7) {
                        case 0 -> varint(in);
                        case 1 -> in.getDouble();
                        case 5 -> in.getFloat();
                        case 2 -> {
                            var bytes = new byte[(int) varint(in)];
                            in.get(bytes);
                            yield bytes;
                        }
                        default -> throw new AssertionError("wire type " + (tag & 7));
                    };
            fields.put(tag >>> 3, value);
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    private static Map<Integer, Object> value(Map<Integer, Object> event) {
        return inner(inner(event, 5), 1);
    }

    private static Map<Integer, Object> inner(Map<Integer, Object> message, int field) {
        return fields((byte[]) Objects.requireNonNull(message.get(field)));
    }

    @Test
    void scalarsAndPicturesParseBack() throws Exception {
        try (var file = TensorBoardFile.open(folder, -1)) {
            file.scalar("train/loss", 300, 2.5);
            file.image("val/example", 1L << 40, 2, 3, new byte[200]);
        }
        var events = events();
        assertThat(events).hasSize(3);
        assertThat((byte[]) events.get(0).get(3))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("brain.Event:2");
        assertThat(events.get(1).get(2)).isEqualTo(300L);
        assertThat((byte[]) value(events.get(1)).get(1))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("train/loss");
        assertThat(value(events.get(1)).get(2)).isEqualTo(2.5f);
        assertThat(events.get(2).get(2)).isEqualTo(1L << 40);
        var image = inner(value(events.get(2)), 4);
        assertThat(image).containsEntry(1, 2L).containsEntry(2, 3L);
        assertThat((byte[]) image.get(4)).hasSize(200);
    }

    /** The value that TensorFlow's own record writer stores for these bytes. */
    @Test
    void theChecksumIsTensorBoards() {
        assertThat(TensorBoardFile.maskedCrc("123456789".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(rotated(0xe3069283));
    }

    private static int rotated(int crc) {
        return Integer.rotateRight(crc, 15) + 0xa282ead8;
    }

    @Test
    void aResumedRunTellsWhichStepsToForget() throws Exception {
        try (var _ = TensorBoardFile.open(folder, 500)) {
            // nothing but its beginning
        }
        var begin = events().get(1);
        assertThat(begin.get(2)).isEqualTo(501L);
        assertThat(inner(begin, 7)).containsEntry(1, 1L);
    }

    @Test
    void aSecondFileInTheSameSecondHasANameOfItsOwn() throws Exception {
        for (int i = 0; i < 3; i++) {
            TensorBoardFile.open(folder, -1).close();
        }
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(3);
        }
    }
}
