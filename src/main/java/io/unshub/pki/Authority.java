package io.unshub.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate with its key, that signs others and what it revokes. Immutable.
 *
 * @param certificate its own
 * @param key its own
 */
record Authority(X509Certificate certificate, PrivateKey key) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SERIAL_BITS = 127;
    private static final int RSA_BITS = 3072;
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    /**
     * What a certificate shall say.
     *
     * @param kind what it is for
     * @param subject whom it is for
     * @param san host names, addresses and URIs
     * @param from when it begins to be valid
     * @param until when it ends
     */
    record Request(
            Issued.Kind kind,
            X500Principal subject,
            List<String> san,
            Instant from,
            Instant until) {}

    /** A new key, on the curve P-256 or RSA. */
    static KeyPair newKey(boolean rsa) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(rsa ? "RSA" : "EC");
            if (rsa) {
                generator.initialize(RSA_BITS, RANDOM);
            } else {
                generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has RSA and P-256", e);
        }
    }

    /** An authority that signed itself. */
    static Authority root(Request request) {
        KeyPair pair = newKey(false);
        return new Authority(sign(request, pair, request.subject(), pair), pair.getPrivate());
    }

    /** Signs a certificate for a key. */
    X509Certificate issue(Request request, KeyPair forKey) {
        return sign(
                request,
                forKey,
                certificate.getSubjectX500Principal(),
                new KeyPair(certificate.getPublicKey(), key));
    }

    /** Signs the list of what it revoked. */
    X509CRL revocations(List<Issued> revoked, Instant from, Instant until) {
        try {
            JcaX509v2CRLBuilder list =
                    new JcaX509v2CRLBuilder(certificate.getSubjectX500Principal(), Date.from(from));
            list.setNextUpdate(Date.from(until));
            for (Issued each : revoked) {
                list.addCRLEntry(
                        new BigInteger(each.serial(), 16),
                        Date.from(each.revoked()),
                        each.reason().code());
            }
            list.addExtension(
                    Extension.cRLNumber,
                    false,
                    new CRLNumber(BigInteger.valueOf(from.toEpochMilli())));
            list.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils()
                            .createAuthorityKeyIdentifier(certificate.getPublicKey()));
            return new JcaX509CRLConverter()
                    .getCRL(list.build(new JcaContentSignerBuilder(algorithm(key)).build(key)));
        } catch (GeneralSecurityException | IOException | OperatorException e) {
            throw new IllegalStateException("a CRL cannot be signed", e);
        }
    }

    private static X509Certificate sign(
            Request request, KeyPair subject, X500Principal issuer, KeyPair signer) {
        try {
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            JcaX509v3CertificateBuilder certificate =
                    new JcaX509v3CertificateBuilder(
                            issuer,
                            new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS - 1),
                            Date.from(request.from()),
                            Date.from(request.until()),
                            request.subject(),
                            subject.getPublic());
            boolean authority = request.kind().isAuthority();
            certificate.addExtension(
                    Extension.basicConstraints,
                    true,
                    authority
                            ? new BasicConstraints(request.kind() == Issued.Kind.ROOT ? 1 : 0)
                            : new BasicConstraints(false));
            certificate.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(
                            authority
                                    ? KeyUsage.keyCertSign | KeyUsage.cRLSign
                                    : subject.getPublic().getAlgorithm().equals("RSA")
                                            ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment
                                            : KeyUsage.digitalSignature));
            if (!authority) {
                certificate.addExtension(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(
                                request.kind() == Issued.Kind.SERVER
                                        ? KeyPurposeId.id_kp_serverAuth
                                        : KeyPurposeId.id_kp_clientAuth));
            }
            certificate.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    ids.createSubjectKeyIdentifier(subject.getPublic()));
            certificate.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    ids.createAuthorityKeyIdentifier(signer.getPublic()));
            if (!request.san().isEmpty()) {
                certificate.addExtension(
                        Extension.subjectAlternativeName, false, names(request.san()));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            certificate.build(
                                    new JcaContentSignerBuilder(algorithm(signer.getPrivate()))
                                            .build(signer.getPrivate())));
        } catch (GeneralSecurityException | IOException | OperatorException e) {
            throw new IllegalStateException("a certificate cannot be signed", e);
        }
    }

    /**
     * Names as they are written: {@code mqtt.plant1.example}, {@code 10.0.0.5}, {@code urn:...}.
     *
     * @throws IllegalArgumentException if one is none of them
     */
    static GeneralNames names(List<String> san) {
        List<GeneralName> names = new ArrayList<>();
        for (String name : san) {
            int type =
                    ADDRESS.matcher(name).matches()
                            ? GeneralName.iPAddress
                            : name.contains(":")
                                    ? GeneralName.uniformResourceIdentifier
                                    : GeneralName.dNSName;
            names.add(new GeneralName(type, name));
        }
        return new GeneralNames(names.toArray(new GeneralName[0]));
    }

    private static String algorithm(PrivateKey key) {
        return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    }
}
