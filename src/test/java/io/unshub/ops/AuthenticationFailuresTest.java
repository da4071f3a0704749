package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.AuthenticationFailures.Failing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuthenticationFailuresTest {

    private static final String NOBODY = AuthenticationFailures.UNKNOWN;

    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private final List<Alarm> told = new ArrayList<>();
    private final Alarms alarms = new Alarms(() -> now, (name, alarm) -> told.add(alarm));
    private final AuthenticationFailures failures = new AuthenticationFailures(alarms, () -> now);

    @Test
    void raisesTheAlarmAtTheFifthWithinTenMinutesAndNamesSourceAndIdentity() {
        for (int i = 0; i < 4; i++) {
            failures.count("/10.0.0.5:4000" + i, "CN=pump-01", "MQTT");
            now = now.plusSeconds(120);
        }
        failures.tick();
        assertThat(alarms.active()).isEmpty();

        failures.count("10.0.0.5", "CN=pump-01", "HTTP");
        failures.tick();

        assertThat(alarms.active())
                .singleElement()
                .extracting(Alarm::name, Alarm::severity, Alarm::text)
                .containsExactly(
                        "authentication-failures",
                        Alarm.Severity.WARNING,
                        "5 failures to log in or more within ten minutes: 10.0.0.5 as CN=pump-01 (HTTP, MQTT); each was refused: see docs/runbooks/authentication-failures.md");
        assertThat(failures.failing())
                .containsExactly(new Failing("10.0.0.5", "CN=pump-01", "HTTP, MQTT", 5));
    }

    @Test
    void isNotRaisedByFiveThatTookLonger() {
        for (int i = 0; i < 50; i++) {
            failures.count("10.0.0.5", NOBODY, "HTTP");
            failures.tick();
            now = now.plusSeconds(151);
        }

        assertThat(told).isEmpty();
    }

    @Test
    void isOverOnceNobodyHasFiveAnyMore() {
        fail(5, "10.0.0.5", NOBODY);
        failures.tick();
        now = now.plus(Duration.ofMinutes(10));
        failures.tick();
        assertThat(alarms.active()).hasSize(1);

        now = now.plusSeconds(1);
        failures.tick();

        assertThat(alarms.active()).isEmpty();
        assertThat(failures.failing()).isEmpty();
    }

    @Test
    void findsWhoTriesManyNamesAndWhoComesFromManyPlaces() {
        for (int i = 0; i < 5; i++) {
            failures.count("10.0.0.5", "user" + i, "console");
            failures.count("10.1.0." + i, "operator", "console");
            failures.count("10.2.0." + i, NOBODY, "console");
        }

        assertThat(failures.failing())
                .containsExactlyInAnyOrder(
                        new Failing("10.0.0.5", "several", "console", 5),
                        new Failing("several", "operator", "console", 5));
    }

    @Test
    void tellsAnewWhenSomebodyElseFailsTooAndNotWhatLasts() {
        fail(5, "10.0.0.5", NOBODY);
        failures.tick();
        fail(100, "10.0.0.5", NOBODY);
        failures.tick();
        assertThat(told).hasSize(1);

        fail(5, "10.0.0.4", "operator");
        failures.tick();

        assertThat(told).hasSize(2);
        assertThat(told.get(1).text())
                .contains("10.0.0.4 as operator (HTTP); 10.0.0.5 as unknown (HTTP)");
        assertThat(told.get(1).since()).isEqualTo(told.get(0).since());
    }

    @Test
    void forgetsTheQuietestOfTooMany() {
        fail(4, "10.0.0.5", NOBODY);
        for (int i = 0; i < 100_000; i++) {
            failures.count("10.9." + i / 256 + "." + i % 256, NOBODY, "MQTT");
        }
        fail(1, "10.0.0.5", NOBODY);
        assertThat(failures.failing()).isEmpty();

        fail(4, "10.0.0.5", NOBODY);
        assertThat(failures.failing()).hasSize(1);
    }

    @Test
    void leavesThePortOutAndNothingElse() {
        fail(5, "[2001:db8::1]:5000", NOBODY);
        fail(5, "2001:db8::1", NOBODY);

        assertThat(failures.failing())
                .extracting(Failing::source)
                .containsExactlyInAnyOrder("[2001:db8::1]", "2001:db8::1");
    }

    private void fail(int times, String source, String identity) {
        for (int i = 0; i < times; i++) {
            failures.count(source, identity, "HTTP");
        }
    }
}
