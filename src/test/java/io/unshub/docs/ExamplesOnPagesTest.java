package io.unshub.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.unshub.collect.Bindings;
import io.unshub.collect.MqttMapping;
import io.unshub.forward.BridgeMapping;
import io.unshub.ops.HubConfig;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;

/** What a page shows of a configuration, the hub takes. */
class ExamplesOnPagesTest {

    /** Lines that are indented below a line that is empty. */
    private static final Pattern BLOCK = Pattern.compile("(?m)(?<=\\n\\n)(?: {4,}\\S.*\\n)+");

    private static final Pattern PROPERTY = Pattern.compile("(?m)^ *(unshub|quarkus)\\.[\\w.-]+=");

    @TempDir private Path folder;

    /** A block of a page, and what it is as YAML. */
    private record Example(Path page, String text, Object yaml) {

        boolean has(String key) {
            return yaml instanceof Map<?, ?> map && map.containsKey(key);
        }

        /** A part of a tag file, as one of that connection. */
        Example of(String connection) {
            String begin = "connection: " + connection + "\nversion: 1.0.0\n";
            return new Example(page, begin + text, yaml);
        }

        String named(String key) {
            return ((Map<?, ?>) yaml).get(key).toString();
        }
    }

    @Test
    void showConnectionsTagsAndModelsThatAreRead() throws Exception {
        int files = 0;
        for (Example each : examples()) {
            if (each.has("protocol")) {
                write("connections/" + each.named("name"), each);
            } else if (each.has("attributes")) {
                write("models/" + each.named("name"), each);
            } else if (each.has("tags") || each.has("instances")) {
                write("tags/" + files, each.has("connection") ? each : each.of("plant2-plc"));
            } else {
                continue;
            }
            files++;
        }
        Path logix = Path.of("docs/examples/logix/tags/plant4-filler.yaml");
        Files.copy(logix, folder.resolve("tags/plant4-filler.yaml"));

        Bindings read = Bindings.load(folder, key -> null, topic -> Optional.empty());

        assertThat(files).isGreaterThanOrEqualTo(7);
        assertThat(read.connection("plant3-press")).isPresent();
        assertThat(read.tags("plant1-scada")).hasSize(1);
        assertThat(read.tags("plant2-plc")).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void showRulesForOtherBrokersThatAreRead() throws IOException {
        List<Example> shown = examples().stream().filter(each -> each.has("rules")).toList();

        assertThat(shown).hasSizeGreaterThanOrEqualTo(3);
        for (Example each : shown) {
            String whole = each.has("version") ? each.text() : "version: 1.0.0\n" + each.text();
            Path file = Files.writeString(folder.resolve(MqttMapping.FILE), whole);
            assertThat(MqttMapping.load(file, Clock.systemUTC()))
                    .as("%s in %s", each.text(), each.page())
                    .isNotNull();
        }
    }

    @Test
    void showRulesForEventHubsThatAreRead() throws IOException {
        List<Example> shown =
                examples().stream().filter(each -> each.text().contains("include:")).toList();

        assertThat(shown).hasSizeGreaterThanOrEqualTo(2);
        for (Example each : shown) {
            Path file =
                    Files.writeString(
                            folder.resolve(BridgeMapping.FILE),
                            "version: 1.0.0\nrules:\n" + each.text().indent(2));
            assertThat(BridgeMapping.load(file).size()).as(each.text()).isEqualTo(1);
        }
    }

    @Test
    void showPropertiesThatTheHubHas() throws IOException {
        List<Example> shown =
                examples().stream().filter(each -> PROPERTY.matcher(each.text()).find()).toList();

        assertThat(shown).hasSizeGreaterThan(8);
        for (Example each : shown) {
            Properties properties = new Properties();
            properties.load(new StringReader(each.text()));
            Map<String, String> values =
                    properties.entrySet().stream()
                            .collect(
                                    Collectors.toMap(
                                            entry -> entry.getKey().toString(),
                                            entry -> entry.getValue().toString()));
            assertThat(
                            new SmallRyeConfigBuilder()
                                    .addDefaultInterceptors()
                                    .addDiscoveredConverters()
                                    .withMapping(HubConfig.class)
                                    .withSources(
                                            new PropertiesConfigSource(
                                                    values, each.page().toString(), 300))
                                    .build()
                                    .getConfigMapping(HubConfig.class))
                    .as("%s in %s", each.text(), each.page())
                    .isNotNull();
        }
    }

    private void write(String name, Example example) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "of the plant");
        Path file = folder.resolve(name + ".yaml");
        Files.createDirectories(file.getParent());
        Files.writeString(
                file, example.text().replaceAll("passwordFile: \\S+", "passwordFile: " + secret));
    }

    private static List<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        try (Stream<Path> pages = Files.walk(Path.of("docs"))) {
            for (Path page :
                    pages.filter(file -> file.toString().endsWith(".md")).sorted().toList()) {
                BLOCK.matcher(read(page))
                        .results()
                        .map(block -> block.group().stripTrailing().stripIndent() + "\n")
                        .forEach(text -> examples.add(new Example(page, text, yaml(text))));
            }
        }
        return examples;
    }

    private static Object yaml(String text) {
        try {
            return new Yaml().load(text);
        } catch (YAMLException e) {
            return text;
        }
    }

    private static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
