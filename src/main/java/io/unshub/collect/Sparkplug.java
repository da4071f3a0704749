package io.unshub.collect;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unshub.uns.Excerpt;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.eclipse.tahu.message.SparkplugBPayloadDecoder;
import org.eclipse.tahu.message.SparkplugBPayloadEncoder;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.PropertyValue;
import org.eclipse.tahu.message.model.SparkplugBPayload;
import org.eclipse.tahu.model.MetricDataTypeMap;
import org.eclipse.tahu.protobuf.SparkplugBProto;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.Metric.ValueCase;
import org.jboss.logging.Logger;

/**
 * Takes Sparkplug B messages apart: of each metric one publication on {@code
 * spBv1.0/GROUP/NODE[/DEVICE]/METRIC}, with JSON that the rules of {@link MqttMapping} understand.
 *
 * <p>In: publications in the order of their arrival. Out: those that are no Sparkplug as they were,
 * the metrics of those that are, in order. A death makes each metric that it ends STALE. A message
 * that cannot be resolved, as its birth was not seen, stays as it was, too, and a rebirth is asked
 * for. Births are kept on disk, so that a hub that was away knows the aliases. Threads: one,
 * figures from any. See the Sparkplug Specification 3.0.0.
 */
public final class Sparkplug {

    /** The namespace of its topics. */
    public static final String NAMESPACE = "spBv1.0";

