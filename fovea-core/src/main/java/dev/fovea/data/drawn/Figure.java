package dev.fovea.data.drawn;

/**
 * A figure in a picture.
 *
 * @param name what boxes call it: its shape, or the word
 * @param box round its visible pixels
 * @param position which ninth of the picture its middle lies in, row by row
 * @param mask 1 where it is seen [H, W], 0 elsewhere
 */
public record Figure(String name, Colour colour, Box box, int position, byte[] mask) {

    /** Colour and name. */
    public String described() {
        return colour + " " + name;
    }

    /** Pixels it covers. */
    public int area() {
        int area = 0;
        for (byte b : mask) {
            area += b;
        }
        return area;
    }
}
