package dev.fovea.text;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MergeTableTest {

    private static final int LONGEST = 40;

    /** Pieces of one letter, so that a piece has many parts, all of the same beginning. */
    @Test
    void ranksAreThoseOfAMap() {
        var pieces = new PieceTable(1);
        for (int length = 1; length <= LONGEST; length++) {
            pieces.add("a".repeat(length).getBytes(US_ASCII));
        }
        var merges = new MergeTable(pieces, 1);
        var map = new HashMap<String, Integer>();
        var random = new Random(8);
        byte[] text = "a".repeat(LONGEST).getBytes(US_ASCII);
        for (int rank = 0; rank < 600; rank++) {
            int end = 2 + random.nextInt(LONGEST - 1);
            int middle = 1 + random.nextInt(end - 1);
            assertThat(merges.add(text, middle, end)).isTrue();
            map.put(middle + "+" + (end - middle), rank);
        }
        for (int left = 1; left <= LONGEST; left++) {
            for (int right = 1; right <= LONGEST; right++) {
                int rank = merges.rank(left - 1, right - 1);
                assertThat(rank).isEqualTo(map.getOrDefault(left + "+" + right, MergeTable.NONE));
                assertThat(rank == MergeTable.NONE ? left + right - 1 : merges.union(rank))
                        .isEqualTo(left + right - 1);
            }
        }
    }

    @Test
    void aMergeOfWhatIsNoPieceIsNotStored() {
        var pieces = new PieceTable(1);
        for (String piece : new String[] {"a", "ab", "ba", "abc"}) {
            pieces.add(piece.getBytes(US_ASCII));
        }
        var merges = new MergeTable(pieces, 1);
        assertThat(merges.add("ab".getBytes(US_ASCII), 1, 2)).isFalse();
        assertThat(merges.add("ba".getBytes(US_ASCII), 1, 2)).isFalse();
        assertThat(merges.add("aa".getBytes(US_ASCII), 1, 2)).isFalse();
        assertThat(merges.rank(0, 0)).isEqualTo(MergeTable.NONE);
    }
}
