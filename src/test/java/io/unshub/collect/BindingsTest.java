package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BindingsTest {

    private static final Path FIXTURES = Path.of("src/test/resources/fixtures/collect");
    private static final Map<String, String> PROPERTIES =
            Map.of("unshub.simulator.opcua-port", "4840");
    private static final Function<String, Optional<String>> TOPIC_CHECK =
            topic ->
                    topic.startsWith("acme/")
                            ? Optional.empty()
                            : Optional.of("topic " + topic + " is outside the root; move it");

    @Test
    void readsConnectionsWithPropertiesAndDefaults() throws Exception {
        Bindings bindings = load(FIXTURES.resolve("good"));

        assertThat(bindings.connections())
                .containsExactly(
                        new Connection(
                                "plant1-scada",
                                Protocol.OPCUA,
                                "opc.tcp://127.0.0.1:4840/unshub/plant",
                                true,
                                new OpcUaOptions(
                                        Duration.ofMillis(100),
                                        Duration.ofSeconds(1),
                                        50,
                                        OpcUaSecurity.NONE),
                                null),
                        new Connection(
                                "plant2-plc",
                                Protocol.MODBUS,
                                "modbus-tcp://127.0.0.1:5020",
                                false,
                                null,
                                new ModbusOptions(
                                        Duration.ofSeconds(1),
                                        Duration.ofSeconds(2),
                                        1,
                                        ModbusOptions.ByteOrder.ABCD)));
        assertThat(bindings.connection("plant1-scada")).isPresent();
        assertThat(bindings.connection("plant3")).isEmpty();
    }

    @Test
    void makesATagOfEachElementOfAnArray(@TempDir Path dir) throws Exception {
        write(
                dir.resolve("connections/plc.yaml"),
                "name: plc\nprotocol: modbus\nurl: modbus-tcp://127.0.0.1:502\n");
        write(
                dir.resolve("models/oven.yaml"),
                """
                name: oven
                version: 2.0.0
                attributes:
                  - {name: zone, address: 'holding-register:{base}:REAL[2]', units: Cel, interval: 1s}
                """);
        Path file =
                write(
                        dir.resolve("tags/plc.yaml"),
                        """
                        connection: plc
                        version: 1.0.0
                        tags:
                          - {topic: acme/valve, address: 'coil:5:BOOL[2]', units: '1', interval: 1s}
                        instances:
                          - {model: oven, equipment: acme/oven-1, base: 100}
                        """);

        assertThat(load(dir).tags("plc"))
                .extracting(Tag::topic, Tag::address, Tag::lineageVersion)
                .containsExactly(
                        tuple("acme/valve-0", "coil:5:BOOL", "1.0.0"),
                        tuple("acme/valve-1", "coil:6:BOOL", "1.0.0"),
                        tuple("acme/oven-1/zone-0", "holding-register:100:REAL", "2.0.0"),
                        tuple("acme/oven-1/zone-1", "holding-register:102:REAL", "2.0.0"));

        write(
                file,
                """
                connection: plc
                version: 1.0.0
                tags:
                  - {topic: acme/valve-1, address: 'coil:1:BOOL', units: '1', interval: 1s}
                  - {topic: acme/valve, address: 'coil:5:BOOL[2]', units: '1', interval: 1s}
                  - {topic: acme/word, address: 'holding-register:1:STRING[9]', units: '1', interval: 1s}
                """);
        assertThat(problems(dir))
                .containsExactly(
                        file
                                + ":5: tag acme/valve: topic is used before, at "
                                + file
                                + ":4; give each tag its own",
                        file
                                + ":6: tag acme/word: address holding-register:1:STRING has type"
                                + " STRING, which is not read; write one of BOOL, INT, UINT, WORD,"
                                + " DINT, UDINT, DWORD, LINT, ULINT, LWORD, REAL, LREAL,"
                                + " CHAR[LENGTH]");
    }

    @Test
    void readsTagsAsWritten() throws Exception {
        Bindings bindings = load(FIXTURES.resolve("good"));

        assertThat(bindings.tags("plant1-scada"))
                .containsExactly(
                        new Tag(
                                "acme/plant1/packaging/line1/cell1/pump-01/temperature",
                                "nsu=urn:unshub:plant;s=pump-01/temperature",
                                "Cel",
                                -20.0,
                                150.0,
                                Duration.ofSeconds(1),
                                "1.10",
                                "plant1-scada"),
                        new Tag(
                                "acme/plant1/packaging/line1/cell1/pump-01/running",
                                "nsu=urn:unshub:plant;i=17",
                                "1",
                                null,
                                null,
                                Duration.ofMillis(250),
                                "1.10",
                                "plant1-scada"));
        assertThat(bindings.tags("plant2-plc"))
                .extracting(Tag::min, Tag::max, Tag::interval)
                .containsExactly(tuple(null, 16.5, Duration.ofMinutes(5)));
        assertThat(bindings.tags()).hasSize(3);
    }

    @Test
    void reportsEveryProblemOfEveryFile() {
        String dir = "src/test/resources/fixtures/collect/bad";
        String opc = dir + "/connections/plant1-scada.yaml";
        String plc = dir + "/connections/plant2-plc.yaml";
        String opcTags = dir + "/tags/plant1-scada.yaml";
        String plcTags = dir + "/tags/plant2-plc.yaml";

        assertThat(problems(FIXTURES.resolve("bad")))
                .containsExactly(
                        dir
                                + "/connections/plant4.yml: would not be read; rename it to plant4.yaml",
                        dir
                                + "/connections/broken.yaml:2: connection broken: no YAML: mapping"
                                + " values are not allowed here; correct the syntax",
                        dir
                                + "/connections/empty.yaml:1: connection empty: the file is empty;"
                                + " fill or remove it",
                        opc
                                + ":1: connection plant1-scada: name plant1-skada is not the file"
                                + " name plant1-scada; make them equal",
                        opc
                                + ":3: connection plant1-scada: url opc.tcp://:4840 does not fit"
                                + " protocol opcua; write opc.tcp://HOST:PORT/PATH",
                        opc
                                + ":4: connection plant1-scada: unknown key simulatd; did you mean"
                                + " simulated?",
                        opc + ":5: connection plant1-scada: simulated is yes; write true or false",
                        opc
                                + ":7: connection plant1-scada: unknown key samplingIntervall; did"
                                + " you mean samplingInterval?",
                        opc
                                + ":8: connection plant1-scada: publishingInterval 0ms is not above"
                                + " zero; write a longer time, as in 1s",
                        opc
                                + ":9: connection plant1-scada: queueSize is 0; write a whole number"
                                + " from 1 to 1000000",
                        opc
                                + ":10: connection plant1-scada: section modbus has no effect with"
                                + " protocol opcua; remove it",
                        plc
                                + ":3: connection plant2-plc: a property in"
                                + " modbus-tcp://127.0.0.1:${no.such.port} is not set; set it in"
                                + " application.properties or write ${key:default}",
                        plc
                                + ":4: connection plant2-plc: pollInterval 5 is no duration; write"
                                + " 250ms, 1s, 5m, 1h or ISO 8601 as in PT1S",
                        plc
                                + ":4: connection plant2-plc: requestTimeout soon is no duration;"
                                + " write 250ms, 1s, 5m, 1h or ISO 8601 as in PT1S",
                        plc
                                + ":4: connection plant2-plc: unit is 256; write a whole number from"
                                + " 0 to 255",
                        dir
                                + "/connections/plant3.yaml:1: connection plant3: url is missing;"
                                + " add it",
                        dir
                                + "/connections/plant3.yaml:2: connection plant3: key name stands"
                                + " here twice; remove one",
                        dir
                                + "/connections/plant3.yaml:3: connection plant3: protocol profinet"
                                + " is not known; write one of opcua, modbus, s7, logix",
                        opcTags + ":2: tags plant1-scada: version is empty; give it a value",
                        opcTags
                                + ":5: tag acme/plant1/a: address ns=2;s=pump-01/temperature names"
                                + " its namespace by index, which can change when the server"
                                + " restarts; write nsu=URI;s=NAME (or i=, g=, b=)",
                        opcTags
                                + ":7: tag acme/plant1/a: range min 150 is above max -20; swap them",
                        opcTags
                                + ":10: tag acme/plant1/b: address s=pump-01/temperature has no"
                                + " namespace URI; write nsu=URI;s=NAME (or i=, g=, b=)",
                        opcTags + ":11: tag acme/plant1/b: units is empty; give it a value",
                        opcTags + ":12: tag acme/plant1/b: range min and max are both 7; widen it",
                        opcTags
                                + ":13: tag acme/plant1/b: interval 0s is not above zero; write a"
                                + " longer time, as in 1s",
                        opcTags
                                + ":14: tag acme/plant1/a: topic is used before, at "
                                + opcTags
                                + ":4; give each tag its own",
                        opcTags + ":14: tag acme/plant1/a: units is missing; add it",
                        opcTags
                                + ":15: tag acme/plant1/a: address nsu=urn:unshub:plant;i=pump is no"
                                + " node id; write nsu=URI;s=NAME (or i=, g=, b=)",
                        opcTags + ":16: tag acme/plant1/a: unknown key unit; did you mean units?",
                        opcTags + ":17: tag acme/plant1/a: unknown key maximum; did you mean max?",
                        opcTags + ":17: tag acme/plant1/a: range min is low; write a number",
                        opcTags
                                + ":18: tag acme/plant1/a: interval -1s is not above zero; write a"
                                + " longer time, as in 1s",
                        opcTags + ":19: tag (without a topic): topic is missing; add it",
                        opcTags
                                + ":20: tag (without a topic): units is not a single value; write"
                                + " one",
                        opcTags
                                + ":22: tag (without a topic): is not a set of keys; write key:"
                                + " value",
                        plcTags
                                + ":4: tag acme/plant2/a: address register:1 is no Modbus address;"
                                + " write AREA:NUMBER:TYPE with area coil, discrete-input,"
                                + " input-register or holding-register, as in"
                                + " holding-register:1:REAL",
                        plcTags
                                + ":5: tag acme/plant2/b: address holding-register:1:INT[0] is an"
                                + " array of 0 elements; write 1 to 1000",
                        plcTags
                                + ":6: tag acme/plant2/c: address holding-register:1:INT{unit-id: 3}"
                                + " names a unit; make a connection of its own with modbus.unit 3",
                        plcTags
                                + ":7: tag acme/plant2/d: address holding-register:1:STRING has type"
                                + " STRING, which is not read; write one of BOOL, INT, UINT, WORD,"
                                + " DINT, UDINT, DWORD, LINT, ULINT, LWORD, REAL, LREAL, CHAR[LENGTH]",
                        plcTags
                                + ":8: tag acme/plant2/e: address coil:1:INT has type INT, a bit is"
                                + " BOOL; write BOOL",
                        plcTags
                                + ":9: tag acme/plant2/f: address extended-register:1:INT is of an"
                                + " area that is not read; write AREA:NUMBER:TYPE with area coil,"
                                + " discrete-input, input-register or holding-register, as in"
                                + " holding-register:1:REAL",
                        plcTags
                                + ":10: tag acme/plant1/a: topic is used before, at "
                                + opcTags
                                + ":4; give each tag its own",
                        plcTags
                                + ":10: tag acme/plant1/a: address holding-register:0:INT is no"
                                + " Modbus address; write AREA:NUMBER:TYPE with area coil,"
                                + " discrete-input, input-register or holding-register, as in"
                                + " holding-register:1:REAL",
                        plcTags
                                + ":11: tag elsewhere/a: topic elsewhere/a is outside the root; move"
                                + " it",
                        dir
                                + "/tags/plant9.yaml:1: tags plant9: connection plant9 does not"
                                + " exist; write one of broken, empty, plant1-scada, plant2-plc,"
                                + " plant3 or add connections/plant9.yaml",
                        dir
                                + "/tags/plant9.yaml:3: tags plant9: tags is not a list; write one"
                                + " entry per line with -");
    }

    @Test
    void makesTagsOfModelsAndInstances() throws Exception {
        Bindings bindings = load(FIXTURES.resolve("models"));

        assertThat(bindings.tags("plc"))
                .extracting(Tag::topic, Tag::address)
                .containsExactly(
                        tuple(
                                "acme/plant1/packaging/line1/cell1/pump-01/temperature",
                                "holding-register:1:INT"),
                        tuple(
                                "acme/plant1/packaging/line1/cell1/pump-01/running",
                                "coil:1001:BOOL"),
                        tuple(
                                "acme/plant1/packaging/line1/cell1/pump-02/temperature",
                                "holding-register:21:INT"),
                        tuple(
                                "acme/plant1/packaging/line1/cell1/pump-02/running",
                                "coil:1021:BOOL"));
        assertThat(bindings.tags("plc").get(0))
                .isEqualTo(
                        new Tag(
                                "acme/plant1/packaging/line1/cell1/pump-01/temperature",
                                "holding-register:1:INT",
                                "Cel",
                                -20.0,
                                150.0,
                                Duration.ofSeconds(1),
                                "2.1.0",
                                "plc",
                                new Tag.Conversion(new BigDecimal("0.1"), new BigDecimal("-40")),
                                new Tag.Report(
                                        new BigDecimal("3.400"),
                                        Duration.ofSeconds(1),
                                        Duration.ofMinutes(5)),
                                Duration.ofSeconds(30),
                                Tag.Type.NUMBER,
                                null,
                                "bottling"));
    }

    @Test
    void saysWhatIsWrongWithModelsAndInstances(@TempDir Path dir) throws Exception {
        write(
                dir.resolve("connections/plc.yaml"),
                "name: plc\nprotocol: modbus\nurl: modbus-tcp://127.0.0.1:502");
        write(
                dir.resolve("models/pump.yaml"),
                """
                name: pump
                version: 1.0.0
                attributes:
                  - {name: t, address: "holding-register:{base+1}:INT", units: Cel, interval: 1s}
                  - {name: p, address: "holding-register:{base}:STRING", units: bar, interval: 1s}
                """);
        write(
                dir.resolve("models/valve.yaml"),
                """
                name: valv
                version: 1.0.0
                attributes:
                  - {name: a, address: "coil:1:BOOL", units: "1", interval: 1s, scale: x}
                  - name: b
                    address: coil:1:BOOL
                    units: "1"
                    interval: 1s
                    report: {deadband: 5%, minInterval: 2s, maxInterval: 1s}
                  - {name: a, address: "coil:2:BOOL", units: "1", interval: 1s}
                """);
        write(
                dir.resolve("tags/line.yaml"),
                """
                connection: plc
                instances:
                  - {model: pump, equipment: acme/a, base: one}
                  - {model: pump, equipment: acme/b, bas: 1}
                  - {model: motor, equipment: acme/c}
                  - {model: pump, equipment: acme/d, base: 7}
                  - {model: pump, equipment: acme/d, base: 9}
                """);
        String line = dir + "/tags/line.yaml";
        String valve = dir + "/models/valve.yaml";

        assertThat(problems(dir))
                .containsExactly(
                        valve
                                + ":1: model valve: name valv is not the file name valve; make them"
                                + " equal",
                        valve
                                + ":4: attribute a: scale is x; write a number, from"
                                + " 1e-300 to 1e300",
                        valve
                                + ":9: attribute b: deadband is a percentage of the range, and there"
                                + " is none; add range, or write a number in the tag's units",
                        valve
                                + ":9: attribute b: maxInterval is shorter than minInterval; swap them",
                        valve
                                + ":10: attribute a: name is used before; give each attribute its"
                                + " own",
                        line
                                + ":3: instance acme/a: attribute t: base is one, and the model adds"
                                + " a number to it; write a whole number",
                        line
                                + ":3: instance acme/a: attribute p: address"
                                + " holding-register:one:STRING is no Modbus address; write"
                                + " AREA:NUMBER:TYPE with area coil, discrete-input, input-register"
                                + " or holding-register, as in holding-register:1:REAL",
                        line + ":4: instance acme/b: unknown key bas; did you mean base?",
                        line + ":4: instance acme/b: base is missing; add it",
                        line
                                + ":5: instance acme/c: model motor does not exist; write one of"
                                + " pump, valve or add models/motor.yaml",
                        line
                                + ":6: instance acme/d: attribute p: address"
                                + " holding-register:7:STRING has type STRING, which is not read;"
                                + " write one of BOOL, INT, UINT, WORD, DINT, UDINT, DWORD, LINT,"
                                + " ULINT, LWORD, REAL, LREAL, CHAR[LENGTH]",
                        line
                                + ":7: instance acme/d: topic is used before, at "
                                + line
                                + ":6; give each tag its own",
                        line
                                + ":7: instance acme/d: topic is used before, at "
                                + line
                                + ":6; give each tag its own",
                        line
                                + ":7: instance acme/d: attribute p: address"
                                + " holding-register:9:STRING has type STRING, which is not read;"
                                + " write one of BOOL, INT, UINT, WORD, DINT, UDINT, DWORD, LINT,"
                                + " ULINT, LWORD, REAL, LREAL, CHAR[LENGTH]");
    }

    @Test
    void readsTheSecurityOfAnOpcUaConnection(@TempDir Path dir) throws Exception {
        Path password = write(dir.resolve("secrets/scada"), "s3cret");
        write(
                dir.resolve("connections/scada.yaml"),
                """
                name: scada
                protocol: opcua
                url: opc.tcp://scada:62541
                opcua:
                  security: Basic256Sha256
                  user: hub
                  passwordFile: secrets/scada
                  hostNameCheck: false
                """);

        assertThat(load(dir).connections().get(0).opcua().security())
                .isEqualTo(
                        new OpcUaSecurity(
                                "Basic256Sha256",
                                true,
                                false,
                                Path.of("data/opcua"),
                                "hub",
                                password,
                                null,
                                null));
    }

    @Test
    void saysWhatIsWrongWithTheSecurityOfAConnection(@TempDir Path dir) throws Exception {
        write(
                dir.resolve("connections/a.yaml"),
                """
                name: a
                protocol: opcua
                url: opc.tcp://scada:62541
                opcua:
                  security: Basic128Rsa15
                """);
        write(
                dir.resolve("connections/b.yaml"),
                """
                name: b
                protocol: opcua
                url: opc.tcp://scada:62541
                opcua:
                  mode: Sign
                  user: hub
                  userKey: connections/a.yaml
                """);
        write(
                dir.resolve("connections/c.yaml"),
                """
                name: c
                protocol: opcua
                url: opc.tcp://scada:62541
                opcua:
                  security: Basic256Sha256
                  mode: Encrypt
                  user: hub
                  passwordFile: secrets/none
                """);
        String a = dir + "/connections/a.yaml";
        String c = dir + "/connections/c.yaml";
        String b = dir + "/connections/b.yaml";

        assertThat(problems(dir))
                .containsExactly(
                        a
                                + ":5: connection a: security is Basic128Rsa15; write one of None,"
                                + " Basic256Sha256, Aes128_Sha256_RsaOaep, Aes256_Sha256_RsaPss",
                        b
                                + ":5: connection b: mode has no effect without security; set"
                                + " security: Basic256Sha256",
                        b + ":6: connection b: user needs passwordFile beside it; add it",
                        b
                                + ":6: connection b: a user is proven over a secured connection"
                                + " only; set security: Basic256Sha256",
                        b + ":7: connection b: userKey needs userCertificate beside it; add it",
                        c + ":6: connection c: mode is Encrypt; write one of Sign, SignAndEncrypt",
                        c
                                + ":8: connection c: passwordFile "
                                + dir
                                + "/secrets/none cannot be read; put it there, for the hub's user"
                                + " alone");
    }

    @Test
    void keepsToTheBudgetOfADevice(@TempDir Path dir) throws Exception {
        Path file =
                write(
                        dir.resolve("connections/a.yaml"),
                        """
                        name: a
                        protocol: modbus
                        url: modbus-tcp://127.0.0.1:502
                        budget: {items: 1, readsPerSecond: 2.5}
                        """);
        String tag = "  - {topic: acme/%s, address: 'coil:1:BOOL', units: '1', interval: 1s}\n";
        String tags = "connection: a\nversion: 1.0.0\ntags:\n";
        write(dir.resolve("tags/a.yaml"), tags + tag.formatted("a"));
        assertThat(load(dir).connections().get(0).budget())
                .isEqualTo(new Connection.Budget(null, 1, 2.5));
        assertThat(load(dir).connections().get(0).budget().inWords(1))
                .isEqualTo(
                        "1 tags, limit 1; reads a second, limit 2.5; sessions with its host, limit"
                                + " none");

        write(dir.resolve("tags/b.yaml"), tags + tag.formatted("b"));
        assertThat(problems(dir))
                .containsExactly(
                        file
                                + ":4: connection a: 2 tags are bound and its budget is 1 items;"
                                + " bind fewer, or raise budget.items");

        write(
                file,
                """
                name: a
                protocol: opcua
                url: opc.tcp://scada
                budget: {items: 0, readsPerSecond: fast}
                """);
        Files.delete(dir.resolve("tags/a.yaml"));
        Files.delete(dir.resolve("tags/b.yaml"));
        assertThat(problems(dir))
                .containsExactly(
                        file
                                + ":4: connection a: items is 0; write a whole number from 1 to 1000000",
                        file + ":4: connection a: readsPerSecond is fast; write a number",
                        file
                                + ":4: connection a: readsPerSecond has no effect with protocol"
                                + " opcua, which is not polled; set opcua.samplingInterval instead");
    }

    @Test
    void keepsToTheSessionsThatADeviceMayHave(@TempDir Path dir) throws Exception {
        String unit = "name: %s\nprotocol: modbus\nurl: modbus-tcp://%s\nmodbus: {unit: %d}\n%s";
        Path file =
                write(
                        dir.resolve("connections/a.yaml"),
                        unit.formatted("a", "gateway", 1, "budget: {sessions: 2}\n"));
        write(dir.resolve("connections/b.yaml"), unit.formatted("b", "GATEWAY:502", 2, ""));
        write(dir.resolve("connections/other.yaml"), unit.formatted("other", "plc", 1, ""));
        assertThat(load(dir).connections()).hasSize(3);

        write(dir.resolve("connections/c.yaml"), unit.formatted("c", "gateway", 3, ""));
        assertThat(problems(dir))
                .containsExactly(
                        file
                                + ":5: connection a: a, b, c lead to gateway:502 and its budget is 2"
                                + " sessions; remove some, or raise budget.sessions");
    }

    @Test
    void takesADeadbandOfTheServersOwnForOpcUaAlone(@TempDir Path dir) throws Exception {
        write(dir.resolve("connections/a.yaml"), "name: a\nprotocol: opcua\nurl: opc.tcp://a\n");
        String tags =
                """
                connection: a
                version: 1.0.0
                sourceSystem: boiler-house
                tags:
                  - {topic: acme/a, address: 'nsu=urn:x;s=a', units: '1', interval: 1s, sourceDeadband: %s}
                """;
        Path file = write(dir.resolve("tags/a.yaml"), tags.formatted("0.5"));
        Tag tag = load(dir).tags("a").get(0);
        assertThat(tag.sourceDeadband()).isEqualTo(new Tag.Deadband(0.5, false));
        assertThat(tag.sourceSystem()).isEqualTo("boiler-house");
        write(file, tags.formatted("1%"));
        assertThat(load(dir).tags("a").get(0).sourceDeadband())
                .isEqualTo(new Tag.Deadband(1, true));

        write(file, tags.formatted("101%"));
        assertThat(problems(dir))
                .containsExactly(
                        file
                                + ":5: tag acme/a: sourceDeadband is 101%; write more than 0, as in"
                                + " 0.5, or up to 100%, as in 1%");
        write(dir.resolve("connections/a.yaml"), "name: a\nprotocol: s7\nurl: s7://a\n");
        write(file, tags.formatted("0.5").replace("nsu=urn:x;s=a", "%DB1:0:REAL"));
        assertThat(problems(dir))
                .containsExactly(
                        file
                                + ":5: tag acme/a: sourceDeadband has no effect with protocol s7, as"
                                + " devices that are polled keep nothing back; use report.deadband"
                                + " instead");
    }

    @Test
    void takesTheWayToALogixController(@TempDir Path dir) throws Exception {
        String file = "name: a\nprotocol: logix\nurl: logix://10.0.4.11\nlogix: {%s}\n";
        Path a = dir.resolve("connections/a.yaml");
        write(a, file.formatted(""));
        assertThat(load(dir).connections().get(0).plc()).isEqualTo(LogixOptions.DEFAULT);
        write(a, file.formatted("pollInterval: 250ms, requestTimeout: 4s, slot: 3"));
        assertThat(load(dir).connections().get(0).plc())
                .isEqualTo(new LogixOptions(Duration.ofMillis(250), Duration.ofSeconds(4), "1,3"));
        write(a, file.formatted("path: '1,3,2,192.168.1.10,1,0'"));
        assertThat(load(dir).connections().get(0).plc())
                .isEqualTo(
                        new LogixOptions(
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(2),
                                "1,3,2,192.168.1.10,1,0"));
    }

    @Test
    void saysWhatIsWrongWithALogixConnectionAndItsTags(@TempDir Path dir) throws Exception {
        Path a =
                write(
                        dir.resolve("connections/a.yaml"),
                        "name: a\nprotocol: logix\nurl: logix://10.0.4.11\n"
                                + "logix: {slot: 32, path: '1', rack: 0}\n");
        Path tags =
                write(
                        dir.resolve("tags/a.yaml"),
                        "connection: a\nversion: 1.0.0\ntags:\n"
                                + "  - {topic: acme/a, address: 'Pump..Speed', units: '1', interval:"
                                + " 1s}");

        assertThat(problems(dir))
                .containsExactly(
                        a + ":4: connection a: unknown key rack; did you mean path?",
                        a + ":4: connection a: slot is 32; write a whole number from 0 to 31",
                        a
                                + ":4: connection a: path 1 is no way to a controller; write"
                                + " PORT,SLOT or PORT,ADDRESS, and more of them for each hop, as in"
                                + " 1,0 or 1,3,2,192.168.1.10,1,0",
                        tags
                                + ":4: tag acme/a: address Pump..Speed is no Logix tag; write it as"
                                + " the programming tool has it, as in"
                                + " Program:MainProgram.Pump.Speed, Tank[3].Level, Flags.5 or Name");

        write(a, "name: a\nprotocol: logix\nurl: logix://10.0.4.11\nlogix: {slot: 1, path: '1,1'}");
        Files.delete(tags);
        assertThat(problems(dir))
                .containsExactly(
                        a
                                + ":4: connection a: slot and path are two ways to one place; remove"
                                + " one");
    }

    @Test
    void readsOneConnectionWhateverIsWrongWithOthers(@TempDir Path dir) throws Exception {
        write(
                dir.resolve("connections/a.yaml"),
                "name: a\nprotocol: modbus\nurl: modbus-tcp://127.0.0.1:502");
        write(dir.resolve("connections/b.yaml"), "name: c");
        write(dir.resolve("tags/b.yaml"), "connection: b\nnothing: 1");
        write(
                dir.resolve("tags/a.yaml"),
                "connection: a\nversion: 1.0.0\ntags:\n"
                        + "  - {topic: acme/a, address: 'coil:1:BOOL', units: '1', interval: 1s}");

        Bindings bindings = Bindings.load(dir, PROPERTIES::get, TOPIC_CHECK, "a.yaml");

        assertThat(bindings.connections()).extracting(Connection::name).containsExactly("a");
        assertThat(bindings.tags()).extracting(Tag::topic).containsExactly("acme/a");
    }

    @Test
    void refusesNumbersAndTimesThatNobodyCanMean(@TempDir Path dir) throws Exception {
        write(
                dir.resolve("connections/plc.yaml"),
                "name: plc\nprotocol: modbus\nurl: modbus-tcp://127.0.0.1:502");
        Path pump =
                write(
                        dir.resolve("models/pump.yaml"),
                        """
                        name: pump
                        version: 1.0.0
                        attributes:
                          - {name: a, address: "coil:1:BOOL", units: "1", interval: 1s, scale: 0}
                          - {name: b, address: "coil:2:BOOL", units: "1", interval: 99999999999d}
                          - name: c
                            address: coil:3:BOOL
                            units: "1"
                            interval: 1s
                            offset: 1e500000000
                            report: {deadband: 1e-500000000}
                        """);

        assertThat(problems(dir))
                .contains(
                        pump
                                + ":4: attribute a: scale is 0, which makes every value the same;"
                                + " write another",
                        pump
                                + ":5: attribute b: interval 99999999999d is more than a year; write"
                                + " a shorter time",
                        pump
                                + ":10: attribute c: offset is 1e500000000; write a number, from"
                                + " 1e-300 to 1e300",
                        pump
                                + ":11: attribute c: deadband is 1e-500000000; write a number, from"
                                + " 1e-300 to 1e300");
    }

    private static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Test
    void needsNoConnections(@TempDir Path dir) throws Exception {
        assertThat(load(dir).connections()).isEmpty();
    }

    @Test
    void refusesADirectoryThatIsNotThere(@TempDir Path dir) {
        Path missing = dir.resolve("missing");

        assertThat(problems(missing))
                .containsExactly(
                        missing
                                + ": is no directory; create it or name another configuration"
                                + " directory");
    }

    @Test
    void namesTheFileToAddWhenThereIsNoConnection(@TempDir Path dir) throws Exception {
        Path file = Files.createDirectories(dir.resolve("tags")).resolve("a.yaml");
        Files.writeString(file, "connection: a\nversion: 1.0.0\ntags: []\n");

        assertThat(problems(dir))
                .containsExactly(
                        file + ":1: tags a: connection a does not exist; add connections/a.yaml");
    }

    @Test
    void carriesAllProblemsInTheMessage() {
        ConfigurationException refused =
                catchThrowableOfType(
                        ConfigurationException.class, () -> load(FIXTURES.resolve("bad")));

        assertThat(refused.getMessage().lines()).containsExactlyElementsOf(refused.problems());
    }

    private static Bindings load(Path dir) throws ConfigurationException {
        return Bindings.load(dir, PROPERTIES::get, TOPIC_CHECK);
    }

    private static List<String> problems(Path dir) {
        return catchThrowableOfType(ConfigurationException.class, () -> load(dir)).problems();
    }
}
