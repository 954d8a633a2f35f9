package dev.fovea.data;

import java.util.function.Function;

/** Examples by index. Safe to read from several threads at once; {@code get} of the same index gives the same example. */
public interface Dataset<E> {

    /** How many examples there are. */
    long size();

    /** The example at {@code index}, 0 up to {@link #size()} exclusive. */
    E get(long index);

    /** The same examples, each passed through {@code f} when it is read. */
    default <F> Dataset<F> map(Function<? super E, ? extends F> f) {
        Dataset<E> source = this;
        return new Dataset<>() {
            @Override
            public long size() {
                return source.size();
            }

            @Override
            public F get(long index) {
                return f.apply(source.get(index));
            }
        };
    }
}
