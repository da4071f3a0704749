package io.unshub.route;

import io.unshub.uns.TopicFilter;
import java.util.Arrays;
import java.util.List;

/** The topic filters that a route gives to an endpoint, separated by commas. */
final class TopicParameter {

    private TopicParameter() {}

    /**
     * Reads them. To Camel a {@code +} in the parameters of an endpoint is a blank; as no level of
     * a topic is blank, one that is was a {@code +}.
     *
     * @throws IllegalArgumentException if one is no topic filter
     */
    static List<TopicFilter> filters(String text) {
        return Arrays.stream(text.split(","))
                .filter(each -> !each.isBlank())
                .map(
                        each ->
                                each.replaceAll("^\\s+(?=/)", "+")
                                        .replaceAll("(?<=/)\\s+(?=/|$)", "+")
                                        .strip())
                .map(TopicFilter::of)
                .toList();
    }
}
