package io.unshub.collect;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.sdk.client.DiscoveryClient;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.client.OpcUaClientConfig;
import org.eclipse.milo.opcua.sdk.client.OpcUaClientConfigBuilder;
import org.eclipse.milo.opcua.sdk.client.identity.AnonymousProvider;
import org.eclipse.milo.opcua.sdk.client.identity.IdentityProvider;
import org.eclipse.milo.opcua.sdk.client.identity.UsernameProvider;
import org.eclipse.milo.opcua.sdk.client.identity.X509IdentityProvider;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.UserTokenType;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.eclipse.milo.opcua.stack.core.util.EndpointUtil;
import org.jboss.logging.Logger;

/**
 * A session with an OPC UA server, by the security and the user of its connection.
 *
 * <p>Failure: {@link #open} throws with what is wrong and what to do, as far as either side said
 * it, and leaves nothing open.
 */
final class OpcUaSession implements AutoCloseable {

    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);

    private static final Logger LOG = Logger.getLogger(OpcUaSession.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SESSION_TIMEOUT = Duration.ofMinutes(2);

    private final Connection connection;
    private final OpcUaSecurity security;
    private final OpcUaPki pki;
    private OpcUaClient client;

    private OpcUaSession(Connection connection) throws IOException {
        this.connection = connection;
        security = connection.opcua().security();
        pki = security.secured() ? new OpcUaPki(security.folder(), security.checkHostName()) : null;
    }

    /**
     * Opens a session.
     *
     * @throws Exception if it did not come about
     */
    static OpcUaSession open(Connection connection) throws Exception {
        OpcUaSession session = new OpcUaSession(connection);
        try {
            session.client = OpcUaClient.create(session.configuration());
            await(session.client.connectAsync(), CONNECT_TIMEOUT, "open a session");
            return session;
        } catch (Exception e) {
            session.close();
            throw e instanceof UaException failed ? session.explained(failed) : e;
        }
    }

    OpcUaClient client() {
        return client;
    }

    /** Whether the server answers, and shows another certificate than when this was opened. */
    boolean serverChanged() throws InterruptedException {
        if (pki == null) {
            return false;
        }
        try {
            ByteString before = client.getConfig().getEndpoint().getServerCertificate();
            return await(
                            DiscoveryClient.getEndpoints(connection.url()),
                            CONNECT_TIMEOUT,
                            "ask for endpoints")
                    .stream()
                    .filter(this::usable)
                    .noneMatch(endpoint -> before.equals(endpoint.getServerCertificate()));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return false; // it does not answer
        }
    }

    private UaException explained(UaException e) {
        long code = e.getStatusCode().value();
        if (pki == null) {
            return e;
        }
        if (pki.refusal() != null) {
            return new UaException(code, pki.refusal());
        }
        if (code == StatusCodes.Bad_UserAccessDenied
                || code == StatusCodes.Bad_IdentityTokenRejected
                || code == StatusCodes.Bad_IdentityTokenInvalid) {
            return new UaException(
                    code,
                    "the server does not let the hub in (%s) as %s; correct the user, or its rights on the server"
                            .formatted(
                                    SourceStatus.of(e.getStatusCode()).name(),
                                    security.user() == null
                                            ? "the user of " + security.userCertificate()
                                            : security.user()));
        }
        return code == StatusCodes.Bad_SecurityChecksFailed
                        || code == StatusCodes.Bad_CertificateUntrusted
                ? new UaException(
                        code,
                        "the server refused the connection ("
                                + SourceStatus.of(e.getStatusCode()).name()
                                + "); "
                                + pki.introduce())
                : e;
    }

    private OpcUaClientConfig configuration() throws Exception {
        OpcUaClientConfigBuilder builder =
                OpcUaClientConfig.builder()
                        .setEndpoint(endpoint())
                        .setApplicationName(LocalizedText.english("UNS Hub"))
                        .setApplicationUri("urn:unshub:collector")
                        .setProductUri("urn:unshub")
                        .setSessionName(() -> "unshub " + connection.name())
                        .setSessionTimeout(uint(SESSION_TIMEOUT.toMillis()))
                        .setRequestTimeout(uint(REQUEST_TIMEOUT.toMillis()))
                        // with more than one in flight, responses can overtake each other in the
                        // client
                        .setMaxPendingPublishRequests(uint(1))
                        .setIdentityProvider(identity());
        if (pki != null) {
            builder.setApplicationUri(pki.applicationUri())
                    .setCertificate(pki.certificate())
                    .setCertificateChain(new X509Certificate[] {pki.certificate()})
                    .setKeyPair(pki.keyPair())
                    .setCertificateValidator(pki);
        }
        return builder.build();
    }

    private IdentityProvider identity() throws IOException {
        if (security.user() != null) {
            byte[] password =
                    Files.readString(security.passwordFile())
                            .strip()
                            .getBytes(StandardCharsets.UTF_8);
            return new UsernameProvider(security.user(), password::clone, pki);
        }
        if (security.userCertificate() != null) {
            X509Certificate user = OpcUaPki.certificate(security.userCertificate());
            return new X509IdentityProvider(
                    user, OpcUaPki.key(security.userKey(), user.getPublicKey().getAlgorithm()));
        }
        return new AnonymousProvider();
    }

    private EndpointDescription endpoint() throws Exception {
        List<EndpointDescription> offered =
                await(
                        DiscoveryClient.getEndpoints(connection.url()),
                        CONNECT_TIMEOUT,
                        "ask for endpoints");
        EndpointDescription chosen =
                offered.stream()
                        .filter(this::usable)
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new UaException(
                                                StatusCodes.Bad_ConfigurationError,
                                                "the server offers no endpoint with "
                                                        + wanted()
                                                        + ", only "
                                                        + offers(offered)
                                                        + "; enable one on the server, or change"
                                                        + " the connection's security and user"));
        String host = URI.create(connection.url()).getHost();
        if (pki != null) {
            // before anything is said to it; the library looks only once a session is made
            pki.validateCertificateChain(
                    CertificateUtil.decodeCertificates(
                            chosen.getServerCertificate().bytesOrEmpty()),
                    chosen.getServer().getApplicationUri(),
                    new String[] {host});
        }
        // servers tend to announce a name that only they can resolve
        return EndpointUtil.updateUrl(chosen, host);
    }

    private boolean usable(EndpointDescription endpoint) {
        return SecurityPolicy.valueOf(security.policy())
                        .getUri()
                        .equals(endpoint.getSecurityPolicyUri())
                && endpoint.getSecurityMode() == mode()
                && users(endpoint).contains(userToken());
    }

    private static List<UserTokenType> users(EndpointDescription endpoint) {
        return Stream.ofNullable(endpoint.getUserIdentityTokens())
                .flatMap(Stream::of)
                .map(UserTokenPolicy::getTokenType)
                .distinct()
                .toList();
    }

    private MessageSecurityMode mode() {
        if (!security.secured()) {
            return MessageSecurityMode.None;
        }
        return security.encrypt() ? MessageSecurityMode.SignAndEncrypt : MessageSecurityMode.Sign;
    }

    private UserTokenType userToken() {
        if (security.user() != null) {
            return UserTokenType.UserName;
        }
        return security.userCertificate() != null
                ? UserTokenType.Certificate
                : UserTokenType.Anonymous;
    }

    private String wanted() {
        return "security policy %s, mode %s and %s users"
                .formatted(
                        security.policy(),
                        mode(),
                        switch (userToken()) {
                            case UserName -> "named";
                            case Certificate -> "certificate";
                            default -> "anonymous";
                        });
    }

    private static List<String> offers(List<EndpointDescription> endpoints) {
        return endpoints.stream()
                .map(
                        endpoint ->
                                "%s %s %s"
                                        .formatted(
                                                endpoint.getSecurityPolicyUri()
                                                        .replaceFirst(".*#", ""),
                                                endpoint.getSecurityMode(),
                                                users(endpoint)))
                .distinct()
                .toList();
    }

    private static <T> T await(CompletableFuture<T> future, Duration limit, String what)
            throws Exception {
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException(
                    "the server did not " + what + " within " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public void close() throws IOException {
        // closing must not be cut short by the interrupt that asks for it
        boolean interrupted = Thread.interrupted();
        try {
            if (client != null) {
                await(client.disconnectAsync(), CLOSE_TIMEOUT, "close the session");
            }
        } catch (Exception e) {
            LOG.debugf(e, "connection %s: left the session behind", connection.name());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (pki != null) {
            pki.close();
        }
    }
}
