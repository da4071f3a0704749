package io.unshub.pki;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * What a client shows a server, and whom it trusts.
 *
 * @param keys its certificate, those that lead to the root and its key; null for none
 * @param trust the roots; null for those of Java
 */
public record ClientKeys(KeyManagerFactory keys, TrustManagerFactory trust) {

    /**
     * Reads the files of a client of the hub from the folder of {@code uns-hub pki}.
     *
     * @param pki the folder
     * @param name whose
     * @throws IOException if they cannot be used, naming the file
     */
    public static ClientKeys of(Path pki, String name) throws IOException {
        Path issued = new Pki(pki, Clock.systemUTC()).issued(name);
        return of(
                issued.resolve(Pki.CERTIFICATE), issued.resolve(Pki.KEY), pki.resolve(Pki.TRUSTED));
    }

    /**
     * Reads files in PEM.
     *
     * @param certificate the client's own, and those that lead to the root; null to show none
     * @param key its key, without a password; null to show none
     * @param trusted the roots that the server's certificate leads to; null for those of Java
     * @throws IOException if they cannot be used, naming the file
     */
    public static ClientKeys of(Path certificate, Path key, Path trusted) throws IOException {
        try {
            return new ClientKeys(
                    certificate == null ? null : Pem.keys(certificate, key),
                    trusted == null ? null : trust(trusted));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the certificates for TLS cannot be used: %s; see docs/security/pki.md"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    private static TrustManagerFactory trust(Path trusted)
            throws IOException, GeneralSecurityException {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        for (X509Certificate root : Pem.certificates(trusted)) {
            roots.setCertificateEntry(
                    root.getSubjectX500Principal() + " " + root.getSerialNumber(), root);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        return trust;
    }
}
