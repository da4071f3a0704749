package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.unshub.buffer.Subscriptions.Subscription;
import io.unshub.ops.RouteWatch.Finding;
import io.unshub.route.KameletCatalog.Kamelet;
import io.unshub.route.RouteFile.Use;
import io.unshub.uns.Excerpt;
import io.unshub.uns.TopicFilter;
import jakarta.inject.Named;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.catalog.EndpointValidationResult;
import org.apache.camel.catalog.impl.DefaultRuntimeCamelCatalog;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Checks the plant's own route files before they take effect: the YAML of this Camel, known and
 * allowed components, declared parameters, known beans and languages, ids that are there once,
 * stages that somebody serves, no loop on the UNS.
 *
 * <p>Out: for each file what is wrong with it, by line; a file that is wrong hurts no other. Needs
 * no running hub. Threads: one at a time.
 */
public final class RouteCheck {

    /** The components that a route of the plant's own may use, unless the configuration differs. */
    public static final Set<String> COMPONENTS =
            Set.of("kamelet", "direct", "log", "file", "timer");

    /** The folders that such a route may read and write, unless the configuration differs. */
    public static final Set<String> FOLDERS = Set.of("data/export");

    private static final String SCHEMA = "/schema/camelYamlDsl.json";
    private static final String SOURCE = "unshub-uns-source";
    private static final String DERIVE = "unshub-derive-sink";
    private static final int MOST_PROBLEMS = 5;
    private static final JsonSchemaFactory YAML_OF_CAMEL =
            JsonSchemaFactory.getInstance(
                    SpecVersion.VersionFlag.V4,
                    factory ->
                            factory.metaSchema(
                                    JsonMetaSchema.builder(JsonMetaSchema.getV4())
                                            .keyword(new NonValidationKeyword("deprecated"))
                                            .build()));
    private static final Pattern BEAN_REFERENCE =
            Pattern.compile(
                    "ref|[A-Za-z]+Ref|aggregation(Strategy|Repository)|idempotentRepository|comparator|executorService|routePolicy|resumeStrategy");
    private static final Set<String> FILE_NAMES =
            Set.of(
                    "fileName",
                    "tempFileName",
                    "tempPrefix",
                    "doneFileName",
                    "move",
                    "moveFailed",
                    "moveExisting",
                    "preMove");
    // what could be written in them is a program
    private static final Set<String> SCRIPTS =
            Set.of(
                    "csimple",
                    "datasonnet",
                    "groovy",
                    "java",
                    "joor",
                    "js",
                    "mvel",
                    "ognl",
                    "python",
                    "spel",
                    "wasm");
    private static final Set<String> LANGUAGES =
            Set.of("hl7terser", "jq", "jsonpath", "xpath", "xquery", "xtokenize");

    private final Set<String> components;
    private final RouteReach reach;
    private final Set<String> beans = beans();
    private final KameletCatalog kamelets = new KameletCatalog();
    private final DefaultRuntimeCamelCatalog catalog = new DefaultRuntimeCamelCatalog();
    private final Map<String, RouteFile> shipped;
    private JsonSchema schema;

    /**
     * A file that was looked at.
     *
     * @param path of the file
     * @param id of its route; that of its name where it has none
     * @param text of the file
     * @param findings in the order of lines; empty when it may take effect
     * @param subscriptions that it reads
     */
    public record Checked(
            Path path,
            String id,
            String text,
            List<Finding> findings,
            Set<Subscription> subscriptions) {

        /** Whether it may take effect. */
        public boolean ok() {
            return findings.isEmpty();
        }

        /** The same with another finding, and so refused. */
        Checked with(Finding finding) {
            return new Checked(
                    path,
                    id,
                    text,
                    Stream.concat(Stream.of(finding), findings.stream()).toList(),
                    Set.of());
        }

        /** What is wrong, a line each: file, line, rule, text. */
        public List<String> sentences() {
            return findings.stream().map(each -> each.sentence(path.toString())).toList();
        }
    }

    /** The checks of one file. */
    private final class Review {
        private final RouteFile file;
        private final List<Finding> findings = new ArrayList<>();

        Review(RouteFile file) {
            this.file = file;
        }

