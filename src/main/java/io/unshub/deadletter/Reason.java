package io.unshub.deadletter;

/** Why a reading was set aside. The names are stored with dead letters: never rename one. */
public enum Reason {
    /** The payload is not one well-formed UTF-8 JSON object. */
    PARSE_ERROR,
    /** The payload is JSON but breaks the envelope schema. */
    SCHEMA_INVALID,
    /** The payload names a schema version that this hub does not know. */
    SCHEMA_UNSUPPORTED,
    /** A required field is absent. */
    FIELD_MISSING,
    /** The payload is larger than the configured limit. */
    SIZE_EXCEEDED,
    /** The quality flag is none of the known ones. */
    UNKNOWN_FLAG,
    /** The topic breaks the hierarchy rules. */
    TOPIC_INVALID,
    /** The topic in the payload is not the topic that it was published on. */
    TOPIC_MISMATCH,
    /** The source time is no ISO 8601 time with a zone, or outside the accepted range. */
    TIMESTAMP_INVALID,
    /** The same messageId came on the same topic with other bytes. */
    DUPLICATE_CONFLICT,
    /** The cloud refused the reading for good. */
    FORWARD_REJECTED,
    /** The hub failed on this reading. */
    INTERNAL_ERROR
}
