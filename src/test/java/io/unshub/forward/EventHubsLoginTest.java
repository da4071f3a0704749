package io.unshub.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.unshub.load.JavaProcess;
import io.unshub.pki.Issued;
import io.unshub.pki.Pem;
import io.unshub.pki.Pki;
import io.unshub.simulator.eventhubs.EndpointConfig;
import io.unshub.simulator.eventhubs.EventHubsEndpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Event Hubs over TLS without a secret: the real libraries, in a process with the environment that
 * a machine or a pod gives them, against endpoints that speak what Azure speaks.
 */
class EventHubsLoginTest {

    private static final Duration LONG = Duration.ofMinutes(4);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final String RESOURCE = "https://eventhubs.azure.net";
    private static final String CLIENT = "11111111-2222-3333-4444-555555555555";
    private static final char[] PASSWORD = "of-this-test".toCharArray();

    @TempDir private Path work;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private volatile boolean away;
    private volatile Optional<String> refusal = Optional.empty();
    private RSAKey key;
    private EventHubsEndpoint farSide;
    private SSLContext tls;
    private SSLServerSocket relay;
    private HttpServer authority;

    @BeforeEach
    void start() throws Exception {
        key = new RSAKeyGenerator(2048).keyID("k1").generate();
        farSide =
                EventHubsEndpoint.start(
                        new EndpointConfig(work.resolve("far"), 0, "uns", 1, "demo", "ZGVtbw=="),
                        this::thinksOf);
        tls();
        relay();
    }

    @AfterEach
    void stop() throws IOException {
        if (authority != null) {
            authority.stop(0);
        }
        relay.close();
        farSide.close();
    }

    @Test
    void sendsByTheIdentityOfTheMachineAndWaitsUntilThereIsATokenAndARole() throws Exception {
        serve(HttpServer.create(), "/metadata/identity/oauth2/token", this::machine);
        environment.put("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:" + port());
        away = true;
        refusal = Optional.of("Unauthorized access. 'Send' claim(s) are required");

        try (JavaProcess sender = send("managed-identity", CLIENT)) {
            awaitLine(
                    sender,
                    "away: the managed identity " + CLIENT + " gave no token for " + RESOURCE,
                    "give this machine the identity, and let it reach its identity endpoint, see docs/security/event-hubs.md");
            away = false;
            awaitLine(
                    sender,
                    "'Send' claim(s) are required",
                    "give the managed identity "
                            + CLIENT
                            + " the role Azure Event Hubs Data Sender on the event hub uns of localhost");
            assertThat(sender.lines()).doesNotContain("sent");
            refusal = Optional.empty();
            assertThat(sender.await(LONG.toSeconds())).isZero();
            // no token in what it prints
            assertThat(String.join("\n", sender.lines())).doesNotContain(tokens);
        }

        assertThat(asked)
                .anySatisfy(
                        request ->
                                assertThat(request)
                                        .contains("GET ", "resource=", "client_id=" + CLIENT));
        assertThat(tokens).isNotEmpty();
    }

    @Test
    void sendsByTheIdentityOfAnAppService() throws Exception {
        serve(HttpServer.create(), "/msi/token", this::machine);
        environment.put("IDENTITY_ENDPOINT", "http://127.0.0.1:" + port() + "/msi/token");
        environment.put("IDENTITY_HEADER", "of-this-machine");

        try (JavaProcess sender = send("managed-identity", "")) {
            assertThat(sender.await(LONG.toSeconds())).as("%s", sender.lines()).isZero();
        }
        assertThat(asked).anySatisfy(r -> assertThat(r).contains("of-this-machine"));
    }

    @Test
    void sendsByTheIdentityOfAPodWhoseTokenKubernetesMounts() throws Exception {
        HttpsServer https = HttpsServer.create();
        https.setHttpsConfigurator(new HttpsConfigurator(tls));
        serve(https, "/tenant-1/oauth2/v2.0/token", this::pod);
        Path mounted = Files.writeString(work.resolve("token"), "of-the-service-account");
        environment.put("AZURE_AUTHORITY_HOST", "https://localhost:" + port() + "/");
        environment.put("AZURE_TENANT_ID", "tenant-1");
        environment.put("AZURE_CLIENT_ID", CLIENT);
        environment.put("AZURE_FEDERATED_TOKEN_FILE", mounted.toString());

        try (JavaProcess sender = send("workload-identity", "")) {
            assertThat(sender.await(LONG.toSeconds())).as("%s", sender.lines()).isZero();
        }
        assertThat(asked)
                .anySatisfy(
                        request ->
                                assertThat(request)
                                        .contains(
                                                "POST ",
                                                "client_assertion=of-the-service-account",
                                                "client_id=" + CLIENT));
    }

    @Test
    void doesNotTakeAHubThatItCannotTrust() throws Exception {
        serve(HttpServer.create(), "/msi/token", this::machine);
        environment.put("IDENTITY_ENDPOINT", "http://127.0.0.1:" + port() + "/msi/token");
        environment.put("IDENTITY_HEADER", "of-this-machine");
        environment.remove("JDK_JAVA_OPTIONS");

        try (JavaProcess sender = send("managed-identity", "")) {
            await().atMost(LONG)
                    .until(() -> sender.lines().stream().anyMatch(l -> l.startsWith("away: ")));
            assertThat(sender.lines()).doesNotContain("sent");
        }
        assertThat(tokens).isEmpty();
    }

