package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration MIN = Duration.ofSeconds(1);
    private static final Duration MAX = Duration.ofSeconds(30);

    @Test
    void growsToTheMaximumAndStartsOverWhenReset() {
        // always draws the upper end
        Backoff backoff = new Backoff(MIN, MAX, () -> -1L);

        List<Long> waits =
                Stream.generate(backoff::next)
                        .limit(6)
                        .map(d -> Math.round(d.toMillis() / 1e3))
                        .toList();
        backoff.reset();

        assertThat(waits).containsExactly(2L, 4L, 8L, 16L, 30L, 30L);
        assertThat(Math.round(backoff.next().toMillis() / 1e3)).isEqualTo(2);
    }

    @Test
    void spreadsItsWaitsBetweenMinimumAndMaximum() {
        Backoff backoff = new Backoff(MIN, MAX, new Random(1));

        List<Duration> waits = Stream.generate(backoff::next).limit(200).toList();

        assertThat(waits).allMatch(wait -> wait.compareTo(MIN) >= 0 && wait.compareTo(MAX) <= 0);
        assertThat(waits.stream().distinct().count()).isGreaterThan(190);
    }
}
