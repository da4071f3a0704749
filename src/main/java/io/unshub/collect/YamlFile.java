package io.unshub.collect;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.commons.text.StringSubstitutor;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One configuration file with the line of everything in it, and the problems found so far. Scalars
 * are read as they were written, so that version {@code 1.10} does not become {@code 1.1}.
 */
final class YamlFile {

    private static final int MAX_CODE_POINTS = 64 * 1024 * 1024;

    private final Path path;
    private final UnaryOperator<String> property;

    /** Problems by line, so that they come in the order in which one edits. */
    private final Map<Integer, List<String>> problems = new TreeMap<>();

    YamlFile(Path path, UnaryOperator<String> property) {
        this.path = path;
        this.property = property;
    }

    /**
     * A mapping with known keys. Missing or ill-formed entries are reported once and then absent.
     */
    final class Section {

        private final String subject;
        private final int line;
        private final Map<String, Node> entries = new LinkedHashMap<>();

        private Section(String subject, MappingNode node, Set<String> known) {
            this.subject = subject;
            this.line = lineOf(node);
            for (NodeTuple tuple : node.getValue()) {
                String key =
                        tuple.getKeyNode() instanceof ScalarNode scalar
                                ? scalar.getValue()
                                : "(not a word)";
                if (!known.contains(key)) {
                    report(
                            lineOf(tuple.getKeyNode()),
                            subject,
                            "unknown key " + key + "; did you mean " + nearest(key, known) + "?");
                } else if (entries.putIfAbsent(key, tuple.getValueNode()) != null) {
                    report(
                            lineOf(tuple.getKeyNode()),
                            subject,
                            "key " + key + " stands here twice; remove one");
                }
            }
        }

        int line() {
            return line;
        }

        int line(String key) {
            return entries.containsKey(key) ? lineOf(entries.get(key)) : line;
        }

        /** Returns the text of a key that must be there and not be empty. */
        Optional<String> required(String key) {
            if (!entries.containsKey(key)) {
                report(line, subject, key + " is missing; add it");
                return Optional.empty();
            }
            return optional(key);
        }

        /** Returns the text of a key that may be left out, but not be left empty. */
        Optional<String> optional(String key) {
            Node node = entries.get(key);
            if (node == null) {
                return Optional.empty();
            }
            if (!(node instanceof ScalarNode scalar)) {
                report(line(key), subject, key + " is not a single value; write one");
                return Optional.empty();
            }
            Optional<String> text = resolve(scalar.getValue(), line(key), subject);
            if (text.isPresent() && (Tag.NULL.equals(node.getTag()) || text.get().isBlank())) {
                report(line(key), subject, key + " is empty; give it a value");
                return Optional.empty();
            }
            return text;
        }

        Optional<Section> section(String key, String name, Set<String> known) {
            Node node = entries.get(key);
            if (node == null) {
                return Optional.empty();
            }
            return mapping(node, name, known);
        }

        /** Returns the entries of a list; {@code name} of an entry that has none yet. */
        List<Node> list(String key) {
            Node node = entries.get(key);
            if (node == null) {
                report(line, subject, key + " is missing; add it");
                return List.of();
            }
            if (!(node instanceof SequenceNode sequence)) {
                report(line(key), subject, key + " is not a list; write one entry per line with -");
                return List.of();
            }
            return sequence.getValue();
        }

        void problem(String key, String text) {
            report(line(key), subject, text);
        }

        boolean has(String key) {
            return entries.containsKey(key);
        }
    }

    /** Returns the file's top level, or empty if it cannot be read as YAML. */
    Optional<Section> read(String subject, Set<String> known) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CODE_POINTS);
        try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            Node root = new Yaml(options).compose(reader);
            if (root == null) {
                report(1, subject, "the file is empty; fill or remove it");
                return Optional.empty();
            }
            return mapping(root, subject, known);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            report(line, subject, "no YAML: " + e.getProblem() + "; correct the syntax");
        } catch (YAMLException e) {
            report(1, subject, "no YAML: " + e.getMessage() + "; correct the syntax");
        } catch (IOException e) {
            report(1, subject, "cannot be read: " + e + "; check its encoding (UTF-8) and rights");
        }
        return Optional.empty();
    }

    Optional<Section> mapping(Node node, String subject, Set<String> known) {
        if (node instanceof MappingNode mapping) {
            return Optional.of(new Section(subject, mapping, known));
        }
        report(lineOf(node), subject, "is not a set of keys; write key: value");
        return Optional.empty();
    }

    /** Returns the text under a key of a mapping, unchecked: only to name the mapping. */
    static Optional<String> peek(Node node, String key) {
        if (!(node instanceof MappingNode mapping)) {
            return Optional.empty();
        }
        return mapping.getValue().stream()
                .filter(t -> t.getKeyNode() instanceof ScalarNode k && k.getValue().equals(key))
                .map(NodeTuple::getValueNode)
                .filter(ScalarNode.class::isInstance)
                .map(value -> ((ScalarNode) value).getValue())
                .filter(text -> !text.isBlank())
                .findFirst();
    }

    static int lineOf(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    void report(int line, String subject, String text) {
        problems.computeIfAbsent(line, at -> new ArrayList<>())
                .add(place(line) + ": " + subject + ": " + text);
    }

    /** Returns {@code file:line}. */
    String place(int line) {
        return path.toString().replace('\\', '/') + ":" + line;
    }

    List<String> problems() {
        return problems.values().stream().flatMap(List::stream).toList();
    }

    private Optional<String> resolve(String text, int line, String subject) {
        StringSubstitutor substitutor =
                new StringSubstitutor(key -> property.apply(key), "${", "}", '$', ":");
        substitutor.setEnableUndefinedVariableException(true);
        try {
            return Optional.of(substitutor.replace(text));
        } catch (IllegalArgumentException e) {
            report(
                    line,
                    subject,
                    "a property in "
                            + text
                            + " is not set; set it in application.properties or write"
                            + " ${key:default}");
        } catch (IllegalStateException e) {
            report(line, subject, text + " refers to itself; give the property a plain value");
        }
        return Optional.empty();
    }

    private static String nearest(String key, Set<String> known) {
        LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
        return known.stream()
                .min(
                        Comparator.<String>comparingInt(word -> distance.apply(key, word))
                                .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }
}
