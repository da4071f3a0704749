package io.unshub.collect;

import io.unshub.collect.YamlFile.Section;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All connections with their tags, validated: {@code connections/NAME.yaml}, {@code
 * models/NAME.yaml} and {@code tags/NAME.yaml} of a configuration directory. Immutable.
 */
public final class Bindings {

    private static final Set<String> CONNECTION_KEYS =
            Set.of(
                    "name",
                    "protocol",
                    "url",
                    "simulated",
                    "opcua",
                    "modbus",
                    "s7",
                    "logix",
                    "budget");
    private static final Set<String> BUDGET_KEYS = Set.of("sessions", "items", "readsPerSecond");
    private static final Set<String> OPCUA_KEYS =
            Set.of(
                    "samplingInterval",
                    "publishingInterval",
                    "queueSize",
                    "security",
                    "mode",
                    "hostNameCheck",
                    "user",
                    "passwordFile",
                    "userCertificate",
                    "userKey");
    private static final List<String> BYTE_ORDERS =
            Arrays.stream(ModbusOptions.ByteOrder.values()).map(Enum::name).toList();
    private static final List<String> POLICIES =
            List.of("None", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss");
    private static final List<String> MODES = List.of("Sign", "SignAndEncrypt");
    private static final Set<String> MODBUS_KEYS =
            Set.of("pollInterval", "requestTimeout", "unit", "byteOrder");

    private static final Set<String> S7_KEYS =
            Set.of("pollInterval", "requestTimeout", "rack", "slot");

    private static final Set<String> LOGIX_KEYS =
            Set.of("pollInterval", "requestTimeout", "slot", "path");

    private static final int MAX_QUEUE = 1_000_000;
    private static final int MAX_ITEMS = 1_000_000;
    private static final int MAX_UNIT = 255;
    private static final int MAX_RACK = 7;
    private static final int MAX_SLOT = 31;
    private static final int MAX_PORT = 65_535;

    private final Map<String, Connection> connections;
    private final Map<String, List<Tag>> tags;
    private final Map<String, String> origins;
    private final Map<String, Tag> byTopic;

    private Bindings(
            Map<String, Connection> connections, List<Tag> tags, Map<String, String> origins) {
        this.origins = Map.copyOf(origins);
        this.byTopic = tags.stream().collect(Collectors.toMap(Tag::topic, Function.identity()));
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
        return load(configDir, property, topicCheck, null);
    }

    /**
     * Reads and checks one connection with its tags, or all.
     *
     * @param only the name of a file in {@code connections/}; null for all
     * @throws ConfigurationException with every problem in the files that are read
     */
    public static Bindings load(
            Path configDir,
            UnaryOperator<String> property,
            Function<String, Optional<String>> topicCheck,
            String only)
            throws ConfigurationException {
        return new Loader(configDir, property, topicCheck, only).load();
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

    /**
     * Returns where the version of a topic's tag stands, {@code models/NAME} or {@code tags/NAME};
     * null for a topic without a tag.
     */
    public String origin(String topic) {
        return origins.get(topic);
    }

    /** Returns the tag of that topic; null for a topic without one. */
    public Tag tag(String topic) {
        return byTopic.get(topic);
    }

    /** Returns all tags. */
    public List<Tag> tags() {
        return tags.values().stream().flatMap(List::stream).toList();
    }

    private static final class Loader {

        private final Path configDir;
        private final UnaryOperator<String> property;
        private final Function<String, Optional<String>> topicCheck;
        private final String only;
        private final List<String> problems = new ArrayList<>();
        private final Map<String, Connection> connections = new LinkedHashMap<>();
        private final Map<String, String> itemPlaces = new HashMap<>();
        private final Map<String, String> sessionPlaces = new HashMap<>();

        /** Also those with problems, so that one problem is not reported twice. */
        private final Map<String, Optional<Protocol>> named = new HashMap<>();

        Loader(
                Path configDir,
                UnaryOperator<String> property,
                Function<String, Optional<String>> topicCheck,
                String only) {
            this.only = only;
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
                if (only != null && !path.endsWith(only)) {
                    continue;
                }
                YamlFile file = new YamlFile(path, property);
                connection(file, base(path));
                problems.addAll(file.problems());
            }
            TagFiles tags = new TagFiles(topicCheck, named);
            for (Path path : files("models")) {
                YamlFile file = new YamlFile(path, property);
                tags.model(file, base(path));
                problems.addAll(file.problems());
            }
            for (Path path : files("tags")) {
                YamlFile file = new YamlFile(path, property);
                if (tags.read(file, base(path), only != null)) {
                    problems.addAll(file.problems());
                }
            }
            items(tags.tags());
            sessions();
            if (!problems.isEmpty()) {
                throw new ConfigurationException(problems);
            }
            return new Bindings(connections, tags.tags(), tags.origins());
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
            YamlValues.named(top, base);
            Optional<Protocol> protocol = protocol(top);
            named.put(base, protocol);
            Optional<String> url = top.required("url");
            if (url.isPresent() && protocol.isPresent()) {
                urlProblem(protocol.get(), url.get()).ifPresent(text -> top.problem("url", text));
            }
            boolean simulated = YamlValues.bool(top, "simulated");
            OpcUaOptions opcua = opcua(top, base);
            ModbusOptions modbus = modbus(top, base);
            S7Options s7 = s7(top, base);
            LogixOptions logix = logix(top, base);
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
                                switch (protocol.get()) {
                                    case MODBUS -> modbus;
                                    case S7 -> s7;
                                    case LOGIX -> logix;
                                    case OPCUA -> null;
                                },
                                budget(file, top, base, protocol.get())));
            }
        }

        private Connection.Budget budget(
                YamlFile file, Section top, String base, Protocol protocol) {
            Optional<Section> read = top.section("budget", "connection " + base, BUDGET_KEYS);
            if (read.isEmpty()) {
                return Connection.Budget.NONE;
            }
            Section section = read.get();
            Optional<Integer> sessions = YamlValues.integer(section, "sessions", 1, MAX_ITEMS);
            Optional<Integer> items = YamlValues.integer(section, "items", 1, MAX_ITEMS);
            Optional<Double> reads = YamlValues.number(section, "readsPerSecond");
            if (reads.isPresent() && reads.get() <= 0) {
                section.problem(
                        "readsPerSecond",
                        "readsPerSecond is " + reads.get() + "; write more than 0, as in 20");
            }
            if (section.has("readsPerSecond") && protocol == Protocol.OPCUA) {
                section.problem(
                        "readsPerSecond",
                        "readsPerSecond has no effect with protocol opcua, which is not polled; set"
                                + " opcua.samplingInterval instead");
            }
            items.ifPresent(most -> itemPlaces.put(base, file.place(section.line("items"))));
            sessions.ifPresent(
                    most -> sessionPlaces.put(base, file.place(section.line("sessions"))));
            return new Connection.Budget(
                    sessions.orElse(null), items.orElse(null), reads.orElse(null));
        }

        /** After the tags are read: whether each connection's items are within its budget. */
        private void items(List<Tag> tags) {
            Map<String, Long> bound =
                    tags.stream()
                            .collect(Collectors.groupingBy(Tag::connection, Collectors.counting()));
            for (Connection connection : connections.values()) {
                Integer most = connection.budget().items();
                long count = bound.getOrDefault(connection.name(), 0L);
                if (most != null && count > most) {
                    problems.add(
                            "%s: connection %s: %d tags are bound and its budget is %d items; bind fewer, or raise budget.items"
                                    .formatted(
                                            itemPlaces.get(connection.name()),
                                            connection.name(),
                                            count,
                                            most));
                }
            }
        }

        /** Whether each device has as many connections at most as its budget allows. */
        private void sessions() {
            Map<String, List<String>> devices =
                    connections.values().stream()
                            .collect(
                                    Collectors.groupingBy(
                                            Loader::device,
                                            Collectors.mapping(
                                                    Connection::name, Collectors.toList())));
            for (Connection connection : connections.values()) {
                Integer most = connection.budget().sessions();
                List<String> names = devices.get(device(connection));
                if (most != null && names.size() > most) {
                    problems.add(
                            "%s: connection %s: %s lead to %s and its budget is %d sessions; remove some, or raise budget.sessions"
                                    .formatted(
                                            sessionPlaces.get(connection.name()),
                                            connection.name(),
                                            String.join(", ", names),
                                            device(connection),
                                            most));
                }
            }
        }

        private static String device(Connection connection) {
            URI url = URI.create(connection.url());
            return String.valueOf(url.getHost()).toLowerCase(Locale.ROOT)
                    + ":"
                    + connection.protocol().port(url);
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
            String form = protocol.urlForm();
            URI uri;
            try {
                uri = new URI(url);
            } catch (URISyntaxException e) {
                return Optional.of("url " + url + " is no URL; write " + form);
            }
            boolean port = uri.getPort() == -1 || (uri.getPort() > 0 && uri.getPort() <= MAX_PORT);
            if (!protocol.scheme().equals(uri.getScheme()) || uri.getHost() == null || !port) {
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

        private OpcUaOptions opcua(Section top, String base) {
            OpcUaOptions standard = OpcUaOptions.DEFAULT;
            return top.section("opcua", "connection " + base, OPCUA_KEYS)
                    .map(
                            section ->
                                    new OpcUaOptions(
                                            YamlValues.duration(section, "samplingInterval", true)
                                                    .orElse(standard.samplingInterval()),
                                            YamlValues.duration(
                                                            section, "publishingInterval", false)
                                                    .orElse(standard.publishingInterval()),
                                            YamlValues.integer(section, "queueSize", 1, MAX_QUEUE)
                                                    .orElse(standard.queueSize()),
                                            security(section)))
                    .orElse(standard);
        }

        private OpcUaSecurity security(Section section) {
            Optional<String> word = YamlValues.word(section, "security", POLICIES);
            if (section.has("security") && word.isEmpty()) {
                return OpcUaSecurity.NONE;
            }
            String policy = word.orElse("None");
            Optional<String> mode = YamlValues.word(section, "mode", MODES);
            if (mode.isPresent() && policy.equals("None")) {
                section.problem(
                        "mode",
                        "mode has no effect without security; set security: Basic256Sha256");
            }
            Optional<String> user = section.optional("user");
            Optional<Path> password = file(section, "passwordFile");
            YamlValues.together(section, user.isPresent(), "user", "passwordFile");
            Optional<Path> certificate = file(section, "userCertificate");
            Optional<Path> key = file(section, "userKey");
            YamlValues.together(
                    section, section.has("userCertificate"), "userCertificate", "userKey");
            if (user.isPresent() && certificate.isPresent()) {
                section.problem(
                        "userCertificate",
                        "user and userCertificate are two identities; remove one");
            }
            boolean unprotected = user.isPresent() || certificate.isPresent();
            if (unprotected && policy.equals("None")) {
                section.problem(
                        user.isPresent() ? "user" : "userCertificate",
                        "a user is proven over a secured connection only; set security:"
                                + " Basic256Sha256");
            }
            if (policy.equals("None")) {
                return OpcUaSecurity.NONE;
            }
            String data = property.apply("unshub.data-dir");
            return new OpcUaSecurity(
                    policy,
                    !mode.equals(Optional.of("Sign")),
                    !section.has("hostNameCheck") || YamlValues.bool(section, "hostNameCheck"),
                    Path.of(data == null ? "data" : data).resolve("opcua"),
                    user.orElse(null),
                    password.orElse(null),
                    certificate.orElse(null),
                    key.orElse(null));
        }

        /** A file that is there; relative to the configuration directory. */
        private Optional<Path> file(Section section, String key) {
            Optional<Path> file = section.optional(key).map(configDir::resolve);
            file.filter(path -> !Files.isReadable(path))
                    .ifPresent(
                            path ->
                                    section.problem(
                                            key,
                                            key
                                                    + " "
                                                    + path
                                                    + " cannot be read; put it there, for the"
                                                    + " hub's user alone"));
            return file;
        }

        private static ModbusOptions modbus(Section top, String base) {
            ModbusOptions standard = ModbusOptions.DEFAULT;
            return top.section("modbus", "connection " + base, MODBUS_KEYS)
                    .map(
                            section ->
                                    new ModbusOptions(
                                            YamlValues.duration(section, "pollInterval", false)
                                                    .orElse(standard.pollInterval()),
                                            YamlValues.duration(section, "requestTimeout", false)
                                                    .orElse(standard.requestTimeout()),
                                            YamlValues.integer(section, "unit", 0, MAX_UNIT)
                                                    .orElse(standard.unit()),
                                            YamlValues.word(section, "byteOrder", BYTE_ORDERS)
                                                    .map(ModbusOptions.ByteOrder::valueOf)
                                                    .orElse(standard.byteOrder())))
                    .orElse(standard);
        }

        private static S7Options s7(Section top, String base) {
            S7Options standard = S7Options.DEFAULT;
            return top.section("s7", "connection " + base, S7_KEYS)
                    .map(
                            section ->
                                    new S7Options(
                                            YamlValues.duration(section, "pollInterval", false)
                                                    .orElse(standard.pollInterval()),
                                            YamlValues.duration(section, "requestTimeout", false)
                                                    .orElse(standard.requestTimeout()),
                                            YamlValues.integer(section, "rack", 0, MAX_RACK)
                                                    .orElse(standard.rack()),
                                            YamlValues.integer(section, "slot", 0, MAX_SLOT)
                                                    .orElse(standard.slot())))
                    .orElse(standard);
        }

        private static LogixOptions logix(Section top, String base) {
            LogixOptions standard = LogixOptions.DEFAULT;
            return top.section("logix", "connection " + base, LOGIX_KEYS)
                    .map(
                            section ->
                                    new LogixOptions(
                                            YamlValues.duration(section, "pollInterval", false)
                                                    .orElse(standard.pollInterval()),
                                            YamlValues.duration(section, "requestTimeout", false)
                                                    .orElse(standard.requestTimeout()),
                                            path(section).orElse(standard.path())))
                    .orElse(standard);
        }

        private static Optional<String> path(Section section) {
            Optional<String> slot =
                    YamlValues.integer(section, "slot", 0, MAX_SLOT).map(number -> "1," + number);
            Optional<String> path = section.optional("path");
            if (slot.isPresent() && path.isPresent()) {
                section.problem("slot", "slot and path are two ways to one place; remove one");
            }
            Optional<String> problem = path.flatMap(LogixOptions::problem);
            problem.ifPresent(text -> section.problem("path", text));
            return problem.isPresent() ? slot : path.or(() -> slot);
        }
    }
}
