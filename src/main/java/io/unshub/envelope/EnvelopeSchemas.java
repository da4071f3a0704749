package io.unshub.envelope;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import io.unshub.uns.Excerpt;
import io.unshub.uns.Remembered;
import io.unshub.uns.RulesException;
import io.unshub.uns.RulesFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The envelope versions that a hub reads, side by side: the one built in, and those in {@code
 * config/schemas/envelope/VERSION/envelope.schema.json}, as {@code v1.1} or {@code v2}.
 *
 * <p>A reading is held against the highest known minor version of its major that is not above its
 * own, or else the lowest one. Immutable but for a bounded memory; threads: any. See {@code
 * docs/schema/evolution.md}.
 */
public final class EnvelopeSchemas {

    /** Where the built-in schema stands on the class path. */
    static final String BUILT_IN = "/schemas/envelope/v1/envelope.schema.json";

    /** Where an engineer's schemas stand in the configuration folder. */
    public static final String FOLDER = "schemas/envelope";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "envelope.schema.json";
    private static final String NAMES = "names.yaml";
    private static final Pattern DIRECTORY =
            Pattern.compile("v([1-9][0-9]{0,4})(?:\\.([0-9]{1,5}))?");
    private static final Pattern VERSION = Pattern.compile("([1-9][0-9]{0,4})\\.([0-9]{1,5})");
    private static final int MOST_REMEMBERED = 1_000;

    private final Map<Integer, NavigableMap<Integer, Version>> majors = new TreeMap<>();
    private final Remembered<Version> byText = new Remembered<>(MOST_REMEMBERED, this::search);

    /**
     * One known version.
     *
     * @param major its major number
     * @param schema what its readings must satisfy
     * @param names what it calls the hub's fields
     * @param required its required fields, in the schema's order
     * @param properties the fields that it declares
     */
    record Version(
            int major,
            JsonSchema schema,
            Names names,
            List<String> required,
            Set<String> properties) {}

    private EnvelopeSchemas() {
        try (InputStream in = EnvelopeSchemas.class.getResourceAsStream(BUILT_IN)) {
            add(1, 0, version(BUILT_IN, JSON.readTree(in), 1, Names.CANONICAL));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The version that is built in, alone. */
    public static EnvelopeSchemas builtIn() {
        return new EnvelopeSchemas();
    }

    /**
     * The version that is built in and those of a folder.
     *
     * @param folder may be absent
     * @throws RulesException if a schema cannot be used, naming file and next step
     */
    public static EnvelopeSchemas load(Path folder) {
        EnvelopeSchemas schemas = new EnvelopeSchemas();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> versions = Files.list(folder)) {
                versions.sorted().forEach(schemas::add);
            } catch (IOException e) {
                throw new RulesException(
                        folder + " cannot be read: " + e + "; check its permissions", e);
            }
        }
        return schemas;
    }

    private void add(Path directory) {
        Matcher name = DIRECTORY.matcher(directory.getFileName().toString());
        if (!name.matches()) {
            throw new RulesException(
                    directory + " is named after no version; name it v1.1 or v2, or move it away");
        }
        int major = Integer.parseInt(name.group(1));
        int minor = name.group(2) == null ? 0 : Integer.parseInt(name.group(2));
        if (major == 1 && minor == 0) {
            throw new RulesException(
                    directory + " would replace the version that is built in; add v1.1 or v2");
        }
        Path file = directory.resolve(FILE);
        try {
            Path names = directory.resolve(NAMES);
            add(
                    major,
                    minor,
                    version(
                            file.toString(),
                            JSON.readTree(Files.readAllBytes(file)),
                            major,
                            Files.exists(names)
                                    ? RulesFile.read(names, Names.class)
                                    : Names.CANONICAL));
        } catch (JsonProcessingException e) {
            throw new RulesException(
                    file
                            + " line "
                            + (e.getLocation() == null ? 0 : e.getLocation().getLineNr())
                            + " is no JSON: "
                            + Excerpt.of(e.getOriginalMessage())
                            + "; correct it",
                    e);
        } catch (IOException e) {
            throw new RulesException(
                    file + " cannot be read: " + e + "; put the version's schema there", e);
        }
    }

    private void add(int major, int minor, Version version) {
        if (majors.computeIfAbsent(major, m -> new TreeMap<>()).put(minor, version) != null) {
            throw new RulesException(
                    "version " + major + "." + minor + " has two folders; keep one of them");
        }
    }

    private static Version version(String file, JsonNode content, int major, Names names) {
        // messages are stored with dead letters and must not follow the machine's language
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder().locale(Locale.ENGLISH).build();
        JsonSchema schema;
        try {
            schema =
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(content, config);
            schema.initializeValidators();
        } catch (JsonSchemaException e) {
            throw new RulesException(
                    file + " is no JSON Schema: " + Excerpt.of(e.getMessage()) + "; correct it", e);
        }
        List<String> required = new ArrayList<>();
        content.path("required").forEach(field -> required.add(field.asText()));
        Set<String> properties = new HashSet<>();
        content.path("properties").fieldNames().forEachRemaining(properties::add);
        for (String field : names.texts()) {
            if (!required.contains(field) || !isText(content.path("properties").path(field))) {
                throw new RulesException(
                        file
                                + " does not require "
                                + field
                                + " as a string; do so, or say in "
                                + NAMES
                                + " what this version calls it");
            }
        }
        if (!required.contains(names.value())) {
            throw new RulesException(
                    file
                            + " does not require "
                            + names.value()
                            + "; do so, or say in "
                            + NAMES
                            + " what this version calls it");
        }
        properties.add(EnvelopeCodec.PUBLISHED_QUALITY);
        properties.add(EnvelopeCodec.MESSAGE_HISTORY);
        return new Version(major, schema, names, List.copyOf(required), Set.copyOf(properties));
    }

    private static boolean isText(JsonNode property) {
        if (property.path("type").isTextual()) {
            return property.path("type").asText().equals("string");
        }
        boolean texts = property.path("enum").size() > 0;
        for (JsonNode value : property.path("enum")) {
            texts &= value.isTextual();
        }
        return texts;
    }

    /** The version by which to read what states this one; null when its major is not known. */
    Version of(String stated) {
        return byText.of(stated);
    }

    private Version search(String stated) {
        Matcher version = VERSION.matcher(stated);
        NavigableMap<Integer, Version> minors =
                version.matches() ? majors.get(Integer.valueOf(version.group(1))) : null;
        if (minors == null) {
            return null;
        }
        Map.Entry<Integer, Version> floor = minors.floorEntry(Integer.valueOf(version.group(2)));
        return (floor == null ? minors.firstEntry() : floor).getValue();
    }

    /** The version that is built in, for what states none. */
    Version oldest() {
        return majors.get(1).get(0);
    }

    /** What this hub reads, in words. */
    String known() {
        return majors.keySet().stream()
                .map(major -> major + ".x")
                .collect(Collectors.joining(", "));
    }
}
