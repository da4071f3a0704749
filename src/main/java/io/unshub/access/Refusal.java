package io.unshub.access;

/**
 * Something that a client was not given.
 *
 * @param reason the code that metric, log and audit tell apart
 * @param peer address and port of the client
 * @param who its subject; {@code (unknown)} before it has shown one that is trusted
 * @param detail what it wanted, or what was wrong, in one sentence
 */
public record Refusal(Reason reason, String peer, String who, String detail) {

    /** For a client that has shown no certificate that is trusted. */
    public static final String UNKNOWN = "(unknown)";

    /** Why. */
    public enum Reason {
        /** What came was no TLS. */
        NOT_TLS,
        /** Older than TLS 1.2. */
        TLS_VERSION,
        /** No cipher suite that is strong enough. */
        TLS_CIPHER,
        /** No certificate. */
        NO_CERTIFICATE,
        /** Self-signed, or from an authority that is not trusted. */
        CERTIFICATE_UNTRUSTED,
        /** Its time is over. */
        CERTIFICATE_EXPIRED,
        /** Its time has not come. */
        CERTIFICATE_NOT_YET_VALID,
        /** It was revoked. */
        CERTIFICATE_REVOKED,
        /** The list of what is revoked is missing or has run out. */
        REVOCATION_UNKNOWN,
        /** Trusted, but not for a client, or not fit otherwise. */
        CERTIFICATE_UNFIT,
        /** The client did not trust the hub, or does not find the name that it called. */
        CLIENT_REFUSED_SERVER,
        /** Anything else before TLS stood. */
        TLS_FAILED,
        /** No role for the subject. */
        NO_ROLE,
        /** A client ID that belongs to another subject. */
        CLIENT_ID,
        /** A publish outside the roles. */
        PUBLISH,
        /** A subscription outside the roles. */
        SUBSCRIBE,
        /** A last will outside the roles. */
        WILL,
        /** On the plain listener, which is the hub's own outside the demo. */
        PLAIN_TEXT,
        /** On the plain listener, a queue of the hub's own. */
        OWN_QUEUE,
        /** The first packet was no CONNECT. */
        NOT_MQTT,
        /** A packet that is none, or that has no place there. */
        MALFORMED,
        /** A packet that is too large. */
        PACKET_SIZE,
        /** Too many connections, of one address or in all. */
        CONNECTIONS,
        /** Too many connections of one address within a second. */
        CONNECTION_RATE,
        /** No CONNECT in time. */
        CONNECT_TIMEOUT,
        /** Publishes on too many topics. */
        TOPICS,
        /** Too many subscriptions. */
        SUBSCRIPTIONS,
        /** Too many publishes that are not acknowledged. */
        IN_FLIGHT;

        /** Whether it was for who the client is, and not for what it wanted or how much. */
        public boolean isOfIdentity() {
            return compareTo(CLIENT_ID) <= 0 || this == PLAIN_TEXT;
        }
    }
}
