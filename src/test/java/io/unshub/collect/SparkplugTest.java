package io.unshub.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.eclipse.tahu.message.SparkplugBPayloadDecoder;
import org.eclipse.tahu.message.SparkplugBPayloadEncoder;
import org.eclipse.tahu.message.model.DataSet;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.PropertyDataType;
import org.eclipse.tahu.message.model.PropertySet;
import org.eclipse.tahu.message.model.PropertyValue;
import org.eclipse.tahu.message.model.SparkplugBPayload;
import org.eclipse.tahu.model.MetricDataTypeMap;
import org.eclipse.tahu.protobuf.SparkplugBProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages as Eclipse Tahu, the reference implementation, writes them. */
class SparkplugTest {

    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");

    private final Path folder;
    private final List<Publication> sent = new ArrayList<>();
    private Instant now = THEN.plusSeconds(60);
    private Sparkplug sparkplug;

    SparkplugTest(@TempDir Path folder) {
        this.folder = folder;
        sparkplug = sparkplug();
    }

    private Sparkplug sparkplug() {
        return new Sparkplug(folder.resolve("s.json"), () -> now, sent::add);
    }

    private static Metric metric(String name, Long alias, MetricDataType type, Object value)
            throws Exception {
        return new Metric(name, alias, Date.from(THEN), type, false, false, null, null, value);
    }

    private static Metric bdSeq(long value) throws Exception {
        return metric("bdSeq", null, MetricDataType.Int64, value);
    }

    private static byte[] payload(long sequence, Metric... metrics) throws Exception {
        return new SparkplugBPayloadEncoder()
                .getBytes(
                        new SparkplugBPayload(Date.from(THEN), List.of(metrics), sequence), false);
    }

    private List<Publication> take(String topic, byte[] payload) {
        return sparkplug.unfold(List.of(new Publication(topic, payload)));
    }

    private static List<String> lines(List<Publication> publications) {
        return publications.stream()
                .map(of -> of.topic() + " " + new String(of.payload(), UTF_8))
                .toList();
    }

    private void born() throws Exception {
        take("spBv1.0/P/NBIRTH/edge", payload(0, bdSeq(3)));
        take(
                "spBv1.0/P/DBIRTH/edge/pump",
                payload(
                        1,
                        metric("temp", 7L, MetricDataType.Float, 20.1f),
                        metric("Line 1/speed", 8L, MetricDataType.Int16, (short) -5)));
    }

    @Test
    void makesAMessageOfEachMetricAndKnowsAliases() throws Exception {
        List<Publication> birth =
                take(
                        "spBv1.0/P/NBIRTH/edge",
                        payload(
                                0,
                                bdSeq(3),
                                metric("Node Control/Rebirth", null, MetricDataType.Boolean, false),
                                metric(
                                        "uptime",
                                        1L,
                                        MetricDataType.UInt64,
                                        BigInteger.TWO.pow(63))));
        assertThat(lines(birth))
                .containsExactly(
                        "spBv1.0/P/edge/uptime {\"value\":9223372036854775808,"
                                + "\"time\":1767225600000,\"quality\":\"GOOD\"}");
        born();

        Metric bad = metric(null, 8L, MetricDataType.Int16, (short) 6);
        PropertySet properties = new PropertySet();
        properties.setProperty("Quality", new PropertyValue<>(PropertyDataType.Int32, 24));
        properties.setProperty("engUnit", new PropertyValue<>(PropertyDataType.String, "rpm"));
        bad.setProperties(properties);
        List<Publication> data =
                take(
                        "spBv1.0/P/DDATA/edge/pump",
                        payload(2, metric(null, 7L, MetricDataType.Float, 0.1f), bad));

        assertThat(lines(data))
                .containsExactly(
                        "spBv1.0/P/edge/pump/temp {\"value\":0.1,\"time\":1767225600000,"
                                + "\"quality\":\"GOOD\"}",
                        "spBv1.0/P/edge/pump/Line 1/speed {\"value\":6,\"time\":1767225600000,"
                                + "\"quality\":\"BAD_24\",\"units\":\"rpm\"}");
        assertThat(sent).isEmpty();
    }

