package io.unshub.quality;

import io.unshub.envelope.Batch;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.envelope.Reading;

/**
 * The tag-quality stage: downgrades foreign readings by age and range. Splices the flag into the
 * bytes and leaves every other byte as it was published. Threads: any.
 */
public final class QualityTagging {

    private final QualityRules rules;

    /** A stage that asks the given rules. */
    public QualityTagging(QualityRules rules) {
        this.rules = rules;
    }

    /** Downgrades what the rules downgrade; rejected and unparsed readings stay as they are. */
    public void tag(Batch batch) {
        for (Reading reading : batch) {
            if (!reading.rejected() && reading.envelope() != null) {
                rules.tag(reading.envelope(), reading.acceptedUtc())
                        .ifPresent(
                                downgrade ->
                                        reading.downgrade(
                                                EnvelopeCodec.spliceQuality(
                                                        reading.payload(), downgrade.to()),
                                                downgrade.to()));
            }
        }
    }
}
