package io.unshub.pki;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** TLS of clients that show what no honest one would, and trust the first root of an authority. */
public final class ClientTls {

    private ClientTls() {}

    /** What an MQTT client shows. */
    public static MqttClientSslConfig config(
            List<X509Certificate> chain, PrivateKey key, Path authority) throws Exception {
        return MqttClientSslConfig.builder()
                .keyManagerFactory(keys(chain, key))
                .trustManagerFactory(trust(authority))
                .build();
    }

    /** Shows the chain to whatever server. */
    public static KeyManagerFactory keys(List<X509Certificate> chain, PrivateKey key)
            throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("client", key, new char[0], chain.toArray(new X509Certificate[0]));
        // as PKIX would keep to itself what the server does not name
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, new char[0]);
        return keys;
    }

    /** Trusts the authority whose folder this is. */
    public static TrustManagerFactory trust(Path authority) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("root", Pem.certificates(authority.resolve(Pki.TRUSTED)).get(0));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        return trust;
    }

    /**
     * As an old client begins; Java itself no longer speaks what it does.
     *
     * @param version as on the wire, 0x0302 for TLS 1.1
     */
    public static byte[] hello(int version) {
        byte[] ciphers = {(byte) 0xc0, 0x0a, (byte) 0xc0, 0x14, 0x00, 0x2f};
        int body = 2 + 32 + 1 + 2 + ciphers.length + 2;
        return ByteBuffer.allocate(5 + 4 + body)
                .put((byte) 22)
                .putShort((short) 0x0301)
                .putShort((short) (4 + body))
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) body)
                .putShort((short) version)
                .put(new byte[32])
                .put((byte) 0)
                .putShort((short) ciphers.length)
                .put(ciphers)
                .put((byte) 1)
                .put((byte) 0)
                .array();
    }
}
