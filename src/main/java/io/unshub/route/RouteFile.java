package io.unshub.route;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** A route file, read: its tree, the line of everything in it, and the endpoints that it uses. */
final class RouteFile {

    private static final YAMLMapper YAML =
            YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    /** Steps whose plain text is an endpoint. */
    private static final Set<String> SENDING =
            Set.of(
                    "to",
                    "toD",
                    "wireTap",
                    "from",
                    "deadLetterUri",
                    "afterUri",
                    "compensation",
                    "completion");

    /** Steps that find their endpoints in an expression. */
    private static final Set<String> FINDING =
            Set.of("recipientList", "routingSlip", "dynamicRouter", "enrich", "pollEnrich", "poll");

    private final Path path;
    private final String text;
    private final JsonNode tree;
    private final Map<String, Integer> lines = new HashMap<>();
    private final List<Use> uses = new ArrayList<>();

    /**
     * An endpoint that a route uses.
     *
     * @param at where, as a JSON Pointer
     * @param uri as written, without parameters
     * @param parameters of the endpoint
     * @param source whether the route begins with it
     */
    record Use(String at, String uri, Map<String, JsonNode> parameters, boolean source) {

        /** The component. */
        String scheme() {
            int end = uri.indexOf(':');
            return end < 0 ? uri : uri.substring(0, end);
        }

        /** What stands behind the component. */
        String path() {
            return uri.substring(Math.min(uri.length(), scheme().length() + 1));
        }

        /** The text of a parameter; empty when it is not given. */
        String text(String parameter) {
            JsonNode value = parameters.get(parameter);
            return value == null ? "" : value.asText();
        }
    }

    /** A text that is no YAML. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;
        private final int line;

        Unreadable(int line, String message, Throwable cause) {
            super(message, cause);
            this.line = line;
        }

        int line() {
            return line;
        }
    }

    private RouteFile(Path path, String text, JsonNode tree) {
        this.path = path;
        this.text = text;
        this.tree = tree;
    }

    /**
     * Reads a file's text.
     *
     * @throws Unreadable if it is no YAML
     */
    static RouteFile parse(Path path, String text) throws Unreadable {
        try {
            RouteFile file = new RouteFile(path, text, YAML.readTree(text));
            Node root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
            if (root != null) {
                file.locate("", root);
                file.collect("", file.tree, false);
            }
            return file;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
            throw new Unreadable(line, e.getOriginalMessage().lines().findFirst().orElse(""), e);
        } catch (YAMLException e) {
            throw new Unreadable(1, e.getMessage(), e);
        }
    }

    Path path() {
        return path;
    }

    String text() {
        return text;
    }

    JsonNode tree() {
        return tree;
    }

    /** The route's id; empty where there is none. */
    String id() {
        return tree.at("/0/route/id").asText("");
    }

    /** The name that its file gives it. */
    String name() {
        return name(path);
    }

    /** The id that a file's route must have. */
    static String name(Path file) {
        return file.getFileName().toString().replaceAll("\\.ya?ml$", "");
    }

    List<Use> uses() {
        return uses;
    }

    /** The endpoint that the route begins with; null for none. */
    Use source() {
        return uses.stream().filter(Use::source).findFirst().orElse(null);
    }

    /** The line of a place, or of what it stands in; 1 for the first. */
    int line(String pointer) {
        for (String at = pointer; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
            if (lines.containsKey(at)) {
                return lines.get(at);
            }
        }
        return 1;
    }

    private void locate(String at, Node node) {
        lines.putIfAbsent(at, node.getStartMark().getLine() + 1);
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key) {
                    String below = at + "/" + escape(key.getValue());
                    lines.put(below, key.getStartMark().getLine() + 1);
                    locate(below, tuple.getValueNode());
                }
            }
        } else if (node instanceof SequenceNode sequence) {
            int i = 0;
            for (Node each : sequence.getValue()) {
                locate(at + "/" + i++, each);
            }
        }
    }

    private void collect(String at, JsonNode node, boolean source) {
        if (node.isObject()) {
            if (node.path("uri").isTextual()) {
                add(at + "/uri", node.path("uri").asText(), node.path("parameters"), source);
            }
            node.properties()
                    .forEach(
                            entry -> {
                                String key = entry.getKey();
                                String below = at + "/" + escape(key);
                                JsonNode value = entry.getValue();
                                if (SENDING.contains(key) && value.isTextual()) {
                                    add(below, value.asText(), null, key.equals("from"));
                                } else if (key.equals("kamelet") && value.isTextual()) {
                                    add(below, "kamelet:" + value.asText(), null, false);
                                } else if (key.equals("kamelet")
                                        && value.path("name").isTextual()) {
                                    add(
                                            below + "/name",
                                            "kamelet:" + value.path("name").asText(),
                                            value.path("parameters"),
                                            false);
                                } else if (FINDING.contains(key)) {
                                    find(below, value);
                                } else if (!key.equals("parameters")) {
                                    collect(below, value, key.equals("from"));
                                }
                            });
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collect(at + "/" + i, node.get(i), false);
            }
        }
    }

    /** The endpoints in a constant; anything else is only known when it runs. */
    private void find(String at, JsonNode step) {
        JsonNode expression = step.has("expression") ? step.path("expression") : step;
        JsonNode constant = expression.path("constant");
        String text =
                constant.isObject() ? constant.path("expression").asText() : constant.asText("");
        if (text.isEmpty()) {
            uses.add(new Use(at, "", Map.of(), false));
        }
        for (String uri : text.split(step.path("delimiter").asText(","))) {
            if (!uri.isBlank()) {
                add(at, uri.trim(), null, false);
            }
        }
    }

    private void add(String at, String uri, JsonNode parameters, boolean source) {
        Map<String, JsonNode> given = new TreeMap<>();
        int query = uri.indexOf('?');
        if (query >= 0) {
            for (String pair : uri.substring(query + 1).split("&")) {
                int is = pair.indexOf('=');
                if (is > 0) {
                    given.put(
                            pair.substring(0, is),
                            YAML.getNodeFactory().textNode(pair.substring(is + 1)));
                }
            }
        }
        if (parameters != null) {
            parameters.properties().forEach(each -> given.put(each.getKey(), each.getValue()));
        }
        String plain =
                (query >= 0 ? uri.substring(0, query) : uri).replaceFirst("^(\\w+)://", "$1:");
        uses.add(new Use(at, plain, given, source));
    }

    private static String escape(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }
}
