package io.unshub.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The certificates in force, read again when one of their files changes.
 *
 * <p>Files that cannot be used leave those in force untouched and are said once. What ends within
 * {@value #SOON_DAYS} days is said, too. Each change makes a new TLS context, so that no session of
 * before is taken up again without its certificate being judged. Threads: {@link #refresh()} from
 * one, {@link #current()} from any.
 */
public final class LiveTls {

    private static final Logger LOG = Logger.getLogger(LiveTls.class);
    private static final int SOON_DAYS = 14;
    private static final Duration SOON = Duration.ofDays(SOON_DAYS);

    private final ServerTls.Files files;
    private final InstantSource clock;
    private final Consumer<String> trouble;
    private List<String> seen;
    private String unusable;
    private volatile ServerTls current;

    /**
     * @param trouble is told what is wrong with the files or ends soon, and null once nothing does
     * @throws IOException if they cannot be used now
     */
    public LiveTls(ServerTls.Files files, InstantSource clock, Consumer<String> trouble)
            throws IOException {
        this.files = files;
        this.clock = clock;
        this.trouble = trouble;
        seen = stamps();
        current = ServerTls.load(files);
    }

    /** The certificates in force. */
    public ServerTls current() {
        return current;
    }

    /**
     * Takes the files over if they have changed and can be used.
     *
     * @return whether others are in force now
     */
    public boolean refresh() {
        List<String> now = stamps();
        boolean changed = false;
        if (!now.equals(seen)) {
            seen = now;
            try {
                current = ServerTls.load(files);
                unusable = null;
                changed = true;
                LOG.infof("the certificates for MQTT were read again");
            } catch (IOException e) {
                unusable = e.getMessage() + "; the certificates before stay in force";
            }
        }
        trouble.accept(unusable == null ? endsSoon(clock.instant()) : unusable);
        return changed;
    }

    private String endsSoon(Instant now) {
        if (current.expires().isBefore(now.plus(SOON))) {
            return "the certificate %s ends at %s, and clients do not connect from then on: uns-hub pki renew, see docs/security/pki.md"
                    .formatted(files.certificate(), current.expires());
        }
        if (current.revocationsExpire().isBefore(now.plus(SOON))) {
            return "the list of what is revoked, %s, runs out at %s, and no client is taken from then on: uns-hub pki crl, see docs/security/pki.md"
                    .formatted(files.crl(), current.revocationsExpire());
        }
        return null;
    }

    /** Size and time of each file. */
    private List<String> stamps() {
        List<String> stamps = new ArrayList<>();
        for (Path file : files.all()) {
            try {
                stamps.add(Files.size(file) + " " + Files.getLastModifiedTime(file));
            } catch (IOException e) {
                stamps.add("gone");
            }
        }
        return stamps;
    }
}
