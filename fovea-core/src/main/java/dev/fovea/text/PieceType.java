package dev.fovea.text;

/** What a piece of a SentencePiece vocabulary is for. */
public enum PieceType {
    NORMAL(1),
    UNKNOWN(2),
    CONTROL(3),
    USER_DEFINED(4),
    UNUSED(5),
    BYTE(6);

    private final int number;

    PieceType(int number) {
        this.number = number;
    }

    /** The number in a {@code .model} or GGUF file. */
    public int number() {
        return number;
    }

    /** The type of such a number. */
    public static PieceType ofNumber(int number) {
        for (PieceType type : values()) {
            if (type.number == number) {
                return type;
            }
        }
        throw new IllegalArgumentException("piece type %d, wanted 1 to 6".formatted(number));
    }
}