    @Test
    void makesATopicOfANameThatHasWhatNoTopicMayHave() throws Exception {
        take("spBv1.0/P/NBIRTH/edge", payload(0, bdSeq(3)));
        List<Publication> birth =
                take(
                        "spBv1.0/P/DBIRTH/edge/line",
                        payload(
                                1,
                                metric("Pump #1/A+B\n\0", null, MetricDataType.Float, 1.5f),
                                metric("ok", null, MetricDataType.Float, 2.5f)));

        assertThat(birth)
                .extracting(Publication::topic)
                .containsExactly("spBv1.0/P/edge/line/Pump _1/A_B__", "spBv1.0/P/edge/line/ok");
        assertThat(take("spBv1.0/P/DDEATH/edge/line", payload(2)))
                .extracting(Publication::topic)
                .containsExactlyInAnyOrder(
                        "spBv1.0/P/edge/line/Pump _1/A_B__", "spBv1.0/P/edge/line/ok");
    }

    @Test
    void leavesAMessageWithANameThatIsLongerThanATopicAsItIs() throws Exception {
        byte[] payload =
                payload(0, bdSeq(3), metric("x".repeat(70_000), null, MetricDataType.Float, 1f));

        assertThat(take("spBv1.0/P/NBIRTH/edge", payload))
                .containsExactly(new Publication("spBv1.0/P/NBIRTH/edge", payload));
    }

    @Test
    void asksForABirthAlsoWhereAMetricLeavesOutItsType() throws Exception {
        byte[] data = raw(5, alias(7).setFloatValue(1.5f));

        Publication from = new Publication("spBv1.0/P/DDATA/edge/pump", data);
        assertThat(sparkplug.unfold(List.of(from))).containsExactly(from);
        assertThat(sent).hasSize(1);

        now = now.plusSeconds(60);
        born();
        take("spBv1.0/P/DDATA/edge/pump", raw(2, alias(99).setFloatValue(1.5f)));
        assertThat(sent).hasSize(2);
    }

    @Test
    void aMetricThatCannotBeReadCostsNoOther() throws Exception {
        take("spBv1.0/P/NBIRTH/edge", payload(0, bdSeq(3)));
        byte[] birth =
                raw(
                        1,
                        alias(1).setName("odd").setDatatype(99).setIntValue(1),
                        alias(7).setName("temp").setDatatype(9).setFloatValue(20.5f));
        byte[] data = raw(2, alias(7).setStringValue("hot"), alias(7).setFloatValue(21.5f));

        assertThat(lines(take("spBv1.0/P/DBIRTH/edge/pump", birth)))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("spBv1.0/P/edge/pump/temp {\"value\":20.5,");
        assertThat(lines(take("spBv1.0/P/DDATA/edge/pump", data)))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("spBv1.0/P/edge/pump/temp {\"value\":21.5,");
        assertThat(lines(take("spBv1.0/P/DDATA/edge/pump", raw(3, alias(7)))))
                .singleElement()
                .asString()
                .startsWith("spBv1.0/P/edge/pump/temp {\"value\":null,");
        // its birth would say nothing new
        assertThat(sent).isEmpty();
    }

    private static SparkplugBProto.Payload.Metric.Builder alias(long alias) {
        return SparkplugBProto.Payload.Metric.newBuilder().setAlias(alias);
    }

    /** As others than Tahu write them, types left out among it. */
    private static byte[] raw(long sequence, SparkplugBProto.Payload.Metric.Builder... metrics) {
        SparkplugBProto.Payload.Builder payload =
                SparkplugBProto.Payload.newBuilder()
                        .setTimestamp(THEN.toEpochMilli())
                        .setSeq(sequence);
        for (SparkplugBProto.Payload.Metric.Builder metric : metrics) {
            payload.addMetrics(metric);
        }
        return payload.build().toByteArray();
    }

    @Test
    void knowsAliasesAfterARestart() throws Exception {
        born();
        sparkplug = sparkplug();

        assertThat(
                        lines(
                                take(
                                        "spBv1.0/P/DDATA/edge/pump",
                                        payload(9, metric(null, 7L, MetricDataType.Float, 1f)))))
                .singleElement()
                .asString()
                .startsWith("spBv1.0/P/edge/pump/temp {\"value\":1.0,");
        assertThat(sent).isEmpty();
        Files.writeString(folder.resolve("s.json"), "{");
        sparkplug();
    }

