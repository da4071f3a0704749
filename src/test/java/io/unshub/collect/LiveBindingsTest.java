package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveBindingsTest {

    private static final String PLC = "name: plc\nprotocol: modbus\nurl: modbus-tcp://127.0.0.1:";

    @TempDir Path config;

    private final List<String> troubles = new ArrayList<>();
    private final List<Bindings> told = new ArrayList<>();
    private int loads;

    @BeforeEach
    void write() throws IOException {
        Files.createDirectories(config.resolve("connections"));
        write("plc.yaml", PLC + 502);
    }

    @Test
    void takesAChangeOverOnlyWhenAllOfItIsValid() throws Exception {
        LiveBindings live = live();
        live.onChange(told::add);
        live.refresh();
        assertThat(loads).isEqualTo(1);

        write("plc.yaml", PLC + 5020);
        live.refresh();
        assertThat(live.current().connections().get(0).url()).endsWith(":5020");
        assertThat(told).containsExactly(live.current());

        Bindings before = live.current();
        write("other.yaml", "name: another");
        live.refresh();
        live.refresh();
        assertThat(live.current()).isSameAs(before);
        assertThat(told).hasSize(1);
        assertThat(loads).isEqualTo(3);
        assertThat(troubles).hasSize(2);
        assertThat(troubles.get(1))
                .startsWith(
                        "the changed connections and tags are not valid, those before stay in force: "
                                + config
                                + "/connections/other.yaml:1: connection other: ")
                .endsWith(" (and 2 more)");

        Files.delete(config.resolve("connections/other.yaml"));
        live.refresh();
        assertThat(troubles).hasSize(3).last().isNull();
        assertThat(told).hasSize(2);
    }

    @Test
    void tellsNoOneWhoWantsToHearNoMore() throws Exception {
        LiveBindings live = live();
        java.util.function.Consumer<Bindings> listener = told::add;
        live.onChange(listener);
        live.forget(listener);

        write("plc.yaml", PLC + 5020);
        live.refresh();

        assertThat(told).isEmpty();
    }

    @Test
    void doesNotBeginWithWhatIsNotValid() throws IOException {
        write("plc.yaml", "name: x");

        assertThatThrownBy(this::live).isInstanceOf(ConfigurationException.class);
    }

    private LiveBindings live() throws ConfigurationException {
        return new LiveBindings(
                config,
                () -> {
                    loads++;
                    return Bindings.load(config, key -> null, topic -> Optional.empty());
                },
                troubles::add);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(config.resolve("connections").resolve(name), text);
    }
}
