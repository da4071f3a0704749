package io.unshub.ops;

/**
 * A request that the hub does not carry out: which rule, the value that broke it and what to do.
 */
public final class Refused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String rule;
    private final String value;
    private final String nextStep;

    /**
     * @param status HTTP status: 400 for a bad value, 404 for what is not there, 409 for a conflict
     * @param detail what is wrong, a sentence without its end
     * @param rule the rule's name
     * @param value the value that broke it
     * @param nextStep what the caller can do
     */
    public Refused(int status, String detail, String rule, String value, String nextStep) {
        super(detail + "; " + nextStep);
        this.status = status;
        this.rule = rule;
        this.value = value;
        this.nextStep = nextStep;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The rule's name. */
    public String rule() {
        return rule;
    }

    /** The value that broke it. */
    public String value() {
        return value;
    }

    /** What the caller can do. */
    public String nextStep() {
        return nextStep;
    }
}
