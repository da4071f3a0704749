package io.unshub.cli;

import io.quarkus.runtime.annotations.QuarkusMain;
import io.unshub.drill.FarSideProcess;
import io.unshub.drill.LoadGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
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
        subcommands = {
            RunCommand.class,
            TopicsCommand.class,
            LedgerCommand.class,
            ParityCommand.class,
            BufferSizeCommand.class,
            DeadLettersCommand.class,
            RoutesCommand.class,
            DrillCommand.class,
            LoadGenerator.class,
            FarSideProcess.class
        })
public final class UnsHub implements Runnable {

    @Spec private CommandSpec spec;

    /** Runs a command; the exit code is 0 for success, 1 for a finding, 2 for a failure. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new UnsHub())
                // a topic may begin with @
                .setExpandAtFiles(false)
                .setParameterExceptionHandler(UnsHub::misused);
    }

    private static int misused(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr()
                .printf(
                        "uns-hub: %s; see %s --help%n",
                        e.getMessage(), command.getCommandSpec().qualifiedName());
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "uns-hub needs a command");
    }

    static final class Version implements CommandLine.IVersionProvider {
        private static final String FILE = "/META-INF/maven/io.unshub/uns-hub/pom.properties";

        @Override
        public String[] getVersion() throws IOException {
            Properties build = new Properties();
            try (InputStream in = UnsHub.class.getResourceAsStream(FILE)) {
                if (in != null) {
                    build.load(in);
                }
            }
            return new String[] {"uns-hub " + build.getProperty("version", "(unpackaged)")};
        }
    }
}