    private JavaProcess send(String kind, String client) throws IOException {
        return JavaProcess.startWith(
                environment,
                work.resolve("sender.log"),
                IdentitySender.class,
                kind,
                client,
                "sb://localhost:" + relay.getLocalPort(),
                work.resolve("lanes.json").toString());
    }

    private static void awaitLine(JavaProcess sender, String... parts) {
        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(sender.lines())
                                        .anyMatch(l -> Stream.of(parts).allMatch(l::contains)));
    }

    private Optional<String> thinksOf(String token) {
        tokens.add(token);
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            boolean right =
                    jwt.verify(new RSASSAVerifier(key.toRSAPublicKey()))
                            && jwt.getJWTClaimsSet().getAudience().contains(RESOURCE);
            return right ? refusal : Optional.of("the token is not for Event Hubs");
        } catch (Exception e) {
            return Optional.of(e.toString());
        }
    }

    private interface Answer {
        String to(HttpExchange request) throws Exception;
    }

    private void serve(HttpServer server, String path, Answer answer) throws IOException {
        authority = server;
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                request -> {
                    byte[] body = request.getRequestBody().readAllBytes();
                    asked.add(
                            request.getRequestMethod()
                                    + " "
                                    + request.getRequestURI()
                                    + " "
                                    + request.getRequestHeaders().entrySet()
                                    + new String(body, UTF_8));
                    // the library puts a slash of its own before the path
                    boolean known = request.getRequestURI().toString().contains(path) && !away;
                    byte[] text;
                    try {
                        text =
                                (known
                                                ? answer.to(request)
                                                : "{\"error\":\"unavailable\",\"error_description\":\"no identity here\"}")
                                        .getBytes(UTF_8);
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                    request.getResponseHeaders().set("Content-Type", "application/json");
                    request.sendResponseHeaders(known ? 200 : 400, text.length);
                    try (OutputStream out = request.getResponseBody()) {
                        out.write(text);
                    }
                });
        server.start();
    }

    private int port() {
        return authority.getAddress().getPort();
    }

    private String machine(HttpExchange request) throws Exception {
        return "{\"access_token\":\"%s\",\"expires_on\":\"%d\",\"resource\":\"%s\",\"token_type\":\"Bearer\",\"client_id\":\"%s\"}"
                .formatted(
                        token(),
                        Instant.now().plusSeconds(3600).getEpochSecond(),
                        RESOURCE,
                        CLIENT);
    }

    private String pod(HttpExchange request) throws Exception {
        return "{\"access_token\":\"%s\",\"expires_in\":3599,\"token_type\":\"Bearer\"}"
                .formatted(token());
    }

    private String token() throws Exception {
        SignedJWT jwt =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(),
                        new JWTClaimsSet.Builder()
                                .audience(RESOURCE)
                                .subject(CLIENT)
                                .expirationTime(Date.from(Instant.now().plusSeconds(3600)))
                                .build());
        jwt.sign(new RSASSASigner(key));
        return jwt.serialize();
    }

    private void tls() throws Exception {
        Pki pki = new Pki(work.resolve("pki"), Clock.systemUTC());
        pki.init("acme", YEAR, YEAR, YEAR);
        pki.issue(new Pki.Order(Issued.Kind.SERVER, "CN=far", List.of("localhost"), YEAR, false));
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(
                "far",
                Pem.key(pki.issued("far").resolve(Pki.KEY)),
                PASSWORD,
                Pem.certificates(pki.issued("far").resolve(Pki.CERTIFICATE))
                        .toArray(new X509Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, PASSWORD);
        tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        roots.setCertificateEntry(
                "root", Pem.certificates(work.resolve("pki").resolve(Pki.TRUSTED)).get(0));
        Path store = work.resolve("trust.p12");
        try (OutputStream out = Files.newOutputStream(store)) {
            roots.store(out, PASSWORD);
        }
        environment.put(
                "JDK_JAVA_OPTIONS",
                "-Djavax.net.ssl.trustStore=%s -Djavax.net.ssl.trustStorePassword=%s"
                        .formatted(store, new String(PASSWORD)));
    }

    /** TLS in front of the endpoint, which speaks plain AMQP. */
    private void relay() throws IOException {
        relay =
                (SSLServerSocket)
                        tls.getServerSocketFactory()
                                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        daemon(
                () -> {
                    while (true) {
                        Socket in = relay.accept();
                        Socket out = new Socket(InetAddress.getLoopbackAddress(), farSide.port());
                        daemon(() -> carry(in, out));
                        daemon(() -> carry(out, in));
                    }
                });
    }

    private static void carry(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                work.run();
                            } catch (IOException e) {
                                // the other end went
                            }
                        });
        thread.setDaemon(true);
        thread.start();
    }
}
