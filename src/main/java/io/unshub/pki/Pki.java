package io.unshub.pki;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.unshub.pki.Issued.Kind;
import io.unshub.pki.Issued.Reason;
import io.unshub.pki.Issued.State;
import io.unshub.uns.Excerpt;
import io.unshub.uns.OwnerOnlyFile;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * A folder with the certificates of a plant: {@code register.json}, {@code trusted.pem}, {@code
 * crl.pem}, {@code ca/NAME/} and {@code issued/NAME/} with {@code certificate.pem} and {@code
 * key.pem}. See {@code docs/security/pki.md}.
 *
 * <p>Guarantees: a key is readable by its owner alone from its first byte on and is never printed;
 * what is issued stands in the register before its certificate is in its place; other files are
 * replaced as a whole, so that a hub that reads meanwhile finds the one before or the new one.
 * Threads and processes: one at a time, by a lock. Failure: {@link Refused} for what the folder's
 * state does not allow, with nothing changed; {@link IOException} for the disk.
 */
public final class Pki {

    /** What is trusted: the roots in force. */
    public static final String TRUSTED = "trusted.pem";

    /** What was revoked: the lists of all authorities in force. */
    public static final String CRL = "crl.pem";

    /** A certificate and those that lead to the root. */
    public static final String CERTIFICATE = "certificate.pem";

    /** Its key. */
    public static final String KEY = "key.pem";

    private static final String REGISTER = "register.json";
    // a device whose clock is behind takes a new certificate, too
    private static final Duration BEFORE = Duration.ofMinutes(5);
    private static final Duration ROOT_CRL = Duration.ofDays(365);
    private static final int SHORTEST_SERIAL = 8;
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private final Path folder;
    private final InstantSource clock;

    /** What was asked for is not to be had; the message says why and what to do. */
    public static final class Refused extends RuntimeException {
        Refused(String message) {
            super(message);
        }
    }

    /**
     * What is asked for.
     *
     * @param kind server or client
     * @param subject as RFC 2253 writes it; its CN names the files
     * @param san host names, addresses and URIs; a server needs one
     * @param valid for how long
     * @param rsa whether the key is RSA, for devices that know no elliptic curves
     */
    public record Order(Kind kind, String subject, List<String> san, Duration valid, boolean rsa) {}