        void find(String at, String rule, String text) {
            findings.add(new Finding(file.line(at), rule, text));
        }

        void shape() {
            JsonNode tree = file.tree();
            if (!tree.isArray() || tree.size() != 1 || !tree.get(0).path("route").isObject()) {
                find(
                        "",
                        "one-route",
                        "the file does not hold exactly one route; give each route a file that begins with - route:");
                return;
            }
            String id = file.id();
            if (!id.equals(file.name())) {
                find(
                        "/0/route/id",
                        "route-id",
                        "the route's id is %s and its file is called %s; give both the same name"
                                .formatted(Excerpt.of(id), file.path().getFileName()));
            }
            schema();
            if (findings.isEmpty() && file.source() == null) {
                find("/0/route", "source", "the route has no from with a uri; add it");
            }
        }

        private void schema() {
            List<ValidationMessage> problems = List.copyOf(yamlSchema().validate(file.tree()));
            int deepest =
                    problems.stream()
                            .mapToInt(each -> each.getInstanceLocation().getNameCount())
                            .max()
                            .orElse(0);
            List<ValidationMessage> telling =
                    problems.stream()
                            .filter(each -> each.getInstanceLocation().getNameCount() == deepest)
                            .filter(each -> !each.getType().matches("oneOf|anyOf|allOf|not"))
                            .toList();
            List<ValidationMessage> unknown =
                    telling.stream()
                            .filter(each -> each.getType().equals("additionalProperties"))
                            .toList();
            // a key that is not known is why another seems to be missing
            (unknown.isEmpty() ? telling : unknown)
                    .stream()
                            .limit(MOST_PROBLEMS)
                            .forEach(
                                    each ->
                                            find(
                                                    place(each),
                                                    "yaml-schema",
                                                    each.getMessage().replaceFirst("^[^:]*: ", "")
                                                            + " at "
                                                            + each.getInstanceLocation()
                                                            + ", in the YAML of Camel "
                                                            + version()
                                                            + "; correct it"));
            if (!problems.isEmpty() && findings.isEmpty()) {
                ValidationMessage first = problems.get(0);
                find(first.getInstanceLocation().toString(), "yaml-schema", first.getMessage());
            }
        }

        private String place(ValidationMessage problem) {
            String at = problem.getInstanceLocation().toString();
            return problem.getProperty() == null ? at : at + "/" + problem.getProperty();
        }

        void endpoints() {
            for (Use use : file.uses()) {
                if (use.uri().isEmpty()) {
                    find(
                            use.at(),
                            "endpoint",
                            "where this goes is only known when it runs; name the endpoints in a constant");
                } else if (!components.contains(use.scheme())) {
                    find(
                            use.at(),
                            "component",
                            "%s is no component that routes may use, those are %s; use one of them, or add it to unshub.routes.components"
                                    .formatted(
                                            Excerpt.of(use.scheme()),
                                            components.stream()
                                                    .sorted()
                                                    .collect(Collectors.joining(", "))));
                } else if (use.scheme().equals("kamelet")) {
                    kamelet(use);
                    files(use, use.parameters().get("folder"), Set.of("file"));
                } else {
                    options(use);
                    files(
                            use,
                            use.scheme().equals("file") ? TextNode.valueOf(use.path()) : null,
                            FILE_NAMES);
                }
                use.parameters()
                        .forEach(
                                (key, value) -> {
                                    if (value.asText().matches("#[A-Za-z].*")) {
                                        bean(use.at(), value.asText());
                                    }
                                });
            }
        }

        /**
         * Files lie in the folders that are open to routes, and what names them leads nowhere else.
         */
        private void files(Use use, JsonNode folder, Set<String> names) {
            if (folder == null) {
                return;
            }
            Stream.concat(
                            Stream.of(folder, use.parameters().get("localWorkDirectory"))
                                    .filter(Objects::nonNull)
                                    .map(each -> reach.folder(each.asText())),
                            names.stream()
                                    .map(use::text)
                                    .filter(name -> !name.isEmpty())
                                    .map(reach::fileName))
                    .flatMap(Optional::stream)
                    .forEach(problem -> find(use.at(), "folder", problem));
            if (use.text("jailStartingDirectory").equals("false")) {
                find(
                        use.at(),
                        "folder",
                        "jailStartingDirectory is false, and names could lead out of the folder; take it out");
            }
        }

