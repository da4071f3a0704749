package io.unshub.collect;

import io.quarkus.runtime.configuration.DurationConverter;
import io.unshub.collect.YamlFile.Section;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.Node;

/**
 * All connections with their tags, validated: {@code connections/NAME.yaml} and {@code
 * tags/NAME.yaml} of a configuration directory. Immutable.
 */
public final class Bindings {

    private static final Set<String> CONNECTION_KEYS =
            Set.of("name", "protocol", "url", "simulated", "opcua", "modbus");
    private static final Set<String> OPCUA_KEYS =
            Set.of("samplingInterval", "publishingInterval", "queueSize");
    private static final Set<String> MODBUS_KEYS = Set.of("pollInterval", "requestTimeout", "unit");
    private static final Set<String> FILE_KEYS = Set.of("connection", "version", "tags");
    private static final Set<String> TAG_KEYS =
            Set.of("topic", "address", "units", "range", "interval");
    private static final Set<String> RANGE_KEYS = Set.of("min", "max");

    private static final int MAX_QUEUE = 1_000_000;
    private static final int MAX_UNIT = 255;
    private static final int MAX_PORT = 65_535;

    private final Map<String, Connection> connections;
    private final Map<String, List<Tag>> tags;

    private Bindings(Map<String, Connection> connections, List<Tag> tags) {
        this.connections = new LinkedHashMap<>(connections);
        this.tags =
                tags.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Tag::connection, LinkedHashMap::new, Collectors.toList()));
    }

    /**
     * Reads and checks all connection and tag files.
     *
     * @param configDir the directory that holds {@code connections/} and {@code tags/}; both may be
     *     missing
     * @param property resolves {@code ${key}} and {@code ${key:default}}; null for a key not set
     * @param topicCheck returns what is wrong with a topic, if anything
     * @throws ConfigurationException with every problem in every file
     */
    public static Bindings load(
            Path configDir,
            UnaryOperator<String> property,
            Function<String, Optional<String>> topicCheck)
            throws ConfigurationException {
        return new Loader(configDir, property, topicCheck).load();
    }

    /** Returns all connections, by file name. */
    public List<Connection> connections() {
        return List.copyOf(connections.values());
    }

    /** Returns the connection of that name, if there is one. */
    public Optional<Connection> connection(String name) {
        return Optional.ofNullable(connections.get(name));
    }

    /** Returns the tags of that connection, in the order of files and lines; empty if none. */
    public List<Tag> tags(String connection) {
        return List.copyOf(tags.getOrDefault(connection, List.of()));
    }

    /** Returns all tags. */
    public List<Tag> tags() {
        return tags.values().stream().flatMap(List::stream).toList();
    }

    private static final class Loader {

        private final Path configDir;
        private final UnaryOperator<String> property;
        private final Function<String, Optional<String>> topicCheck;
        private final List<String> problems = new ArrayList<>();
        private final Map<String, Connection> connections = new LinkedHashMap<>();

        /** Also those with problems, so that one problem is not reported twice. */
        private final Map<String, Optional<Protocol>> named = new HashMap<>();

        private final Map<String, String> firstUse = new HashMap<>();
        private final List<Tag> tags = new ArrayList<>();

        Loader(
                Path configDir,
                UnaryOperator<String> property,
                Function<String, Optional<String>> topicCheck) {
            this.configDir = configDir;
            this.property = property;
            this.topicCheck = topicCheck;
        }

        Bindings load() throws ConfigurationException {
            if (!Files.isDirectory(configDir)) {
                throw new ConfigurationException(
                        List.of(
                                configDir
                                        + ": is no directory; create it or name another"
                                        + " configuration directory"));
            }
            for (Path path : files("connections")) {
                YamlFile file = new YamlFile(path, property);
                connection(file, base(path));
                problems.addAll(file.problems());
            }
            for (Path path : files("tags")) {
                YamlFile file = new YamlFile(path, property);
                tagFile(file, base(path));
                problems.addAll(file.problems());
            }
            if (!problems.isEmpty()) {
                throw new ConfigurationException(problems);
            }
            return new Bindings(connections, tags);
        }

        private List<Path> files(String folder) {
            Path directory = configDir.resolve(folder);
            if (!Files.isDirectory(directory)) {
                return List.of();
            }
            try (Stream<Path> all = Files.list(directory)) {
                List<Path> sorted = all.filter(Files::isRegularFile).sorted().toList();
                sorted.stream()
                        .filter(path -> path.toString().endsWith(".yml"))
                        .forEach(
                                path ->
                                        problems.add(
                                                path
                                                        + ": would not be read; rename it to "
                                                        + base(path)
                                                        + ".yaml"));
                return sorted.stream().filter(path -> path.toString().endsWith(".yaml")).toList();
            } catch (IOException e) {
                problems.add(directory + ": cannot be listed: " + e + "; check its rights");
                return List.of();
            }
        }

        private static String base(Path path) {
            return path.getFileName().toString().replaceFirst("\\.ya?ml$", "");
        }

        private void connection(YamlFile file, String base) {
            named.put(base, Optional.empty());
            Optional<Section> read = file.read("connection " + base, CONNECTION_KEYS);
            if (read.isEmpty()) {
                return;
            }
            Section top = read.get();
            top.required("name")
                    .filter(name -> !name.equals(base))
                    .ifPresent(
                            name ->
                                    top.problem(
                                            "name",
                                            "name "
                                                    + name
                                                    + " is not the file name "
                                                    + base
                                                    + "; make them equal"));
            Optional<Protocol> protocol = protocol(top);
            named.put(base, protocol);
            Optional<String> url = top.required("url");
            if (url.isPresent() && protocol.isPresent()) {
                urlProblem(protocol.get(), url.get()).ifPresent(text -> top.problem("url", text));
            }
            boolean simulated = bool(top, "simulated");
            OpcUaOptions opcua = opcua(top, base);
            ModbusOptions modbus = modbus(top, base);
            protocol.ifPresent(chosen -> foreign(top, chosen));
            if (protocol.isPresent() && url.isPresent()) {
                connections.put(
                        base,
                        new Connection(
                                base,
                                protocol.get(),
                                url.get(),
                                simulated,
                                protocol.get() == Protocol.OPCUA ? opcua : null,
                                protocol.get() == Protocol.MODBUS ? modbus : null));
            }
        }

        private static Optional<Protocol> protocol(Section top) {
            Optional<String> word = top.required("protocol");
            Optional<Protocol> protocol = word.flatMap(Protocol::of);
            if (word.isPresent() && protocol.isEmpty()) {
                top.problem(
                        "protocol",
                        "protocol "
                                + word.get()
                                + " is not known; write one of "
                                + Arrays.stream(Protocol.values())
                                        .map(Protocol::word)
                                        .collect(Collectors.joining(", ")));
            }
            return protocol;
        }

        private static void foreign(Section top, Protocol chosen) {
            for (Protocol other : Protocol.values()) {
                if (other != chosen && top.has(other.word())) {
                    top.problem(
                            other.word(),
                            "section "
                                    + other.word()
                                    + " has no effect with protocol "
                                    + chosen.word()
                                    + "; remove it");
                }
            }
        }

        private static Optional<String> urlProblem(Protocol protocol, String url) {
            String scheme = protocol == Protocol.OPCUA ? "opc.tcp" : "modbus-tcp";
            String form =
                    protocol == Protocol.OPCUA
                            ? "opc.tcp://HOST:PORT/PATH"
                            : "modbus-tcp://HOST:PORT";
            URI uri;
            try {
                uri = new URI(url);
            } catch (URISyntaxException e) {
                return Optional.of("url " + url + " is no URL; write " + form);
            }
            boolean port = uri.getPort() == -1 || (uri.getPort() > 0 && uri.getPort() <= MAX_PORT);
            if (!scheme.equals(uri.getScheme()) || uri.getHost() == null || !port) {
                return Optional.of(
                        "url "
                                + url
                                + " does not fit protocol "
                                + protocol.word()
                                + "; write "
                                + form);
            }
            return Optional.empty();
        }

        private static OpcUaOptions opcua(Section top, String base) {
            OpcUaOptions standard = OpcUaOptions.DEFAULT;
            return top.section("opcua", "connection " + base, OPCUA_KEYS)
                    .map(
                            section ->
                                    new OpcUaOptions(
                                            duration(section, "samplingInterval", true)
                                                    .orElse(standard.samplingInterval()),
                                            duration(section, "publishingInterval", false)
                                                    .orElse(standard.publishingInterval()),
                                            integer(section, "queueSize", 1, MAX_QUEUE)
                                                    .orElse(standard.queueSize())))
                    .orElse(standard);
        }

        private static ModbusOptions modbus(Section top, String base) {
            ModbusOptions standard = ModbusOptions.DEFAULT;
            return top.section("modbus", "connection " + base, MODBUS_KEYS)
                    .map(
                            section ->
                                    new ModbusOptions(
                                            duration(section, "pollInterval", false)
                                                    .orElse(standard.pollInterval()),
                                            duration(section, "requestTimeout", false)
                                                    .orElse(standard.requestTimeout()),
                                            integer(section, "unit", 0, MAX_UNIT)
                                                    .orElse(standard.unit())))
                    .orElse(standard);
        }

        private void tagFile(YamlFile file, String base) {
            Optional<Section> read = file.read("tags " + base, FILE_KEYS);
            if (read.isEmpty()) {
                return;
            }
            Section top = read.get();
            Optional<String> connection = top.required("connection");
            Optional<Protocol> protocol = Optional.empty();
            if (connection.isPresent()) {
                if (named.containsKey(connection.get())) {
                    protocol = named.get(connection.get());
                } else {
                    top.problem(
                            "connection",
                            "connection "
                                    + connection.get()
                                    + " does not exist; "
                                    + (named.isEmpty()
                                            ? "add connections/" + connection.get() + ".yaml"
                                            : "write one of "
                                                    + String.join(
                                                            ", ", new TreeSet<>(named.keySet()))
                                                    + " or add connections/"
                                                    + connection.get()
                                                    + ".yaml"));
                }
            }
            Optional<String> version = top.required("version");
            for (Node node : top.list("tags")) {
                tag(file, node, version, connection, protocol);
            }
        }

        private void tag(
                YamlFile file,
                Node node,
                Optional<String> version,
                Optional<String> connection,
                Optional<Protocol> protocol) {
            String subject = "tag " + YamlFile.peek(node, "topic").orElse("(without a topic)");
            Optional<Section> read = file.mapping(node, subject, TAG_KEYS);
            if (read.isEmpty()) {
                return;
            }
            Section entry = read.get();
            Optional<String> topic = entry.required("topic");
            topic.ifPresent(
                    name -> {
                        topicCheck.apply(name).ifPresent(text -> entry.problem("topic", text));
                        String before = firstUse.putIfAbsent(name, file.place(entry.line("topic")));
                        if (before != null) {
                            entry.problem(
                                    "topic",
                                    "topic is used before, at "
                                            + before
                                            + "; give each tag its own");
                        }
                    });
            Optional<String> address = entry.required("address");
            if (address.isPresent() && protocol.isPresent()) {
                addressProblem(protocol.get(), address.get())
                        .ifPresent(text -> entry.problem("address", text));
            }
            Optional<String> units = entry.required("units");
            Optional<Section> range = entry.section("range", subject, RANGE_KEYS);
            Double min = range.flatMap(section -> number(section, "min")).orElse(null);
            Double max = range.flatMap(section -> number(section, "max")).orElse(null);
            if (min != null && max != null && min >= max) {
                entry.problem(
                        "range",
                        min.equals(max)
                                ? "range min and max are both " + plain(min) + "; widen it"
                                : "range min "
                                        + plain(min)
                                        + " is above max "
                                        + plain(max)
                                        + "; swap them");
            }
            Optional<Duration> interval =
                    entry.required("interval").isPresent()
                            ? duration(entry, "interval", false)
                            : Optional.empty();
            if (Stream.of(topic, address, units, interval, version, connection)
                    .allMatch(Optional::isPresent)) {
                tags.add(
                        new Tag(
                                topic.get(),
                                address.get(),
                                units.get(),
                                min,
                                max,
                                interval.get(),
                                version.get(),
                                connection.get()));
            }
        }

        private static Optional<String> addressProblem(Protocol protocol, String address) {
            return switch (protocol) {
                case OPCUA -> OpcUaAddress.problem(address);
                case MODBUS -> PlcAddress.problem(address);
            };
        }

        private static String plain(Double number) {
            return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
        }

        private static boolean bool(Section section, String key) {
            Optional<String> text = section.optional(key);
            if (text.isPresent() && !text.get().equals("true") && !text.get().equals("false")) {
                section.problem(key, key + " is " + text.get() + "; write true or false");
            }
            return text.map("true"::equals).orElse(false);
        }

        private static Optional<Integer> integer(Section section, String key, int min, int max) {
            Optional<String> text = section.optional(key);
            if (text.isEmpty()) {
                return Optional.empty();
            }
            try {
                int number = Integer.parseInt(text.get());
                if (number >= min && number <= max) {
                    return Optional.of(number);
                }
            } catch (NumberFormatException e) {
                // reported below
            }
            section.problem(
                    key,
                    key
                            + " is "
                            + text.get()
                            + "; write a whole number from "
                            + min
                            + " to "
                            + max);
            return Optional.empty();
        }

        private static Optional<Double> number(Section section, String key) {
            Optional<String> text = section.optional(key);
            if (text.isEmpty()) {
                return Optional.empty();
            }
            try {
                double number = Double.parseDouble(text.get());
                if (Double.isFinite(number)) {
                    return Optional.of(number);
                }
            } catch (NumberFormatException e) {
                // reported below
            }
            section.problem(key, "range " + key + " is " + text.get() + "; write a number");
            return Optional.empty();
        }

        private static Optional<Duration> duration(Section section, String key, boolean zero) {
            Optional<String> text = section.optional(key);
            if (text.isEmpty()) {
                return Optional.empty();
            }
            Optional<Duration> duration = parse(text.get());
            if (duration.isEmpty()) {
                section.problem(
                        key,
                        key
                                + " "
                                + text.get()
                                + " is no duration; write 250ms, 1s, 5m, 1h or ISO 8601 as in PT1S");
            } else if (duration.get().isNegative() || (duration.get().isZero() && !zero)) {
                section.problem(
                        key,
                        key
                                + " "
                                + text.get()
                                + " is not above zero; write a longer time, as in 1s");
                return Optional.empty();
            }
            return duration;
        }

        private static Optional<Duration> parse(String text) {
            if (text.chars().allMatch(Character::isDigit)) {
                // seconds to one reader, milliseconds to the next
                return Optional.empty();
            }
            try {
                return Optional.ofNullable(DurationConverter.parseDuration(text));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }
}
