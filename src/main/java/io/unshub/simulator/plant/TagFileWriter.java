package io.unshub.simulator.plant;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Represent;
import org.yaml.snakeyaml.representer.Representer;

/** Writes tag files, the YAML that binds a connection's addresses to UNS topics. */
public final class TagFileWriter {

    private TagFileWriter() {}

    /**
     * Writes a tag file.
     *
     * @param file what to write or replace
     * @param comment one line that says what the file is
     * @param connection the connection that the tags are read from
     * @param version the tag model's version, which becomes each reading's lineageVersion
     * @param tags the tags to name, whatever their own connection is
     * @throws IOException when the file cannot be written
     */
    public static void write(
            Path file, String comment, String connection, String version, List<SimulatedTag> tags)
            throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("connection", connection);
        root.put("version", version);
        root.put("tags", tags.stream().map(TagFileWriter::entry).toList());
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setIndentWithIndicator(true);
        options.setIndicatorIndent(2);
        options.setWidth(200);
        String yaml = new Yaml(new RangeInOneLine(options), options).dump(root);
        Files.writeString(file, "# " + comment + "\n" + yaml, StandardCharsets.UTF_8);
    }

    private static Map<String, Object> entry(SimulatedTag tag) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("topic", tag.topic());
        entry.put("address", tag.address());
        entry.put("units", tag.units());
        entry.put("range", new Range(number(tag.min()), number(tag.max())));
        entry.put("interval", interval(tag.interval()));
        return entry;
    }

    /** Returns a whole number where it is one, so that the file says 150, not 150.0. */
    private static Number number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? (Number) (long) value
                : (Number) value;
    }

    private static String interval(Duration interval) {
        return interval.toMillis() % 1000 == 0
                ? interval.toSeconds() + "s"
                : interval.toMillis() + "ms";
    }

    private record Range(Number min, Number max) {}

    private static final class RangeInOneLine extends Representer {

        RangeInOneLine(DumperOptions options) {
            super(options);
            representers.put(Range.class, new RangeAsFlow());
        }

        private final class RangeAsFlow implements Represent {
            @Override
            public Node representData(Object data) {
                Range range = (Range) data;
                Map<String, Object> entries = new LinkedHashMap<>();
                entries.put("min", range.min());
                entries.put("max", range.max());
                return representMapping(Tag.MAP, entries, DumperOptions.FlowStyle.FLOW);
            }
        }
    }
}
