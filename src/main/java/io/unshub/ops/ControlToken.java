package io.unshub.ops;

import io.unshub.uns.OwnerOnlyFile;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.jboss.logging.Logger;

/**
 * The tokens for {@code /api/}, which stand in the data folder, readable by the owner alone. The
 * one for control is new at each start. Those for readings and for inference stay, until their
 * files are deleted: they are given to other programs of this machine, and let them post readings,
 * or ask models, and nothing else. A file that is changed or deleted counts from the next request
 * on; in place of a deleted one there is a new token.
 */
@Singleton
public final class ControlToken {

    /** Name of the file in the data folder. */
    public static final String FILE = "control-token";

    /** Name of the file with the token for readings. */
    public static final String READINGS_FILE = "readings-token";

    /** Name of the file with the token for inference. */
    public static final String INFERENCE_FILE = "inference-token";

    private static final Logger LOG = Logger.getLogger(ControlToken.class);
    private static final String READINGS_PATH = "/api/v1/readings";
    private static final String INFERENCE_PATH = "/api/v1/inference/";
    private static final int TOKEN_BYTES = 32;

    private final Held control;
    private final Held readings;
    private final Held inference;

    /** What a file has, as it was when its time of change was read. */
    private static final class Held {
        private final Path file;
        private FileTime seen;
        private byte[] header;

        Held(Path file) {
            this.file = file;
        }

        /** What a request with the token of now has; a file that is gone gets a new one. */
        synchronized byte[] header() {
            try {
                if (!Files.exists(file)) {
                    make(file);
                }
                FileTime now = Files.getLastModifiedTime(file);
                if (!now.equals(seen)) {
                    header = ControlToken.header(kept(file));
                    // also where kept has made another
                    seen = Files.getLastModifiedTime(file);
                }
            } catch (IOException e) {
                if (header == null || seen != null) {
                    LOG.errorf(
                            "the token in %s cannot be read (%s), nothing is opened with it; give the hub's user the right, or delete the file",
                            file, e);
                }
                seen = null;
                header = new byte[0];
            }
            return header;
        }
    }

    /**
     * @param config names the data folder
     * @throws IOException if the files cannot be read or written
     */
    public ControlToken(HubConfig config) throws IOException {
        Files.createDirectories(config.dataDir());
        make(config.dataDir().resolve(FILE));
        kept(config.dataDir().resolve(READINGS_FILE));
        kept(config.dataDir().resolve(INFERENCE_FILE));
        control = new Held(config.dataDir().resolve(FILE));
        readings = new Held(config.dataDir().resolve(READINGS_FILE));
        inference = new Held(config.dataDir().resolve(INFERENCE_FILE));
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

    /** Whether a request carries a token that opens its path. */
    public boolean opens(String path, String authorization) {
        byte[] given = authorization.getBytes(StandardCharsets.UTF_8);
        return isControl(authorization)
                || path.equals(READINGS_PATH) && MessageDigest.isEqual(readings.header(), given)
                || path.startsWith(INFERENCE_PATH)
                        && MessageDigest.isEqual(inference.header(), given);
    }

    /**
     * Whether a request carries the token for control, which is for the commands of this machine.
     */
    public boolean isControl(String authorization) {
        return MessageDigest.isEqual(
                control.header(), authorization.getBytes(StandardCharsets.UTF_8));
    }

    /** The file whose token opens a path. */
    public static String file(String path) {
        if (path.equals(READINGS_PATH)) {
            return READINGS_FILE;
        }
        return path.startsWith(INFERENCE_PATH) ? INFERENCE_FILE : FILE;
    }
}
