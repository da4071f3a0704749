package io.unshub.access;

import io.unshub.access.Refusal.Reason;
import io.unshub.pki.Pem;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What the broker shows and whom it trusts, as read at one moment. TLS 1.2 and 1.3 with forward
 * secrecy and authenticated ciphers only, a client certificate in any case, and each certificate on
 * its way to the root looked up in the list of what is revoked. Immutable; threads: any.
 */
public final class ServerTls {

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final List<String> CIPHERS =
            List.of(
                    // the hub's order holds; what is enough and costs least comes first
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final SSLContext context;
    private final X509ExtendedTrustManager trust;
    private final X509Certificate own;
    private final List<X509CRL> lists;

    /**
     * Where it is read from, all in PEM.
     *
     * @param certificate the broker's own, and those that lead to the root
     * @param key its key, without a password
     * @param trusted the roots that clients' certificates lead to
     * @param crl the lists of what is revoked, one for each authority
     */
    public record Files(Path certificate, Path key, Path trusted, Path crl) {
        List<Path> all() {
            return List.of(certificate, key, trusted, crl);
        }
    }

    private ServerTls(
            SSLContext context,
            X509ExtendedTrustManager trust,
            X509Certificate own,
            List<X509CRL> lists) {
        this.context = context;
        this.trust = trust;
        this.own = own;
        this.lists = lists;
    }

    /**
     * Reads the files.
     *
     * @throws IOException if they cannot be used, naming the file and what to do
     */
    public static ServerTls load(Files files) throws IOException {
        List<X509Certificate> chain = Pem.certificates(files.certificate());
        Set<TrustAnchor> anchors = new HashSet<>();
        Pem.certificates(files.trusted()).forEach(root -> anchors.add(new TrustAnchor(root, null)));
        List<X509CRL> lists = Pem.crls(files.crl());
        if (lists.isEmpty()) {
            throw new IOException(
                    files.crl() + " has no list of what is revoked; make one: uns-hub pki crl");
        }
        try {
            KeyManagerFactory keys = Pem.keys(files.certificate(), files.key());
            PKIXBuilderParameters pkix = new PKIXBuilderParameters(anchors, new X509CertSelector());
            pkix.setRevocationEnabled(true);
            pkix.addCertStore(
                    CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
            TrustManagerFactory trusts = TrustManagerFactory.getInstance("PKIX");
            trusts.init(new CertPathTrustManagerParameters(pkix));
            X509ExtendedTrustManager trust =
                    new Judging((X509ExtendedTrustManager) trusts.getTrustManagers()[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), new TrustManager[] {trust}, null);
            return new ServerTls(context, trust, chain.get(0), lists);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the certificates for TLS cannot be used: %s; see docs/security/mqtt.md"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    /** An engine for one connection of a client. */
    public SSLEngine engine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(true);
        engine.setEnabledProtocols(PROTOCOLS);
        List<String> ciphers = new ArrayList<>(CIPHERS);
        ciphers.retainAll(List.of(engine.getSupportedCipherSuites()));
        engine.setEnabledCipherSuites(ciphers.toArray(new String[0]));
        return engine;
    }

    /** Why a client's certificate is not trusted now; empty if it is. */
    public Optional<Reason> judge(X509Certificate[] chain) {
        try {
            trust.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
            return Optional.empty();
        } catch (CertificateException e) {
            return Optional.of(reason(e));
        }
    }

    /** When the broker's own certificate ends. */
    public Instant expires() {
        return own.getNotAfter().toInstant();
    }

    /** When the first of the lists of what is revoked runs out. */
    public Instant revocationsExpire() {
        return lists.stream()
                .filter(list -> list.getNextUpdate() != null)
                .map(list -> list.getNextUpdate().toInstant())
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /** Why a handshake failed; empty where nothing was refused, as the client went away. */
    public static Optional<Reason> reason(Throwable failure) {
        StringBuilder said = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Untrusted untrusted) {
                return Optional.of(untrusted.reason);
            }
            said.append(cause.getClass().getSimpleName()).append(' ');
            said.append(cause.getMessage()).append('\n');
        }
        String text = said.toString().toLowerCase(Locale.ROOT);
        if (text.contains("closedchannel") || text.contains("connection reset")) {
            return Optional.empty();
        }
        // the JDK tells these apart by their text alone
        if (text.contains("notsslrecord") || text.contains("unrecognized ssl message")) {
            return Optional.of(Reason.NOT_TLS);
        }
        if (text.contains("empty client certificate") || text.contains("null cert chain")) {
            return Optional.of(Reason.NO_CERTIFICATE);
        }
        if (text.contains("client requested protocol")
                || text.contains("supported protocol versions")
                || text.contains("protocol_version")) {
            return Optional.of(Reason.TLS_VERSION);
        }
        if (text.contains("cipher suites in common")) {
            return Optional.of(Reason.TLS_CIPHER);
        }
        if (text.contains("received fatal alert") && text.matches("(?s).*(certificate|_ca).*")) {
            return Optional.of(Reason.CLIENT_REFUSED_SERVER);
        }
        return Optional.of(Reason.TLS_FAILED);
    }

    /** The subject that was shown and not trusted; {@link Refusal#UNKNOWN} if none was. */
    public static String shown(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Untrusted untrusted) {
                return untrusted.subject;
            }
        }
        return Refusal.UNKNOWN;
    }

