package io.unshub.envelope;

import io.unshub.deadletter.Rejection;
import java.util.List;

/** What the validator says of one payload. */
public sealed interface Verdict {

    /**
     * The payload is an envelope.
     *
     * @param envelope what it says; {@code value} keeps every digit
     * @param unknownFields top-level fields that v1 does not know, in the payload's order: schema
     *     drift to count, never a reason to refuse
     */
    record Valid(Envelope envelope, List<String> unknownFields) implements Verdict {}

    /**
     * The payload is refused.
     *
     * @param rejection why, for the dead letter
     */
    record Invalid(Rejection rejection) implements Verdict {}
}