        private void kamelet(Use use) {
            String name = use.path().replaceFirst("/.*", "");
            Optional<Kamelet> kamelet = kamelets.find(name);
            if (kamelet.isEmpty()) {
                find(
                        use.at(),
                        "kamelet",
                        "there is no Kamelet %s; did you mean %s? uns-hub routes patterns lists them"
                                .formatted(Excerpt.of(name), nearest(name, kamelets.names())));
                return;
            }
            for (String problem : kamelet.get().problems(use.parameters())) {
                find(
                        use.at(),
                        "parameter",
                        "%s: %s; see docs/eip, or uns-hub routes patterns %s"
                                .formatted(name, problem, name));
            }
            if (name.equals(SOURCE) && use.parameters().containsKey("topics")) {
                for (String topic : use.text("topics").split(",")) {
                    try {
                        TopicFilter.of(topic.trim());
                    } catch (IllegalArgumentException e) {
                        find(use.at(), "topics", e.getMessage());
                    }
                }
            }
        }

        private void options(Use use) {
            Map<String, String> texts = new LinkedHashMap<>();
            use.parameters().forEach((key, value) -> texts.put(key, value.asText()));
            String uri = use.uri();
            if (uri.contains("${") || texts.values().stream().anyMatch(t -> t.contains("{{"))) {
                return;
            }
            String query =
                    texts.entrySet().stream()
                            .map(
                                    each ->
                                            each.getKey()
                                                    + "="
                                                    + URLEncoder.encode(each.getValue(), UTF_8))
                            .collect(Collectors.joining("&"));
            EndpointValidationResult result =
                    catalog.validateEndpointProperties(
                            query.isEmpty() ? uri : uri + "?" + query,
                            false,
                            use.source(),
                            !use.source());
            if (!result.isSuccess()) {
                find(
                        use.at(),
                        "endpoint",
                        "%s: %s; correct it"
                                .formatted(
                                        uri,
                                        result.summaryErrorMessage(false)
                                                .strip()
                                                .replaceAll("\\s+", " ")));
            }
        }

        void references(String at, JsonNode node) {
            if (node.isObject()) {
                for (Map.Entry<String, JsonNode> each : node.properties()) {
                    String key = each.getKey();
                    String below = at + "/" + key.replace("~", "~0").replace("/", "~1");
                    JsonNode value = each.getValue();
                    if (BEAN_REFERENCE.matcher(key).matches() && value.isTextual()) {
                        bean(below, value.asText());
                    } else if (key.equals("script")
                            || SCRIPTS.contains(key)
                            || key.equals("language") && SCRIPTS.contains(value.asText())) {
                        find(
                                below,
                                "script",
                                "%s: a script cannot stand in a route; write the expression in simple, constant or tokenize, or use a Kamelet"
                                        .formatted(key));
                    } else if (key.equals("setHeader") || key.equals("setHeaders")) {
                        header(below, value);
                        references(below, value);
                    } else if (key.equals("beanType")
                            || key.equals("type") && at.endsWith("/bean")) {
                        find(
                                below,
                                "bean",
                                "a class of Java cannot be named in a route; use a Kamelet");
                    } else if (LANGUAGES.contains(key) && !spoken(key)) {
                        find(
                                below,
                                "language",
                                key
                                        + " is no language of the hub; write the expression in simple, constant or tokenize");
                    } else if (key.equals("parameters")) {
                        expressions(below, value);
                    } else {
                        references(below, value);
                    }
                }
            } else if (node.isArray()) {
                for (int i = 0; i < node.size(); i++) {
                    references(at + "/" + i, node.get(i));
                }
            } else {
                expressions(at, node);
            }
        }

        private void expressions(String at, JsonNode node) {
            if (node.isTextual()) {
                reach.expression(node.asText())
                        .ifPresent(problem -> find(at, "expression", problem));
            }
            node.forEach(each -> expressions(at, each));
        }

