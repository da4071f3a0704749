package io.unshub.cli;

import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.pki.Issued;
import io.unshub.pki.Issued.Kind;
import io.unshub.pki.Issued.Reason;
import io.unshub.pki.Pki;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code uns-hub pki}: certificates of the plant's own; needs no hub. What it issues and takes back
 * stands in the audit file.
 */
@Command(
        name = "pki",
        description = "Issues and revokes the certificates of the MQTT broker and its clients.",
        mixinStandardHelpOptions = true)
final class PkiCommand implements Runnable {

    private static final int FINDING = 1;

    @Spec private CommandSpec spec;

    /** Where the certificates are, and for how long lists of what is revoked are valid. */
    static final class Folder {
        @Option(
                names = "--pki",
                paramLabel = "DIR",
                defaultValue = "config/security/pki",
                description = "The folder with the certificates. Default: ${DEFAULT-VALUE}.")
        private Path folder;

        @Option(
                names = "--crl-days",
                paramLabel = "DAYS",
                defaultValue = "90",
                description =
                        "How long the list of what is revoked is valid, that of a root a year. Default: ${DEFAULT-VALUE}.")
        private int crlDays;

        @Option(
                names = "--data",
                paramLabel = "DIR",
                defaultValue = "data",
                description =
                        "The data folder, whose audit file has what is done. Default: ${DEFAULT-VALUE}.")
        private Path data;

        private Pki pki() {
            return new Pki(folder, Clock.systemUTC());
        }

        private Duration crl() {
            return days(crlDays);
        }
    }

    /** What the certificate is for. */
    static final class Use {
        @Option(names = "--server", description = "For a server: the hub's MQTT listener.")
        private boolean server;

        @Option(names = "--client", description = "For a client: a device or a program.")
        private boolean client;
    }

    /** Whom it is for. */
    static final class Subject {
        @Option(
                names = "--cn",
                paramLabel = "NAME",
                description = "The common name; also the name of its folder, and its client ID.")
        private String commonName;

