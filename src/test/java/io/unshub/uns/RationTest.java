package io.unshub.uns;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.uns.Ration.Share;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RationTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final Ration ration = new Ration(2);

    @Test
    void givesEachKindItsOwnShareOfAMinute() {
        assertThat(ration.take("a", NOON)).isEqualTo(Share.ONE);
        assertThat(ration.take("a", NOON.plusSeconds(30))).isEqualTo(Share.LAST);
        assertThat(ration.take("a", NOON.plusSeconds(59))).isEqualTo(Share.NONE);
        assertThat(ration.take("b", NOON.plusSeconds(59))).isEqualTo(Share.ONE);
        assertThat(ration.take("a", NOON.plusSeconds(61))).isEqualTo(Share.ONE);
    }

    @Test
    void takesManyKindsForOneInTheEnd() {
        for (int i = 0; i < 10_000; i++) {
            ration.take("kind " + i, NOON);
        }

        assertThat(ration.take("another", NOON)).isEqualTo(Share.NONE);
        assertThat(ration.take("kind 1", NOON)).isEqualTo(Share.LAST);
    }

    @Test
    void beginsAnewWhenTheClockIsPutBack() {
        ration.take("a", NOON);
        ration.take("a", NOON);

        assertThat(ration.take("a", NOON.minusSeconds(3_600))).isEqualTo(Share.ONE);
    }
}
