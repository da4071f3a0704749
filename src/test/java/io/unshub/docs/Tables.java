package io.unshub.docs;

import io.unshub.simulator.eventhubs.PartitionSkew;
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
        return name.equals("partition-skew") ? PartitionSkew.table() : KameletTable.of(name);
    }

    static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
