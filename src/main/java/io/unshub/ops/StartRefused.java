package io.unshub.ops;

/**
 * The hub does not start, for a reason that its user can mend; the message is all that is shown.
 */
public final class StartRefused extends RuntimeException {

    /** A refusal in one sentence, with the next step. */
    public StartRefused(String message) {
        super(message);
    }
}
