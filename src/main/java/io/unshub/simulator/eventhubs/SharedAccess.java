package io.unshub.simulator.eventhubs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks the tokens that clients put: shared access signatures, which are HMAC-SHA256 of the
 * still-encoded resource, a line feed and the expiry, by the raw bytes of the key; and those of an
 * identity, as whoever started the endpoint thinks of them.
 */
final class SharedAccess {

    private static final String SIGNATURE = "servicebus.windows.net:sastoken";
    private static final String PREFIX = "SharedAccessSignature ";

    private final String keyName;
    private final String key;
    private final InstantSource clock;
    private final Function<String, Optional<String>> bearers;

    SharedAccess(
            String keyName,
            String key,
            InstantSource clock,
            Function<String, Optional<String>> bearers) {
        this.keyName = keyName;
        this.key = key;
        this.clock = clock;
        this.bearers = bearers;
    }

    /** Returns why a token of that type is refused; empty when it is good. */
    Optional<String> refusal(Object type, String token) {
        if ("jwt".equals(type)) {
            return token == null ? Optional.of("there is no token") : bearers.apply(token);
        }
        return SIGNATURE.equals(type)
                ? signature(token)
                : Optional.of(
                        "the type of the token is " + type + ", not " + SIGNATURE + " or jwt");
    }

    private Optional<String> signature(String token) {
        if (token == null || !token.startsWith(PREFIX)) {
            return Optional.of("the token is no SharedAccessSignature");
        }
        Map<String, String> fields = new HashMap<>();
        for (String field : token.substring(PREFIX.length()).split("&")) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                fields.put(field.substring(0, equals), field.substring(equals + 1));
            }
        }
        if (!fields.keySet().containsAll(java.util.Set.of("sr", "sig", "se", "skn"))) {
            return Optional.of("the token lacks one of sr, sig, se, skn");
        }
        try {
            if (!keyName.equals(URLDecoder.decode(fields.get("skn"), UTF_8))) {
                return Optional.of("the key name is not known");
            }
            if (Long.parseLong(fields.get("se")) < clock.instant().getEpochSecond()) {
                return Optional.of("the token has expired");
            }
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256"));
            byte[] expected =
                    mac.doFinal((fields.get("sr") + "\n" + fields.get("se")).getBytes(UTF_8));
            byte[] given = Base64.getDecoder().decode(URLDecoder.decode(fields.get("sig"), UTF_8));
            return MessageDigest.isEqual(expected, given)
                    ? Optional.empty()
                    : Optional.of("the signature does not match");
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            return Optional.of("the token cannot be read: " + e.getMessage());
        }
    }
}
