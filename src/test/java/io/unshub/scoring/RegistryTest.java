package io.unshub.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.scoring.Registry.Refused;
import io.unshub.scoring.Registry.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.protos.core.ModelProto;

class RegistryTest {

    @TempDir Path folder;

    private final List<String> noted = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Registry registry;
    private ModelBench bench;
    private CircuitConfig config;
    private Path data;

    @BeforeEach
    void start() throws Exception {
        registry = new Registry(folder, () -> now, (what, about) -> noted.add(what));
        bench = new ModelBench(registry, () -> now);
        config = Circuits.configure(folder, Circuits.YAML);
        data = Circuits.record(folder, 40, 1);
    }

    private int train(CircuitConfig by) throws Exception {
        return bench.train(by, data, new Training.Options(1, 0), "ann", "c0ffee").version();
    }

    private CircuitConfig weak() {
        return Circuits.configure(folder, Circuits.YAML.replace("depth: 4", "depth: 1"));
    }

    private void produce(CircuitConfig by) throws Exception {
        int version = train(by);
        registry.approve(Circuits.MODEL, version, "bob");
        registry.promote(by, version, null);
    }

    private Stage stage(int version) throws Exception {
        return registry.stages(Circuits.MODEL).versions().get(version).stage();
    }

    @Test
    void leadsAModelFromCandidateToProductionAndKeepsNoteOfIt() throws Exception {
        assertThat(train(config)).isEqualTo(1);
        assertThat(stage(1)).isEqualTo(Stage.CANDIDATE);
        registry.approve(Circuits.MODEL, 1, "bob");
        assertThat(stage(1)).isEqualTo(Stage.STAGING);

        String said = registry.promote(config, 1, null);

        assertThat(said).contains("on its holdout, what needs no learning has 0.5000");
        assertThat(stage(1)).isEqualTo(Stage.PRODUCTION);
        assertThat(noted).containsExactly("model-trained", "model-approved", "model-promoted");
        ModelCard card = registry.card(Circuits.MODEL, 1);
        assertThat(card.author()).isEqualTo("ann");
        assertThat(card.gitCommit()).isEqualTo("c0ffee");
        assertThat(card.environment()).containsEntry("version", "1").containsKeys("java", "tribuo");
        assertThat(registry.models()).containsExactly(Circuits.MODEL);
    }

    @Test
    void refusesWhatIsNotApprovedOrWasTooLongAgo() throws Exception {
        train(config);
        assertThatThrownBy(() -> registry.promote(config, 1, null))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("version 1 is not approved; uns-hub ml approve it");

        registry.approve(Circuits.MODEL, 1, "bob");
        now = now.plus(Duration.ofHours(24)).plusSeconds(1);
        assertThatThrownBy(() -> registry.promote(config, 1, null))
                .hasMessageContaining("more than 24 h ago; approve it again");
        assertThat(registry.stages(Circuits.MODEL).production()).isNull();
    }

    @Test
    void refusesWhatIsNoBetterUnlessForcedWithAReason() throws Exception {
        produce(config);
        int weaker = train(weak());
        registry.approve(Circuits.MODEL, weaker, "bob");

        assertThatThrownBy(() -> registry.promote(config, weaker, null))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("of version 1 in production, on the same holdout")
                .hasMessageContaining("keep the one in production, or force with a reason");
        assertThat(registry.promote(config, weaker, "to try a rollback"))
                .contains("of version 1 in production, on the same holdout");
        assertThat(stage(1)).isEqualTo(Stage.RETIRED);
        assertThat(stage(weaker)).isEqualTo(Stage.PRODUCTION);
    }

    @Test
    void refusesWhatIsNoBetterThanNoLearningAtAll() throws Exception {
        List<String> same =
                Files.readAllLines(data).stream()
                        .map(line -> line.replaceFirst("(pump-\\d+,\\d+),[^,]+,[^,]+", "$1,1,1"))
                        .toList();
        Files.write(data, same);
        int blind = train(config);

        assertThatThrownBy(() -> registry.promote(config, blind, null))
                .hasMessageContaining("what needs no learning has 0.5000; keep");
    }

    @Test
    void takesWhatIsBetter() throws Exception {
        registry.promote(weak(), train(weak()), "to begin with something");
        produce(config);

        assertThat(registry.stages(Circuits.MODEL).production()).isEqualTo(2);
    }

