package io.unshub.collect;

import java.nio.file.Path;

/**
 * How an OPC UA connection is secured, and who the hub says it is.
 *
 * @param policy name of the security policy, as in its URI: {@code None}, {@code Basic256Sha256}
 * @param encrypt whether messages are encrypted, or only signed; nothing with policy None
 * @param checkHostName whether the server's certificate must name the host of the URL
 * @param folder with the hub's own certificate, the trusted and the rejected ones
 * @param user name of a user; null for anonymous, or with a certificate
 * @param passwordFile with the user's password, read at each connect; null without a user
 * @param userCertificate X.509, DER or PEM, of a user; null for none
 * @param userKey its private key, PKCS #8 in DER; null without a certificate
 */
public record OpcUaSecurity(
        String policy,
        boolean encrypt,
        boolean checkHostName,
        Path folder,
        String user,
        Path passwordFile,
        Path userCertificate,
        Path userKey) {

    /** No security and an anonymous user. */
    public static final OpcUaSecurity NONE =
            new OpcUaSecurity("None", false, false, null, null, null, null, null);

    /** Whether messages are signed at least. */
    public boolean secured() {
        return !policy.equals("None");
    }

    /** What holds, in words; no secret is among them. */
    public String inWords() {
        return policy
                + (secured() ? encrypt ? ", signed and encrypted" : ", signed" : "")
                + (user != null
                        ? ", user " + user
                        : userCertificate != null ? ", user of " + userCertificate : ", anonymous");
    }
}
