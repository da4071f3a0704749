package io.unshub.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.classification.Label;
import org.tribuo.classification.sgd.linear.LinearSGDModel;

/** A logistic regression that another program has learned. */
class OnnxFileTest {

    @TempDir Path folder;

    private CircuitConfig config;
    private Path data;
    private Path onnx;
    private Examples examples;
    private LinearSGDModel original;

    @BeforeEach
    void learn() throws Exception {
        config = Circuits.configure(folder, Circuits.YAML);
        data = Circuits.record(folder, 40, 1);
        examples = Examples.of(History.read(data, config), config);
        original = Circuits.regression(examples);
        onnx = folder.resolve("model.onnx");
        original.saveONNXModel("io.unshub", 1, onnx);
    }

    /** The exporting program's own order of classes. */
    private List<String> classes() {
        return List.of(
                original.getOutputIDInfo().getOutput(0).getLabel(),
                original.getOutputIDInfo().getOutput(1).getLabel());
    }

    private ModelBench bench() {
        return new ModelBench(registry(), Clock.systemUTC());
    }

    private Registry registry() {
        return new Registry(folder, Clock.systemUTC(), (what, about) -> {});
    }

    /** The features as the exporting program numbered them. */
    private CircuitConfig inItsOrder() {
        List<String> order = new ArrayList<>(examples.names());
        order.sort(
                (a, b) ->
                        Integer.compare(
                                original.getFeatureIDMap().get(a).getID(),
                                original.getFeatureIDMap().get(b).getID()));
        StringBuilder features = new StringBuilder();
        for (String name : order) {
            features.append(
                    name.endsWith("_10m")
                            ? "  - {of: temperature, as: mean, over: 10m}\n"
                            : "  - {of: " + name + "}\n");
        }
        return Circuits.configure(
                folder,
                Circuits.YAML.replaceFirst(
                        "(?s)features:\n.*task:", "features:\n" + features + "task:"));
    }

    @Test
    void scoresAsTheOriginalDoesAfterItsWayThroughTheRegistry() throws Exception {
        CircuitConfig ordered = inItsOrder();
        ModelCard card = bench().bringIn(ordered, onnx, classes(), data, "ann", null);

        assertThat(card.algorithm()).isEqualTo("onnx");
        assertThat(card.figures().get("auc").mean()).isGreaterThan(0.6);
        assertThat(card.figures().get("auc").baseline()).isEqualTo(0.5);
        Scorer scorer = registry().scorer(card, ordered);
        Examples again = Examples.of(History.read(data, ordered), ordered);
        double[] scores = scorer.score(again.vectors());
        for (int i = 0; i < 50; i++) {
            double expected =
                    original.predict(
                                    Scorer.example(
                                            new Label("0"),
                                            again.names(),
                                            again.vectors().get(i),
                                            scorer.means()))
                            .getOutputScores()
                            .get("1")
                            .getScore();
            assertThat(scores[i]).isCloseTo(expected, within(1e-4));
        }
        registry().approve(Circuits.MODEL, card.version(), "bob");
        assertThat(registry().promote(ordered, card.version(), null)).contains("auc");
    }

    @Test
    void saysWhyAModelCannotBeUsed() throws Exception {
        CircuitConfig fewer =
                Circuits.configure(folder, Circuits.YAML.replace("  - {of: torque}\n", ""));
        assertThatThrownBy(() -> bench().bringIn(fewer, onnx, null, data, "ann", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.onnx cannot be used for plant9/mixing/failure (")
                .hasMessageContaining("it needs one input of 2 floats, in the order [temperature");
        assertThatThrownBy(
                        () -> bench().bringIn(config, onnx, List.of("a", "b"), data, "ann", null))
                .hasMessageContaining("its classes are [a, b] and positive is 1");
        Path none = Files.writeString(folder.resolve("none.onnx"), "no model");
        assertThatThrownBy(() -> bench().bringIn(config, none, null, data, "ann", null))
                .hasMessageContaining("none.onnx cannot be used for");
        CircuitConfig anomaly =
                Circuits.configure(
                        folder,
                        Circuits.YAML.replaceFirst(
                                "(?s)task:.*", "task: anomaly\nalgorithm: one-class-svm\n"));
        assertThatThrownBy(() -> bench().bringIn(anomaly, onnx, null, data, "ann", null))
                .hasMessageContaining("for which no model can be brought in");
        assertThat(registry().models()).isEmpty();
    }

    @Test
    void refusesWhatTakesNoBatchAndWhatGivesNoProbabilities() throws Exception {
        OnnxMl.ModelProto.Builder one =
                OnnxMl.ModelProto.parseFrom(Files.readAllBytes(onnx)).toBuilder();
        one.getGraphBuilder()
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(0)
                .setDimValue(1);
        refused(one, "model.onnx cannot be used for plant9/mixing/failure (Failed to execute");

        OnnxMl.ModelProto.Builder sums =
                OnnxMl.ModelProto.parseFrom(Files.readAllBytes(onnx)).toBuilder();
        sums.getGraphBuilder().getNodeBuilderList().stream()
                .filter(node -> node.getOpType().equals("Softmax"))
                .forEach(node -> node.setOpType("Identity").clearAttribute());
        refused(sums, ", which is no probability)");

        OnnxMl.ModelProto.Builder none =
                OnnxMl.ModelProto.parseFrom(Files.readAllBytes(onnx)).toBuilder();
        for (OnnxMl.TensorProto.Builder weights :
                none.getGraphBuilder().getInitializerBuilderList()) {
            if (weights.getDataType() == OnnxMl.TensorProto.DataType.FLOAT.getNumber()) {
                long size = weights.getDimsList().stream().reduce(1L, (a, b) -> a * b);
                weights.clearRawData()
                        .clearFloatData()
                        .addAllFloatData(Collections.nCopies((int) size, Float.NaN));
            }
        }
        refused(none, "it gives NaN, which is no number");
    }

    private void refused(OnnxMl.ModelProto.Builder model, String message) throws Exception {
        Path changed = Files.createDirectories(folder.resolve("changed")).resolve("model.onnx");
        Files.write(changed, model.build().toByteArray());
        assertThatThrownBy(() -> bench().bringIn(config, changed, classes(), data, "ann", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
        assertThat(registry().models()).isEmpty();
    }
}
