package dev.fovea.verify;

/** Says that a case needs a part of Fovea that does not exist yet; the case is listed as such and does not pass. */
public final class NotBuiltException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public NotBuiltException(String what) {
        super(what);
    }
}
