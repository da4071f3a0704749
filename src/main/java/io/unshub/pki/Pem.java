package io.unshub.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.io.pem.PemWriter;

/** PEM files: certificates, CRLs and private keys, as OpenSSL and others write them. */
public final class Pem {

    private Pem() {}

    /**
     * Reads the certificates of a file, in their order.
     *
     * @throws IOException if it cannot be read or has none, naming the file
     */
    public static List<X509Certificate> certificates(Path file) throws IOException {
        try {
            List<X509Certificate> found =
                    x509().generateCertificates(content(file)).stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (found.isEmpty()) {
                throw new IOException(file + " has no certificate; give X.509 in PEM");
            }
            return found;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " has no certificates that can be read; give PEM", e);
        }
    }

    /**
     * Reads what TLS shows.
     *
     * @param certificate the own one, and those that lead to the root
     * @param key its key, without a password
     * @throws IOException if one cannot be read, or they do not belong together, naming the files
     * @throws GeneralSecurityException if they cannot be used
     */
    public static KeyManagerFactory keys(Path certificate, Path key)
            throws IOException, GeneralSecurityException {
        List<X509Certificate> chain = certificates(certificate);
        PrivateKey own = key(key);
        if (!pair(chain.get(0).getPublicKey(), own)) {
            throw new IOException(
                    "%s is not the key of %s; give the two that belong together"
                            .formatted(key, certificate));
        }
        char[] inMemory = {};
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", own, inMemory, chain.toArray(new X509Certificate[0]));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, inMemory);
        return keys;
    }

    private static boolean pair(PublicKey shown, PrivateKey own) throws GeneralSecurityException {
        if (!own.getAlgorithm().equals(shown.getAlgorithm())) {
            return false;
        }
        Signature signature =
                Signature.getInstance(
                        shown.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
        signature.initSign(own);
        byte[] signed = signature.sign();
        signature.initVerify(shown);
        return signature.verify(signed);
    }

    /**
     * Reads the CRLs of a file; none is fine.
     *
     * @throws IOException if it cannot be read, naming the file
     */
    public static List<X509CRL> crls(Path file) throws IOException {
        try {
            return x509().generateCRLs(content(file)).stream().map(X509CRL.class::cast).toList();
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " has no CRLs that can be read; give PEM", e);
        }
    }

    /**
     * Reads a private key without a password.
     *
     * @throws IOException if it cannot be read or is none, naming the file
     */
    public static PrivateKey key(Path file) throws IOException {
        try (PEMParser parser =
                new PEMParser(
                        new StringReader(Files.readString(file, StandardCharsets.US_ASCII)))) {
            // OpenSSL writes the parameters of a curve before its key
            for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
                if (part instanceof PrivateKeyInfo key) {
                    return new JcaPEMKeyConverter().getPrivateKey(key);
                }
                if (part instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                }
            }
        } catch (NoSuchFileException e) {
            throw new IOException("there is no " + file + "; name an existing file", e);
        } catch (IOException e) {
            // what was read may be part of the key: it is not repeated
            throw new IOException(file + " cannot be read as a private key in PEM");
        }
        throw new IOException(
                file
                        + " has no private key without a password; give PKCS #8 in PEM (openssl"
                        + " pkcs8 -topk8 -nocrypt)");
    }

    /** Writes certificates, CRLs or private keys one after the other. */
    static byte[] of(Iterable<?> parts) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter pem = new PemWriter(text)) {
            for (Object part : parts) {
                pem.writeObject(
                        part instanceof PrivateKey key
                                ? new PKCS8Generator(
                                        PrivateKeyInfo.getInstance(key.getEncoded()), null)
                                : new JcaMiscPEMGenerator(part));
            }
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static CertificateFactory x509() throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509");
    }

    private static ByteArrayInputStream content(Path file) throws IOException {
        try {
            return new ByteArrayInputStream(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new IOException("there is no " + file + "; name an existing file", e);
        }
    }
}
