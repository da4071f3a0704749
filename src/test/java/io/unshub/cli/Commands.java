package io.unshub.cli;

import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;

/** The commands of the launcher, for tests of the pages. */
public final class Commands {

    private Commands() {}

    /** Each command that does something, as it is typed: {@code keys add}. */
    public static Set<String> all() {
        Set<String> all = new TreeSet<>();
        collect("", UnsHub.commandLine(), all);
        return all;
    }

    private static void collect(String before, CommandLine command, Set<String> all) {
        command.getSubcommands()
                .forEach(
                        (name, below) -> {
                            if (below.getSubcommands().isEmpty()) {
                                all.add(before + name);
                            }
                            collect(before + name + " ", below, all);
                        });
    }

    /** Fails where a line is no command, with options that there are. */
    public static void parse(String... args) {
        UnsHub.commandLine().parseArgs(args);
    }
}
