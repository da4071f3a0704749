package io.unshub.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.pattern.ClaimStore;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub claims}: what routes kept on the plant; needs no running hub. */
@Command(
        name = "claims",
        description = "Gives back payloads that a claim check has kept.",
        mixinStandardHelpOptions = true)
final class ClaimsCommand implements Runnable {

    private static final int OK = 0;
    private static final int NOT_THERE = 1;

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "claims needs a subcommand; try: claims get SHA256");
    }

    @Command(
            name = "get",
            description = "Prints the payload that a claim stands for, byte by byte as it was.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Reads the store, not the running hub, and compares the payload with its SHA-256.",
                "Exit code: 0 it is there, 1 it is not, 2 it could not be read, or has changed."
            })
    int get(
            @Parameters(
                            paramLabel = "CLAIM",
                            description = "The SHA-256 of the claim, or the claim as it stands.")
                    String claim,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description = "File to write to. Default: standard output.")
                    Path to,
            @Option(
                            names = "--data",
                            paramLabel = "DIR",
                            defaultValue = "data",
                            description =
                                    "The hub's data folder, with the store. Default:"
                                            + " ${DEFAULT-VALUE}.")
                    Path data)
            throws IOException {
        Path folder = data.resolve(ClaimStore.FOLDER);
        ClaimStore store = new ClaimStore(folder, Duration.ZERO, 0, () -> 0, Clock.systemUTC());
        Optional<byte[]> payload = store.get(sha256(claim));
        if (payload.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .printf(
                            "uns-hub: %s has no payload for %s; it may be older than unshub.claims.keep-for, or give --data%n",
                            folder, Excerpt.of(claim));
            return NOT_THERE;
        }
        if (to == null) {
            spec.commandLine().getOut().println(new String(payload.get(), StandardCharsets.UTF_8));
        } else {
            Files.write(to, payload.get());
        }
        return OK;
    }

    private static String sha256(String claim) {
        if (!claim.startsWith("{")) {
            return claim;
        }
        try {
            return new ObjectMapper().readTree(claim).path("sha256").asText();
        } catch (JsonProcessingException e) {
            return claim;
        }
    }
}
