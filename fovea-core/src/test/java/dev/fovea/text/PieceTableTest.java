package dev.fovea.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PieceTableTest {

    @Test
    void findsWhatAMapFinds() {
        var random = new Random(4);
        var keys = new ArrayList<String>();
        for (int i = 0; i < 3000; i++) {
            keys.add(random.ints(random.nextInt(4), 'a', 'f')
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString());
        }
        var table = new PieceTable(keys.size());
        var map = new HashMap<String, Integer>();
        for (int i = 0; i < keys.size(); i++) {
            Integer old = map.putIfAbsent(keys.get(i), i);
            assertThat(table.add(keys.get(i).getBytes(UTF_8))).isEqualTo(old == null ? PieceTable.NONE : old);
        }
        byte[] text = "aabbcaddeefabcd".getBytes(UTF_8);
        for (int from = 0; from < text.length; from++) {
            for (int to = from; to <= text.length; to++) {
                String key = new String(text, from, to - from, UTF_8);
                assertThat(table.find(text, from, to)).as(key).isEqualTo(map.getOrDefault(key, PieceTable.NONE));
            }
        }
    }

    @Test
    void anEmptyTableFindsNothing() {
        assertThat(new PieceTable(0).find(new byte[] {1}, 0, 1)).isEqualTo(PieceTable.NONE);
    }
}
