package dev.fovea.data;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sample of a WebDataset shard: consecutive files of one key.
 *
 * @param key the files' common path up to the first dot of their name
 * @param shard the tar file
 * @param parts contents by what follows that dot: {@code jpg}, {@code json}, {@code cls}
 */
public record WebSample(String key, String shard, Map<String, byte[]> parts) {

    /** Shard and key, as messages name the sample. */
    public String id() {
        return shard + "/" + key;
    }

    /** A part as UTF-8 text, or null where the sample has none of that name. */
    public @Nullable String text(String part) {
        byte[] bytes = parts.get(part);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
