package dev.fovea.models.vmoe;

import static java.util.Objects.requireNonNull;

import dev.fovea.config.Default;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens of a group an expert takes: the slots B of its buffer (arXiv 2106.05974, section 2.3).
 *
 * @param factor C: slots in units of the load that an even spread gives each expert; absent where {@code slots} is given
 * @param slots B itself
 * @param rounding how C times the even load becomes whole
 * @param multipleOf B goes up to a multiple of this, 1 for none; the authors' code takes 4
 */
public record Capacity(
        @Nullable Double factor,
        @Nullable Integer slots,
        @Default("ceil") Rounding rounding,
        @Default("4") int multipleOf) {

    public Capacity {
        if ((factor == null) == (slots == null)) {
            throw new IllegalArgumentException(
                    "factor, slots: wanted one of them, found " + (factor == null ? "neither" : "both"));
        }
        if (slots != null && slots < 1) {
            throw new IllegalArgumentException("slots: found %d, wanted at least 1".formatted(slots));
        }
        if (factor != null && !(factor >= 0 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("factor: found %s, wanted a number of 0 or more".formatted(factor));
        }
        if (multipleOf < 1) {
            throw new IllegalArgumentException("multipleOf: found %d, wanted at least 1".formatted(multipleOf));
        }
    }

    /** B = round(C · load), without going up to a multiple: for sweeps, where B shall be what C says. */
    public static Capacity of(double factor) {
        return new Capacity(factor, null, Rounding.ROUND, 1);
    }

    /** So many slots. */
    public static Capacity ofSlots(int slots) {
        return new Capacity(null, slots, Rounding.CEIL, 1);
    }

    /**
     * B for a group with so many choices: tokens times k where tokens choose experts, tokens where experts choose.
     *
     * @throws IllegalArgumentException when that leaves no slot
     */
    public int slots(long choices, int numExperts) {
        if (slots != null) {
            return slots;
        }
        double exact = choices * requireNonNull(factor) / numExperts; // the product first, as the authors' code has it
        double whole = rounding == Rounding.CEIL ? Math.ceil(exact) : Math.rint(exact);
        if (!(whole >= 1 && whole <= Integer.MAX_VALUE - multipleOf)) {
            throw new IllegalArgumentException(
                    "capacity factor %s leaves %.0f slots for %d choices of %d experts, wanted at least 1"
                            .formatted(factor, whole, choices, numExperts));
        }
        int b = (int) whole;
        return b + Math.floorMod(-b, multipleOf);
    }
}
