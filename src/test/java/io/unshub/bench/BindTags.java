package io.unshub.bench;

import io.unshub.collect.Bindings;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.TopicViolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Binds 100,000 tags, a thousand instances of a model with a hundred attributes, in a JVM that has
 * done nothing else: {@code BindTags FOLDER} prints the seconds, and the bytes that each tag holds.
 */
public final class BindTags {

    private static final int INSTANCES = 1_000;
    private static final int ATTRIBUTES = 100;

    private BindTags() {}

    /** Writes the files, reads them, and prints what that took. */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        write(folder);
        HierarchyRules rules = HierarchyRules.load(HierarchyRules.DEFAULT_FILE);
        long before = used();
        long begin = System.nanoTime();
        Bindings bindings =
                Bindings.load(
                        folder,
                        key -> null,
                        topic ->
                                rules.violations(topic).stream()
                                        .map(TopicViolation::message)
                                        .findFirst());
        double seconds = (System.nanoTime() - begin) / 1e9;
        int tags = bindings.tags().size();
        System.out.printf(
                "tags %d seconds %.3f bytes %d%n", tags, seconds, (used() - before) / tags);
        // held until here
        System.exit(bindings.connections().size() == 1 ? 0 : 1);
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static void write(Path folder) throws IOException {
        for (String name : new String[] {"connections", "models", "tags"}) {
            Files.createDirectories(folder.resolve(name));
        }
        Files.writeString(
                folder.resolve("connections/scada.yaml"),
                "name: scada\nprotocol: opcua\nurl: opc.tcp://127.0.0.1:4840\n");
        StringBuilder model = new StringBuilder("name: machine\nversion: 1.0.0\nattributes:\n");
        for (int i = 0; i < ATTRIBUTES; i++) {
            model.append(
                    "  - {name: tag-%d, address: 'nsu=urn:plant;s={unit}/tag-%d', units: Cel,"
                                    .formatted(i, i)
                            + " range: {min: -20, max: 150}, interval: 1s, staleAfter: 30s}\n");
        }
        Files.writeString(folder.resolve("models/machine.yaml"), model);
        StringBuilder tags = new StringBuilder("connection: scada\ninstances:\n");
        for (int i = 0; i < INSTANCES; i++) {
            tags.append(
                    "  - {model: machine, equipment: acme/plant1/area%d/line%d/cell%d/machine-%d,"
                                    .formatted(i / 250, i / 50, i / 10, i)
                            + " unit: m%d}\n".formatted(i));
        }
        Files.writeString(folder.resolve("tags/machines.yaml"), tags);
    }
}
