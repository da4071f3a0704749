package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.uns.TopicFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicParameterTest {

    @ParameterizedTest
    @CsvSource({"acme/+/#", "+/plant1/x", "acme/+", "acme/+/+/x", "#", "acme/x"})
    void readsAFilterAsItStoodInTheRoute(String filter) {
        String asCamelGivesIt = filter.replace('+', ' ');

        assertThat(TopicParameter.filters(filter)).containsExactly(TopicFilter.of(filter));
        assertThat(TopicParameter.filters(asCamelGivesIt)).containsExactly(TopicFilter.of(filter));
        assertThat(TopicParameter.filters("globex/#, " + asCamelGivesIt + ",acme/y"))
                .containsExactly(
                        TopicFilter.of("globex/#"),
                        TopicFilter.of(filter),
                        TopicFilter.of("acme/y"));
    }

    @Test
    void readsNoFilters() {
        assertThat(TopicParameter.filters("")).isEmpty();
    }
}
