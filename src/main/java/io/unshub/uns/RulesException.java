package io.unshub.uns;

/**
 * A rules file cannot be read or contradicts itself. The message is one sentence that names the
 * file, the rule, the actual value and the next step, fit to be shown to the file's owner.
 */
public final class RulesException extends RuntimeException {

    public RulesException(String message) {
        super(message);
    }

    public RulesException(String message, Throwable cause) {
        super(message, cause);
    }
}
