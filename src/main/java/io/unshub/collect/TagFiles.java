package io.unshub.collect;

import io.unshub.collect.TagModel.Attribute;
import io.unshub.collect.YamlFile.Section;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.Node;

/** Reads tag models and tag files, one after the other, and collects the tags of all of them. */
final class TagFiles {

    private static final Set<String> FILE_KEYS =
            Set.of("connection", "version", "sourceSystem", "tags", "instances");
    private static final Set<String> VALUE_KEYS =
            Set.of(
                    "address",
                    "units",
                    "range",
                    "interval",
                    "scale",
                    "offset",
                    "report",
                    "staleAfter",
                    "type",
                    "sourceDeadband");
    private static final Set<String> TAG_KEYS = and(VALUE_KEYS, "topic");
    private static final Set<String> ATTRIBUTE_KEYS = and(VALUE_KEYS, "name");
    private static final Set<String> MODEL_KEYS =
            Set.of("name", "version", "sourceSystem", "attributes");
    private static final Set<String> RANGE_KEYS = Set.of("min", "max");
    private static final Set<String> REPORT_KEYS = Set.of("deadband", "minInterval", "maxInterval");

    private static final List<String> TYPES =
            Arrays.stream(Tag.Type.values()).map(t -> t.name().toLowerCase(Locale.ROOT)).toList();

    private final Function<String, Optional<String>> topicCheck;

    /** Also those with problems, so that one problem is not reported twice. */
    private final Map<String, Optional<Protocol>> connections;

    /** Empty for one with problems. */
    private final Map<String, Optional<TagModel>> models = new HashMap<>();

    private final Map<String, String> firstUse = new HashMap<>();
    private final List<Tag> tags = new ArrayList<>();

    /** The file that holds the version of each topic's tag. */
    private final Map<String, String> origins = new HashMap<>();

    TagFiles(
            Function<String, Optional<String>> topicCheck,
            Map<String, Optional<Protocol>> connections) {
        this.topicCheck = topicCheck;
        this.connections = connections;
    }

    private static Set<String> and(Set<String> keys, String more) {
        Set<String> all = new HashSet<>(keys);
        all.add(more);
        return Set.copyOf(all);
    }

    /** The tags of the files read so far, in the order of files and lines. */
    List<Tag> tags() {
        return tags;
    }

    /** Where the version of each topic's tag stands: {@code models/NAME} or {@code tags/NAME}. */
    Map<String, String> origins() {
        return origins;
    }

