package dev.fovea.data.drawn;

import dev.fovea.data.Dataset;
import dev.fovea.data.ImageDataset;
import dev.fovea.data.ImageExample;
import dev.fovea.data.ImageSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Drawn pictures by index; the picture of an index is drawn each time it is asked for, and the same each time. */
public record DrawnDataset(DrawnConfig config) implements Dataset<DrawnExample> {

    @Override
    public long size() {
        return config.count();
    }

    @Override
    public DrawnExample get(long index) {
        return Scene.draw(config, config.first() + Objects.checkIndex(index, config.count()));
    }

    /** Names of the task's classes by label. */
    public List<String> classNames() {
        return config.task().classNames(config.most());
    }

    /** The same pictures with their classes, and captions as text {@code caption}. */
    public ImageDataset classified() {
        DrawnDataset source = this;
        return new ImageDataset() {
            @Override
            public long size() {
                return source.size();
            }

            @Override
            public ImageExample get(long index) {
                DrawnExample drawn = source.get(index);
                return new ImageExample(
                        "drawn#" + drawn.index(),
                        new ImageSource.Decoded(drawn.image()),
                        drawn.label(),
                        Map.of("caption", drawn.caption()));
            }

            @Override
            public List<String> classNames() {
                return source.classNames();
            }
        };
    }
}
