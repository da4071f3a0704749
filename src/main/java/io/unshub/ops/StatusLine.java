package io.unshub.ops;

import io.unshub.buffer.Broker;
import io.unshub.ledger.Ledger;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What the console says: once where to look, then one line every few seconds. Where the log's lines
 * are JSON, these are lines of the log.
 */
@Singleton
public final class StatusLine {

    /** Name of the file in the data folder with the password of the console's first account. */
    public static final String CONSOLE_PASSWORD_FILE = "console-password";

    private static final Logger LOG = Logger.getLogger(StatusLine.class);

    private final HubConfig config;
    private final Ledger ledger;
    private final Broker broker;
    private final String http;
    private final Consumer<String> out;
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "status");
                        thread.setDaemon(true);
                        return thread;
                    });
    private long lastForwarded;
    private long lastAt;

    StatusLine(
            HubConfig config,
            Ledger ledger,
            Broker broker,
            @ConfigProperty(name = "quarkus.http.port") int httpPort,
            @ConfigProperty(name = "quarkus.http.ssl-port") int httpsPort,
            @ConfigProperty(name = "quarkus.http.insecure-requests") Optional<String> plain,
            @ConfigProperty(name = "quarkus.log.console.json.enabled") boolean json) {
        this.config = config;
        this.ledger = ledger;
        this.broker = broker;
        this.http =
                plain.filter("disabled"::equalsIgnoreCase).isPresent()
                        ? "https://127.0.0.1:" + httpsPort
                        : "http://127.0.0.1:" + httpPort;
        out = json ? line -> LOG.info(line.strip()) : System.out::println;
    }

    /** Says where to look and begins the lines. */
    public void start(String connectionString) {
        say("UNS Hub is running%s", config.demo() ? " in its demo profile, on loopback" : "");
        say("  MQTT         mqtt://%s:%d", config.mqtt().host(), config.mqtt().port());
        if (config.mqtt().tls().enabled()) {
            HubConfig.Mqtt.Tls tls = config.mqtt().tls();
            say("  MQTT TLS     mqtts://%s:%d", tls.host(), tls.port());
        }
        if (config.eventhubs().local().enabled()) {
            // the demo's key guards nothing; a real connection string is never printed
            say("  Event Hubs   %s", connectionString);
        }
        say("  HTTP         %s/observe/health", http);
        Path password = config.dataDir().resolve(CONSOLE_PASSWORD_FILE);
        say(
                "  Console      %s/hawtio%s",
                http, Files.exists(password) ? ", account operator, password in " + password : "");
        say("  Ctrl-C stops it; what is buffered stays on disk");
        lastForwarded = ledger.forwarded();
        lastAt = System.nanoTime();
        long interval = config.statusInterval().toMillis();
        if (interval > 0) {
            ticker.scheduleAtFixedRate(this::line, interval, interval, TimeUnit.MILLISECONDS);
        }
    }

    /** Says that the routes are draining. */
    public void stopping() {
        ticker.shutdownNow();
        out.accept("stopping: batches under way are finished, the rest stays on disk");
    }

    /** Says that everything is closed. */
    public void stopped() {
        out.accept("stopped");
    }

    private void line() {
        long now = System.nanoTime();
        long forwarded = ledger.forwarded();
        long awaiting = broker.awaiting();
        double rate = (forwarded - lastForwarded) * 1e9 / Math.max(1, now - lastAt);
        lastForwarded = forwarded;
        lastAt = now;
        say(
                "accepted %,d  forwarded %,d  dead-lettered %,d  buffered %,d  rate %,.0f/s",
                ledger.accepted() + awaiting,
                forwarded,
                ledger.deadLettered(),
                ledger.buffered() + awaiting,
                rate);
    }

    private void say(String format, Object... values) {
        out.accept(String.format(Locale.ROOT, format, values));
    }
}
