package io.unshub.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.access.Refusal.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RefusalsTest {

    private final List<Map<String, ?>> audit = new ArrayList<>();
    private final List<Refusal> strangers = new ArrayList<>();
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private final Refusals refusals =
            new Refusals(() -> now, (who, facts) -> audit.add(facts), strangers::add);

    @Test
    void tellsTheSameOneOnceWithHowOften() {
        refusals.add(refusal(1));
        refusals.add(refusal(1));
        refusals.add(refusal(2));
        refusals.tick();
        refusals.tick();

        assertThat(audit).extracting(facts -> (Object) facts.get("times")).containsExactly(2, 1);
        assertThat(refusals.count(Reason.PUBLISH)).isEqualTo(3);
    }

    @Test
    void doesNotLetOneWhoTriesFillTheDisk() {
        for (int i = 0; i < 10_000; i++) {
            refusals.add(refusal(i));
            refusals.tick();
        }

        assertThat(audit).hasSize(20);
        assertThat(refusals.count(Reason.PUBLISH)).isEqualTo(10_000);

        now = now.plus(Duration.ofMinutes(1));
        refusals.tick();
        refusals.add(refusal(1));
        refusals.tick();
        assertThat(audit).hasSize(21);
    }

    @Test
    void doesNotLetOneWhoTriesHideAnother() {
        for (int i = 0; i < 1_000; i++) {
            refusals.add(refusal(i));
            refusals.add(
                    new Refusal(
                            Reason.CERTIFICATE_UNTRUSTED, "10.0.0.6", "CN=forged-" + i, "forged"));
        }
        refusals.add(new Refusal(Reason.PUBLISH, "10.0.0.7", "CN=pump-02", "acme/1"));
        refusals.tick();

        assertThat(audit).hasSize(20 + 20 + 1);
    }

    @Test
    void tellsAtOnceWhoWasRefusedForWhoTheyAre() {
        Refusal stranger =
                new Refusal(Reason.CERTIFICATE_EXPIRED, "10.0.0.5:1", "CN=old", "it has ended");
        refusals.add(refusal(1));
        refusals.add(stranger);
        refusals.add(new Refusal(Reason.IN_FLIGHT, "10.0.0.5", "CN=pump-01", "too many"));
        refusals.add(new Refusal(Reason.CONNECTIONS, "10.0.0.5", Refusal.UNKNOWN, "too many"));
        refusals.add(new Refusal(Reason.MALFORMED, "10.0.0.5", "CN=pump-01", "no packet"));

        assertThat(strangers).containsExactly(stranger);
    }

    private static Refusal refusal(int topic) {
        return new Refusal(Reason.PUBLISH, "10.0.0.5", "CN=pump-01", "acme/" + topic);
    }
}
