package io.unshub.envelope;

/**
 * The validate stage: gives each reading of a batch its verdict. Takes nothing out and never
 * throws; threads: any.
 */
public final class Validation {

    private final EnvelopeValidator validator;
    private final SchemaDrift drift;

    /** A stage that asks the given validator, and records the fields that no schema knows. */
    public Validation(EnvelopeValidator validator, SchemaDrift drift) {
        this.validator = validator;
        this.drift = drift;
    }

    /** Marks each reading as valid or rejected. */
    public void validate(Batch batch) {
        for (Reading reading : batch) {
            Verdict verdict =
                    reading.made() == null
                            ? validator.check(reading.topic(), reading.payload())
                            : validator.check(reading.made(), reading.payload());
            if (verdict instanceof Verdict.Valid valid) {
                reading.valid(valid.envelope());
                if (!valid.unknownFields().isEmpty()) {
                    drift.seen(reading.topic(), reading.schemaVersion(), valid.unknownFields());
                }
            } else if (verdict instanceof Verdict.Invalid invalid) {
                reading.reject(invalid.rejection());
            }
        }
    }
}
