package io.unshub.uns;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UtcTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1970-01-01T00:00:00Z",
                "1969-12-31T23:59:59.999999999Z",
                "2024-02-29T23:59:00.100Z",
                "2026-03-01T12:00:00.000100Z",
                "2026-03-01T12:00:00.000000001Z",
                "0000-01-01T00:00:00Z",
                "-0001-12-31T23:59:59.500Z",
                "9999-12-31T23:59:59.999Z",
                "+10000-01-01T00:00:00Z",
                "-1000000000-01-01T00:00:00Z",
                "+1000000000-12-31T23:59:59.999999999Z"
            })
    void writesWhatThePlatformWrites(String text) {
        assertThat(UtcText.of(Instant.parse(text))).isEqualTo(text);
    }

    @Test
    void writesAnyMomentAsThePlatformDoes() {
        Random random = new Random(7);
        int[] steps = {1, 1_000, 1_000_000, 1_000_000_000};
        for (int i = 0; i < 10_000; i++) {
            int step = steps[i % steps.length];
            long nanos = random.nextInt(1_000_000_000) / step * (long) step;
            Instant moment = Instant.ofEpochSecond(random.nextLong() >> 26, nanos);
            assertThat(UtcText.of(moment)).isEqualTo(moment.toString());
        }
    }
}