        /**
         * Components take orders by headers of Camel's own: the name of a file, the text of a
         * query.
         */
        private void header(String at, JsonNode step) {
            if (step.findValuesAsText("name").stream()
                    .anyMatch(name -> !name.matches("(?i)(?!camel)[a-z0-9_-]+"))) {
                find(
                        at,
                        "expression",
                        "a header that begins with Camel, or whose name is not plain, orders components about; give it another name");
            }
        }

        private void bean(String at, String ref) {
            String name = ref.replaceFirst("^#(bean:)?", "");
            if (!beans.contains(name)) {
                find(
                        at,
                        "bean",
                        "there is no bean %s; the hub has %s"
                                .formatted(
                                        Excerpt.of(name),
                                        beans.stream().sorted().collect(Collectors.joining(", "))));
            }
        }

        Checked checked() {
            return new Checked(
                    file.path(),
                    file.id().isEmpty() ? file.name() : file.id(),
                    file.text(),
                    findings.stream()
                            .sorted(Comparator.comparingInt(Finding::line))
                            .distinct()
                            .toList(),
                    findings.isEmpty() ? subscriptions(file) : Set.of());
        }
    }

    /**
     * Checks against the shipped routes, the components that routes may use, and {@link #FOLDERS}.
     */
    public RouteCheck(Collection<String> components) {
        this(components, FOLDERS);
    }

    /**
     * @param components that routes may use
     * @param folders that routes may read and write
     */
    public RouteCheck(Collection<String> components, Collection<String> folders) {
        this.components = new TreeSet<>(components);
        this.reach = new RouteReach(folders);
        this.shipped = shippedRoutes();
        catalog.setJSonSchemaResolver(new ClassPathSchemas());
    }

    /** The ids of the shipped routes, which files may take the place of. */
    public Set<String> shipped() {
        return shipped.keySet();
    }

    /** The text of a shipped route. */
    String shipped(String id) {
        return shipped.get(id).text();
    }

