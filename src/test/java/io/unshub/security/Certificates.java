package io.unshub.security;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import io.unshub.pki.ClientTls;
import io.unshub.pki.Issued.Kind;
import io.unshub.pki.Pem;
import io.unshub.pki.Pki;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.Period;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;

/** The certificates of the suite: those that the hub trusts, and those that it must not. */
final class Certificates {

    static final String IN_CELL = ",OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme";
    static final Duration YEAR = Duration.ofDays(365);

    private static final Duration DAY = Duration.ofDays(1);

    private final Path security;
    private final Instant now = Instant.now();

    /**
     * @param security the folder of that name in the hub's configuration
     */
    Certificates(Path security) {
        this.security = security;
    }

    /** Makes all of them. */
    void make() throws IOException {
        Pki past = pki("pki", now.minus(DAY.multipliedBy(30)));
        past.init("acme", YEAR, YEAR, YEAR);
        past.issue(new Pki.Order(Kind.SERVER, "CN=mqtt", List.of("localhost"), YEAR, false));
        Pki pki = pki("pki", now);
        for (String name : List.of("pump-01", "pump-02", "fuzz-01", "lost-01")) {
            issue(pki, "CN=" + name + IN_CELL, YEAR);
        }
        issue(pki, "CN=spark,OU=analytics,O=acme", YEAR);
        issue(pki, "CN=ann,OU=mqtt-admin,O=acme", YEAR);
        issue(pki, "CN=nobody,O=acme", YEAR);
        issue(pki("pki", now.minus(DAY.multipliedBy(10))), "CN=expired-01" + IN_CELL, DAY);
        issue(pki("pki", now.plus(DAY.multipliedBy(10))), "CN=early-01" + IN_CELL, DAY);
        Pki other = pki("other", now);
        other.init("acme", YEAR, YEAR, YEAR);
        issue(other, "CN=pump-01" + IN_CELL, YEAR);
    }

    /** The hub's authority. */
    Pki authority() {
        return pki("pki", Instant.now());
    }

    /** What a client of the hub's authority shows. */
    MqttClientSslConfig ssl(String name) throws Exception {
        return ssl("pki", name);
    }

    /** The same, of another authority. */
    MqttClientSslConfig foreign(String name) throws Exception {
        return ssl("other", name);
    }

    /** A client that shows nothing. */
    MqttClientSslConfig none() throws Exception {
        return MqttClientSslConfig.builder()
                .trustManagerFactory(ClientTls.trust(security.resolve("pki")))
                .build();
    }

    /** A certificate that signed itself. */
    MqttClientSslConfig selfSigned(String name) throws Exception {
        KeyPair pair = SelfSignedCertificateGenerator.generateRsaKeyPair(2048);
        X509Certificate self =
                new SelfSignedCertificateBuilder(pair)
                        .setCommonName(name)
                        .setValidityPeriod(Period.ofYears(1))
                        .build();
        return ClientTls.config(List.of(self), pair.getPrivate(), security.resolve("pki"));
    }

    /** For sockets of Java. */
    SSLContext context(String name) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        Path folder = pki("pki", now).issued(name);
        context.init(
                ClientTls.keys(
                                Pem.certificates(folder.resolve(Pki.CERTIFICATE)),
                                Pem.key(folder.resolve(Pki.KEY)))
                        .getKeyManagers(),
                ClientTls.trust(security.resolve("pki")).getTrustManagers(),
                null);
        return context;
    }

    private MqttClientSslConfig ssl(String authority, String name) throws Exception {
        Path folder = pki(authority, now).issued(name);
        return ClientTls.config(
                Pem.certificates(folder.resolve(Pki.CERTIFICATE)),
                Pem.key(folder.resolve(Pki.KEY)),
                security.resolve("pki"));
    }

    private Pki pki(String folder, Instant at) {
        return new Pki(security.resolve(folder), InstantSource.fixed(at));
    }

    private static void issue(Pki by, String subject, Duration valid) throws IOException {
        by.issue(new Pki.Order(Kind.CLIENT, subject, List.of(), valid, false));
    }
}
