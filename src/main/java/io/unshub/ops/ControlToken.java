package io.unshub.ops;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.unshub.uns.OwnerOnlyFile;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.atomic.LongAdder;

/**
 * Guards {@code /api/}: a request needs a token that stands in the data folder, readable by the
 * owner alone, or comes from somebody who has logged in to the console. The one for control is new
 * at each start. Those for readings and for inference stay, until their files are deleted: they are
 * given to other programs, and let them post readings, or ask models, and nothing else.
 */
@Singleton
public final class ControlToken {

    /** Name of the file in the data folder. */
    public static final String FILE = "control-token";

    /** Name of the file with the token for readings. */
    public static final String READINGS_FILE = "readings-token";

    /** Name of the file with the token for inference. */
    public static final String INFERENCE_FILE = "inference-token";

    /** Set on a request that somebody makes who has logged in, and may. */
    public static final String ADMITTED = "unshub-admitted";

    private static final String READINGS_PATH = "/api/v1/readings";
    private static final String INFERENCE_PATH = "/api/v1/inference/";
    private static final int TOKEN_BYTES = 32;

    private final byte[] control;
    private final byte[] readings;
    private final byte[] inference;
    private final LongAdder refused = new LongAdder();

    ControlToken(HubConfig config) throws IOException {
        Files.createDirectories(config.dataDir());
        control = header(make(config.dataDir().resolve(FILE)));
        readings = header(kept(config.dataDir().resolve(READINGS_FILE)));
        inference = header(kept(config.dataDir().resolve(INFERENCE_FILE)));
    }

    private static String kept(Path file) throws IOException {
        String kept = Files.exists(file) ? Files.readString(file).strip() : "";
        // one that was cut short, or written by hand, would be easy to guess
        return kept.length() < TOKEN_BYTES ? make(file) : kept;
    }

    private static byte[] header(String token) {
        return ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    }

    private static String make(Path file) throws IOException {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        OwnerOnlyFile.write(file, token.getBytes(StandardCharsets.US_ASCII));
        return token;
    }

    void guard(@Observes Filters filters) {
        filters.register(this::check, 100);
    }

    private void check(RoutingContext request) {
        if (!request.normalizedPath().startsWith("/api/")
                || Boolean.TRUE.equals(request.get(ADMITTED))
                || authorised(request)) {
            request.next();
            return;
        }
        refused.increment();
        request.response()
                .setStatusCode(401)
                .putHeader("WWW-Authenticate", "Bearer")
                .putHeader("Content-Type", "application/problem+json")
                .end(
                        "{\"type\":\"urn:unshub:problem:token\",\"title\":\"Unauthorized\","
                                + "\"status\":401,\"detail\":\"/api/ needs a bearer token\","
                                + "\"rule\":\"token\",\"value\":\"\",\"nextStep\":\"send the token"
                                + " from the file "
                                + file(request.normalizedPath())
                                + " in the hub's data folder\"}");
    }

    /** How many requests were refused since the start. */
    public long refused() {
        return refused.sum();
    }

    private static String file(String path) {
        if (path.equals(READINGS_PATH)) {
            return READINGS_FILE;
        }
        return path.startsWith(INFERENCE_PATH) ? INFERENCE_FILE : FILE;
    }

    private boolean authorised(RoutingContext request) {
        String given = request.request().getHeader("Authorization");
        if (given == null) {
            return false;
        }
        byte[] bytes = given.getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(control, bytes)
                || request.normalizedPath().equals(READINGS_PATH)
                        && MessageDigest.isEqual(readings, bytes)
                || request.normalizedPath().startsWith(INFERENCE_PATH)
                        && MessageDigest.isEqual(inference, bytes);
    }
}
