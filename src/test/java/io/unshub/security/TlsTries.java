package io.unshub.security;

import static io.unshub.security.Certificates.YEAR;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.unshub.pki.ClientTls;
import io.unshub.pki.Issued;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** Attempts to get through TLS. */
final class TlsTries extends Tries {

    private static final int ALERT = 21;
    private static final int TLS_1_0 = 0x0301;
    private static final int TLS_1_1 = 0x0302;

    private final Target target;

    TlsTries(Target target) {
        this.target = target;
        Certificates certificates = target.certificates();
        on(Attempt.TLS_NO_CERTIFICATE, () -> connect("pump-02", certificates.none()));
        on(Attempt.TLS_SELF_SIGNED, () -> connect("pump-02", certificates.selfSigned("pump-02")));
        on(Attempt.TLS_WRONG_CA, () -> connect("pump-01", certificates.foreign("pump-01")));
        on(Attempt.TLS_EXPIRED, () -> connect("expired-01", certificates.ssl("expired-01")));
        on(Attempt.TLS_NOT_YET_VALID, () -> connect("early-01", certificates.ssl("early-01")));
        on(Attempt.TLS_SERVER_CERTIFICATE, () -> connect("mqtt", certificates.ssl("mqtt")));
        on(Attempt.TLS_REVOKED, this::revoked);
        on(
                Attempt.TLS_WRONG_HOST_NAME,
                () ->
                        connect(
                                Mqtt5Client.builder()
                                        .identifier("pump-02")
                                        .serverHost("127.0.0.1")
                                        .serverPort(target.tlsPort())
                                        .sslConfig(certificates.ssl("pump-02"))
                                        .buildBlocking()));
        on(Attempt.TLS_1_0, () -> hello(TLS_1_0, Attempt.TLS_1_0));
        on(Attempt.TLS_1_1, () -> hello(TLS_1_1, Attempt.TLS_1_1));
        on(
                Attempt.TLS_WEAK_CIPHER,
                () ->
                        connect(
                                "pump-02",
                                certificates
                                        .ssl("pump-02")
                                        .extend()
                                        .protocols(List.of("TLSv1.2"))
                                        .cipherSuites(
                                                List.of("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"))
                                        .build()));
        on(
                Attempt.TLS_PLAIN_TEXT,
                () ->
                        connect(
                                Mqtt5Client.builder()
                                        .identifier("pump-02")
                                        .serverHost("localhost")
                                        .serverPort(target.tlsPort())
                                        .buildBlocking()));
    }

    private boolean connect(String clientId, MqttClientSslConfig ssl) {
        return connect(target.client(clientId, ssl));
    }

    private static boolean connect(Mqtt5BlockingClient client) {
        client.connect();
        client.disconnect();
        return false;
    }

    /** Its connection ends, and the next one does not come about. */
    private boolean revoked() throws Exception {
        Mqtt5BlockingClient client = target.client("lost-01");
        client.connect();
        target.certificates().authority().revoke("lost-01", Issued.Reason.KEY_COMPROMISE, YEAR);
        Awaitility.await("the end of the connection")
                .atMost(Duration.ofMinutes(1))
                .until(() -> !client.getState().isConnected());
        return connect(client);
    }

    private boolean hello(int version, Attempt attempt) throws IOException {
        try (Socket socket = Target.socket(target.tlsPort(), attempt.ordinal())) {
            socket.getOutputStream().write(ClientTls.hello(version));
            return socket.getInputStream().read() == ALERT;
        }
    }
}
