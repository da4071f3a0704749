package io.unshub.ops;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Guards {@code /api/}: a request needs the token that stands in the data folder, readable by the
 * owner alone. A new token is made at each start.
 */
@Singleton
public final class ControlToken {

    /** Name of the file in the data folder. */
    public static final String FILE = "control-token";

    private static final int TOKEN_BYTES = 32;

    private final byte[] expected;

    ControlToken(HubConfig config) throws IOException {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        Path file = config.dataDir().resolve(FILE);
        Files.createDirectories(config.dataDir());
        Files.deleteIfExists(file);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(file, token);
        expected = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    }

    void guard(@Observes Filters filters) {
        filters.register(this::check, 100);
    }

    private void check(RoutingContext request) {
        if (!request.normalizedPath().startsWith("/api/") || authorised(request)) {
            request.next();
            return;
        }
        request.response()
                .setStatusCode(401)
                .putHeader("WWW-Authenticate", "Bearer")
                .putHeader("Content-Type", "application/problem+json")
                .end(
                        "{\"type\":\"urn:unshub:problem:token\",\"title\":\"Unauthorized\","
                                + "\"status\":401,\"detail\":\"/api/ needs a bearer token\","
                                + "\"rule\":\"token\",\"value\":\"\",\"nextStep\":\"send the token"
                                + " from the file "
                                + FILE
                                + " in the hub's data folder\"}");
    }

    private boolean authorised(RoutingContext request) {
        String given = request.request().getHeader("Authorization");
        return given != null
                && MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8));
    }
}
