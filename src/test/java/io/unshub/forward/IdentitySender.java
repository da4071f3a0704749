package io.unshub.forward;

import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * Sends one reading by an identity, as the hub does, in a process with an environment of its own:
 * {@code IdentitySender KIND CLIENT_ID ENDPOINT LANES}. Prints each new reason why it is not taken,
 * and {@code sent}.
 */
public final class IdentitySender {

    private static final InstantSource CLOCK = Instant::now;

    private IdentitySender() {}

    /** Tries until it is sent. */
    public static void main(String[] args) throws Exception {
        EventHubsLogin login =
                new EventHubsLogin.ByIdentity(
                        EventHubsLogin.Kind.of(args[0]).orElseThrow(),
                        "localhost",
                        "uns",
                        args[1].isEmpty() ? null : args[1],
                        args[2]);
        LaneTable lanes = new LaneTable(Path.of(args[3]), 1);
        Awaitility.await()
                .atMost(Duration.ofMinutes(4))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> sent(login, lanes));
        System.out.println("sent");
        System.exit(0);
    }

    /** A sender for each try: its breaker would make this wait. */
    private static boolean sent(EventHubsLogin login, LaneTable lanes) throws Exception {
        try (EventHubsSender sender =
                new EventHubsSender(() -> login, lanes, topic -> 0, lane -> true, CLOCK)) {
            Reading reading = new Reading("acme/a", "{}".getBytes());
            reading.accept(1, CLOCK.instant());
            try {
                sender.send(new Batch(List.of(reading)));
                return true;
            } catch (RuntimeException e) {
                System.out.println("away: " + sender.away().orElseThrow().cause());
                return false;
            }
        }
    }
}
