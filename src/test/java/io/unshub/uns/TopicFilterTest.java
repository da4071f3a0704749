package io.unshub.uns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttTopic;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicFilterTest {

    @ParameterizedTest
    @CsvSource({
        "a/b/c, a/b/c",
        "a/b/c, a/+/c",
        "a/b/c, +/+/+",
        "a/b/c, #",
        "a/b/c, a/#",
        "a/b/c, a/b/c/#",
        "a, a/#",
        "a, +",
        "/a, /+",
        "/a, +/+",
        "/a, +/a",
        "a//c, a/+/c",
        "a/, a/+",
        "a/, a/#",
        "$SYS/broker, $SYS/#",
        "$SYS/broker, $SYS/+",
        "a/$b, a/+",
        "a/$b, a/#",
    })
    void matches(String topic, String filter) {
        assertThat(TopicFilter.of(filter).matches(topic)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "a/b/c, a/b",
        "a/b, a/b/c",
        "a/b/c, a/+",
        "a/b/c, A/b/c",
        "a/bc, a/b",
        "a/b, a/bc",
        "ab, a/#",
        "a, a/+",
        "/a, +",
        "/a, a",
        "a/, a",
        "a, a/",
        "$SYS/broker, #",
        "$SYS/broker, +/broker",
        "$SYS, +",
    })
    void doesNotMatch(String topic, String filter) {
        assertThat(TopicFilter.of(filter).matches(topic)).isFalse();
    }

    @Test
    void noFilterMatchesTheEmptyTopic() {
        assertThat(TopicFilter.of("#").matches("")).isFalse();
    }

    @Test
    void agreesWithAnMqttClientOnRandomTopicsAndFilters() {
        Random random = new Random(4711);
        int matched = 0;
        for (int i = 0; i < 20_000; i++) {
            String topic = random(random, List.of("a", "b", "", "ab"), "");
            String filter = random(random, List.of("a", "b", "", "ab", "+", "+"), "#");
            if (topic.isEmpty() || filter.isEmpty()) {
                continue;
            }
            boolean expected = MqttTopicFilter.of(filter).matches(MqttTopic.of(topic));
            assertThat(TopicFilter.of(filter).matches(topic))
                    .as("%s on %s", filter, topic)
                    .isEqualTo(expected);
            matched += expected ? 1 : 0;
        }
        assertThat(matched).isBetween(1_000, 19_000);
    }

    private static String random(Random random, List<String> words, String end) {
        List<String> levels = new ArrayList<>();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            levels.add(words.get(random.nextInt(words.size())));
        }
        if (!end.isEmpty() && random.nextInt(3) == 0) {
            levels.add(end);
        }
        return String.join("/", levels);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|topic filter is empty; name at least #",
                "a/b+|topic filter a/b+ has + beside other characters; + stands for a whole level",
                "a/#/b|topic filter a/#/b has # before its end; # stands alone as the last level",
                "a/b#|topic filter a/b# has # before its end; # stands alone as the last level",
            })
    void refusesWhatMqttDoesNotAllow(String filter, String message) {
        assertThatThrownBy(() -> TopicFilter.of(filter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void refusesNul() {
        assertThatThrownBy(() -> TopicFilter.of("a\0"))
                .hasMessage("topic filter a\\u0000 has a NUL character; remove it");
    }

    @Test
    void coversAFilterWhenItMatchesAllOfItsTopics() {
        List<String> filters =
                List.of(
                        "#", "+", "a", "a/#", "a/+", "a/b", "+/b", "+/#", "a/b/#", "a/+/c", "/",
                        "/#", "$SYS/#", "$SYS/+", "$SYS/a");
        List<String> topics =
                List.of(
                        "a",
                        "b",
                        "a/b",
                        "a/c",
                        "b/b",
                        "a/b/c",
                        "a/b/d",
                        "a/z/c",
                        "/",
                        "/a",
                        "$SYS",
                        "$SYS/a",
                        "$SYS/b",
                        "$SYS/a/b",
                        "a/");
        for (String filter : filters) {
            for (String other : filters) {
                if (TopicFilter.of(filter).covers(TopicFilter.of(other))) {
                    assertThat(topics)
                            .as("%s covers %s", filter, other)
                            .filteredOn(TopicFilter.of(other)::matches)
                            .allMatch(TopicFilter.of(filter)::matches);
                } else if (!filter.equals("+/#")) {
                    // +/# is #, in other words; it is on the safe side
                    assertThat(topics)
                            .as("%s does not cover %s", filter, other)
                            .filteredOn(TopicFilter.of(other)::matches)
                            .anyMatch(topic -> !TopicFilter.of(filter).matches(topic));
                }
            }
        }
    }
}
