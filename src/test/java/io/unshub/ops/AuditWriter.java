package io.unshub.ops;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/** Writes audit lines from a process of its own: a folder, and how many. */
public final class AuditWriter {

    private AuditWriter() {}

    public static void main(String[] args) {
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            AuditFile.in(Path.of(args[0]), Clock.systemUTC())
                    .add("bob", AuditEvent.LOGIN, Map.of());
        }
    }
}
