package io.unshub.envelope;

/**
 * The validate stage: gives each reading of a batch its verdict. Takes nothing out and never
 * throws; threads: any.
 */
public final class Validation {

    private final EnvelopeValidator validator;

    /** A stage that asks the given validator. */
    public Validation(EnvelopeValidator validator) {
        this.validator = validator;
    }

    /** Marks each reading as valid or rejected. */
    public void validate(Batch batch) {
        for (Reading reading : batch) {
            Verdict verdict = validator.check(reading.topic(), reading.payload());
            if (verdict instanceof Verdict.Valid valid) {
                reading.valid(valid.envelope());
            } else if (verdict instanceof Verdict.Invalid invalid) {
                reading.reject(invalid.rejection());
            }
        }
    }
}
