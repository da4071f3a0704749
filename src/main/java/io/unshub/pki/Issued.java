package io.unshub.pki;

import java.time.Instant;
import java.util.List;

/**
 * One certificate in the register.
 *
 * @param serial in hexadecimal
 * @param name the folder of its files
 * @param kind what it is for
 * @param subject as RFC 2253 writes it
 * @param san host names, addresses and URIs that it is for
 * @param issuer the name of the authority that signed it; its own for a root
 * @param from when it begins to be valid
 * @param expires when it ends
 * @param revoked when it was revoked; null for never
 * @param reason why, as RFC 5280 names it; null while it is not revoked
 * @param retired when a root was trusted no more; null while it is, and for all others
 */
public record Issued(
        String serial,
        String name,
        Kind kind,
        String subject,
        List<String> san,
        String issuer,
        Instant from,
        Instant expires,
        Instant revoked,
        Reason reason,
        Instant retired) {

    /** What a certificate is for. */
    public enum Kind {
        /** The authority that all trust. */
        ROOT,
        /** The authority that issues, itself issued by the root. */
        INTERMEDIATE,
        /** A server: the broker. */
        SERVER,
        /** A client: a device or a program. */
        CLIENT;

        boolean isAuthority() {
            return this == ROOT || this == INTERMEDIATE;
        }
    }

    /** Why a certificate was revoked, with its number in RFC 5280, 5.3.1. */
    public enum Reason {
        /** Not said. */
        UNSPECIFIED(0),
        /** Someone else has the key, or may have it. */
        KEY_COMPROMISE(1),
        /** The same for the key of an authority. */
        CA_COMPROMISE(2),
        /** The device belongs to someone else, or has another name. */
        AFFILIATION_CHANGED(3),
        /** Another certificate took its place. */
        SUPERSEDED(4),
        /** The device is gone. */
        CESSATION_OF_OPERATION(5);

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** What it is worth. */
    public enum State {
        /** Nothing speaks against it. */
        VALID,
        /** Its time has not come. */
        NOT_YET_VALID,
        /** Its time is over. */
        EXPIRED,
        /** It was taken back. */
        REVOKED,
        /** A root that is trusted no more. */
        RETIRED
    }

    /** What it is worth at a moment. */
    public State state(Instant at) {
        if (revoked != null) {
            return State.REVOKED;
        }
        if (retired != null) {
            return State.RETIRED;
        }
        if (at.isBefore(from)) {
            return State.NOT_YET_VALID;
        }
        return at.isAfter(expires) ? State.EXPIRED : State.VALID;
    }

    Issued revoked(Instant at, Reason why) {
        return new Issued(
                serial, name, kind, subject, san, issuer, from, expires, at, why, retired);
    }

    Issued retired(Instant at) {
        return new Issued(
                serial, name, kind, subject, san, issuer, from, expires, revoked, reason, at);
    }
}
