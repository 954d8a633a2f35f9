package dev.fovea.data;

/** What to do about a picture that cannot be read. */
public enum BadImages {
    /** The run stops with an error that names the file. */
    FAIL,
    /**
     * A line in the log and a count. In training the next example by index stands in for it; an evaluation goes without it.
     */
    SKIP
}
