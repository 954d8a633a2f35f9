package dev.fovea.verify;

import java.util.List;

/**
 * What running one case gave.
 *
 * @param id system and name
 * @param status whether it passed
 * @param comparisons one entry a compared tensor
 * @param message why it failed or could not run, empty otherwise
 */
public record CaseResult(String id, Status status, List<Comparison> comparisons, String message) {

    /** How a case ended. */
    public enum Status {
        PASSED,
        FAILED,
        /** The system, or the part of it that the case is about, does not exist yet. */
        NOT_BUILT
    }
}
