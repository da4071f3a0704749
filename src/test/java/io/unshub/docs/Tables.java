package io.unshub.docs;

import io.unshub.ops.Metric;
import io.unshub.simulator.eventhubs.PartitionSkew;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills the generated parts of a page: what stands between {@code <!-- generated: NAME -->} and
 * {@code <!-- end -->}.
 */
final class Tables {

    private static final Pattern PART =
            Pattern.compile("(<!-- generated: (\\S+) -->\n)(.*?)(<!-- end -->)", Pattern.DOTALL);

    private Tables() {}

    static String fill(String page) {
        return PART.matcher(page)
                .replaceAll(
                        part ->
                                Matcher.quoteReplacement(
                                        part.group(1)
                                                + part(part.group(2))
                                                + "\n"
                                                + part.group(4)));
    }

    private static String part(String name) {
        return switch (name) {
            case "partition-skew" -> PartitionSkew.table();
            case "metrics" -> metrics();
            default -> KameletTable.of(name);
        };
    }

    private static String metrics() {
        StringBuilder table =
                new StringBuilder("| metric | type | unit | labels | meaning |\n")
                        .append("| --- | --- | --- | --- | --- |");
        for (Metric metric : Metric.values()) {
            table.append(
                    "\n| `%s` | %s | %s | %s | %s |"
                            .formatted(
                                    metric.exposed(),
                                    metric.type().name().toLowerCase(Locale.ROOT),
                                    metric.unit(),
                                    String.join(", ", metric.labels()),
                                    cell(metric.meaning())));
        }
        return table.toString();
    }

    static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
