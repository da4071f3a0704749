package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.TestFolders;
import io.unshub.simulator.plant.PlantConfig;
import io.unshub.simulator.plant.SimulatedPlant;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import picocli.CommandLine;

/** Against the real servers of the simulated plant. */
class ConnectionsCommandTest {

    @TempDir static Path config;

    private static SimulatedPlant plant;

    private record Outcome(int exitCode, String out, String err) {}

    @BeforeAll
    static void start() throws IOException {
        TestFolders.config(config);
        plant = SimulatedPlant.start(PlantConfig.demo(), Clock.systemUTC());
        Files.writeString(
                config.resolve("application.properties"),
                "unshub.simulator.opcua-port=%d%nunshub.simulator.modbus-port=%d%n"
                        .formatted(plant.opcUaPort(), plant.modbusPort()));
    }

    @AfterAll
    static void stop() {
        plant.close();
    }

    @Test
    void showsTheFirstReadingOfEachTag() {
        for (String name : List.of("plant1-scada", "plant2-plc")) {
            Outcome outcome = run("test", file(name), "--tags=3");

            assertThat(outcome.exitCode()).as(outcome.err()).isZero();
            assertThat(outcome.out())
                    .startsWith("connection  " + name + ", ")
                    .containsPattern("network     \\d+\\.\\d ms")
                    .containsPattern("session     \\d+\\.\\d ms")
                    .containsPattern(
                            "(?m)^reading     acme/\\S+/temperature = -?[\\d.]+ Cel SIMULATED, 20")
                    .endsWith("3 of 3 tags can be read; 100 are bound" + System.lineSeparator());
        }
        assertThat(run("test", file("plant1-scada"), "--tags=1").out())
                .contains("security    None, anonymous");
    }

    @Test
    void saysWhichTagCannotBeRead() throws IOException {
        Path tags = config.resolve("tags/extra.yaml");
        Files.writeString(
                tags,
                """
                connection: plant1-scada
                version: 1.0.0
                tags:
                  - topic: acme/plant1/packaging/line1/cell1/pump-99/temperature
                    address: nsu=urn:unshub:plant;s=pump-99/temperature
                    units: Cel
                    interval: 1s
                """);

        Outcome outcome = run("test", file("plant1-scada"), "--tags=1");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out())
                .contains(
                        "NO READING  acme/plant1/packaging/line1/cell1/pump-99/temperature = null"
                                + " Cel ERROR Bad_NodeIdUnknown, ",
                        "0 of 1 tags can be read; 101 are bound");
        Files.delete(tags);
    }

    @Test
    void saysWhyThereIsNoSession() throws IOException {
        Path other = config.resolve("connections/off.yaml");
        Files.writeString(other, "name: off\nprotocol: modbus\nurl: modbus-tcp://127.0.0.1:1\n");

        assertThat(run("test", other.toString()).err())
                .startsWith("uns-hub: no tag file names connection off; add one to tags/");

        Path tags = config.resolve("tags/off.yaml");
        Files.writeString(
                tags,
                "connection: off\nversion: 1.0.0\ntags: [{topic:"
                        + " acme/plant1/packaging/line1/cell1/pump-98/temperature, address:"
                        + " 'holding-register:1:INT', units: Cel, interval: 1s}]");
        Outcome outcome = run("test", other.toString(), "--seconds=2");
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.out()).contains("network     no TCP connection", "session     none");
        assertThat(outcome.err()).contains("127.0.0.1:1");
        Files.delete(tags);
        Files.delete(other);
    }

    @Test
    void writesTheDraftOfATagFile() throws IOException {
        Outcome outcome =
                run(
                        "browse",
                        file("plant1-scada"),
                        "--filter=pump-01/",
                        "--under=acme/plant1/packaging/line1/cell1");

        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).startsWith("# Draft: 10 variables. Correct the topics; ");
        Map<String, Object> draft = new Yaml().load(outcome.out());
        assertThat(draft).containsEntry("connection", "plant1-scada");
        assertThat(draft.get("tags"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(10)
                .contains(
                        Map.of(
                                "topic",
                                "acme/plant1/packaging/line1/cell1/pump-01/temperature",
                                "address",
                                "nsu=urn:unshub:plant;s=pump-01/temperature",
                                "units",
                                "1",
                                "interval",
                                "1s"));
        // what it writes the hub can read
        Path tags = config.resolve("tags/plant1-scada.yaml");
        String shipped = Files.readString(tags);
        Files.writeString(tags, outcome.out());
        assertThat(run("test", file("plant1-scada")).out())
                .endsWith("10 of 10 tags can be read; 10 are bound" + System.lineSeparator());
        Files.writeString(tags, shipped);
    }

    @Test
    void browsesWithinLimits() {
        assertThat(run("browse", file("plant1-scada"), "--limit=7").out())
                .startsWith("# Draft: 7 variables, and there are more. ");
        assertThat(run("browse", file("plant1-scada"), "--filter=no such thing").exitCode())
                .isEqualTo(1);
        assertThat(run("browse", file("plant2-plc")).err())
                .startsWith("uns-hub: modbus devices cannot list what they have; ");
        assertThat(run("browse", file("plant1-scada"), "--filter=[").err())
                .startsWith("uns-hub: --filter is no regular expression: ");
    }

    @Test
    void wantsAConnectionsFile() throws IOException {
        assertThat(run("test", "nothing.yaml").err())
                .isEqualTo(
                        "uns-hub: nothing.yaml is no file of a folder connections; give"
                                + " config/connections/NAME.yaml"
                                + System.lineSeparator());
        Path broken = config.resolve("connections/broken.yaml");
        Files.writeString(broken, "name: broken\nprotocol: profinet\nurl: x\n");
        Outcome outcome = run("test", broken.toString());
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err())
                .isEqualTo(
                        "uns-hub: "
                                + broken
                                + ":2: connection broken: protocol profinet is not known; write one"
                                + " of opcua, modbus, s7, logix"
                                + System.lineSeparator());
        Files.delete(broken);
    }

    private static String file(String name) {
        return config.resolve("connections/" + name + ".yaml").toString();
    }

    private static Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = UnsHub.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        String[] all = new String[args.length + 1];
        all[0] = "connections";
        System.arraycopy(args, 0, all, 1, args.length);
        int exit = command.execute(all);
        return new Outcome(exit, out.toString(), err.toString());
    }
}