    @Test
    void switchesNoModelToAnotherEnvironmentBeforeAllWereTested() throws Exception {
        produce(config);
        CircuitConfig raised =
                Circuits.configure(
                        folder,
                        Circuits.YAML.replace(
                                "environment_version: \"1\"", "environment_version: \"2\""));
        assertThatThrownBy(() -> registry.production(raised, registry.stages(Circuits.MODEL)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("was tested in environment 1, and its configuration says 2")
                .hasMessageContaining("uns-hub ml retest tests all models");

        List<Registry.Retest> tests = registry.retest(List.of(raised));

        assertThat(tests).hasSize(1);
        assertThat(tests.get(0).same()).isTrue();
        assertThat(tests.get(0).now()).isEqualTo(tests.get(0).then()).containsKey("auc");
        registry.production(raised, registry.stages(Circuits.MODEL));
        assertThat(noted).endsWith("model-retested");
    }

    @Test
    void saysWhenAModelDoesOtherThingsThanInTraining() throws Exception {
        produce(config);
        Path card = folder.resolve("models").resolve(Circuits.MODEL).resolve("1/card.json");
        Files.writeString(
                card,
                Files.readString(card)
                        .replaceFirst("(\"holdout\" : \\{[^}]*\"auc\" : )[0-9.]+", "$10.123"));

        List<Registry.Retest> tests = registry.retest(List.of(config));

        assertThat(tests.get(0).same()).isFalse();
        assertThat(tests.get(0).then()).containsEntry("auc", 0.123);
        assertThat(noted).doesNotContain("model-retested");
    }

    @Test
    void movesACandidateToStagingWhenItIsBetter() throws Exception {
        registry.promote(weak(), train(weak()), "to begin with something");
        Training.Options options = new Training.Options(1, 0);

        Registry.Comparison better = bench.retrain(config, data, options, "uns-hub", null);
        assertThat(better.better()).isTrue();
        assertThat(better.sentence()).containsPattern("auc 0\\.\\d+ against 0\\.\\d+ of version 1");
        assertThat(stage(better.version())).isEqualTo(Stage.STAGING);
        assertThatThrownBy(() -> registry.promote(config, better.version(), null))
                .hasMessageContaining("is not approved");

        registry.approve(Circuits.MODEL, better.version(), "bob");
        registry.promote(config, better.version(), null);
        Registry.Comparison worse = bench.retrain(weak(), data, options, "uns-hub", null);
        assertThat(worse.better()).isFalse();
        assertThat(stage(worse.version())).isEqualTo(Stage.CANDIDATE);
        assertThat(noted).contains("model-staged").endsWith("model-not-staged");
    }

    @Test
    void triesAVersionOutBesideTheOneInProduction() throws Exception {
        int only = train(config);
        assertThatThrownBy(() -> registry.tryOut(config, only, 0))
                .hasMessageContaining("has no other in production to be compared with");
        registry.approve(Circuits.MODEL, only, "bob");
        registry.promote(config, only, null);
        int other = train(weak());

        registry.tryOut(weak(), other, 10);
        assertThat(registry.stages(Circuits.MODEL).trial())
                .isEqualTo(new Registry.Trial(other, 10, now));
        registry.endTrial(Circuits.MODEL);
        assertThat(registry.stages(Circuits.MODEL).trial()).isNull();

        registry.tryOut(weak(), other, 0);
        registry.promote(weak(), other, "for the test");
        assertThat(registry.stages(Circuits.MODEL).trial()).as("it is no trial any more").isNull();
    }

    @Test
    void rollsBackToWhatWasThereBefore() throws Exception {
        assertThatThrownBy(() -> registry.rollback(config))
                .hasMessageContaining("has no version that was in production before; promote one");
        registry.promote(weak(), train(weak()), "to begin with something");
        produce(config);

        assertThat(registry.rollback(config)).isEqualTo(1);
        assertThat(registry.stages(Circuits.MODEL).production()).isEqualTo(1);
        assertThat(registry.rollback(config)).isEqualTo(2);
    }

    @Test
    void refusesAFileThatIsNotTheOneThatWasRegistered() throws Exception {
        produce(config);
        Path file = folder.resolve("models").resolve(Circuits.MODEL).resolve("1/model.tribuo");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        ModelCard card = registry.card(Circuits.MODEL, 1);

        assertThatThrownBy(() -> registry.scorer(card, config))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("its file is not the one that was registered (SHA-256 ");
        Files.delete(file);
        assertThatThrownBy(() -> registry.scorer(card, config))
                .hasMessageContaining("(SHA-256 nothing, registered");
    }

    @Test
    void refusesWhatIsNoModel() throws Exception {
        Path file = Files.writeString(folder.resolve("model.tribuo"), "no model");

        assertThatThrownBy(() -> Scorer.read(file, config, List.of(), new double[0]))
                .hasMessageContaining("cannot be read as a model")
                .hasMessageContaining(
                        "it is damaged or was made by newer software: train it again, or roll back");
    }

    @Test
    void refusesAModelOfNewerSoftware() throws Exception {
        Path file = folder.resolve("model.tribuo");
        new Training(config)
                .train(
                        History.read(data, config),
                        new Training.Options(1, 0),
                        new Training.Origin("0", "ann", null, now))
                .scorer()
                .write(file);
        ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(file));
        Files.write(
                file, proto.toBuilder().setVersion(proto.getVersion() + 1).build().toByteArray());

        assertThatThrownBy(() -> Scorer.read(file, config, List.of(), new double[0]))
                .hasMessageContaining("was made by newer software: train it again, or roll back");
    }

    @Test
    void refusesAModelThatSeesOtherFeatures() throws Exception {
        train(config);
        CircuitConfig other =
                Circuits.configure(
                        folder, Circuits.YAML.replace("as: mean, over: 10m", "as: max, over: 10m"));

        assertThatThrownBy(() -> registry.scorer(registry.card(Circuits.MODEL, 1), other))
                .hasMessageContaining("sees other features than its configuration makes")
                .hasMessageContaining("train it again, or restore the configuration");
    }

    @Test
    void scoresWithWhatItReadsAsItDidBefore() throws Exception {
        Training.Trained trained =
                new Training(config)
                        .train(
                                History.read(data, config),
                                new Training.Options(1, 0),
                                new Training.Origin("0", "ann", null, now));
        ModelCard card = registry.add(trained, config);
        List<double[]> vectors = Examples.of(History.read(data, config), config).vectors();

        assertThat(registry.scorer(card, config).score(vectors))
                .isEqualTo(trained.scorer().score(vectors));
    }
}
