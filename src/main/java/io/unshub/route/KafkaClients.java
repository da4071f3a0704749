package io.unshub.route;

import io.unshub.uns.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.security.scram.ScramLoginModule;

/**
 * Makes the producer of a route that sends to Kafka.
 *
 * <p>A batch whose topic cannot be found fails at once, not after a wait for each of its readings.
 * The password is read at each connect; a producer whose login was refused stays refused. What is
 * not acknowledged when the route ends is given up: its readings are still in their subscription.
 */
public final class KafkaClients extends DefaultKafkaClientFactory {

    /** Event Hubs does not promise anything below. */
    private static final int LONGEST_REQUEST = 20_000;

    private static final int IDLE = 180_000;

    private String username = "";
    private String password = "";
    private String trustedCertificates = "";
    private int timeout = 30_000;

    /** Sets the user; empty for none. */
    public void setUsername(String username) {
        this.username = username;
    }

    /** Sets where the password stands, as {@code file:PATH} or {@code env:NAME}. */
    public void setPassword(String password) {
        this.password = password;
    }

    /** Sets the file of trusted certificates, in PEM; empty for those of the JVM. */
    public void setTrustedCertificates(String trustedCertificates) {
        this.trustedCertificates = trustedCertificates;
    }

    /** Sets how long a reading waits to be acknowledged before its batch fails, in milliseconds. */
    public void setTimeout(int timeout) {
        this.timeout = timeout;
    }

    @Override
    public Producer<Object, Object> getProducer(Properties given) {
        Properties settings = new Properties();
        settings.putAll(given);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeout);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, timeout);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.min(LONGEST_REQUEST, timeout));
        // Event Hubs and firewalls drop what is idle for longer
        settings.put(ProducerConfig.CONNECTIONS_MAX_IDLE_MS_CONFIG, IDLE);
        settings.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, IDLE);
        if (!trustedCertificates.isEmpty()) {
            settings.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PEM");
            settings.put(SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG, trustedCertificates);
        }
        if (!username.isEmpty()) {
            Class<?> module =
                    "PLAIN".equals(settings.get(SaslConfigs.SASL_MECHANISM))
                            ? PlainLoginModule.class
                            : ScramLoginModule.class;
            settings.put(
                    SaslConfigs.SASL_JAAS_CONFIG,
                    "%s required username=\"%s\" password=\"%s\";"
                            .formatted(module.getName(), escaped(username), escaped(password)));
            // a connection that fails for want of it would only say that it timed out
            Secret.at(password);
            settings.put(SaslConfigs.SASL_CLIENT_CALLBACK_HANDLER_CLASS, Login.class);
        }
        return new Sender(settings);
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static final class Sender extends KafkaProducer<Object, Object> {

        Sender(Properties settings) {
            super(settings);
        }

        @Override
        public Future<RecordMetadata> send(ProducerRecord<Object, Object> sent) {
            // in memory once it is known; otherwise it waits, and throws
            partitionsFor(sent.topic());
            return super.send(sent);
        }

        @Override
        public void close() {
            close(Duration.ZERO);
        }
    }

    /** Tells Kafka user and password at each connect. */
    public static final class Login implements AuthenticateCallbackHandler {
        private Map<String, ?> options = Map.of();

        @Override
        public void configure(
                Map<String, ?> settings, String mechanism, List<AppConfigurationEntry> entries) {
            options = entries.get(0).getOptions();
        }

        @Override
        public void handle(Callback[] callbacks) {
            for (Callback each : callbacks) {
                if (each instanceof NameCallback name) {
                    name.setName((String) options.get("username"));
                } else if (each instanceof PasswordCallback secret) {
                    secret.setPassword(Secret.at((String) options.get("password")).toCharArray());
                }
            }
        }

        @Override
        public void close() {
            // nothing is kept
        }
    }
}