        @Option(
                names = "--subject",
                paramLabel = "DN",
                description = "The whole subject, as in CN=pump-01,OU=line1,O=acme.")
        private String name;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "pki needs a command: init, issue, renew, revoke, crl, list, rotate or retire");
    }

    @Command(
            name = "init",
            description = "Makes the root, the intermediate and the list of what is revoked.",
            mixinStandardHelpOptions = true)
    void init(
            @Mixin Folder folder,
            @Option(
                            names = "--organization",
                            paramLabel = "NAME",
                            defaultValue = "UNS Hub",
                            description = "Whose they are. Default: ${DEFAULT-VALUE}.")
                    String organization,
            @Option(
                            names = "--root-days",
                            paramLabel = "DAYS",
                            defaultValue = "7300",
                            description = "How long the root is valid. Default: ${DEFAULT-VALUE}.")
                    int rootDays,
            @Option(
                            names = "--intermediate-days",
                            paramLabel = "DAYS",
                            defaultValue = "1825",
                            description =
                                    "How long the intermediate is valid. Default: ${DEFAULT-VALUE}.")
                    int intermediateDays)
            throws IOException, CommandFailed {
        noted(
                        folder,
                        pki -> {
                            pki.init(
                                    organization,
                                    days(rootDays),
                                    days(intermediateDays),
                                    folder.crl());
                            return pki.list();
                        })
                .forEach(this::print);
        out().println("trusted by hub and clients: " + folder.folder.resolve(Pki.TRUSTED));
        out().println(
                        "keep the root's key elsewhere: "
                                + folder.folder.resolve("ca/root-1").resolve(Pki.KEY));
    }

    @Command(
            name = "issue",
            description = "Issues a certificate with a new key.",
            mixinStandardHelpOptions = true)
    void issue(
            @Mixin Folder folder,
            @ArgGroup(exclusive = true, multiplicity = "1") Use use,
            @ArgGroup(exclusive = true, multiplicity = "1") Subject subject,
            @Option(
                            names = "--san",
                            paramLabel = "NAME",
                            description =
                                    "Host name, address or URI that it is for; may be repeated, a server needs one.")
                    List<String> san,
            @Option(
                            names = "--days",
                            paramLabel = "DAYS",
                            defaultValue = "397",
                            description = "How long it is valid. Default: ${DEFAULT-VALUE}.")
                    int days,
            @Option(
                            names = "--rsa",
                            description = "An RSA key, for devices that know no elliptic curves.")
                    boolean rsa)
            throws IOException, CommandFailed {
        Issued made =
                noted(
                        folder,
                        pki ->
                                pki.issue(
                                        new Pki.Order(
                                                use.server ? Kind.SERVER : Kind.CLIENT,
                                                subject.name == null
                                                        ? "CN=" + subject.commonName
                                                        : subject.name,
                                                san == null ? List.of() : san,
                                                days(days),
                                                rsa)));
        tell(folder, made);
    }

    @Command(
            name = "renew",
            description = {
                "Issues a certificate again, with a new key, into the same files.",
                "A running hub takes its own over within a second."
            },
            mixinStandardHelpOptions = true)
    void renew(
            @Mixin Folder folder,
            @Parameters(paramLabel = "NAME", description = "The CN of its subject.") String name,
            @Option(
                            names = "--days",
                            paramLabel = "DAYS",
                            defaultValue = "397",
                            description = "How long it is valid. Default: ${DEFAULT-VALUE}.")
                    int days,
            @Option(names = "--revoke", description = "Revokes the ones before at once.")
                    boolean revoke)
            throws IOException, CommandFailed {
        tell(folder, noted(folder, pki -> pki.renew(name, days(days), revoke, folder.crl())));
    }

    @Command(
            name = "revoke",
            description = {
                "Revokes a certificate and signs the list anew.",
                "A running hub ends its connections within a few seconds."
            },
            mixinStandardHelpOptions = true)
    void revoke(
            @Mixin Folder folder,
            @Parameters(
                            paramLabel = "NAME|SERIAL",
                            description =
                                    "The CN, for all certificates with it, or a serial's first eight digits or more.")
                    String which,
            @Option(
                            names = "--reason",
                            paramLabel = "REASON",
                            defaultValue = "unspecified",
                            description =
                                    "unspecified, key-compromise, ca-compromise, affiliation-changed, superseded or cessation-of-operation. Default: ${DEFAULT-VALUE}.")
                    String reason)
            throws IOException, CommandFailed {
        Optional<Reason> known =
                Arrays.stream(Reason.values()).filter(r -> word(r).equals(reason)).findFirst();
        if (known.isEmpty()) {
            throw new CommandFailed(
                    "the reason is %s, known are %s"
                            .formatted(
                                    Excerpt.of(reason),
                                    Arrays.stream(Reason.values()).map(PkiCommand::word).toList()));
        }
        noted(folder, pki -> pki.revoke(which, known.get(), folder.crl())).forEach(this::print);
    }

    @Command(
            name = "crl",
            description = "Signs the lists of what is revoked anew, so that they do not run out.",
            mixinStandardHelpOptions = true)
    void crl(@Mixin Folder folder) throws IOException, CommandFailed {
        Instant until = folder.pki().crl(folder.crl());
        note(folder, AuditEvent.REVOCATION_LIST, Map.of("until", until.toString()));
        out().printf("%s is valid until %s%n", folder.folder.resolve(Pki.CRL), until);
    }

    @Command(
            name = "list",
            description =
                    "Prints serial, state, kind, expiry, name and subject of all certificates.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = "Exit code: 1 when --expiring finds one, 2 when it could not be read.")
    int list(
            @Mixin Folder folder,
            @Option(
                            names = "--expiring",
                            paramLabel = "DAYS",
                            description =
                                    "Only what is valid and ends within so many days, and has no newer one.")
                    Integer expiring)
            throws IOException {
        List<Issued> all = folder.pki().list();
        Instant now = Instant.now();
        boolean found = false;
        for (Issued each : all) {
            if (expiring == null || ends(each, all, now, days(expiring))) {
                print(each);
                found = true;
            }
        }
        return expiring != null && found ? FINDING : 0;
    }

    @Command(
            name = "rotate",
            description = {
                "Makes a new intermediate, or a new root with an intermediate, that issues from now on.",
                "What was issued before stays valid; an old root is trusted until it is retired."
            },
            mixinStandardHelpOptions = true)
    void rotate(
            @Mixin Folder folder,
            @Parameters(paramLabel = "WHAT", description = "intermediate or root.") String what,
            @Option(
                            names = "--root-days",
                            paramLabel = "DAYS",
                            defaultValue = "7300",
                            description = "How long a root is valid. Default: ${DEFAULT-VALUE}.")
                    int rootDays,
            @Option(
                            names = "--intermediate-days",
                            paramLabel = "DAYS",
                            defaultValue = "1825",
                            description =
                                    "How long an intermediate is valid. Default: ${DEFAULT-VALUE}.")
                    int intermediateDays)
            throws IOException, CommandFailed {
        if (!List.of("intermediate", "root").contains(what)) {
            throw new CommandFailed(
                    "%s cannot be rotated; give intermediate or root".formatted(Excerpt.of(what)));
        }
        print(
                noted(
                        folder,
                        pki ->
                                what.equals("root")
                                        ? pki.rotateRoot(
                                                days(rootDays),
                                                days(intermediateDays),
                                                folder.crl())
                                        : pki.rotateIntermediate(
                                                days(intermediateDays), folder.crl())));
    }

    @Command(
            name = "retire",
            description = "Trusts a root no more, and nothing that it or its intermediates issued.",
            mixinStandardHelpOptions = true)
    void retire(
            @Mixin Folder folder,
            @Parameters(paramLabel = "ROOT", description = "As pki list names it.") String root)
            throws IOException, CommandFailed {
        print(noted(folder, pki -> pki.retire(root, folder.crl())));
    }

    private interface Change<T> {
        T make(Pki pki) throws IOException;
    }

    /** Makes a change, and notes each certificate that is new or worth something else by it. */
    private static <T> T noted(Folder folder, Change<T> change) throws IOException, CommandFailed {
        Pki pki = folder.pki();
        List<Issued> before = pki.exists() ? pki.list() : List.of();
        T made = change.make(pki);
        for (Issued each : pki.list()) {
            if (!before.contains(each)) {
                note(
                        folder,
                        AuditEvent.CERTIFICATE,
                        Map.of(
                                "name",
                                each.name(),
                                "kind",
                                word(each.kind()),
                                "subject",
                                each.subject(),
                                "serial",
                                each.serial(),
                                "until",
                                each.expires().toString(),
                                "state",
                                state(each)));
            }
        }
        return made;
    }

    private static String state(Issued each) {
        return word(each.state(Instant.now()))
                + (each.reason() == null ? "" : ", " + word(each.reason()));
    }

    private static void note(Folder folder, AuditEvent event, Map<String, ?> facts)
            throws CommandFailed {
        try {
            Files.createDirectories(folder.data);
            AuditFile.in(folder.data, Clock.systemUTC()).add(HubClient.user(), event, facts);
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailed(
                    "it is done, and not in the audit trail: %s; name the data folder with --data"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    private static boolean ends(Issued each, List<Issued> all, Instant now, Duration within) {
        return each.state(now) == Issued.State.VALID
                && each.expires().isBefore(now.plus(within))
                && all.stream()
                        .noneMatch(
                                e ->
                                        e.name().equals(each.name())
                                                && e.state(now) == Issued.State.VALID
                                                && e.expires().isAfter(each.expires()));
    }

    private void tell(Folder folder, Issued made) {
        print(made);
        Path files = folder.pki().issued(made.name());
        out().println("certificate: " + files.resolve(Pki.CERTIFICATE));
        out().println("key:         " + files.resolve(Pki.KEY));
    }

    private void print(Issued each) {
        out().printf(
                        "%-32s  %-13s  %-12s  %s  %s  %s%s%n",
                        each.serial(),
                        word(each.state(Instant.now())),
                        word(each.kind()),
                        each.expires(),
                        each.name(),
                        each.subject(),
                        each.reason() == null ? "" : "  (" + word(each.reason()) + ")");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static Duration days(int days) {
        return Duration.ofDays(days);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
