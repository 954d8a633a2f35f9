package dev.fovea.data;

import java.util.Iterator;
import java.util.function.Function;

/** Examples in files that are read from front to back, for data too large to be had by index. */
public interface Shards<E> {

    /** How many shards there are. */
    int count();

    /** Opens a shard at its beginning; the same shard gives the same examples in the same order. */
    Cursor<E> open(int shard);

    /** The same shards, each example passed through {@code f}. */
    default <F> Shards<F> map(Function<? super E, ? extends F> f) {
        Shards<E> source = this;
        return new Shards<>() {
            @Override
            public int count() {
                return source.count();
            }

            @Override
            public Cursor<F> open(int shard) {
                Cursor<E> cursor = source.open(shard);
                return new Cursor<>() {
                    @Override
                    public boolean hasNext() {
                        return cursor.hasNext();
                    }

                    @Override
                    public F next() {
                        return f.apply(cursor.next());
                    }

                    @Override
                    public void close() {
                        cursor.close();
                    }
                };
            }
        };
    }

    /** The examples of an open shard; closing it gives up the file. */
    interface Cursor<E> extends Iterator<E>, AutoCloseable {
        @Override
        void close();
    }
}
