package io.unshub.cli;

import io.unshub.ops.Preflight;
import io.unshub.ops.StartRefused;
import io.unshub.route.HubProgram;
import io.unshub.uns.RootCause;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code uns-hub run}: the hub, until it is stopped. */
@Command(
        name = "run",
        description = "Runs the hub until it is stopped.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    private static final int FAILED = 2;

    @Spec private CommandSpec spec;

    @Option(
            names = "--profile",
            defaultValue = "prod",
            paramLabel = "PROFILE",
            description =
                    "Configuration profile; demo embeds every part and serves loopback only."
                            + " Default: ${DEFAULT-VALUE}.")
    private String profile;

    @Override
    public Integer call() {
        StartClasses.load();
        try {
            Preflight.check(profile);
        } catch (StartRefused e) {
            spec.commandLine().getErr().println("uns-hub: " + e.getMessage());
            return FAILED;
        }
        System.setProperty("quarkus.profile", profile);
        AtomicInteger exit = new AtomicInteger();
        HubProgram.run(
                (code, failure) -> {
                    if (failure != null) {
                        spec.commandLine()
                                .getErr()
                                .println("uns-hub: the start failed: " + RootCause.of(failure));
                    }
                    exit.set(failure == null ? code : FAILED);
                });
        return exit.get();
    }
}
