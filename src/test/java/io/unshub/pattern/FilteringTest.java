package io.unshub.pattern;

import static io.unshub.pattern.Readings.at;
import static io.unshub.pattern.Readings.text;
import static io.unshub.pattern.Readings.through;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import io.unshub.uns.TopicFilter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FilteringTest {

    private final FakeHand hand = new FakeHand();
    private final Reading five = at(0, "5");
    private final Reading staleSeven = at(1, "7.0", Quality.STALE);
    private final Reading nine = at(2, "9");
    private final Reading open = text(3, "open");

    private List<Reading> fitting(
            List<String> topics, Set<Quality> flags, String above, String below)
            throws InterruptedException {
        return through(
                new Filtering(
                        topics.stream().map(TopicFilter::of).toList(),
                        flags,
                        above == null ? null : new BigDecimal(above),
                        below == null ? null : new BigDecimal(below)),
                hand,
                five,
                staleSeven,
                nine,
                open);
    }

    @Test
    void letsEverythingThroughWhenNothingIsGiven() throws Exception {
        assertThat(fitting(List.of(), Set.of(), null, null))
                .containsExactly(five, staleSeven, nine, open);
    }

    @Test
    void looksAtTheTopic() throws Exception {
        assertThat(fitting(List.of("acme/plant2/#"), Set.of(), null, null)).isEmpty();
        assertThat(fitting(List.of("acme/plant2/#", "acme/plant1/#"), Set.of(), null, null))
                .hasSize(4);
    }

    @Test
    void looksAtTheFlag() throws Exception {
        assertThat(fitting(List.of(), Set.of(Quality.STALE, Quality.ERROR), null, null))
                .containsExactly(staleSeven);
    }

    @Test
    void leavesOutTheBoundsAndWhatIsNoNumber() throws Exception {
        assertThat(fitting(List.of(), Set.of(), "5", null)).containsExactly(staleSeven, nine);
        assertThat(fitting(List.of(), Set.of(), null, "7")).containsExactly(five);
        assertThat(fitting(List.of(), Set.of(), "5.0", "9.0")).containsExactly(staleSeven);
        assertThat(fitting(List.of(), Set.of(), "4.9999999999999999999999", null))
                .containsExactly(five, staleSeven, nine);
    }

    @Test
    void wantsAllThatIsGiven() throws Exception {
        assertThat(fitting(List.of("acme/plant1/#"), Set.of(Quality.GOOD), "6", null))
                .containsExactly(nine);
    }
}
