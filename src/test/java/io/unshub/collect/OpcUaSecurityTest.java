package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.milo.opcua.sdk.server.identity.CompositeValidator;
import org.eclipse.milo.opcua.sdk.server.identity.IdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.UsernameIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.X509IdentityValidator;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server that encrypts, as an engineer connects to it for the first time. */
class OpcUaSecurityTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Timing QUICK =
            new Timing(
                    Duration.ofMillis(300),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(300),
                    Duration.ofSeconds(1),
                    10_000);

    @TempDir Path folder;

    private final RecordingSink sink = new RecordingSink();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final MemoryTrustListManager clients = new MemoryTrustListManager();
    private final KeyPair userKeys;
    private final X509Certificate userCertificate;
    private Path pki;
    private Path password;
    private int port;
    private OpcUaTestServer server;

    OpcUaSecurityTest() throws Exception {
        userKeys = SelfSignedCertificateGenerator.generateRsaKeyPair(2048);
        userCertificate = OpcUaTestServer.certificate(userKeys, "urn:test:user");
    }

    @BeforeEach
    void prepare() throws Exception {
        pki = folder.resolve("opcua");
        password = Files.writeString(folder.resolve("password"), "s3cret\n");
        port = Ports.free();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void connectsOnceEachSideTrustsTheOtherAndAgainAfterANewCertificate() throws Exception {
        serve("127.0.0.1");
        Collector collector = start(security(true, "hub", password, null, null));

        awaitError(collector, "the server's certificate (Test PLC, line 1, SHA-256 ");
        assertThat(collector.status().lastError())
                .contains("is not trusted; compare it with the server's own, then move " + pki)
                .endsWith(" to " + pki.resolve("trusted/certs"));
        trustTheServer();

        awaitError(collector, "the server refused the connection (Bad_");
        assertThat(collector.status().lastError())
                .contains("let the server trust the hub's certificate, " + own());
        clients.addTrustedCertificate(OpcUaPki.certificate(own()));

        await().atMost(LIMIT).until(() -> !sink.of("speed").isEmpty());
        assertThat(sink.values("speed")).containsExactly("1500");
        assertThat(Files.getPosixFilePermissions(pki.resolve("own/private-key.pk8")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));

        server.close();
        serve("127.0.0.1");
        awaitError(collector, "the server's certificate (Test PLC, line 1, SHA-256 ");
        trustTheServer();
        await().atMost(LIMIT).until(() -> sink.of("speed").size() > 1);
    }

    @Test
    void readsThePasswordAtEachConnect() throws Exception {
        serve("127.0.0.1");
        Files.writeString(password, "of last year");
        trusted();
        Collector collector = start(security(true, "hub", password, null, null));

        awaitError(
                collector,
                "the server does not let the hub in (Bad_UserAccessDenied) as hub; correct the"
                        + " user, or its rights on the server");
        assertThat(collector.status().lastError()).doesNotContain("of last year");
        Files.writeString(password, "s3cret");

        await().atMost(LIMIT).until(() -> !sink.of("speed").isEmpty());
    }

    @Test
    void takesAUserWithACertificate() throws Exception {
        serve("127.0.0.1");
        trusted();
        Path certificate = Files.write(folder.resolve("user.der"), userCertificate.getEncoded());
        Path key = Files.write(folder.resolve("user.pk8"), userKeys.getPrivate().getEncoded());

        start(security(true, null, null, certificate, key));

        await().atMost(LIMIT).until(() -> !sink.of("speed").isEmpty());
    }

    @Test
    void wantsTheHostInTheCertificateUnlessToldOtherwise() throws Exception {
        serve("plc.invalid");
        trusted();
        Collector strict = start(security(true, "hub", password, null, null));
        awaitError(strict, "the server's certificate (Test PLC, line 1, SHA-256 ");
        assertThat(strict.status().lastError())
                .endsWith(
                        "does not name the host of the url; use a name that it has, or set"
                                + " hostNameCheck: false");
        assertThat(sink.taken()).isEmpty();
        strict.close();

        start(security(false, "hub", password, null, null));

        await().atMost(LIMIT).until(() -> !sink.of("speed").isEmpty());
    }

    @Test
    void saysWhatTheServerOffersInstead() throws Exception {
        serve("127.0.0.1");

        Collector collector = start(OpcUaSecurity.NONE);

        awaitError(
                collector,
                "the server offers no endpoint with security policy None, mode None and anonymous"
                        + " users, only [Basic256Sha256 SignAndEncrypt [UserName, Certificate]];"
                        + " enable one on the server, or change the connection's security and"
                        + " user");
    }

    private void serve(String name) throws Exception {
        IdentityValidator users =
                new CompositeValidator(
                        new UsernameIdentityValidator(
                                challenge ->
                                        challenge.getUsername().equals("hub")
                                                && challenge.getPassword().equals("s3cret")),
                        new X509IdentityValidator(userCertificate::equals));
        server = OpcUaTestServer.secured(port, clients, users, name);
        server.add("speed", 1500);
    }

    private OpcUaSecurity security(
            boolean hostName, String user, Path passwordFile, Path certificate, Path key) {
        return new OpcUaSecurity(
                "Basic256Sha256", true, hostName, pki, user, passwordFile, certificate, key);
    }

    /** What a first connect leads to. */
    private void trusted() throws Exception {
        Collector first = start(security(false, "hub", password, null, null));
        awaitError(first, "the server's certificate (");
        trustTheServer();
        clients.addTrustedCertificate(OpcUaPki.certificate(own()));
        first.close();
        sink.taken().clear();
    }

    private void trustTheServer() throws IOException {
        try (var files = Files.list(pki.resolve("rejected"))) {
            Path file = files.findFirst().orElseThrow();
            assertThat(file.getFileName().toString()).startsWith("Test-PLC-line-1-");
            Files.move(file, pki.resolve("trusted/certs").resolve(file.getFileName()));
        }
    }

    private Path own() {
        return pki.resolve("own/certificate.der");
    }

    private static void awaitError(Collector collector, String beginning) {
        await().atMost(LIMIT)
                .until(
                        () -> collector.status().lastError(),
                        error -> error != null && error.startsWith(beginning));
    }

    private Collector start(OpcUaSecurity security) {
        Connection connection =
                new Connection(
                        "scada",
                        Protocol.OPCUA,
                        OpcUaTestServer.url("127.0.0.1", port),
                        false,
                        new OpcUaOptions(Duration.ZERO, Duration.ofMillis(20), 100, security),
                        null);
        Tag tag =
                new Tag(
                        "speed",
                        OpcUaTestServer.address("speed"),
                        "1/min",
                        null,
                        null,
                        Duration.ofSeconds(1),
                        "1.0.0",
                        "scada");
        OpcUaCollector collector =
                new OpcUaCollector(connection, List.of(tag), Clock.systemUTC(), sink, QUICK);
        open.add(collector);
        collector.start();
        return collector;
    }
}