    /**
     * @param folder made by {@link #init}
     * @param clock tells from when a certificate is valid
     */
    public Pki(Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /**
     * Makes the folder with a root and an intermediate.
     *
     * @param organization whose they are: the O of their subjects
     */
    public void init(String organization, Duration root, Duration intermediate, Duration crl)
            throws IOException {
        if (exists()) {
            throw new Refused(
                    "%s has certificates already; name another folder, or rotate what is there: pki rotate"
                            .formatted(folder));
        }
        if (organization.isBlank()) {
            throw new Refused("the organization is empty; name whose the certificates are");
        }
        Files.createDirectories(folder);
        // a configuration folder is kept in version control, its keys are not
        Files.writeString(folder.resolve(".gitignore"), "key.pem\n.lock\n");
        locked(
                () -> {
                    List<Issued> register = new ArrayList<>();
                    newRoot(register, organization, root);
                    newIntermediate(register, organization, intermediate);
                    save(register);
                    publish(register, crl);
                    return null;
                });
    }

    /** Issues a certificate with a new key, into {@code issued/NAME}. */
    public Issued issue(Order order) throws IOException {
        return locked(
                () -> {
                    List<Issued> register = register();
                    String name = commonName(principal(order.subject()));
                    for (Issued each : register) {
                        if (each.name().equals(name)
                                && each.state(clock.instant()) == State.VALID) {
                            throw new Refused(
                                    "%s has a certificate that is valid until %s, serial %s; renew or revoke that one, or give another CN: client IDs and files go by it"
                                            .formatted(name, each.expires(), each.serial()));
                        }
                    }
                    return issue(register, name, order);
                });
    }

    /**
     * Issues the newest certificate of a name again, with a new key and in the place of the files.
     *
     * @param valid for how long
     * @param revoke whether the ones before are revoked
     * @param crl for how long the list of what is revoked is valid
     */
    public Issued renew(String name, Duration valid, boolean revoke, Duration crl)
            throws IOException {
        return locked(
                () -> {
                    List<Issued> register = register();
                    Issued last =
                            register.stream()
                                    .filter(e -> e.name().equals(name) && !e.kind().isAuthority())
                                    .max(Comparator.comparing(Issued::from))
                                    .orElseThrow(() -> unknown(name));
                    boolean rsa =
                            Pem.certificates(issued(name).resolve(CERTIFICATE))
                                    .get(0)
                                    .getPublicKey()
                                    .getAlgorithm()
                                    .equals("RSA");
                    Issued made =
                            issue(
                                    register,
                                    name,
                                    new Order(last.kind(), last.subject(), last.san(), valid, rsa));
                    if (revoke) {
                        revoke(
                                register,
                                e -> e.name().equals(name) && !e.serial().equals(made.serial()),
                                Reason.SUPERSEDED);
                        save(register);
                        publish(register, crl);
                    }
                    return made;
                });
    }

    /**
     * Revokes and signs the list anew.
     *
     * @param which a name, for all of its certificates, or the beginning of one serial
     * @return what was revoked
     */
    public List<Issued> revoke(String which, Reason reason, Duration crl) throws IOException {
        return locked(
                () -> {
                    List<Issued> register = register();
                    List<Issued> bySerial =
                            which.length() < SHORTEST_SERIAL
                                    ? List.of()
                                    : register.stream()
                                            .filter(e -> e.serial().startsWith(which))
                                            .toList();
                    if (bySerial.size() > 1) {
                        throw new Refused(
                                "%d serials begin with %s; give more of it"
                                        .formatted(bySerial.size(), Excerpt.of(which)));
                    }
                    if (bySerial.isEmpty()
                            && register.stream().noneMatch(e -> e.name().equals(which))) {
                        throw unknown(which);
                    }
                    List<Issued> revoked =
                            revoke(
                                    register,
                                    e ->
                                            bySerial.isEmpty()
                                                    ? e.name().equals(which)
                                                    : bySerial.contains(e),
                                    reason);
                    if (revoked.isEmpty()) {
                        throw new Refused(
                                "nothing of %s is valid, so there is nothing to revoke; see pki list"
                                        .formatted(Excerpt.of(which)));
                    }
                    for (Issued each : revoked) {
                        requireKeyOf(each.issuer());
                    }
                    save(register);
                    publish(register, crl);
                    return revoked;
                });
    }

    /**
     * Signs the lists of what is revoked anew, so that they do not run out.
     *
     * @return when the first of them runs out
     */
    public Instant crl(Duration valid) throws IOException {
        return locked(() -> publish(register(), valid));
    }

    /** Makes a new intermediate, which issues from now on; what the one before issued stays. */
    public Issued rotateIntermediate(Duration valid, Duration crl) throws IOException {
        return locked(
                () -> {
                    List<Issued> register = register();
                    String organization = organization(newest(register, Kind.ROOT));
                    Issued made = newIntermediate(register, organization, valid);
                    save(register);
                    publish(register, crl);
                    return made;
                });
    }

    /**
     * Makes a new root and a new intermediate under it. Both roots are trusted until {@link
     * #retire}.
     */
    public Issued rotateRoot(Duration root, Duration intermediate, Duration crl)
            throws IOException {
        return locked(
                () -> {
                    List<Issued> register = register();
                    String organization = organization(newest(register, Kind.ROOT));
                    Issued made = newRoot(register, organization, root);
                    newIntermediate(register, organization, intermediate);
                    save(register);
                    publish(register, crl);
                    return made;
                });
    }

    /** Trusts a root no more, once nothing that is in use leads to it. */
    public Issued retire(String name, Duration crl) throws IOException {
        return locked(
                () -> {
                    List<Issued> register = register();
                    Issued root =
                            register.stream()
                                    .filter(e -> e.kind() == Kind.ROOT && e.name().equals(name))
                                    .findFirst()
                                    .orElseThrow(() -> unknown(name));
                    if (newest(register, Kind.ROOT).equals(root)) {
                        throw new Refused(
                                "%s is the newest root; make another first: pki rotate root"
                                        .formatted(name));
                    }
                    Issued retired = root.retired(clock.instant());
                    register.set(register.indexOf(root), retired);
                    save(register);
                    publish(register, crl);
                    return retired;
                });
    }

    /** Whether the folder has been made. */
    public boolean exists() {
        return Files.exists(folder.resolve(REGISTER));
    }

    /** All that was ever issued, in the order of issue. */
    public List<Issued> list() throws IOException {
        return register();
    }

    /** The folder with a certificate and its key. */
    public Path issued(String name) {
        return folder.resolve("issued").resolve(name);
    }

    private Path authority(String name) {
        return folder.resolve("ca").resolve(name);
    }

    private Issued issue(List<Issued> register, String name, Order order) throws IOException {
        if (order.kind() == Kind.SERVER && order.san().isEmpty()) {
            throw new Refused(
                    "a server's certificate needs the names by which clients reach it; give --san mqtt.plant1.example --san 10.0.0.5");
        }
        Issued issuer = newest(register, Kind.INTERMEDIATE);
        requireKeyOf(issuer.name());
        Authority authority = load(issuer.name());
        KeyPair pair = Authority.newKey(order.rsa());
        X509Certificate certificate;
        try {
            certificate =
                    authority.issue(
                            request(
                                    order.kind(),
                                    principal(order.subject()),
                                    order.san(),
                                    order.valid(),
                                    issuer.expires()),
                            pair);
        } catch (IllegalArgumentException e) {
            throw new Refused(
                    "%s has a name that is neither host, address nor URI (%s); correct it"
                            .formatted(order.san(), e.getMessage()));
        }
        Issued made = add(register, certificate, order.kind(), name, order.san(), issuer.name());
        save(register);
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        chain.addAll(Pem.certificates(authority(issuer.name()).resolve(CERTIFICATE)));
        write(issued(name), pair, chain);
        return made;
    }

    private Issued newRoot(List<Issued> register, String organization, Duration valid)
            throws IOException {
        String name = "root-" + (count(register, Kind.ROOT) + 1);
        Authority root =
                Authority.root(
                        request(
                                Kind.ROOT,
                                new X500Principal(subject(name, organization)),
                                List.of(),
                                valid,
                                Instant.MAX));
        write(
                authority(name),
                new KeyPair(root.certificate().getPublicKey(), root.key()),
                List.of(root.certificate()));
        return add(register, root.certificate(), Kind.ROOT, name, List.of(), name);
    }

    private Issued newIntermediate(List<Issued> register, String organization, Duration valid)
            throws IOException {
        String name = "intermediate-" + (count(register, Kind.INTERMEDIATE) + 1);
        Issued root = newest(register, Kind.ROOT);
        requireKeyOf(root.name());
        KeyPair pair = Authority.newKey(false);
        X509Certificate certificate =
                load(root.name())
                        .issue(
                                request(
                                        Kind.INTERMEDIATE,
                                        new X500Principal(subject(name, organization)),
                                        List.of(),
                                        valid,
                                        root.expires()),
                                pair);
        write(authority(name), pair, List.of(certificate));
        return add(register, certificate, Kind.INTERMEDIATE, name, List.of(), root.name());
    }

    /** Nothing is valid for longer than what signed it. */
    private Authority.Request request(
            Kind kind, X500Principal subject, List<String> san, Duration valid, Instant most) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Instant until = now.plus(valid);
        return new Authority.Request(
                kind, subject, san, now.minus(BEFORE), until.isAfter(most) ? most : until);
    }

