package io.unshub.cli;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.unshub.ops.HubConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration keys as the hub's start would see them, besides its command line. */
final class CommandProperties {

    private static final int ABOVE_THE_DEFAULTS = 260;

    private CommandProperties() {}

    /**
     * @param config folder with {@code application.properties}, which may be missing
     * @throws IOException if the file cannot be read
     */
    static SmallRyeConfig of(Path config) throws IOException {
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDiscoveredConverters()
                        .addSystemSources()
                        .withMapping(HubConfig.class)
                        .withValidateUnknown(false);
        Path file = config.resolve("application.properties");
        if (Files.exists(file)) {
            builder.withSources(
                    new PropertiesConfigSource(file.toUri().toURL(), ABOVE_THE_DEFAULTS));
        }
        return builder.build();
    }
}
