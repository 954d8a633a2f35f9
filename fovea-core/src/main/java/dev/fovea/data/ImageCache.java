package dev.fovea.data;

import dev.fovea.image.Image;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A data set that keeps its decoded pictures, one byte a value, up to a number of bytes. First come, first kept; the others are
 * decoded each time. What is got does not depend on what is kept.
 */
public final class ImageCache implements ImageDataset {

    private final ImageDataset source;
    private final long limit;
    private final AtomicReferenceArray<@Nullable ImageExample> kept;
    private final AtomicLong held = new AtomicLong();

    private ImageCache(ImageDataset source, long limit, int size) {
        this.source = source;
        this.limit = limit;
        this.kept = new AtomicReferenceArray<>(size);
    }

    /** Keeps pictures of {@code source}, at most {@code limit} bytes of them. Data already in memory as pixels stays as it is. */
    public static ImageDataset of(ImageDataset source, long limit) {
        boolean inMemory = source instanceof IdxImages || source instanceof CifarImages;
        return inMemory || limit <= 0 || source.size() > Integer.MAX_VALUE - 16
                ? source
                : new ImageCache(source, limit, (int) source.size());
    }

    @Override
    public long size() {
        return source.size();
    }

    @Override
    public ImageExample get(long index) {
        ImageExample known = index >= 0 && index < kept.length() ? kept.get((int) index) : null;
        if (known != null) {
            return known;
        }
        ImageExample example = source.get(index);
        Image image = example.image();
        var decoded = new ImageExample(example.id(), new ImageSource.Decoded(image), example.label(), example.texts());
        long bytes = image.rgb().length;
        if (held.addAndGet(bytes) > limit || !kept.compareAndSet((int) index, null, decoded)) {
            held.addAndGet(-bytes);
        }
        return decoded;
    }

    @Override
    public int label(long index) {
        return source.label(index);
    }

    @Override
    public List<String> classNames() {
        return source.classNames();
    }

    /** Bytes of pictures kept at the moment. */
    public long held() {
        return held.get();
    }
}