    private static Issued add(
            List<Issued> register,
            X509Certificate certificate,
            Kind kind,
            String name,
            List<String> san,
            String issuer) {
        Issued made =
                new Issued(
                        certificate.getSerialNumber().toString(16),
                        name,
                        kind,
                        certificate.getSubjectX500Principal().getName(),
                        san,
                        issuer,
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant(),
                        null,
                        null,
                        null);
        register.add(made);
        return made;
    }

    private List<Issued> revoke(List<Issued> register, Predicate<Issued> which, Reason reason) {
        List<Issued> revoked = new ArrayList<>();
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        for (int i = 0; i < register.size(); i++) {
            Issued each = register.get(i);
            // one whose time has not come may be revoked, too
            if (which.test(each) && each.revoked() == null && !now.isAfter(each.expires())) {
                if (each.kind() == Kind.ROOT) {
                    throw new Refused(
                            "%s is a root, which no list can revoke; retire it: pki retire %s"
                                    .formatted(each.name(), each.name()));
                }
                register.set(i, each.revoked(now, reason));
                revoked.add(register.get(i));
            }
        }
        return revoked;
    }

    /** Writes what is trusted and what is revoked, and returns when the first list runs out. */
    private Instant publish(List<Issued> register, Duration valid) throws IOException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        List<String> retired =
                register.stream()
                        .filter(e -> e.retired() != null)
                        .map(Issued::name)
                        .collect(Collectors.toList());
        List<X509Certificate> trusted = new ArrayList<>();
        List<X509CRL> lists = new ArrayList<>();
        for (Issued authority : register) {
            if (!authority.kind().isAuthority() || retired.contains(authority.issuer())) {
                continue;
            }
            boolean root = authority.kind() == Kind.ROOT;
            if (root) {
                trusted.addAll(Pem.certificates(authority(authority.name()).resolve(CERTIFICATE)));
            }
            Path file = authority(authority.name()).resolve(CRL);
            // a root's key is kept elsewhere; its list of before stays until it comes back
            if (Files.exists(authority(authority.name()).resolve(KEY))) {
                X509CRL list =
                        load(authority.name())
                                .revocations(
                                        register.stream()
                                                .filter(e -> e.issuer().equals(authority.name()))
                                                .filter(e -> e.revoked() != null)
                                                .toList(),
                                        now.minus(BEFORE),
                                        now.plus(root ? ROOT_CRL : valid));
                byte[] pem = Pem.of(List.of(list));
                WholeFile.replace(file, to -> Files.write(to, pem));
            }
            lists.addAll(Pem.crls(file));
        }
        byte[] roots = Pem.of(trusted);
        byte[] all = Pem.of(lists);
        WholeFile.replace(folder.resolve(TRUSTED), to -> Files.write(to, roots));
        WholeFile.replace(folder.resolve(CRL), to -> Files.write(to, all));
        return lists.stream()
                .map(list -> list.getNextUpdate().toInstant())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private Authority load(String name) throws IOException {
        return new Authority(
                Pem.certificates(authority(name).resolve(CERTIFICATE)).get(0),
                Pem.key(authority(name).resolve(KEY)));
    }

