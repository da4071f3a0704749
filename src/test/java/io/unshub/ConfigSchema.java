package io.unshub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** A JSON Schema of a configuration file, as editors use it: a date is text. */
public final class ConfigSchema {

    private final JsonSchema schema;

    /** One of those in {@code docs/schema/config}. */
    public ConfigSchema(String file) {
        try {
            schema =
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(
                                    Files.readString(Path.of("docs/schema/config").resolve(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What an editor underlines. */
    public Set<ValidationMessage> problems(String yaml) {
        try {
            return schema.validate(new YAMLMapper().readTree(yaml));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
