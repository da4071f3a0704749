package io.unshub.cli;

import io.quarkus.runtime.annotations.QuarkusMain;
import io.unshub.drill.FarSideProcess;
import io.unshub.drill.LoadGenerator;
import io.unshub.ops.Refused;
import io.unshub.pki.Pki;
import io.unshub.scoring.Registry;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Properties;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;

/** The one executable. Commands that need no hub start neither Quarkus nor Camel. */
@QuarkusMain
@Command(
        name = "uns-hub",
        description = "Carries every reading of a plant from PLC to cloud without losing one.",
        mixinStandardHelpOptions = true,
        versionProvider = UnsHub.Version.class)
public final class UnsHub implements Runnable {

    private static final int FAILED = 2;

    // kept, as loggers that nobody holds forget their level
    private static final Logger OWN_LOG = Logger.getLogger("io.unshub");

    private static final List<Class<?>> COMMANDS =
            List.of(
                    RunCommand.class,
                    TopicsCommand.class,
                    LedgerCommand.class,
                    ParityCommand.class,
                    BufferSizeCommand.class,
                    DeadLettersCommand.class,
                    RoutesCommand.class,
                    ContractCommand.class,
                    ClaimsCommand.class,
                    ConnectionsCommand.class,
                    TagsCommand.class,
                    MlCommand.class,
                    UsersCommand.class,
                    AuditCommand.class,
                    PkiCommand.class,
                    KeysCommand.class,
                    AclCommand.class,
                    DrillCommand.class,
                    LoadGenerator.class,
                    FarSideProcess.class);

    @Spec private CommandSpec spec;

    /** Runs a command; the exit code is 0 for success, 1 for a finding, 2 for a failure. */
    public static void main(String[] args) {
        // to read all commands for one of them would delay each start
        List<Class<?>> named =
                COMMANDS.stream()
                        .filter(
                                command ->
                                        args.length > 0
                                                && command.getAnnotation(Command.class)
                                                        .name()
                                                        .equals(args[0]))
                        .toList();
        System.exit(
                commandLine(named.isEmpty() ? COMMANDS : named)
                        .setExecutionStrategy(UnsHub::execute)
                        .execute(args));
    }

    static CommandLine commandLine() {
        return commandLine(COMMANDS);
    }

    private static CommandLine commandLine(List<Class<?>> commands) {
        CommandLine all = new CommandLine(new UnsHub());
        commands.forEach(all::addSubcommand);
        // a topic may begin with @
        return all.setExpandAtFiles(false)
                .setParameterExceptionHandler(UnsHub::misused)
                .setExecutionExceptionHandler(UnsHub::failed);
    }

    private static int execute(ParseResult result) {
        if (!result.hasSubcommand() || !result.subcommand().commandSpec().name().equals("run")) {
            logOwnWarningsOnly();
        }
        return new RunLast().execute(result);
    }

    /**
     * Only the hub itself configures logging. Without that Quarkus keeps every record, of any
     * level, for the start that never comes: 250 MB of them after 400,000 events.
     */
    private static void logOwnWarningsOnly() {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new ConsoleHandler());
        root.setLevel(Level.OFF);
        OWN_LOG.setLevel(Level.WARNING);
    }

    private static int misused(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr()
                .printf(
                        "uns-hub: %s; see %s --help%n",
                        e.getMessage(), command.getCommandSpec().qualifiedName());
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** What a user can act on is one line; a fault of the program keeps its trace. */
    private static int failed(Exception e, CommandLine command, ParseResult parsed)
            throws Exception {
        if (!(e instanceof CommandFailed
                || e instanceof IOException
                || e instanceof RulesException
                || e instanceof Refused
                || e instanceof Pki.Refused
                || e instanceof Registry.Refused)) {
            throw e;
        }
        command.getOut().flush();
        command.getErr().println("uns-hub: " + sentence(e));
        return FAILED;
    }

    /** The message of a failure of the file system is often the file alone. */
    static String sentence(Throwable e) {
        if (e instanceof FileAlreadyExistsException) {
            return e.getMessage() + " exists already; name another file";
        }
        if (e instanceof NoSuchFileException) {
            return "no file " + e.getMessage() + "; name an existing one";
        }
        return e instanceof FileSystemException
                ? e + "; check the path and its permissions"
                : e.getMessage();
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
