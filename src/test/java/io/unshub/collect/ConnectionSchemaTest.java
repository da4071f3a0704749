package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ConfigSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an editor underlines by the schema is what the hub refuses. */
class ConnectionSchemaTest {

    private static final Path LOGIX = Path.of("docs/examples/logix/connections/plant4-filler.yaml");

    @TempDir Path config;

    private final ConfigSchema schema = new ConfigSchema("connection.schema.json");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config/connections/plant1-scada.yaml",
                "config/connections/plant2-plc.yaml",
                "docs/examples/logix/connections/plant4-filler.yaml"
            })
    void takesWhatIsShipped(String file) throws Exception {
        assertThat(schema.problems(Files.readString(Path.of(file)))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "slot: 0   | path: 1,3,2,192.168.1.10,1,0 #",
                "slot: 0   | path: 2,plc-7.plant,1,0 #",
                "slot: 0   | slot: 16",
                "items: 500 | items: 1",
                "items: 500 | sessions: 1"
            })
    void takesWhatTheHubTakes(String was, String becomes) throws Exception {
        String other = changed(was, becomes);

        assertThat(schema.problems(other)).isEmpty();
        assertThat(refused(other)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "slot: 0   | slot: 32",
                "slot: 0   | rack: 0",
                "slot: 0   | path: '1'",
                "slot: 0   | path: 0,1",
                "slot: 0   | path: 1,0,2",
                "url: logix | url: s7",
                "protocol: logix | protocol: s7",
                "protocol: logix | protocol: enip",
                "pollInterval: 1s | pollInterval: 1",
                "requestTimeout: 2s | timeout: 2s",
                "items: 500 | items: 0",
                "items: 500 | sessions: 0",
                "readsPerSecond: 10 | readsPerSecond: 0",
                "name: plant4-filler | title: plant4-filler"
            })
    void refusesWhatTheHubRefuses(String was, String becomes) throws Exception {
        String broken = changed(was, becomes);

        assertThat(schema.problems(broken)).isNotEmpty();
        assertThat(refused(broken)).isTrue();
    }

    @Test
    void refusesTwoWaysToOnePlace() throws Exception {
        String broken = changed("slot: 0", "path: 1,1\n  slot: 0");

        assertThat(schema.problems(broken)).isNotEmpty();
        assertThat(refused(broken)).isTrue();
    }

    @Test
    void knowsEveryProtocol() throws Exception {
        for (Protocol protocol : Protocol.values()) {
            String text =
                    "name: plant4-filler\nprotocol: %s\nurl: %s://plc\n%s: {}\n"
                            .formatted(protocol.word(), protocol.scheme(), protocol.word());
            assertThat(schema.problems(text)).isEmpty();
            assertThat(refused(text)).isFalse();
        }
    }

    private static String changed(String was, String becomes) throws IOException {
        String text = Files.readString(LOGIX);
        String other = text.replace(was.strip(), becomes.strip());
        assertThat(other).isNotEqualTo(text);
        return other;
    }

    private boolean refused(String connection) throws IOException {
        Path connections = Files.createDirectories(config.resolve("connections"));
        Files.writeString(connections.resolve("plant4-filler.yaml"), connection);
        try {
            Bindings.load(config, key -> null, topic -> Optional.empty());
            return false;
        } catch (ConfigurationException e) {
            return true;
        }
    }
}
