package dev.fovea.data;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Examples of a stream. Workers ask a little out of order; what is read on the way to the one asked for waits here, and that is
 * never more than they have claimed.
 */
final class StreamFeed implements Feed {

    private static final int MOST_WAITING = 1 << 16;

    private final ShuffledStream<ImageExample> stream;
    private final Map<Long, ImageExample> waiting = new HashMap<>();

    StreamFeed(ShuffledStream<ImageExample> stream) {
        this.stream = stream;
    }

    @Override
    public Spot spot(long position) {
        return new Spot(0, position);
    }

    @Override
    public synchronized ImageExample read(Spot spot) {
        long position = spot.index();
        ImageExample ready = waiting.remove(position);
        if (ready != null) {
            return ready;
        }
        if (position < stream.position() || position > stream.position() + MOST_WAITING) {
            waiting.clear();
            stream.seek(position);
        }
        while (stream.position() < position) {
            waiting.put(stream.position(), stream.next());
        }
        return stream.next();
    }

    /** After a jump nothing that waited will be asked for. */
    synchronized void jump(long position) {
        waiting.clear();
        stream.seek(position);
    }

    synchronized void close() {
        stream.close();
    }

    @Override
    public @Nullable Spot instead(Spot spot) {
        return null;
    }

    @Override
    public boolean readsOneByOne() {
        return false;
    }
}
