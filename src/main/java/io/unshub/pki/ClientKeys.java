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
 * What a client shows the hub, and whom it trusts, from the folder of {@code uns-hub pki}.
 *
 * @param keys its certificate, the intermediate and its key
 * @param trust the roots
 */
public record ClientKeys(KeyManagerFactory keys, TrustManagerFactory trust) {

    /**
     * Reads the files.
     *
     * @param pki the folder
     * @param name whose
     * @throws IOException if they cannot be used, naming the file
     */
    public static ClientKeys of(Path pki, String name) throws IOException {
        Path issued = new Pki(pki, Clock.systemUTC()).issued(name);
        try {
            char[] inMemory = {};
            KeyStore own = empty();
            own.setKeyEntry(
                    name,
                    Pem.key(issued.resolve(Pki.KEY)),
                    inMemory,
                    Pem.certificates(issued.resolve(Pki.CERTIFICATE))
                            .toArray(new X509Certificate[0]));
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(own, inMemory);
            KeyStore roots = empty();
            for (X509Certificate root : Pem.certificates(pki.resolve(Pki.TRUSTED))) {
                roots.setCertificateEntry(root.getSerialNumber().toString(), root);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(roots);
            return new ClientKeys(keys, trust);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the certificate in %s cannot be used: %s; see docs/security/pki.md"
                            .formatted(issued, e.getMessage()),
                    e);
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
