package dev.fovea.models.inception;

import static dev.fovea.models.inception.Inception.average;
import static dev.fovea.models.inception.Inception.beside;
import static dev.fovea.models.inception.Inception.largest;

import dev.fovea.models.inception.Units.Unit;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** One of the network's layers (arXiv 1512.00567, table 1); the names of its parts are the published file's. */
sealed interface Layer {

    Tensor forward(Tensor x); // [B, C, H, W] to [B, out, H', W']

    /** Channels that come out. */
    long out();

    /** A layer of a file for so many channels. */
    @FunctionalInterface
    interface Maker {

        Layer make(Units u, long in);
    }

    /** All of a file in their order. */
    static List<Layer> all(Units units) {
        List<Maker> makers = List.of(
                (u, in) -> new Single(u.inner("Conv2d_1a_3x3", in, 2)),
                (u, in) -> new Single(u.inner("Conv2d_2a_3x3", in, 1)),
                (u, in) -> new Single(u.same("Conv2d_2b_3x3", in, 3, 3)),
                (_, in) -> new Largest(in),
                (u, in) -> new Single(u.same("Conv2d_3b_1x1", in, 1, 1)),
                (u, in) -> new Single(u.inner("Conv2d_4a_3x3", in, 1)),
                (_, in) -> new Largest(in),
                (u, in) -> Mixed.on35(u.at("Mixed_5b"), in),
                (u, in) -> Mixed.on35(u.at("Mixed_5c"), in),
                (u, in) -> Mixed.on35(u.at("Mixed_5d"), in),
                (u, in) -> Reduced.from35(u.at("Mixed_6a"), in),
                (u, in) -> Mixed.on17(u.at("Mixed_6b"), in),
                (u, in) -> Mixed.on17(u.at("Mixed_6c"), in),
                (u, in) -> Mixed.on17(u.at("Mixed_6d"), in),
                (u, in) -> Mixed.on17(u.at("Mixed_6e"), in),
                (u, in) -> Reduced.from17(u.at("Mixed_7a"), in),
                (u, in) -> Mixed8.of(u.at("Mixed_7b"), in, false),
                (u, in) -> Mixed8.of(u.at("Mixed_7c"), in, true));
        var layers = new ArrayList<Layer>();
        long in = 3;
        for (Maker maker : makers) {
            Layer layer = maker.make(units, in);
            layers.add(layer);
            in = layer.out();
        }
        return List.copyOf(layers);
    }

    /** Units one after the other. */
    record Chain(List<Unit> units) {

        static Chain of(Unit... units) {
            return new Chain(List.of(units));
        }

        Tensor forward(Tensor x) { // [B, C, H, W]
            for (Unit unit : units) {
                x = unit.forward(x);
            }
            return x; // [B, out, H', W']
        }

        long out() {
            return units.getLast().out();
        }
    }

    record Single(Unit unit) implements Layer {

        @Override
        public Tensor forward(Tensor x) { // [B, C, H, W]
            return unit.forward(x); // [B, out, H', W']
        }

        @Override
        public long out() {
            return unit.out();
        }
    }

    record Largest(long out) implements Layer {

        @Override
        public Tensor forward(Tensor x) { // [B, C, H, W]
            return largest(x, 2, 0); // [B, C, H', W']
        }
    }

    /** Four branches of which the last one averages first: figure 5 on 35×35 places, figure 6 on 17×17. */
    record Mixed(Unit one, Chain first, Chain second, Unit pooled) implements Layer {

        /** With the one 5×5 of the released network. */
        static Mixed on35(Units u, long in) {
            Unit five = u.same("branch5x5_1", in, 1, 1);
            Unit enter = u.same("branch3x3dbl_1", in, 1, 1);
            Unit middle = u.same("branch3x3dbl_2", enter.out(), 3, 3);
            return new Mixed(
                    u.same("branch1x1", in, 1, 1),
                    Chain.of(five, u.same("branch5x5_2", five.out(), 5, 5)),
                    Chain.of(enter, middle, u.same("branch3x3dbl_3", middle.out(), 3, 3)),
                    u.same("branch_pool", in, 1, 1));
        }

