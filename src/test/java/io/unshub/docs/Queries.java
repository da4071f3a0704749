package io.unshub.docs;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.Metric;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What PromQL asks for. */
final class Queries {

    private static final Pattern METRIC = Pattern.compile("\\b(unshub_[a-z0-9_]+|up)\\b");
    private static final Set<String> SHOWN =
            Arrays.stream(Metric.values()).map(Metric::exposed).collect(toSet());

    private Queries() {}

    /** Fails for a query of a metric that nobody shows, and for one of none. */
    static void assertAsksForWhatIsShown(String query) {
        List<String> asked = METRIC.matcher(query).results().map(MatchResult::group).toList();

        assertThat(asked).as(query).isNotEmpty();
        // Prometheus itself shows whether it reached what it asked
        assertThat(asked).as(query).allMatch(name -> name.equals("up") || SHOWN.contains(name));
    }
}