    private void requireKeyOf(String name) {
        if (!Files.exists(authority(name).resolve(KEY))) {
            throw new Refused(
                    "the key of %s is not at %s; bring it back from where it is kept, then try again"
                            .formatted(name, authority(name).resolve(KEY)));
        }
    }

    private static void write(Path into, KeyPair pair, List<X509Certificate> chain)
            throws IOException {
        Files.createDirectories(into);
        byte[] key = Pem.of(List.of(pair.getPrivate()));
        byte[] certificates = Pem.of(chain);
        WholeFile.replace(into.resolve(KEY), to -> OwnerOnlyFile.write(to, key));
        WholeFile.replace(into.resolve(CERTIFICATE), to -> Files.write(to, certificates));
    }

    private static int count(List<Issued> register, Kind kind) {
        return (int) register.stream().filter(e -> e.kind() == kind).count();
    }

    private Issued newest(List<Issued> register, Kind kind) {
        List<Issued> of =
                register.stream()
                        .filter(e -> e.kind() == kind && e.state(clock.instant()) == State.VALID)
                        .toList();
        if (of.isEmpty()) {
            throw new Refused(
                    "%s has no valid %s; see pki list, and make one: pki rotate"
                            .formatted(folder, kind == Kind.ROOT ? "root" : "intermediate"));
        }
        return of.get(of.size() - 1);
    }

    private static String subject(String name, String organization) {
        return "CN=%s,O=%s".formatted(Rdn.escapeValue(name), Rdn.escapeValue(organization));
    }

    private static String organization(Issued root) {
        return names(root.subject()).getRdns().stream()
                .filter(part -> part.getType().equalsIgnoreCase("O"))
                .map(part -> String.valueOf(part.getValue()))
                .findFirst()
                .orElseThrow();
    }

    private static X500Principal principal(String subject) {
        try {
            return new X500Principal(subject);
        } catch (IllegalArgumentException e) {
            throw new Refused(
                    "%s is no subject; write CN=pump-01,OU=line1,O=acme"
                            .formatted(Excerpt.of(subject)));
        }
    }

    private static LdapName names(String subject) {
        try {
            return new LdapName(subject);
        } catch (InvalidNameException e) {
            throw new Refused(
                    "%s is no subject; write CN=pump-01,OU=line1,O=acme"
                            .formatted(Excerpt.of(subject)));
        }
    }

    private static String commonName(X500Principal subject) {
        List<String> names =
                names(subject.getName()).getRdns().stream()
                        .filter(part -> part.getType().equalsIgnoreCase("CN"))
                        .map(part -> String.valueOf(part.getValue()))
                        .toList();
        if (names.size() != 1 || !names.get(0).matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw new Refused(
                    "the subject %s has the CN %s; give one of letters, digits, ., - and _, 64 at most"
                            .formatted(Excerpt.of(subject.getName()), names));
        }
        return names.get(0);
    }

    private Refused unknown(String which) {
        return new Refused(
                "%s has nothing named %s; see pki list".formatted(folder, Excerpt.of(which)));
    }

    private List<Issued> register() throws IOException {
        Path file = folder.resolve(REGISTER);
        if (!Files.exists(file)) {
            throw new Refused("%s has no certificates; begin with pki init".formatted(folder));
        }
        return JSON.readValue(file.toFile(), new TypeReference<ArrayList<Issued>>() {});
    }

    private void save(List<Issued> register) throws IOException {
        byte[] json = JSON.writeValueAsString(register).getBytes(StandardCharsets.UTF_8);
        WholeFile.replace(folder.resolve(REGISTER), to -> Files.write(to, json));
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    /** Two commands at a time would lose a line of the register. */
    private <T> T locked(Work<T> work) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new Refused("%s has no certificates; begin with pki init".formatted(folder));
        }
        try (FileChannel channel = OwnerOnlyFile.open(folder.resolve(".lock"));
                FileLock lock = channel.lock()) {
            return work.run();
        }
    }
}
