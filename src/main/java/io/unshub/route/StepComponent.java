package io.unshub.route;

import io.unshub.pattern.ClaimCheck;
import io.unshub.pattern.ClaimStore;
import io.unshub.pattern.Filtering;
import io.unshub.pattern.Idempotence;
import io.unshub.pattern.Resequencing;
import io.unshub.pattern.Splitting;
import io.unshub.pattern.Step;
import io.unshub.pattern.Throttling;
import io.unshub.pattern.UnitConversion;
import io.unshub.pattern.Windows;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.TimeUtils;

/** {@code step:NAME}: one of the patterns, done to the readings of a batch. */
public final class StepComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(
            String uri, String remaining, Map<String, Object> parameters) {
        return new StepEndpoint(uri, this, step(uri, remaining, parameters));
    }

    private Step step(String uri, String name, Map<String, Object> options) {
        return switch (name) {
            case "window" ->
                    new Windows(
                            text(options, "function"),
                            time(options, "size"),
                            time(options, "every"),
                            time(options, "lateness"),
                            clock());
            case "resequence" -> new Resequencing(time(options, "delay"), clock());
            case "convert-units" -> new UnitConversion(text(options, "units"));
            case "filter" ->
                    new Filtering(
                            TopicParameter.filters(text(options, "topics")),
                            list(options, "quality").stream()
                                    .map(Quality::valueOf)
                                    .collect(Collectors.toSet()),
                            number(options, "above"),
                            number(options, "below"));
            case "idempotent" -> new Idempotence(Integer.parseInt(text(options, "remember")));
            case "claim-check" ->
                    new ClaimCheck(
                            Long.parseLong(text(options, "above")),
                            getCamelContext().getRegistry().findSingleByType(ClaimStore.class));
            case "split" ->
                    new Splitting(
                            text(options, "delimiter"),
                            list(options, "names"),
                            Integer.parseInt(text(options, "most")));
            case "throttle" -> new Throttling(Double.parseDouble(text(options, "perSecond")));
            default -> throw new IllegalArgumentException(uri + " is no step of the hub's");
        };
    }

    private Clock clock() {
        return getCamelContext().getRegistry().findSingleByType(Clock.class);
    }

    private String text(Map<String, Object> options, String key) {
        return getAndRemoveParameter(options, key, String.class, "");
    }

    private Duration time(Map<String, Object> options, String key) {
        return TimeUtils.toDuration(text(options, key));
    }

    private List<String> list(Map<String, Object> options, String key) {
        return Arrays.stream(text(options, key).split(","))
                .map(String::trim)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    private BigDecimal number(Map<String, Object> options, String key) {
        String text = text(options, key);
        return text.isEmpty() ? null : new BigDecimal(text);
    }
}