    @Test
    void makesStaleWhatADeathEndsAlsoAfterARestart() throws Exception {
        born();
        sparkplug = sparkplug();

        assertThat(lines(take("spBv1.0/P/NDEATH/edge", payload(0, bdSeq(3)))))
                .containsExactly(
                        "spBv1.0/P/edge/pump/Line 1/speed {\"value\":null,\"time\":1767225660000,"
                                + "\"quality\":\"STALE\"}",
                        "spBv1.0/P/edge/pump/temp {\"value\":null,\"time\":1767225660000,"
                                + "\"quality\":\"STALE\"}");
    }

    @Test
    void makesStaleWhatADeathEnds() throws Exception {
        born();
        byte[] earlier = payload(0, bdSeq(2));
        assertThat(take("spBv1.0/P/NDEATH/edge", earlier)).isEmpty();

        List<Publication> ended = take("spBv1.0/P/NDEATH/edge", payload(0, bdSeq(3)));

        assertThat(lines(ended))
                .containsExactly(
                        "spBv1.0/P/edge/pump/Line 1/speed {\"value\":-5,\"time\":1767225660000,"
                                + "\"quality\":\"STALE\"}",
                        "spBv1.0/P/edge/pump/temp {\"value\":20.1,\"time\":1767225660000,"
                                + "\"quality\":\"STALE\"}");
        assertThat(take("spBv1.0/P/DDEATH/edge/pump", payload(2))).hasSize(2);
    }

    @Test
    void asksForARebirthWhereOneWasMissedAndKeepsTheMessage() throws Exception {
        byte[] unknown = payload(4, metric(null, 7L, MetricDataType.Float, 1f));
        List<Publication> kept = take("spBv1.0/P/DDATA/edge/pump", unknown);

        assertThat(kept).hasSize(1);
        assertThat(kept.get(0).topic()).isEqualTo("spBv1.0/P/DDATA/edge/pump");
        assertThat(kept.get(0).payload()).isEqualTo(unknown);
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).topic()).isEqualTo("spBv1.0/P/NCMD/edge");
        Metric command =
                new SparkplugBPayloadDecoder()
                        .buildFromByteArray(sent.get(0).payload(), new MetricDataTypeMap())
                        .getMetrics()
                        .get(0);
        assertThat(command.getName()).isEqualTo("Node Control/Rebirth");
        assertThat(command.getValue()).isEqualTo(true);

        take("spBv1.0/P/DDATA/edge/pump", unknown);
        assertThat(sent).as("not all the time").hasSize(1);
        now = now.plusSeconds(11);
        take("spBv1.0/P/DDATA/edge/pump", unknown);
        assertThat(sent).hasSize(2);
        assertThat(sparkplug.rebirths()).isEqualTo(2);
    }

    @Test
    void asksForARebirthAfterAGapAndTakesTheData() throws Exception {
        born();
        List<Publication> data =
                take(
                        "spBv1.0/P/DDATA/edge/pump",
                        payload(3, metric(null, 7L, MetricDataType.Float, 1f)));

        assertThat(data).hasSize(1);
        assertThat(sent).hasSize(1);
    }

    @Test
    void leavesWhatIsNoSparkplugAsItWas() throws Exception {
        byte[] bytes = "no protobuf".getBytes(UTF_8);

        assertThat(take("acme/plant1/a", bytes).get(0).payload()).isSameAs(bytes);
        assertThat(take("spBv1.0/P/NBIRTH/edge", bytes).get(0).payload()).isSameAs(bytes);
        assertThat(take("spBv1.0/P/OTHER/edge", bytes).get(0).payload()).isSameAs(bytes);
        assertThat(take("spBv1.0/P", bytes)).hasSize(1);
        assertThat(take("spBv1.0/STATE/scada", bytes)).isEmpty();
        assertThat(take("spBv1.0/P/NCMD/edge", bytes)).isEmpty();
    }

    @Test
    void givesNoValueToWhatIsNoPlainOne() throws Exception {
        DataSet set =
                new DataSet.DataSetBuilder(1)
                        .addColumnName("a")
                        .addType(org.eclipse.tahu.message.model.DataSetDataType.Int8)
                        .createDataSet();
        List<Publication> birth =
                take(
                        "spBv1.0/P/NBIRTH/edge",
                        payload(
                                0,
                                metric("table", 1L, MetricDataType.DataSet, set),
                                metric("odd", 2L, MetricDataType.Double, Double.NaN)));

        assertThat(lines(birth))
                .allSatisfy(
                        line ->
                                assertThat(line)
                                        .contains("\"value\":null")
                                        .contains("\"quality\":\"NO_PLAIN_VALUE\""))
                .hasSize(2);
    }
}
