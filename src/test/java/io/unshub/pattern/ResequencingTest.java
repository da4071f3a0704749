package io.unshub.pattern;

import static io.unshub.pattern.Readings.NOON;
import static io.unshub.pattern.Readings.at;
import static io.unshub.pattern.Readings.through;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.envelope.Reading;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ResequencingTest {

    private final FakeHand hand = new FakeHand();
    private Instant now = NOON;
    private final Resequencing step = new Resequencing(Duration.ofSeconds(5), () -> now);

    private final Reading one = at(1, "1");
    private final Reading two = at(2, "2");
    private final Reading three = at(3, "3");

    @Test
    void holdsReadingsForTheDelayAndLetsThemGoInOrder() throws Exception {
        assertThat(through(step, hand, three, one, two)).isEmpty();
        assertThat(hand.held()).containsExactlyInAnyOrder(one, two, three);

        now = NOON.plusMillis(4999);
        assertThat(through(step, hand)).isEmpty();
        now = NOON.plusSeconds(5);
        assertThat(through(step, hand)).containsExactly(one, two, three);
        assertThat(hand.held()).isEmpty();
        assertThat(hand.late()).isZero();
    }

    @Test
    void letsEarlierReadingsGoWithOneThatIsDue() throws Exception {
        through(step, hand, three);
        now = NOON.plusSeconds(5);
        one.acceptedBefore(now);
        Reading later = at(4, "4");
        later.acceptedBefore(now);

        assertThat(through(step, hand, later, one)).containsExactly(one, three);
        assertThat(hand.held()).containsExactly(later);
    }

    @Test
    void letsALateReadingGoOutOfOrderAndCountsIt() throws Exception {
        through(step, hand, three);
        now = NOON.plusSeconds(5);
        assertThat(through(step, hand)).containsExactly(three);

        one.acceptedBefore(now);
        assertThat(through(step, hand, one)).isEmpty();
        now = NOON.plusSeconds(10);
        assertThat(through(step, hand)).containsExactly(one);
        assertThat(hand.late()).isEqualTo(1);
    }

    @Test
    void keepsTheOrderOfReadingsOfTheSameTime() throws Exception {
        Reading other = at(1, "5");
        now = NOON.plusSeconds(5);

        assertThat(through(step, hand, one, other)).containsExactly(one, other);
    }

    @Test
    void holdsThemAgainWhenTheyComeAgain() throws Exception {
        through(step, hand, two, one);
        hand.rollback();
        now = NOON.plusSeconds(5);

        assertThat(through(step, hand, two, one)).containsExactly(one, two);
        assertThat(hand.held()).isEmpty();
    }
}
