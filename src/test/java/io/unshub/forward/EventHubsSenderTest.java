package io.unshub.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.envelope.Batch;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.simulator.eventhubs.EndpointConfig;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the sender logs in, against a far side that checks keys. */
class EventHubsSenderTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir private Path work;
    private volatile EventHubsLogin login;

    @Test
    void takesUpAKeyThatWasReplacedWithoutARestart() throws Exception {
        try (EventHubsEndpoint before = farSide("before", "b2xk");
                EventHubsEndpoint after = farSide("after", "bmV3");
                EventHubsSender sender = sender("lanes.json")) {
            login = new EventHubsLogin.ByKey(before.connectionString());
            assertThat(send(sender)).isEqualTo(Outcome.FORWARDED);
            sender.renew();
            assertThat(send(sender)).isEqualTo(Outcome.FORWARDED);

            // the old one takes nothing any more, and nothing has failed yet
            login = new EventHubsLogin.ByKey(after.connectionString());
            sender.renew();
            before.close();

            assertThat(send(sender)).isEqualTo(Outcome.FORWARDED);
            assertThat(sender.away()).isEmpty();
        }
    }

    @Test
    void keepsTheConnectionWhileTheNextLoginCannotBeRead() throws Exception {
        try (EventHubsEndpoint farSide = farSide("far", "b2xk");
                EventHubsSender sender = sender("lanes.json")) {
            login = new EventHubsLogin.ByKey(farSide.connectionString());
            assertThat(send(sender)).isEqualTo(Outcome.FORWARDED);

            login = null;
            sender.renew();
            sender.renew();

            assertThat(send(sender)).isEqualTo(Outcome.FORWARDED);
        }
    }

    @Test
    void saysWhatToDoWhenAKeyIsRefusedAndGoesOnWithTheRightOne() throws Exception {
        try (EventHubsEndpoint farSide = farSide("far", "b2xk");
                EventHubsSender sender = sender("lanes.json")) {
            login =
                    new EventHubsLogin.ByKey(
                            farSide.connectionString().replace("=b2xk", "=d3Jvbmc="));
            Reading waiting = reading();
            assertThatThrownBy(() -> sender.send(new Batch(List.of(waiting))))
                    .isInstanceOf(RuntimeException.class);
            assertThat(sender.away().orElseThrow().cause())
                    .contains(
                            "the signature does not match",
                            "the key must be one of this event hub that is not revoked, with the right Send; put a good connection string where unshub.eventhubs.connection-string says")
                    .doesNotContain("d3Jvbmc=");
            // neither sent nor set aside
            assertThat(waiting.outcome()).isNotEqualTo(Outcome.FORWARDED);
            assertThat(waiting.rejected()).isFalse();

            login = new EventHubsLogin.ByKey(farSide.connectionString());
            sender.send(new Batch(List.of(waiting)));
            assertThat(waiting.outcome()).isEqualTo(Outcome.FORWARDED);
        }
    }

    @Test
    void keepsNobodyWaitingButTheLanesWhileItConnects() throws Exception {
        CountDownLatch connecting = new CountDownLatch(1);
        CompletableFuture<Boolean> undisturbed = new CompletableFuture<>();
        EventHubsSender sender =
                sender(
                        "lanes.json",
                        () -> {
                            connecting.countDown();
                            undisturbed.completeOnTimeout(false, 30, TimeUnit.SECONDS).join();
                            throw new IllegalStateException("nobody is there");
                        });
        CompletableFuture<Void> sending =
                CompletableFuture.runAsync(
                        () -> assertThatThrownBy(() -> send(sender)).hasMessage("nobody is there"));
        connecting.await();

        sender.renew();
        sender.close();
        undisturbed.complete(true);

        sending.join();
        assertThat(undisturbed).isCompletedWithValue(true);
    }

    private EventHubsSender sender(String lanes) throws IOException {
        return sender(
                lanes,
                () -> {
                    if (login == null) {
                        throw new UncheckedIOException(new IOException("the file is not there"));
                    }
                    return login;
                });
    }

    private EventHubsSender sender(String lanes, Supplier<EventHubsLogin> login)
            throws IOException {
        return new EventHubsSender(
                login, new LaneTable(work.resolve(lanes), 1), topic -> 0, lane -> true, () -> NOW);
    }

    private EventHubsEndpoint farSide(String name, String key) throws IOException {
        return EventHubsEndpoint.start(
                new EndpointConfig(work.resolve(name), 0, "uns", 1, "hub", key));
    }

    private static Outcome send(EventHubsSender sender) throws IOException {
        Reading reading = reading();
        sender.send(new Batch(List.of(reading)));
        return reading.outcome();
    }

    private static Reading reading() {
        Reading reading = new Reading("acme/a", "{}".getBytes());
        reading.accept(1, NOW);
        return reading;
    }
}
