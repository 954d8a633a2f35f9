package dev.fovea.cli.hub;

/** What the hub refuses or the network does not deliver, told in one line. */
public final class HubException extends RuntimeException {

    private static final long serialVersionUID = 1;

    HubException(String message) {
        super(message);
    }
}
