package io.unshub.route;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.FileUtils;

/** A copy of a configuration with other route files, gone once it is closed. */
public final class AsideConfig implements AutoCloseable {

    private final Path config;
    private final Path folder;

    private AsideConfig(Path config, Path folder) {
        this.config = config;
        this.folder = folder;
    }

    /**
     * @param config folder of the configuration
     * @param routes the files that are its own routes
     * @throws IOException if one of them cannot be copied
     */
    public static AsideConfig with(Path config, List<Path> routes) throws IOException {
        Path folder = Files.createTempDirectory("uns-hub-config-");
        FileUtils.copyDirectory(
                config.toFile(),
                folder.toFile(),
                each -> !each.toPath().equals(config.resolve("routes")));
        Path own = Files.createDirectories(folder.resolve("routes"));
        for (Path route : routes) {
            Files.copy(route, own.resolve(route.getFileName()));
        }
        return new AsideConfig(config, folder);
    }

    /** The copy. */
    public Path folder() {
        return folder;
    }

    /** What is said of the copy, as it is to be said of the configuration. */
    public String named(String text) {
        return text.replace(folder.toString(), config.toString());
    }

    @Override
    public void close() {
        FileUtils.deleteQuietly(folder.toFile());
    }
}
