package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.TestFolders;
import io.unshub.buffer.QueueView.Held;
import io.unshub.ledger.LedgerReport;
import io.unshub.ops.Alarm;
import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.Circuits;
import io.unshub.scoring.Divergence;
import io.unshub.scoring.Drift;
import io.unshub.scoring.GoNoGo;
import io.unshub.scoring.ModelBench;
import io.unshub.scoring.ModelCard;
import io.unshub.scoring.Registry;
import io.unshub.scoring.Scoring;
import io.unshub.scoring.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Scores stand on the UNS and in the books beside the readings that they came from. */
class ScoreRouteTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TORQUE = HubFixture.TOPIC;
    private static final String TEMPERATURE = TORQUE.replace("torque", "temperature");
    private static final String SCORE = TORQUE.replace("torque", "_score-failure");

    @TempDir static Path config;
    @TempDir static Path recorded;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture().with("unshub.config-dir", TestFolders.config(config).toString());

    private final Instant now = Instant.now();
    private CircuitConfig circuit;
    private ModelCard card;

    @BeforeEach
    void run() throws Exception {
        circuit = Circuits.configure(config, Circuits.YAML);
        card = Circuits.produce(hub.data(), circuit, Circuits.record(recorded, 40, 1));
        hub.scoring().refresh();
        hub.run(HubFixture.TO_BUFFER);
    }

    private void publish(String topic, Object value, String quality) {
        hub.publish(topic, hub.envelope(topic, value, now).replace("GOOD", quality));
    }

    /** Waits until so many readings and scores are in the buffer, and returns the scores. */
    private List<JsonNode> scores(int all) throws Exception {
        hub.awaitAccepted(all);
        return hub.buffered().stream()
                .filter(held -> held.topic().equals(SCORE))
                .map(ScoreRouteTest::json)
                .toList();
    }

    private static JsonNode json(Held held) {
        try {
            return JSON.readTree(new String(held.payload(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void publishesAScoreForEachReadingOfTheTriggerAndCountsIt() throws Exception {
        hub.run("score");
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, 45, "GOOD");
        publish(TORQUE, 12, "SIMULATED");

        // the shipped rules keep simulated readings on the plant
        List<JsonNode> scores = scores(5);
        assertThat(scores).hasSize(1);
        JsonNode score = scores.get(0);
        assertThat(score.path("value").asDouble()).isGreaterThan(0.9);
        assertThat(score.path("quality").asText()).isEqualTo("GOOD");
        assertThat(score.path("tsUtc").asText()).isEqualTo(now.toString());
        assertThat(score.path("sourceSystem").asText()).isEqualTo(Scoring.SOURCE);
        assertThat(score.path("lineageVersion").asText()).isEqualTo("1.0.0");
        assertThat(score.at("/score/model").asText()).isEqualTo(Circuits.MODEL);
        assertThat(score.at("/score/version").asInt()).isEqualTo(1);
        assertThat(score.at("/score/sha256").asText()).isEqualTo(card.sha256());
        assertThat(score.at("/score/inputQuality").asText()).isEqualTo("GOOD");
        assertThat(score.at("/score/alarm").asBoolean()).isTrue();
        assertThat(score.at("/score/movedBy").fieldNames()).toIterable().contains("torque");
        LedgerReport report = hub.report();
        assertThat(report.findings()).isEmpty();
        assertThat(report.total().accepted()).isEqualTo(3);
        assertThat(report.total().generated()).isEqualTo(2);
        assertThat(report.total().buffered()).isEqualTo(3);
        assertThat(report.total().withheld()).isEqualTo(2);
        assertThat(hub.scoring().scored()).isEqualTo(2);
    }

    @Test
    void carriesTheWorstFlagOfTheInputsAndGivesNoNumberForAnError() throws Exception {
        hub.run("score");
        publish(TEMPERATURE, 85, "STALE");
        publish(TORQUE, 45, "GOOD");
        publish(TEMPERATURE, 85, "ERROR");
        publish(TORQUE, 46, "GOOD");

        List<JsonNode> scores = scores(6);
        assertThat(scores)
                .extracting(score -> score.path("quality").asText())
                .containsExactly("STALE", "ERROR");
        assertThat(scores.get(0).path("value").isNumber()).isTrue();
        assertThat(scores.get(1).path("value").isNull()).isTrue();
        assertThat(scores.get(1).path("errorCode").asText()).isEqualTo("INPUT_ERROR");
    }

    @Test
    void saysWhenAFeatureIsMissingOrNoNumber() throws Exception {
        hub.run("score");
        publish(TORQUE, 45, "GOOD");
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, "\"stuck\"", "GOOD");

        List<JsonNode> scores = scores(5);
        assertThat(scores)
                .hasSize(2)
                .allSatisfy(
                        score -> {
                            assertThat(score.path("value").isNull()).isTrue();
                            assertThat(score.path("quality").asText()).isEqualTo("ERROR");
                            assertThat(score.path("errorCode").asText())
                                    .isEqualTo("FEATURE_MISSING");
                        });
        assertThat(hub.scoring().missing()).isEqualTo(2);
    }

    @Test
    void scoresAfterARestartWhatWaited() throws Exception {
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, 45, "GOOD");
        hub.awaitAccepted(2);

        hub.restart();
        hub.run(HubFixture.TO_BUFFER).run("score");

        assertThat(scores(3)).hasSize(1);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void scoresWithTheVersionInProductionAndKeepsItsWindowsWhenThatChanges() throws Exception {
        hub.run("score");
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, 45, "GOOD");
        assertThat(scores(3)).hasSize(1);

        Circuits.produce(hub.data(), circuit, Circuits.record(recorded, 60, 2));
        hub.scoring().refresh();
        publish(TORQUE, 46, "GOOD");
        assertThat(scores(5).get(1).at("/score/version").asInt()).isEqualTo(2);

        registry().rollback(circuit);
        hub.scoring().refresh();
        publish(TORQUE, 47, "GOOD");
        JsonNode third = scores(7).get(2);
        assertThat(third.at("/score/sha256").asText()).isEqualTo(card.sha256());
        assertThat(third.path("value").isNumber()).isTrue();
    }

    @Test
    void keepsTheModelInForceAndSaysSoWhenTheNextOneCannotBeRead() throws Exception {
        hub.run("score");
        ModelCard next = Circuits.produce(hub.data(), circuit, Circuits.record(recorded, 60, 2));
        Files.writeString(
                hub.data().resolve("models").resolve(Circuits.MODEL).resolve("2/model.tribuo"),
                "no model");
        hub.scoring().refresh();
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, 45, "GOOD");

        assertThat(next.version()).isEqualTo(2);
        assertThat(scores(3).get(0).at("/score/version").asInt()).isEqualTo(1);
        assertAlarm()
                .contains("version 2: its file is not the one that was registered")
                .contains("restore it from a backup, or roll back");
    }

    @Test
    void takesADamagedStagesFileForThatOfItsModelAlone() throws Exception {
        hub.run("score");
        Files.writeString(
                hub.data().resolve("models").resolve(Circuits.MODEL).resolve("stages.json"), "{");
        hub.scoring().refresh();
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, 45, "GOOD");

        assertThat(scores(3)).hasSize(1);
        assertAlarm()
                .contains("stages.json cannot be read (")
                .contains("; restore it from a backup");
    }

    @Test
    void goesOnWithTheModelsInForceWhenAConfigurationIsNotValid() throws Exception {
        hub.run("score");
        Files.writeString(config.resolve("ml/plant9/mixing.yml"), "plant_id: plant9\n");
        hub.scoring().refresh();
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, 45, "GOOD");

        assertThat(scores(3)).hasSize(1);
        assertAlarm()
                .contains("mixing.yml circuit_id is null")
                .contains("the model before stays in force");
    }

    @Test
    void goesOnInTheEnvironmentBeforeUntilAllModelsWereTested() throws Exception {
        hub.run("score");
        CircuitConfig raised =
                Circuits.configure(
                        config,
                        Circuits.YAML.replace(
                                "environment_version: \"1\"", "environment_version: \"2\""));
        hub.scoring().refresh();
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, 45, "GOOD");
        assertThat(scores(3)).hasSize(1);
        assertAlarm().contains("none is switched before");

        registry().retest(List.of(raised));
        hub.scoring().refresh();

        assertThat(hub.alarms().active()).isEmpty();
    }

    @Test
    void saysWhenWhatComesIsNotWhatTheModelWasTrainedOn() throws Exception {
        hub.run("score");
        publish(TEMPERATURE, 85, "GOOD");
        for (int i = 0; i < 200; i++) {
            publish(TORQUE, 500, "GOOD");
        }
        assertThat(scores(401).get(199).at("/score/drift").asText()).isEqualTo("UNKNOWN");

        hub.scoring().look();
        publish(TORQUE, 500, "GOOD");

        assertThat(scores(403).get(200).at("/score/drift").asText()).isEqualTo("DRIFT");
        assertThat(hub.scoring().drifting()).isEqualTo(1);
        assertThat(hub.alarms().active())
                .singleElement()
                .satisfies(
                        alarm -> {
                            assertThat(alarm.name()).isEqualTo("drift-plant9-mixing-failure");
                            assertThat(alarm.text())
                                    .startsWith("drift_detected: what plant9/mixing/failure")
                                    .containsPattern("torque PSI \\d");
                        });

        Files.delete(config.resolve("ml/plant9/mixing.yml"));
        hub.scoring().refresh();
        assertThat(hub.alarms().active()).as("it scores no more").isEmpty();
    }

    @Test
    void saysWhenAnInputIsNoLongerThere() throws Exception {
        hub.run("score");
        publish(TORQUE, 20, "GOOD");
        publish(TEMPERATURE, 40, "GOOD");
        for (int i = 0; i < 200; i++) {
            publish(TORQUE, "\"no number\"", "GOOD");
        }
        scores(403);
        hub.scoring().look();
        assertThat(hub.scoring().status().get(0).drifts()).as("it was never there").isEmpty();

        publish(TORQUE, 20, "GOOD");
        for (int i = 0; i < 200; i++) {
            publish(TORQUE, "\"no number\"", "GOOD");
        }
        scores(805);
        hub.scoring().look();

        Drift torque = hub.scoring().status().get(0).drifts().get(1);
        assertThat(torque.of()).isEqualTo("torque");
        assertThat(torque.missingChange()).isEqualTo(200.0 / 201);
        assertThat(torque.detected()).isTrue();
    }

    @Test
    void comparesAShadowThatNobodySees() throws Exception {
        hub.run("score");
        tryOut(0);
        publish(TEMPERATURE, 85, "GOOD");
        for (int i = 0; i < 20; i++) {
            publish(TORQUE, 20 + i, "GOOD");
        }

        assertThat(scores(41))
                .extracting(score -> score.at("/score/version").asInt())
                .hasSize(20)
                .containsOnly(1);
        await().until(() -> trial().compared() == 20);
        assertThat(trial().failed()).isZero();
        assertThat(trial().version()).isEqualTo(2);
        assertThat(trial().mostDifference()).isPositive();
        assertThat(trial().disagreement()).isPositive();
        hub.scoring().keepTrials();
        GoNoGo checklist =
                GoNoGo.of(registry(), circuit, new GoNoGo.Limits(20, 0, 10_000), Instant.now());
        assertThat(checklist.go()).isFalse();
        assertThat(checklist.sentence()).startsWith("no go: 2 of 8 points speak against version 2");
        assertThat(checklist.points())
                .filteredOn(point -> !point.go())
                .extracting(GoNoGo.Point::text)
                .satisfiesExactly(
                        text -> assertThat(text).contains("% of the scores only one would act on"),
                        text -> assertThat(text).startsWith("approved: no"));
    }

    @Test
    void givesTheScoresOfACanaryToItsShareOfTheEquipment() throws Exception {
        hub.run("score");
        tryOut(100);
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, 45, "GOOD");

        assertThat(scores(3).get(0).at("/score/version").asInt()).isEqualTo(2);

        registry().endTrial(Circuits.MODEL);
        hub.scoring().refresh();
        publish(TORQUE, 46, "GOOD");
        assertThat(scores(5).get(1).at("/score/version").asInt()).isEqualTo(1);
    }

    @Test
    void goesOnWithoutATrialThatCannotBeRead() throws Exception {
        hub.run("score");
        tryOut(0);
        registry().endTrial(Circuits.MODEL);
        hub.scoring().refresh();
        registry().tryOut(circuit, 2, 0);
        Files.writeString(
                hub.data().resolve("models").resolve(Circuits.MODEL).resolve("2/model.tribuo"),
                "no model");
        hub.scoring().refresh();
        publish(TEMPERATURE, 85, "GOOD");
        publish(TORQUE, 45, "GOOD");

        assertThat(scores(3)).hasSize(1);
        assertAlarm().contains("the trial does not begin: plant9/mixing/failure version 2: its");
    }

    /** Tries out a version that learned other things. */
    private void tryOut(int canary) throws Exception {
        Registry registry = registry();
        Path other =
                Files.writeString(
                        recorded.resolve("other.csv"),
                        Files.readString(Circuits.record(recorded, 40, 3))
                                .replace(",1\n", ",2\n")
                                .replace(",0\n", ",1\n")
                                .replace(",2\n", ",0\n"));
        ModelCard second =
                new ModelBench(registry, Clock.systemUTC())
                        .train(circuit, other, new Training.Options(1, 0), "ann", null);
        registry.tryOut(circuit, second.version(), canary);
        hub.scoring().refresh();
    }

    private Divergence trial() {
        return hub.scoring().status().get(0).trial();
    }

    private AbstractStringAssert<?> assertAlarm() {
        return assertThat(hub.alarms().active()).singleElement().extracting(Alarm::text, STRING);
    }

    private Registry registry() {
        return new Registry(hub.data(), Clock.systemUTC(), (what, about) -> {});
    }
}
