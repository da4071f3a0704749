package io.unshub.collect;

import io.unshub.uns.Excerpt;
import io.unshub.uns.OwnerOnlyFile;
import io.unshub.uns.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.CertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.DefaultClientCertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.FileBasedTrustListManager;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;
import org.eclipse.milo.opcua.stack.core.util.validation.ValidationCheck;
import org.jboss.logging.Logger;

/**
 * The folder with the certificates of OPC UA: {@code own/}, {@code trusted/certs}, {@code
 * trusted/crl}, {@code issuer/certs}, {@code issuer/crl} and {@code rejected/}.
 *
 * <p>In: what a server shows. Out: whether it is trusted. Guarantee: nothing is trusted that no one
 * put into the folder; what is refused is kept in {@code rejected/}. Threads: one object for one
 * connect. Failure: what is wrong with a certificate is said by {@link #refusal}.
 */
final class OpcUaPki implements CertificateValidator, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(OpcUaPki.class);
    private static final Object MAKING = new Object();
    private static final int KEY_BITS = 2048;
    private static final int THUMBPRINT_BYTES = 4;
    private static final Period VALID = Period.ofYears(5);

    private final Path folder;
    private final FileBasedTrustListManager trusted;
    private final CertificateValidator validator;
    private final X509Certificate certificate;
    private final PrivateKey key;
    private volatile String refusal;

    /**
     * Opens the folder, and makes it with a self-signed certificate where there is none.
     *
     * @param checkHostName whether a server's certificate must name its host
     * @throws IOException if the folder cannot be used, naming the file
     */
    OpcUaPki(Path folder, boolean checkHostName) throws IOException {
        this.folder = folder;
        Path own = folder.resolve("own");
        Path file = own.resolve("certificate.der");
        Path keyFile = own.resolve("private-key.pk8");
        synchronized (MAKING) {
            Files.createDirectories(folder.resolve("rejected"));
            if (Files.notExists(file)) {
                make(own, file, keyFile);
            }
        }
        certificate = certificate(file);
        key = key(keyFile, certificate.getPublicKey().getAlgorithm());
        trusted = FileBasedTrustListManager.createAndInitialize(folder);
        Set<ValidationCheck> checks =
                EnumSet.of(
                        ValidationCheck.VALIDITY,
                        ValidationCheck.APPLICATION_URI,
                        ValidationCheck.REVOCATION);
        if (checkHostName) {
            checks.add(ValidationCheck.HOSTNAME);
        }
        validator =
                new DefaultClientCertificateValidator(
                        trusted, checks, new MemoryCertificateQuarantine());
    }

    /** The hub's own certificate. */
    X509Certificate certificate() {
        return certificate;
    }

    /** The hub's own keys. */
    KeyPair keyPair() {
        return new KeyPair(certificate.getPublicKey(), key);
    }

    /** The name of the hub's application, as its certificate has it. */
    String applicationUri() {
        return CertificateUtil.getSanUri(certificate).orElse("urn:unshub:collector");
    }

    /** What is wrong with the server's certificate and what to do; null if nothing was found. */
    String refusal() {
        return refusal;
    }

    /** What to do when the server does not trust the hub. */
    String introduce() {
        return "let the server trust the hub's certificate, %s (SHA-256 %s)"
                .formatted(folder.resolve("own/certificate.der"), thumbprint(certificate));
    }

    @Override
    public void validateCertificateChain(
            List<X509Certificate> chain, String applicationUri, String[] hostNames)
            throws UaException {
        try {
            validator.validateCertificateChain(chain, applicationUri, hostNames);
        } catch (UaException e) {
            refusal = refusal(chain.get(0), e);
            throw e;
        }
    }

    private String refusal(X509Certificate server, UaException e) {
        String shown =
                "%s, SHA-256 %s, valid until %s"
                        .formatted(
                                Excerpt.of(name(server)),
                                thumbprint(server),
                                LocalDate.ofInstant(
                                        server.getNotAfter().toInstant(), ZoneOffset.UTC));
        long code = e.getStatusCode().value();
        if (code == StatusCodes.Bad_CertificateHostNameInvalid) {
            return "the server's certificate (%s) does not name the host of the url; use a name that it has, or set hostNameCheck: false"
                    .formatted(shown);
        }
        if (code != StatusCodes.Bad_CertificateUntrusted
                && code != StatusCodes.Bad_SecurityChecksFailed
                && code != StatusCodes.Bad_CertificateChainIncomplete) {
            return "the server's certificate (%s) is refused: %s; put one that is in order on the server"
                    .formatted(shown, SourceStatus.of(e.getStatusCode()).name());
        }
        try {
            Path file = folder.resolve("rejected").resolve(fileName(server));
            Files.write(file, server.getEncoded());
            return "the server's certificate (%s) is not trusted; compare it with the server's own, then move %s to %s"
                    .formatted(shown, file, folder.resolve("trusted/certs"));
        } catch (IOException | GeneralSecurityException failed) {
            return "the server's certificate (%s) is not trusted and could not be kept: %s; make room in %s"
                    .formatted(shown, failed, folder);
        }
    }

    /** Letters and digits of the name that the certificate gives itself, and who it is. */
    private static String fileName(X509Certificate server) {
        String name = name(server).replaceAll("[^A-Za-z0-9]+", "-");
        return name.substring(0, Math.min(name.length(), 60))
                + "-"
                + thumbprint(server).substring(0, 2 * THUMBPRINT_BYTES)
                + ".der";
    }

    private static String name(X509Certificate server) {
        String all = server.getSubjectX500Principal().getName();
        try {
            return new LdapName(all)
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(part -> String.valueOf(part.getValue()))
                            .findFirst()
                            .orElse(all);
        } catch (InvalidNameException e) {
            return all;
        }
    }

    private static String thumbprint(X509Certificate of) {
        try {
            return Sha256.hex(of.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read can be hashed", e);
        }
    }

    private static void make(Path own, Path file, Path keyFile) throws IOException {
        Files.createDirectories(own);
        String host = hostName();
        try {
            KeyPair pair = SelfSignedCertificateGenerator.generateRsaKeyPair(KEY_BITS);
            X509Certificate made =
                    new SelfSignedCertificateBuilder(pair)
                            .setCommonName("UNS Hub on " + host)
                            .setOrganization("UNS Hub")
                            .setApplicationUri("urn:" + host + ":unshub")
                            .addDnsName(host)
                            .setValidityPeriod(VALID)
                            .build();
            OwnerOnlyFile.write(keyFile, pair.getPrivate().getEncoded());
            Files.write(file, made.getEncoded());
            LOG.infof(
                    "made a certificate for OPC UA, %s (SHA-256 %s); let the servers trust it",
                    file, thumbprint(made));
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("no certificate could be made: " + e.getMessage(), e);
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** Reads an X.509 certificate, DER or PEM. */
    static X509Certificate certificate(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is no X.509 certificate; give DER or PEM", e);
        }
    }

    /** Reads a private key, PKCS #8 in DER without a password. */
    static PrivateKey key(Path file, String algorithm) throws IOException {
        try {
            return KeyFactory.getInstance(algorithm)
                    .generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(file)));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    file
                            + " is no private key for its certificate; give PKCS #8 in DER without"
                            + " a password (openssl pkcs8 -topk8 -nocrypt -outform DER)",
                    e);
        }
    }

    @Override
    public void close() throws IOException {
        trusted.close();
    }
}
