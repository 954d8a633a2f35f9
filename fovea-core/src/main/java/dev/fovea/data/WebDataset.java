package dev.fovea.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * WebDataset shards by index. Of an uncompressed tar file only an index of offsets is kept and {@code get} reads the sample's bytes;
 * a gzip one cannot be entered in the middle and is held in memory, up to a limit.
 */
public final class WebDataset implements Dataset<WebSample> {

    private interface Shard {
        int size();

        WebSample get(int index);
    }

    private final List<Shard> shards = new ArrayList<>();
    private final List<Long> starts = new ArrayList<>(List.of(0L));

    private WebDataset() {}

    /**
     * Indexes the shards in the given order.
     *
     * @param memoryLimit bytes that gzip shards may take in memory together
     */
    public static WebDataset open(List<Path> shards, long memoryLimit) {
        var data = new WebDataset();
        long[] held = {0};
        for (Path file : shards) {
            if (DataFiles.isGzip(file)) {
                data.add(inMemory(file, held, memoryLimit));
            } else {
                var index = TarIndex.read(file);
                data.add(new Shard() {
                    @Override
                    public int size() {
                        return index.size();
                    }

                    @Override
                    public WebSample get(int i) {
                        return index.get(i);
                    }
                });
            }
        }
        return data;
    }

    private static Shard inMemory(Path file, long[] held, long memoryLimit) {
        List<WebSample> samples = new ArrayList<>();
        try (var stream = WebShards.stream(file)) {
            for (Iterator<WebSample> it = stream; it.hasNext(); ) {
                WebSample sample = it.next();
                for (byte[] part : sample.parts().values()) {
                    held[0] += part.length;
                }
                if (held[0] > memoryLimit) {
                    throw DataFiles.broken(
                            file,
                            "a compressed shard is held in memory, and %d bytes are allowed; unpack it, raise memoryLimitMb, or stream"
                                    .formatted(memoryLimit));
                }
                samples.add(sample);
            }
        }
        return new Shard() {
            @Override
            public int size() {
                return samples.size();
            }

            @Override
            public WebSample get(int i) {
                return samples.get(i);
            }
        };
    }

    private void add(Shard shard) {
        shards.add(shard);
        starts.add(starts.getLast() + shard.size());
    }

    @Override
    public long size() {
        return starts.getLast();
    }

    @Override
    public WebSample get(long index) {
        Objects.checkIndex(index, size());
        int low = 0;
        int high = shards.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (starts.get(middle) <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return shards.get(low).get((int) (index - starts.get(low)));
    }
}
