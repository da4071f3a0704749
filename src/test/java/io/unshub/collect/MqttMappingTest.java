package io.unshub.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.envelope.Envelope;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.quality.Quality;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MqttMappingTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final String RULE =
            """
            version: 2.0.0
            rules:
              - name: meters
                from: energy/+/+/power
                topic: acme/plant1/utilities/line1/cell1/meter-{2}/{1}-power
                value: /reading/w
                time: /reading/at
                timeFormat: epoch-millis
                quality: /state
                qualities: {ok: GOOD, test: SIMULATED}
                units: W
                scale: 0.1
            """;

    @TempDir Path folder;

    @Test
    void makesAnEnvelopeOfJsonInAnotherShape() throws Exception {
        Publication from =
                publication(
                        "energy/hall-1/7/power",
                        "{\"reading\": {\"w\": 12345678901234567.5, \"at\": 1772359199500},"
                                + " \"state\": \"ok\"}");

        Publication to = map(RULE, from);
        Envelope reading = EnvelopeCodec.decode(to.payload());

        assertThat(to.topic())
                .isEqualTo("acme/plant1/utilities/line1/cell1/meter-7/hall-1-power")
                .isEqualTo(reading.topic());
        assertThat(reading.value()).hasToString("1234567890123456.75");
        assertThat(reading.tsUtc()).isEqualTo(Instant.parse("2026-03-01T09:59:59.500Z"));
        assertThat(reading.quality()).isEqualTo(Quality.GOOD);
        assertThat(reading.units()).isEqualTo("W");
        assertThat(reading.sourceSystem()).isEqualTo("mqtt:meters");
        assertThat(reading.lineageVersion()).isEqualTo("2.0.0");
        assertThat(map(RULE, from).payload()).isEqualTo(to.payload());
    }

    @ParameterizedTest
    @CsvSource({"ok, GOOD,", "test, SIMULATED, test", "burnt, ERROR, burnt"})
    void takesTheFlagFromWhatTheSourceSays(String state, Quality quality, String code)
            throws Exception {
        Envelope reading =
                EnvelopeCodec.decode(
                        map(
                                        RULE,
                                        publication(
                                                "energy/a/b/power",
                                                "{\"reading\":{\"w\":1,\"at\":1},\"state\":\"%s\"}"
                                                        .formatted(state)))
                                .payload());

        assertThat(reading.quality()).isEqualTo(quality);
        assertThat(reading.errorCode()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({
        "12.50, 12.50, GOOD",
        "true, true, GOOD",
        "ON, \"ON\", GOOD",
        "\"12\", \"12\", GOOD",
        "null, null, ERROR"
    })
    void takesAPlainValueAsItIs(String payload, String value, Quality quality) throws Exception {
        String rule = "version: 1.0.0\nrules: [{name: plain, from: 'x/#', topic: a/b, units: '1'}]";

        Envelope reading = EnvelopeCodec.decode(map(rule, publication("x/y/z", payload)).payload());

        assertThat(reading.value()).hasToString(value);
        assertThat(reading.quality()).isEqualTo(quality);
        assertThat(reading.tsUtc()).isEqualTo(NOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "energy/a/b/voltage | 1",
                "energy/a/b/power | no JSON",
                "energy/a/b/power | {\"reading\": {\"at\": 1}}",
                "energy/a/b/power | {\"reading\": {\"w\": [1], \"at\": 1}}",
                "energy/a/b/power | {\"reading\": {\"w\": 1, \"at\": \"now\"}}",
                "energy/a/b/power | {\"reading\": {\"w\": 1, \"at\": 1.5}}",
                "energy/a/b/power | {\"reading\": {\"w\": 1}}"
            })
    void leavesAsItIsWhatNoRuleFits(String topic, String payload) throws Exception {
        Publication publication = publication(topic, payload);

        assertThat(map(RULE, publication)).isSameAs(publication);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"reading\": {\"w\": 1e500000000, \"at\": 1}, \"state\": \"ok\"}",
                "{\"reading\": {\"w\": 1e-500000000, \"at\": 1}, \"state\": \"ok\"}",
                "{\"reading\": {\"w\": 1, \"w\": 2, \"at\": 1}, \"state\": \"ok\"}",
                "{\"reading\": {\"w\": 1, \"at\": 1e500000000}, \"state\": \"ok\"}"
            })
    void leavesAsItIsWhatCannotBeReckonedWithOrSaysTwoThings(String payload) throws Exception {
        Publication publication = publication("energy/a/b/power", payload);

        assertThat(map(RULE + "    offset: 1\n", publication)).isSameAs(publication);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e500000000", "1e-500000000", "18446744075481910815"})
    void leavesAsItIsWhatIsNoTimeInSeconds(String time) throws Exception {
        String rule =
                "version: 1.0.0\nrules: [{name: t, from: t, topic: a/b, units: '1', value: /v,"
                        + " time: /t, timeFormat: epoch-seconds}]";
        Publication publication = publication("t", "{\"v\":1,\"t\":" + time + "}");

        assertThat(map(rule, publication)).isSameAs(publication);
    }

    @Test
    void leavesBytesThatAreNoTextAsTheyAre() throws Exception {
        String rule = "version: 1.0.0\nrules: [{name: p, from: p, topic: a/b, units: '1'}]";
        Publication degrees = new Publication("p", new byte[] {'2', '1', (byte) 0xB0, 'C'});
        Publication digits = publication("p", "9".repeat(1_500));

        assertThat(map(rule, degrees)).isSameAs(degrees);
        assertThat(map(rule, digits)).isSameAs(digits);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nan", "-inf", "Infinity", "NaN\n", "\"NaN\""})
    void makesAnErrorOfWhatADeviceWritesForNoNumber(String payload) throws Exception {
        String rule = "version: 1.0.0\nrules: [{name: p, from: p, topic: a/b, units: '1'}]";

        Envelope reading = EnvelopeCodec.decode(map(rule, publication("p", payload)).payload());

        assertThat(reading.value().isNull()).isTrue();
        assertThat(reading.quality()).isEqualTo(Quality.ERROR);
        assertThat(reading.errorCode()).isEqualTo("NotANumber");
    }

    @Test
    void readsTimesInEveryForm() throws Exception {
        for (String[] form :
                new String[][] {
                    {"iso", "\"2026-03-01T10:59:59.5+01:00\""},
                    {"epoch-seconds", "1772359199.5"},
                    {"epoch-millis", "1772359199500"}
                }) {
            String rule =
                    "version: 1.0.0\nrules: [{name: t, from: t, topic: a/b, units: '1', value: /v,"
                            + " time: /t, timeFormat: "
                            + form[0]
                            + "}]";
            Publication mapped = map(rule, publication("t", "{\"v\":1,\"t\":" + form[1] + "}"));

            assertThat(EnvelopeCodec.decode(mapped.payload()).tsUtc())
                    .as(form[0])
                    .isEqualTo(Instant.parse("2026-03-01T09:59:59.500Z"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "from: energy/+/+/power | from: energy/#/power | has # before its end",
                "meter-{2} | meter-{3} | topic names {3}, and from has 2 levels with +; write {1}",
                "meter-{2} | + | topic is acme/plant1/utilities/line1/cell1/+/{1}-power, and a topic has no +",
                "value: /reading/w | value: reading | is no JSON Pointer (RFC 6901); write it as",
                "epoch-millis | unix | timeFormat is unix; write one of iso, epoch-seconds, epoch-",
                "units: W | unit: W | has the unknown key unit, known are from, name, offset",
                "name: meters | name: ' ' | rule 1 has no name; give it one",
                "topic: | topc: | has the unknown key topc",
                "version: 2.0.0 | version: '' | has no version; give it one"
            })
    void saysWhatIsWrongWithARule(String right, String wrong, String message) throws IOException {
        Path file = folder.resolve("mqtt-mapping.yaml");
        Files.writeString(file, RULE.replace(right, wrong));

        assertThatThrownBy(() -> MqttMapping.load(file, () -> NOW))
                .isInstanceOf(RulesException.class)
                .hasMessageContaining(message);
    }

    @Test
    void letsEverythingBeWithoutAFile() {
        List<Publication> all = List.of(publication("a", "b"));

        assertThat(MqttMapping.load(folder.resolve("none"), () -> NOW).map(all)).isSameAs(all);
    }

    private Publication map(String rules, Publication publication) throws IOException {
        Path file = folder.resolve("mqtt-mapping.yaml");
        Files.writeString(file, rules);
        return MqttMapping.load(file, () -> NOW).map(List.of(publication)).get(0);
    }

    private static Publication publication(String topic, String payload) {
        return new Publication(topic, payload.getBytes(UTF_8));
    }
}