        /** Rows and columns of seven. */
        static Mixed on17(Units u, long in) {
            Unit a = u.same("branch7x7_1", in, 1, 1);
            Unit b = u.same("branch7x7_2", a.out(), 1, 7);
            Unit c = u.same("branch7x7dbl_1", in, 1, 1);
            Unit d = u.same("branch7x7dbl_2", c.out(), 7, 1);
            Unit e = u.same("branch7x7dbl_3", d.out(), 1, 7);
            Unit f = u.same("branch7x7dbl_4", e.out(), 7, 1);
            return new Mixed(
                    u.same("branch1x1", in, 1, 1),
                    Chain.of(a, b, u.same("branch7x7_3", b.out(), 7, 1)),
                    Chain.of(c, d, e, f, u.same("branch7x7dbl_5", f.out(), 1, 7)),
                    u.same("branch_pool", in, 1, 1));
        }

        @Override
        public Tensor forward(Tensor x) { // [B, C, H, W]
            return beside(one.forward(x), first.forward(x), second.forward(x), pooled.forward(average(x)));
        }

        @Override
        public long out() {
            return one.out() + first.out() + second.out() + pooled.out();
        }
    }

    /** To half as many places each way, the largest values beside two branches (figure 10). */
    record Reduced(Chain first, Chain second, long in) implements Layer {

        static Reduced from35(Units u, long in) {
            Unit enter = u.same("branch3x3dbl_1", in, 1, 1);
            Unit middle = u.same("branch3x3dbl_2", enter.out(), 3, 3);
            return new Reduced(
                    Chain.of(u.inner("branch3x3", in, 2)),
                    Chain.of(enter, middle, u.inner("branch3x3dbl_3", middle.out(), 2)),
                    in);
        }

        static Reduced from17(Units u, long in) {
            Unit a = u.same("branch3x3_1", in, 1, 1);
            Unit b = u.same("branch7x7x3_1", in, 1, 1);
            Unit c = u.same("branch7x7x3_2", b.out(), 1, 7);
            Unit d = u.same("branch7x7x3_3", c.out(), 7, 1);
            return new Reduced(
                    Chain.of(a, u.inner("branch3x3_2", a.out(), 2)),
                    Chain.of(b, c, d, u.inner("branch7x7x3_4", d.out(), 2)),
                    in);
        }

        @Override
        public Tensor forward(Tensor x) { // [B, C, H, W]
            return beside(first.forward(x), second.forward(x), largest(x, 2, 0));
        }

        @Override
        public long out() {
            return first.out() + second.out() + in;
        }
    }

    /**
     * Figure 7, on 8×8 places: rows and columns of three side by side.
     *
     * @param largest whether the pooled branch takes the largest value, not the average
     */
    record Mixed8(
            Unit one,
            Unit three,
            Unit row,
            Unit column,
            Chain threes,
            Unit row2,
            Unit column2,
            Unit pooled,
            boolean largest)
            implements Layer {

        static Mixed8 of(Units u, long in, boolean largest) {
            Unit three = u.same("branch3x3_1", in, 1, 1);
            Unit enter = u.same("branch3x3dbl_1", in, 1, 1);
            Unit threes = u.same("branch3x3dbl_2", enter.out(), 3, 3);
            return new Mixed8(
                    u.same("branch1x1", in, 1, 1),
                    three,
                    u.same("branch3x3_2a", three.out(), 1, 3),
                    u.same("branch3x3_2b", three.out(), 3, 1),
                    Chain.of(enter, threes),
                    u.same("branch3x3dbl_3a", threes.out(), 1, 3),
                    u.same("branch3x3dbl_3b", threes.out(), 3, 1),
                    u.same("branch_pool", in, 1, 1),
                    largest);
        }

        @Override
        public Tensor forward(Tensor x) { // [B, C, H, W]
            Tensor y = three.forward(x);
            Tensor z = threes.forward(x);
            return beside(
                    one.forward(x),
                    row.forward(y),
                    column.forward(y),
                    row2.forward(z),
                    column2.forward(z),
                    pooled.forward(largest ? Inception.largest(x, 1, 1) : average(x)));
        }

        @Override
        public long out() {
            return one.out() + row.out() + column.out() + row2.out() + column2.out() + pooled.out();
        }
    }
}