    /**
     * The route files of a folder, by name.
     *
     * @throws IOException if it cannot be listed
     */
    public static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().matches("[^.].*\\.ya?ml"))
                    .sorted()
                    .toList();
        }
    }

    /**
     * Checks files, each for itself and against the others.
     *
     * @return one result for each, in their order
     */
    public List<Checked> check(List<Path> files) {
        Map<Path, String> texts = new LinkedHashMap<>();
        Map<Path, Checked> unreadable = new HashMap<>();
        for (Path file : files) {
            try {
                texts.put(file, Files.readString(file));
            } catch (IOException e) {
                unreadable.put(
                        file, refused(file, "", 1, "cannot be read: " + e + "; is it UTF-8?"));
            }
        }
        Map<Path, Checked> checked = checkTexts(texts);
        checked.putAll(unreadable);
        return files.stream().map(checked::get).toList();
    }

    /** Checks texts under the names of files. */
    Map<Path, Checked> checkTexts(Map<Path, String> texts) {
        Map<Path, Checked> results = new LinkedHashMap<>();
        List<Review> reviews = new ArrayList<>();
        texts.forEach(
                (path, text) -> {
                    try {
                        Review review = new Review(RouteFile.parse(path, text));
                        review.shape();
                        if (review.findings.isEmpty()) {
                            review.endpoints();
                            review.references("", review.file.tree());
                        }
                        reviews.add(review);
                    } catch (RouteFile.Unreadable e) {
                        results.put(
                                path,
                                refused(
                                        path,
                                        text,
                                        e.line(),
                                        "no YAML: " + e.getMessage() + "; correct the syntax"));
                    }
                });
        together(reviews);
        reviews.forEach(review -> results.put(review.file.path(), review.checked()));
        return results;
    }

    private static Checked refused(Path path, String text, int line, String why) {
        String name = path.getFileName().toString().replaceAll("\\.ya?ml$", "");
        return new Checked(path, name, text, List.of(new Finding(line, "yaml", why)), Set.of());
    }

    /** What only shows beside the other routes. A file that is wrong by itself is left out. */
    private void together(List<Review> reviews) {
        List<Review> good = reviews.stream().filter(each -> each.findings.isEmpty()).toList();
        Map<String, RouteFile> all = new TreeMap<>(shipped);
        Map<String, Path> ids = new HashMap<>();
        Map<String, String> names = new HashMap<>();
        for (Review review : good) {
            Path other = ids.putIfAbsent(review.file.id(), review.file.path());
            if (other != null) {
                review.find(
                        "/0/route/id",
                        "route-id",
                        "%s has a route %s too; rename one".formatted(other, review.file.id()));
                continue;
            }
            all.put(review.file.id(), review.file);
            for (String name : names(review.file)) {
                String owner = names.putIfAbsent(name, review.file.id());
                if (owner != null) {
                    review.find(
                            review.file.source().at(),
                            "subscription",
                            "the route %s reads the subscription %s too, and each would get a part; give it another name"
                                    .formatted(owner, name));
                }
            }
        }
        for (Review review : good) {
            stages(review, all);
            sources(review);
        }
        loops(good);
    }

    /** A stage has somebody who serves it. */
    private static void stages(Review review, Map<String, RouteFile> all) {
        for (Use use : review.file.uses()) {
            if (!use.scheme().equals("direct") || use.source()) {
                continue;
            }
            boolean served =
                    all.values().stream()
                            .map(RouteFile::source)
                            .anyMatch(source -> source != null && source.uri().equals(use.uri()));
            if (!served) {
                review.find(
                        use.at(),
                        "stage",
                        "no route begins with %s; write one, or correct the name"
                                .formatted(use.uri()));
            }
        }
    }

    /** What the data path lives on is read by the route that it is for. */
    private void sources(Review review) {
        Use source = review.file.source();
        RouteFile replaced = shipped.get(review.file.id());
        if (replaced != null && !sameSource(replaced.source(), source)) {
            review.find(
                    source.at(),
                    "data-path",
                    "the file takes the place of the shipped route %s, which begins with %s; begin with that, or nobody reads it"
                            .formatted(review.file.id(), described(replaced.source())));
            return;
        }
        for (Map.Entry<String, RouteFile> each : shipped.entrySet()) {
            if (replaced == null && sameSource(each.getValue().source(), source)) {
                review.find(
                        source.at(),
                        "data-path",
                        "the shipped route %s begins with %s too, and each would get a part; call the file %s.yaml to take its place, or begin with kamelet:%s"
                                .formatted(
                                        each.getKey(), described(source), each.getKey(), SOURCE));
            }
        }
    }

    private static boolean sameSource(Use one, Use other) {
        return one.uri().equals(other.uri()) && one.text("protocol").equals(other.text("protocol"));
    }

    private static String described(Use source) {
        String protocol = source.text("protocol");
        return protocol.isEmpty() ? source.uri() : source.uri() + " (protocol " + protocol + ")";
    }

    /** No route reads, by way of others or at once, what it publishes. */
    private static void loops(List<Review> reviews) {
        Map<Review, Set<Review>> next = new LinkedHashMap<>();
        for (Review from : reviews) {
            Set<Review> readers = new LinkedHashSet<>();
            for (Use sink : from.file.uses()) {
                if (sink.uri().equals("kamelet:" + DERIVE)) {
                    reviews.stream()
                            .filter(to -> reads(to.file.source(), from.file.source(), sink))
                            .forEach(readers::add);
                }
            }
            next.put(from, readers);
        }
        for (Review start : reviews) {
            List<Review> way = way(start, next);
            if (!way.isEmpty()) {
                start.find(
                        start.file.source().at(),
                        "loop",
                        "what the route publishes comes back to it (%s), for ever; narrow its topics, or leave derived: true out"
                                .formatted(
                                        way.stream()
                                                .map(each -> each.file.id())
                                                .collect(
                                                        Collectors.joining(
                                                                " -> ",
                                                                "",
                                                                " -> " + start.file.id()))));
            }
        }
    }

    private static List<Review> way(Review start, Map<Review, Set<Review>> next) {
        Map<Review, List<Review>> ways = new LinkedHashMap<>();
        List<Review> open = new ArrayList<>(List.of(start));
        ways.put(start, List.of(start));
        while (!open.isEmpty()) {
            Review at = open.remove(0);
            for (Review to : next.get(at)) {
                if (to == start) {
                    return ways.get(at);
                }
                if (!ways.containsKey(to)) {
                    List<Review> longer = new ArrayList<>(ways.get(at));
                    longer.add(to);
                    ways.put(to, longer);
                    open.add(to);
                }
            }
        }
        return List.of();
    }

    /** Whether a route reads what another publishes. */
    private static boolean reads(Use reader, Use publisher, Use sink) {
        if (reader == null
                || !reader.uri().equals("kamelet:" + SOURCE)
                || !reader.text("derived").equals("true")) {
            return false;
        }
        return filters(publisher)
                .map(filter -> published(filter, sink.text("tag")))
                .anyMatch(topic -> filters(reader).anyMatch(topic::overlaps));
    }

    private static Stream<TopicFilter> filters(Use source) {
        return Arrays.stream(source.text("topics").split(","))
                .map(String::trim)
                .map(TopicFilter::of);
    }

    /** Where readings go that came by a filter, on another tag. */
    private static TopicFilter published(TopicFilter read, String tag) {
        String text = read.toString();
        if (text.endsWith("#")) {
            return read;
        }
        String level = tag.contains("{") ? "+" : tag;
        return TopicFilter.of(text.substring(0, text.lastIndexOf('/') + 1) + level);
    }

    private static Stream<Use> unsSources(RouteFile file) {
        return file.uses().stream().filter(use -> use.uri().equals("kamelet:" + SOURCE));
    }

    private static Set<String> names(RouteFile file) {
        return unsSources(file)
                .map(use -> use.text("name"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<Subscription> subscriptions(RouteFile file) {
        String usual =
                kamelets.find(SOURCE)
                        .orElseThrow()
                        .definition()
                        .at("/properties/mostWaiting/default")
                        .asText();
        return unsSources(file)
                .map(
                        use ->
                                new Subscription(
                                        use.text("name"),
                                        filters(use).toList(),
                                        use.text("derived").equals("true"),
                                        Long.parseLong(
                                                use.text("mostWaiting").matches("[0-9]{1,18}")
                                                        ? use.text("mostWaiting")
                                                        : usual)))
                .collect(Collectors.toSet());
    }

    /** Reads what the first check would have to wait for. */
    void warm() {
        shipped.values().forEach(file -> yamlSchema().validate(file.tree()));
    }

    private JsonSchema yamlSchema() {
        if (schema == null) {
            try (InputStream in = RouteCheck.class.getResourceAsStream(SCHEMA)) {
                schema =
                        YAML_OF_CAMEL.getSchema(
                                in,
                                SchemaValidatorsConfig.builder()
                                        .pathType(PathType.JSON_POINTER)
                                        // it refers to itself: what is needed is read
                                        // when it is needed
                                        .preloadJsonSchema(false)
                                        .build());
            } catch (IOException e) {
                throw new UncheckedIOException(SCHEMA + " cannot be read", e);
            }
        }
        return schema;
    }

    private static String version() {
        return Optional.ofNullable(
                        org.apache.camel.CamelContext.class.getPackage().getImplementationVersion())
                .orElse("4");
    }

    private static boolean spoken(String language) {
        return RouteCheck.class.getResource(
                        "/META-INF/services/org/apache/camel/language/" + language)
                != null;
    }

    private static Set<String> beans() {
        return Arrays.stream(Beans.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Named.class))
                .map((Method method) -> method.getAnnotation(Named.class).value())
                .collect(Collectors.toSet());
    }

    private static String nearest(String word, Collection<String> known) {
        LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
        return known.stream()
                .min(Comparator.comparingInt(each -> distance.apply(word, each)))
                .orElse("none");
    }

    private static Map<String, RouteFile> shippedRoutes() {
        Map<String, RouteFile> routes = new TreeMap<>();
        for (String name : ClassPathFolder.names("routes", ".yaml")) {
            try {
                routes.put(
                        name,
                        RouteFile.parse(
                                Path.of(name + ".yaml"),
                                ClassPathFolder.text("routes/" + name + ".yaml")));
            } catch (RouteFile.Unreadable e) {
                throw new IllegalStateException("the shipped route " + name + " is no YAML", e);
            }
        }
        return routes;
    }
}
