package io.unshub.buffer;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.UUID;

/**
 * How the hub's own sessions show on the plain listener that they are: by a password that is new at
 * each start, stands nowhere, and which no list of sessions shows.
 *
 * @param password what they log in with
 * @param alone whether the plain listener takes nobody else
 */
public record OwnLogin(String password, boolean alone) {

    /** The user name that goes with it. */
    public static final String USER = "uns-hub";

    /** A new one. */
    public static OwnLogin make(boolean alone) {
        return new OwnLogin(UUID.randomUUID().toString(), alone);
    }

    /** Whether somebody has shown it. */
    boolean isShown(String user, byte[] shown) {
        return USER.equals(user)
                && shown != null
                && MessageDigest.isEqual(password.getBytes(StandardCharsets.UTF_8), shown);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "the hub's own login";
    }
}
