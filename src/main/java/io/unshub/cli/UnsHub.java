package io.unshub.cli;

import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The one executable. Commands that need no hub start neither Quarkus nor Camel. */
@QuarkusMain
@Command(
        name = "uns-hub",
        description = "Carries every reading of a plant from PLC to cloud without losing one.",
        mixinStandardHelpOptions = true,
        versionProvider = UnsHub.Version.class,
        subcommands = {RunCommand.class, TopicsCommand.class, LedgerCommand.class})
public final class UnsHub implements Runnable {

    @Spec private CommandSpec spec;

    /** Runs a command; the exit code is 0 for success, 1 for a finding, 2 for a failure. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new UnsHub()).execute(args));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "uns-hub needs a command");
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = UnsHub.class.getPackage().getImplementationVersion();
            return new String[] {"uns-hub " + (version == null ? "(unpackaged)" : version)};
        }
    }
}