    private static final Logger LOG = Logger.getLogger(Sparkplug.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration REBIRTH_PAUSE = Duration.ofSeconds(10);
    private static final String REBIRTH = "Node Control/Rebirth";
    private static final String BIRTH_DEATH = "bdSeq";
    private static final Pattern NO_TOPIC = Pattern.compile("[+#\\p{Cntrl}\\p{Cs}]");
    private static final int MAX_TOPIC_BYTES = 65_535;
    private static final int SEQUENCES = 256;
    private static final int GOOD = 192;
    private static final int STALE = 500;

    private final Path file;
    private final InstantSource clock;
    private final Consumer<Publication> send;
    private final Map<String, Node> nodes;
    private final LongAdder metrics = new LongAdder();
    private final LongAdder rebirths = new LongAdder();

    /** What the births of an edge node said; device "" is the node itself. */
    private record Births(Long birthDeath, TreeMap<String, TreeMap<String, Definition>> devices) {}

    /** A metric, as its birth defines it. */
    private record Definition(Long alias, String type) {}

    /** An edge node, and what it showed last. */
    private static final class Node {
        private Births births;
        private int sequence = -1;
        private Instant asked = Instant.MIN;
        private final Map<String, Object> last = new HashMap<>();

        Node(Births births) {
            this.births = births;
        }
    }

    /** The parts of a topic; device "" for the node itself. */
    private record Address(String group, String type, String node, String device) {

        static Address of(String topic) {
            String[] levels = topic.split("/", -1);
            boolean whole = levels.length == 4 || levels.length == 5;
            return whole && levels[0].equals(NAMESPACE)
                    ? new Address(
                            levels[1], levels[2], levels[3], levels.length == 5 ? levels[4] : "")
                    : null;
        }

        String path() {
            return NAMESPACE + "/" + nodePath() + (device.isEmpty() ? "" : "/" + device);
        }

        String nodePath() {
            return group + "/" + node;
        }
    }

    /**
     * @param file keeps the births
     * @param clock says when a death came
     * @param send publishes on the broker that the messages come from
     */
    public Sparkplug(Path file, InstantSource clock, Consumer<Publication> send) {
        this.file = file;
        this.clock = clock;
        this.send = send;
        this.nodes = read(file);
    }

    private static Map<String, Node> read(Path file) {
        Map<String, Node> nodes = new TreeMap<>();
        if (Files.exists(file)) {
            try {
                JSON.readValue(file.toFile(), new TypeReference<TreeMap<String, Births>>() {})
                        .forEach((name, births) -> nodes.put(name, new Node(births)));
            } catch (IOException e) {
                LOG.warnf(
                        "%s cannot be read (%s); the births are asked for again",
                        file, Excerpt.of(e.getMessage()));
            }
        }
        return nodes;
    }

    /** Takes the Sparkplug messages among publications apart. */
    public List<Publication> unfold(List<Publication> publications) {
        List<Publication> all = new ArrayList<>(publications.size());
        for (Publication publication : publications) {
            Address address = Address.of(publication.topic());
            if (!publication.topic().startsWith(NAMESPACE + "/")) {
                all.add(publication);
            } else if (address != null) {
                unfold(address, publication, all);
            } else if (!publication.topic().startsWith(NAMESPACE + "/STATE/")) {
                // with its bytes into the dead letters
                all.add(publication);
            }
        }
        return all;
    }

    /** How many metrics came since the start. */
    public long metrics() {
        return metrics.sum();
    }

    /** How many rebirths were asked for since the start. */
    public long rebirths() {
        return rebirths.sum();
    }

    private void unfold(Address address, Publication publication, List<Publication> to) {
        try {
            switch (address.type()) {
                case "NBIRTH", "DBIRTH" -> birth(address, publication, to);
                case "NDATA", "DDATA" -> data(address, publication, to);
                case "NDEATH", "DDEATH" -> death(address, publication, to);
                // commands are not for us
                case "NCMD", "DCMD" -> {}
                default -> to.add(publication);
            }
        } catch (Exception e) {
            LOG.debugf(e, "%s is no Sparkplug message", publication.topic());
            to.add(publication);
        }
    }

    private void birth(Address address, Publication publication, List<Publication> to)
            throws Exception {
        SparkplugBProto.Payload raw = SparkplugBProto.Payload.parseFrom(publication.payload());
        SparkplugBPayload payload =
                decode(
                        legible(raw, metric -> metric.hasName() ? type(metric, null) : null),
                        new MetricDataTypeMap());
        TreeMap<String, Definition> own = new TreeMap<>();
        Long birthDeath = null;
        List<Metric> metrics = readable(payload);
        for (Metric metric : metrics) {
            own.put(
                    metric.getName(),
                    new Definition(metric.getAlias(), metric.getDataType().toString()));
            if (metric.getName().equals(BIRTH_DEATH)) {
                birthDeath = ((Number) metric.getValue()).longValue();
            }
        }
        Node node = nodes.computeIfAbsent(address.nodePath(), n -> new Node(null));
        if (address.device().isEmpty()) {
            node.births = new Births(birthDeath, new TreeMap<>(Map.of("", own)));
            node.last.clear();
            node.sequence = sequence(payload);
        } else if (node.births == null) {
            // a device without its node
            node.births = new Births(null, new TreeMap<>(Map.of(address.device(), own)));
            rebirth(address, node);
        } else {
            follow(address, node, payload);
            node.births.devices().put(address.device(), own);
        }
        keep();
        for (Metric metric : metrics) {
            show(address, node, metric.getName(), metric, payload, to);
        }
        if (metrics.size() < raw.getMetricsCount()) {
            to.add(publication);
        }
    }

    private void data(Address address, Publication publication, List<Publication> to)
            throws Exception {
        Node node = nodes.computeIfAbsent(address.nodePath(), n -> new Node(null));
        Map<String, Definition> own =
                node.births == null
                        ? Map.of()
                        : node.births.devices().getOrDefault(address.device(), new TreeMap<>());
        MetricDataTypeMap types = new MetricDataTypeMap();
        Map<Long, String> names = new HashMap<>();
        own.forEach(
                (name, definition) -> {
                    MetricDataType type = new MetricDataType(definition.type());
                    types.addMetricDataType(name, type);
                    if (definition.alias() != null) {
                        types.addMetricDataType(definition.alias(), type);
                        names.put(definition.alias(), name);
                    }
                });
        SparkplugBPayload payload;
        SparkplugBProto.Payload raw;
        boolean known;
        try {
            raw = SparkplugBProto.Payload.parseFrom(publication.payload());
            known =
                    raw.getMetricsList().stream()
                            .map(metric -> name(metric, names))
                            .allMatch(name -> name != null && own.containsKey(name));
            payload =
                    decode(
                            legible(
                                    raw,
                                    metric -> {
                                        String name = name(metric, names);
                                        Definition definition = name == null ? null : own.get(name);
                                        return definition == null
                                                ? null
                                                : type(metric, definition.type());
                                    }),
                            types);
        } catch (Exception e) {
            if (own.isEmpty()) {
                rebirth(address, node);
            }
            throw e;
        }
        follow(address, node, payload);
        List<Metric> metrics = readable(payload);
        for (Metric metric : metrics) {
            String name = metric.hasName() ? metric.getName() : names.get(metric.getAlias());
            show(address, node, name, metric, payload, to);
        }
        if (!known) {
            rebirth(address, node);
        }
        if (metrics.size() < raw.getMetricsCount()) {
            to.add(publication);
        }
    }

    private static String name(SparkplugBProto.Payload.Metric metric, Map<Long, String> names) {
        return metric.hasName() ? metric.getName() : names.get(metric.getAlias());
    }

    /** The type that a metric has by its own word, else by its birth's; null for none. */
    private static String type(SparkplugBProto.Payload.Metric metric, String born) {
        MetricDataType own = MetricDataType.fromInteger(metric.getDatatype());
        return own == null || own.equals(MetricDataType.Unknown) ? born : own.toString();
    }

    /**
     * Leaves out the metrics that cannot be read. Asked for those, the decoder fails on all, or
     * takes 0 for the value that is of another type than its metric, or not there.
     */
    private static SparkplugBProto.Payload legible(
            SparkplugBProto.Payload raw, Function<SparkplugBProto.Payload.Metric, String> types) {
        SparkplugBProto.Payload.Builder result = raw.toBuilder().clearMetrics();
        for (SparkplugBProto.Payload.Metric metric : raw.getMetricsList()) {
            String type = types.apply(metric);
            if (type == null) {
                continue;
            }
            ValueCase value = metric.getValueCase();
            if (value == ValueCase.VALUE_NOT_SET) {
                result.addMetrics(metric.toBuilder().setIsNull(true));
            } else if (metric.getIsNull() || holds(type, value)) {
                result.addMetrics(metric);
            }
        }
        return result.build();
    }

    private static boolean holds(String type, ValueCase value) {
        return switch (type) {
            case "Int8", "Int16", "Int32", "UInt8", "UInt16" -> value == ValueCase.INT_VALUE;
            case "UInt32" -> value == ValueCase.INT_VALUE || value == ValueCase.LONG_VALUE;
            case "Int64", "UInt64", "DateTime" -> value == ValueCase.LONG_VALUE;
            case "Float" -> value == ValueCase.FLOAT_VALUE;
            case "Double" -> value == ValueCase.DOUBLE_VALUE;
            case "Boolean" -> value == ValueCase.BOOLEAN_VALUE;
            case "String", "Text", "UUID" -> value == ValueCase.STRING_VALUE;
            // these have no plain value anyway
            default -> true;
        };
    }

    /** The metrics that the decoder could make sense of; it has null for the others. */
    private static List<Metric> readable(SparkplugBPayload payload) {
        return payload.getMetrics().stream().filter(Objects::nonNull).toList();
    }

    private void death(Address address, Publication publication, List<Publication> to)
            throws Exception {
        Node node = nodes.get(address.nodePath());
        if (node == null || node.births == null) {
            return;
        }
        SparkplugBPayload payload =
                decode(
                        SparkplugBProto.Payload.parseFrom(publication.payload()),
                        new MetricDataTypeMap());
        if (address.type().equals("DDEATH")) {
            follow(address, node, payload);
            end(address, node, to);
            return;
        }
        Long of =
                readable(payload).stream()
                        .filter(metric -> BIRTH_DEATH.equals(metric.getName()))
                        .map(metric -> ((Number) metric.getValue()).longValue())
                        .findFirst()
                        .orElse(null);
        // the will of a session that was followed by another says nothing of this one
        if (of == null || of.equals(node.births.birthDeath())) {
            for (String device : node.births.devices().keySet()) {
                end(new Address(address.group(), "NDEATH", address.node(), device), node, to);
            }
            node.sequence = -1;
        }
    }

    /** Makes all that came of a device, or of a node itself, STALE. */
    private void end(Address address, Node node, List<Publication> to) {
        node.births
                .devices()
                .getOrDefault(address.device(), new TreeMap<>())
                .keySet()
                .forEach(
                        name -> {
                            String topic = topic(address, name);
                            if (shown(name)) {
                                ObjectNode message = JSON.createObjectNode();
                                put(message, node.last.get(topic));
                                message.put("time", clock.instant().toEpochMilli())
                                        .put("quality", "STALE");
                                to.add(publication(topic, message));
                            }
                        });
    }

    private void show(
            Address address,
            Node node,
            String name,
            Metric metric,
            SparkplugBPayload payload,
            List<Publication> to) {
        if (!shown(name)) {
            return;
        }
        metrics.increment();
        String topic = topic(address, name);
        Date time = metric.getTimestamp() == null ? payload.getTimestamp() : metric.getTimestamp();
        ObjectNode message = JSON.createObjectNode();
        Object value = Boolean.TRUE.equals(metric.getIsNull()) ? null : metric.getValue();
        boolean plain = put(message, value);
        message.put("time", time == null ? clock.millis() : time.getTime())
                .put("quality", plain ? quality(metric) : "NO_PLAIN_VALUE");
        String units = units(metric);
        if (units != null) {
            message.put("units", units);
        }
        node.last.put(topic, value);
        to.add(publication(topic, message));
    }

    private static boolean shown(String name) {
        return !name.equals(BIRTH_DEATH) && !name.startsWith("Node Control/");
    }

    /**
     * Where a metric goes. A name may have what a topic must not, as in {@code Pump #1}; a message
     * that can never be published would hold up all that come after it.
     */
    private static String topic(Address address, String name) {
        String topic = address.path() + "/" + NO_TOPIC.matcher(name).replaceAll("_");
        if (topic.getBytes(StandardCharsets.UTF_8).length > MAX_TOPIC_BYTES) {
            throw new IllegalArgumentException("a metric's name is too long for a topic");
        }
        return topic;
    }

    private static Publication publication(String topic, ObjectNode message) {
        return new Publication(topic, message.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Sets the value; returns whether it is one that a reading can have. */
    private static boolean put(ObjectNode message, Object value) {
        if (value instanceof Boolean truth) {
            message.put("value", truth);
        } else if (value instanceof Float number && Float.isFinite(number)) {
            // its own digits: 0.1 is not 0.10000000149
            message.put("value", new BigDecimal(number.toString()));
        } else if (value instanceof Double number && Double.isFinite(number)) {
            message.put("value", BigDecimal.valueOf(number));
        } else if (value instanceof BigInteger number) {
            message.put("value", number);
        } else if (value instanceof Number number && isWhole(value)) {
            message.put("value", number.longValue());
        } else if (value instanceof String text) {
            message.put("value", text);
        } else if (value instanceof Date date) {
            message.put("value", date.toInstant().toString());
        } else {
            message.putNull("value");
            return value == null;
        }
        return true;
    }

    private static boolean isWhole(Object value) {
        return value instanceof Byte
                || value instanceof Short
                || value instanceof Integer
                || value instanceof Long;
    }

    /** GOOD, STALE, or BAD with the code that the metric's property Quality has. */
    private static String quality(Metric metric) {
        Object code = property(metric, "Quality");
        if (!(code instanceof Number number) || number.intValue() == GOOD) {
            return "GOOD";
        }
        return number.intValue() == STALE ? "STALE" : "BAD_" + number.intValue();
    }

    private static String units(Metric metric) {
        Object units = property(metric, "engUnit");
        return units == null ? null : units.toString();
    }

    private static Object property(Metric metric, String name) {
        PropertyValue<?> found =
                metric.getProperties() == null
                        ? null
                        : metric.getProperties().getPropertyValue(name);
        return found == null ? null : found.getValue();
    }

    /** Looks whether a message of the node is missing before this one. */
    private void follow(Address address, Node node, SparkplugBPayload payload) {
        int now = sequence(payload);
        if (node.sequence >= 0 && now >= 0 && now != (node.sequence + 1) % SEQUENCES) {
            rebirth(address, node);
        }
        node.sequence = now;
    }

    private static int sequence(SparkplugBPayload payload) {
        return payload.getSeq() == null ? -1 : payload.getSeq().intValue();
    }

    private static SparkplugBPayload decode(
            SparkplugBProto.Payload payload, MetricDataTypeMap types) throws Exception {
        return new SparkplugBPayloadDecoder().buildFromByteArray(payload.toByteArray(), types);
    }

    /** Asks a node for its births, but not all the time. */
    private void rebirth(Address address, Node node) {
        Instant now = clock.instant();
        if (now.isBefore(node.asked) || now.isAfter(node.asked.plus(REBIRTH_PAUSE))) {
            node.asked = now;
            rebirths.increment();
            LOG.infof("Sparkplug node %s is asked for its births", Excerpt.of(address.nodePath()));
            send.accept(
                    new Publication(
                            NAMESPACE + "/" + address.group() + "/NCMD/" + address.node(),
                            command(now)));
        }
    }

    private static byte[] command(Instant now) {
        try {
            Metric metric =
                    new Metric(
                            REBIRTH,
                            null,
                            Date.from(now),
                            MetricDataType.Boolean,
                            false,
                            false,
                            null,
                            null,
                            true);
            return new SparkplugBPayloadEncoder()
                    .getBytes(new SparkplugBPayload(Date.from(now), List.of(metric)), false);
        } catch (Exception e) {
            throw new IllegalStateException("a command could not be written", e);
        }
    }

    private void keep() throws IOException {
        Map<String, Births> births = new TreeMap<>();
        nodes.forEach(
                (name, node) -> {
                    if (node.births != null) {
                        births.put(name, node.births);
                    }
                });
        WholeFile.replace(file, to -> JSON.writeValue(to.toFile(), births));
    }
}