    private static Reason reason(CertificateException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Untrusted untrusted) {
                return untrusted.reason;
            }
            if (cause instanceof CertPathValidatorException invalid) {
                Reason reason = reason(invalid.getReason());
                if (reason != null) {
                    return reason;
                }
            }
            if (cause instanceof CertificateExpiredException) {
                return Reason.CERTIFICATE_EXPIRED;
            }
            if (cause instanceof CertificateNotYetValidException) {
                return Reason.CERTIFICATE_NOT_YET_VALID;
            }
            if (cause instanceof CertPathBuilderException) {
                return Reason.CERTIFICATE_UNTRUSTED;
            }
        }
        return Reason.CERTIFICATE_UNFIT;
    }

    private static Reason reason(CertPathValidatorException.Reason pkix) {
        if (pkix == BasicReason.REVOKED) {
            return Reason.CERTIFICATE_REVOKED;
        }
        if (pkix == BasicReason.EXPIRED) {
            return Reason.CERTIFICATE_EXPIRED;
        }
        if (pkix == BasicReason.NOT_YET_VALID) {
            return Reason.CERTIFICATE_NOT_YET_VALID;
        }
        if (pkix == BasicReason.UNDETERMINED_REVOCATION_STATUS) {
            return Reason.REVOCATION_UNKNOWN;
        }
        return pkix == PKIXReason.NO_TRUST_ANCHOR || pkix == BasicReason.INVALID_SIGNATURE
                ? Reason.CERTIFICATE_UNTRUSTED
                : null;
    }

    /** A certificate that is not trusted, with the reason. */
    private static final class Untrusted extends CertificateException {
        private final Reason reason;
        private final String subject;

        Untrusted(X509Certificate shown, CertificateException cause) {
            super(
                    "%s (valid %s to %s, serial %s)"
                            .formatted(
                                    cause.getMessage(),
                                    shown.getNotBefore().toInstant(),
                                    shown.getNotAfter().toInstant(),
                                    shown.getSerialNumber().toString(16)),
                    cause);
            reason = ServerTls.reason(cause);
            subject = shown.getSubjectX500Principal().getName();
        }
    }

    /** The JDK's judgement, with a reason that can be told. */
    private static final class Judging extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager pkix;

        Judging(X509ExtendedTrustManager pkix) {
            this.pkix = pkix;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            try {
                pkix.checkClientTrusted(chain, type);
            } catch (CertificateException e) {
                throw new Untrusted(chain[0], e);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            try {
                pkix.checkClientTrusted(chain, type, engine);
            } catch (CertificateException e) {
                throw new Untrusted(chain[0], e);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("the broker calls nobody");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            // a client that is told whom the hub trusts shows nothing else, and the refusal could
            // not
            // name what it has
            return new X509Certificate[0];
        }
    }
}