    /** Reads a tag model. */
    void model(YamlFile file, String base) {
        models.put(base, Optional.empty());
        Optional<Section> read = file.read("model " + base, MODEL_KEYS);
        if (read.isEmpty()) {
            return;
        }
        Section top = read.get();
        YamlValues.named(top, base);
        Optional<String> version = top.required("version");
        List<Attribute> attributes = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Node node : top.list("attributes")) {
            String subject = "attribute " + YamlFile.peek(node, "name").orElse("(without a name)");
            Optional<Section> entry = file.mapping(node, subject, ATTRIBUTE_KEYS);
            if (entry.isEmpty()) {
                continue;
            }
            Optional<String> name = entry.get().required("name");
            if (name.isPresent() && !names.add(name.get())) {
                entry.get().problem("name", "name is used before; give each attribute its own");
            }
            Optional<String> address = entry.get().required("address");
            TagTraits traits = traits(entry.get(), subject);
            if (name.isPresent() && address.isPresent() && traits != null) {
                attributes.add(new Attribute(name.get(), address.get(), traits));
            }
        }
        version.ifPresent(
                v ->
                        models.put(
                                base,
                                Optional.of(
                                        new TagModel(
                                                base,
                                                v,
                                                top.optional("sourceSystem").orElse(null),
                                                List.copyOf(attributes)))));
    }

    /**
     * Reads a tag file.
     *
     * @param others whether it may name a connection that is not known; it is then left out
     * @return whether it was read
     */
    boolean read(YamlFile file, String base, boolean others) {
        Optional<Section> read = file.read("tags " + base, FILE_KEYS);
        if (read.isEmpty()) {
            return !others;
        }
        Section top = read.get();
        Optional<String> connection = top.required("connection");
        Optional<Protocol> protocol = Optional.empty();
        if (connection.isPresent()) {
            if (connections.containsKey(connection.get())) {
                protocol = connections.get(connection.get());
            } else if (others) {
                return false;
            } else {
                top.problem("connection", unknown(connection.get()));
            }
        }
        if (top.has("tags") || !top.has("instances")) {
            Optional<String> version = top.required("version");
            Optional<String> sourceSystem = top.optional("sourceSystem");
            for (Node node : top.list("tags")) {
                tag(file, base, node, version, sourceSystem, connection, protocol);
            }
        }
        if (top.has("instances")) {
            for (Node node : top.list("instances")) {
                instance(file, node, connection, protocol);
            }
        }
        return true;
    }

    private String unknown(String connection) {
        return "connection "
                + connection
                + " does not exist; "
                + (connections.isEmpty()
                        ? "add connections/" + connection + ".yaml"
                        : "write one of "
                                + String.join(", ", new TreeSet<>(connections.keySet()))
                                + " or add connections/"
                                + connection
                                + ".yaml");
    }

    private void tag(
            YamlFile file,
            String base,
            Node node,
            Optional<String> version,
            Optional<String> sourceSystem,
            Optional<String> connection,
            Optional<Protocol> protocol) {
        String subject = "tag " + YamlFile.peek(node, "topic").orElse("(without a topic)");
        Optional<Section> read = file.mapping(node, subject, TAG_KEYS);
        if (read.isEmpty()) {
            return;
        }
        Section entry = read.get();
        Optional<String> topic = entry.required("topic");
        Optional<String> address = entry.required("address");
        List<String> problems = new ArrayList<>();
        Map<String, String> elements = elements(protocol, address.orElse(""), problems);
        topic.ifPresent(
                name -> elements.keySet().forEach(end -> topic(name + end, file, entry, "topic")));
        problems.forEach(text -> entry.problem("address", text));
        protocol.flatMap(p -> deadbandProblem(p, entry.has("sourceDeadband")))
                .ifPresent(text -> entry.problem("sourceDeadband", text));
        TagTraits traits = traits(entry, subject);
        if (traits != null
                && Stream.of(topic, address, version, connection).allMatch(Optional::isPresent)) {
            elements.forEach(
                    (end, each) -> {
                        origins.put(topic.get() + end, "tags/" + base);
                        tags.add(
                                traits.at(
                                        topic.get() + end,
                                        each,
                                        version.get(),
                                        connection.get(),
                                        sourceSystem.orElse(null)));
                    });
        }
    }

    private void topic(String name, YamlFile file, Section entry, String key) {
        topicCheck.apply(name).ifPresent(text -> entry.problem(key, text));
        String before = firstUse.putIfAbsent(name, file.place(entry.line(key)));
        if (before != null) {
            entry.problem(key, "topic is used before, at " + before + "; give each tag its own");
        }
    }

    /** One piece of equipment: a line with the model's name, where it belongs and parameters. */
    private void instance(
            YamlFile file, Node node, Optional<String> connection, Optional<Protocol> protocol) {
        String subject =
                "instance " + YamlFile.peek(node, "equipment").orElse("(without equipment)");
        Optional<String> name = YamlFile.peek(node, "model");
        if (name.isPresent() && !models.containsKey(name.get())) {
            file.report(
                    YamlFile.lineOf(node),
                    subject,
                    "model "
                            + name.get()
                            + " does not exist; "
                            + (models.isEmpty()
                                    ? ""
                                    : "write one of "
                                            + String.join(", ", new TreeSet<>(models.keySet()))
                                            + " or ")
                            + "add models/"
                            + name.get()
                            + ".yaml");
            return;
        }
        Optional<TagModel> model = name.flatMap(models::get);
        if (name.isPresent() && model.isEmpty()) {
            return; // the model's own problems are reported
        }
        Set<String> parameters = model.map(TagModel::parameters).orElse(Set.of());
        Set<String> known = new HashSet<>(parameters);
        known.addAll(Set.of("model", "equipment"));
        Optional<Section> read = file.mapping(node, subject, known);
        if (read.isEmpty()) {
            return;
        }
        Section entry = read.get();
        entry.required("model");
        Optional<String> equipment = entry.required("equipment");
        Map<String, String> given = new HashMap<>();
        for (String parameter : parameters) {
            entry.required(parameter).ifPresent(value -> given.put(parameter, value));
        }
        if (model.isEmpty()
                || equipment.isEmpty()
                || connection.isEmpty()
                || given.size() < parameters.size()) {
            return;
        }
        for (Attribute attribute : model.get().attributes()) {
            bind(file, entry, model.get(), attribute, given, connection.get(), protocol);
        }
    }

    private void bind(
            YamlFile file,
            Section entry,
            TagModel model,
            Attribute attribute,
            Map<String, String> given,
            String connection,
            Optional<Protocol> protocol) {
        String topic = entry.optional("equipment").orElseThrow() + "/" + attribute.name();
        String address;
        try {
            address = TagModel.address(attribute.address(), given);
        } catch (IllegalArgumentException e) {
            topic(topic, file, entry, "equipment");
            entry.problem("model", "attribute " + attribute.name() + ": " + e.getMessage());
            return;
        }
        List<String> problems = new ArrayList<>();
        Map<String, String> elements = elements(protocol, address, problems);
        elements.keySet().forEach(end -> topic(topic + end, file, entry, "equipment"));
        protocol.flatMap(p -> deadbandProblem(p, attribute.traits().sourceDeadband() != null))
                .ifPresent(problems::add);
        problems.forEach(
                text -> entry.problem("model", "attribute " + attribute.name() + ": " + text));
        elements.forEach(
                (end, each) -> {
                    origins.put(topic + end, "models/" + model.name());
                    tags.add(
                            attribute
                                    .traits()
                                    .at(
                                            topic + end,
                                            each,
                                            model.version(),
                                            connection,
                                            model.sourceSystem()));
                });
    }

    /** Returns the traits of an entry, or null where units or interval are missing. */
    private static TagTraits traits(Section entry, String subject) {
        Optional<String> units = entry.required("units");
        Optional<Section> range = entry.section("range", subject, RANGE_KEYS);
        Double min =
                range.flatMap(section -> YamlValues.number(section, "min", "range min"))
                        .orElse(null);
        Double max =
                range.flatMap(section -> YamlValues.number(section, "max", "range max"))
                        .orElse(null);
        if (min != null && max != null && min >= max) {
            entry.problem(
                    "range",
                    min.equals(max)
                            ? "range min and max are both " + YamlValues.plain(min) + "; widen it"
                            : "range min "
                                    + YamlValues.plain(min)
                                    + " is above max "
                                    + YamlValues.plain(max)
                                    + "; swap them");
        }
        Optional<Duration> interval =
                entry.required("interval").isPresent()
                        ? YamlValues.duration(entry, "interval", false)
                        : Optional.empty();
        BigDecimal scale = YamlValues.decimal(entry, "scale").orElse(BigDecimal.ONE);
        if (scale.signum() == 0) {
            entry.problem("scale", "scale is 0, which makes every value the same; write another");
        }
        BigDecimal offset = YamlValues.decimal(entry, "offset").orElse(BigDecimal.ZERO);
        Tag.Report report = report(entry, subject, min, max);
        Duration staleAfter = YamlValues.duration(entry, "staleAfter", false).orElse(null);
        return units.isEmpty() || interval.isEmpty()
                ? null
                : new TagTraits(
                        units.get(),
                        min,
                        max,
                        interval.get(),
                        entry.has("scale") || entry.has("offset")
                                ? new Tag.Conversion(scale, offset)
                                : null,
                        report,
                        staleAfter,
                        YamlValues.word(entry, "type", TYPES)
                                .map(word -> Tag.Type.valueOf(word.toUpperCase(Locale.ROOT)))
                                .orElse(null),
                        sourceDeadband(entry));
    }

    private static Tag.Deadband sourceDeadband(Section entry) {
        Optional<String> text = entry.optional("sourceDeadband");
        Optional<BigDecimal> size =
                text.flatMap(
                        t -> YamlValues.decimal(entry, "sourceDeadband", t.replaceFirst("%$", "")));
        boolean percent = text.filter(t -> t.endsWith("%")).isPresent();
        if (size.isPresent()
                && (size.get().signum() <= 0
                        || percent && size.get().compareTo(BigDecimal.valueOf(100)) > 0)) {
            entry.problem(
                    "sourceDeadband",
                    "sourceDeadband is "
                            + text.get()
                            + "; write more than 0, as in 0.5, or up to 100%, as in 1%");
        }
        return size.map(s -> new Tag.Deadband(s.doubleValue(), percent)).orElse(null);
    }

    private static Optional<String> deadbandProblem(Protocol protocol, boolean given) {
        return given && protocol != Protocol.OPCUA
                ? Optional.of(
                        "sourceDeadband has no effect with protocol "
                                + protocol.word()
                                + ", as devices that are polled keep nothing back; use"
                                + " report.deadband instead")
                : Optional.empty();
    }

    private static Tag.Report report(Section entry, String subject, Double min, Double max) {
        Optional<Section> read = entry.section("report", subject, REPORT_KEYS);
        if (read.isEmpty()) {
            return null;
        }
        Section section = read.get();
        Optional<String> deadband = section.optional("deadband");
        boolean percent = deadband.filter(text -> text.endsWith("%")).isPresent();
        BigDecimal size =
                deadband.flatMap(
                                text ->
                                        YamlValues.decimal(
                                                section, "deadband", text.replaceFirst("%$", "")))
                        .orElse(BigDecimal.ZERO);
        if (size.signum() < 0) {
            section.problem(
                    "deadband", "deadband is " + deadband.get() + "; write 0 or more, as in 0.5");
        }
        if (percent && (min == null || max == null)) {
            section.problem(
                    "deadband",
                    "deadband is a percentage of the range, and there is none; add range, or write"
                            + " a number in the tag's units");
        } else if (percent) {
            size =
                    size.multiply(BigDecimal.valueOf(max).subtract(BigDecimal.valueOf(min)))
                            .movePointLeft(2);
        }
        Duration least = YamlValues.duration(section, "minInterval", true).orElse(Duration.ZERO);
        Duration most = YamlValues.duration(section, "maxInterval", false).orElse(null);
        if (most != null && most.compareTo(least) < 0) {
            section.problem("maxInterval", "maxInterval is shorter than minInterval; swap them");
        }
        return new Tag.Report(size, least, most);
    }

    /** The addresses of a tag's elements by the end of their topic; one where it is no array. */
    private static Map<String, String> elements(
            Optional<Protocol> protocol, String address, List<String> problems) {
        if (protocol.isEmpty() || address.isEmpty()) {
            return Map.of("", address);
        }
        try {
            Map<String, String> elements = Elements.of(protocol.get(), address);
            elements.values().stream()
                    .flatMap(each -> addressProblem(protocol.get(), each).stream())
                    .findFirst()
                    .ifPresent(problems::add);
            return elements;
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage());
            return Map.of("", address);
        }
    }

    private static Optional<String> addressProblem(Protocol protocol, String address) {
        return switch (protocol) {
            case OPCUA -> OpcUaAddress.problem(address);
            case MODBUS -> ModbusAddress.problem(address);
            case S7 -> S7Address.problem(address);
            case LOGIX -> LogixAddress.problem(address);
        };
    }
}
