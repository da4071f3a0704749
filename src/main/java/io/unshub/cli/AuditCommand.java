package io.unshub.cli;

import io.unshub.ops.AuditChain;
import io.unshub.ops.AuditFile;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code uns-hub audit}: whether the audit file is as it was written. */
@Command(
        name = "audit",
        description = "Checks the record of what was done to the hub.",
        mixinStandardHelpOptions = true)
final class AuditCommand implements Runnable {

    private static final int BROKEN = 1;

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "audit needs a command: verify");
    }

    @Command(
            name = "verify",
            description = "Says whether the lines of the audit file are as they were written.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "The SHA-256 that is printed covers all lines up to the last: note it elsewhere, and",
                "--noted finds out later whether lines were cut off, or the file was written anew.",
                "Exit code: 0 they are, 1 they are not, 2 the file could not be read."
            })
    int verify(
            @Option(
                            names = "--data",
                            paramLabel = "DIR",
                            defaultValue = "data",
                            description = "The hub's data folder. Default: ${DEFAULT-VALUE}.")
                    Path data,
            @Option(
                            names = "--file",
                            paramLabel = "FILE",
                            description = "A copy of the audit file, in place of the hub's own.")
                    Path copy,
            @Option(
                            names = "--noted",
                            paramLabel = "SHA256",
                            description = "Of a line that must be among them.")
                    String noted)
            throws IOException, CommandFailed {
        Path file = copy == null ? data.resolve(AuditFile.NAME) : copy;
        if (!Files.isReadable(file)) {
            throw new CommandFailed(
                    "there is no audit file %s that can be read; name the hub's data folder with --data, or a copy with --file"
                            .formatted(file));
        }
        AuditChain.Report report =
                copy == null
                        ? AuditFile.in(data, Clock.systemUTC()).verify(noted)
                        : AuditChain.verify(file, Files.size(file), noted);
        return say(file, report, noted);
    }

    private int say(Path file, AuditChain.Report report, String noted) {
        PrintWriter out = spec.commandLine().getOut();
        if (report.broken().isPresent()) {
            AuditChain.Break broken = report.broken().get();
            out.printf(
                    "%s: line %d is not as it was written: %s; copy the file, and compare it with what was shipped off this machine, see docs/runbooks/audit-broken.md%n",
                    file, broken.line(), broken.what());
            return BROKEN;
        }
        if (noted != null && !report.found()) {
            out.printf(
                    "%s: no line has the SHA-256 %s: lines were cut off at the end, or the file was written anew; compare it with what was shipped off this machine, see docs/runbooks/audit-broken.md%n",
                    file, Excerpt.of(noted));
            return BROKEN;
        }
        out.printf(
                "%s: %d lines, as they were written%s%s%n",
                file,
                report.lines(),
                report.unchained() == 0
                        ? ""
                        : "; the first %d are from before the chain, which covers them as they stood when it began"
                                .formatted(report.unchained()),
                report.torn() == 0
                        ? ""
                        : "; %d were cut short by a crash".formatted(report.torn()));
        if (report.sequence() > 0) {
            out.printf("number %d, SHA-256 %s%n", report.sequence(), report.sha256());
        }
        return 0;
    }
}
