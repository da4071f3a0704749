package io.unshub.ops;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import io.unshub.access.ServerTls;
import io.unshub.pki.ClientKeys;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Positive;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;

/**
 * Every key of the hub, with its default, its limits and its meaning; {@code
 * docs/reference/configuration.md} is made from it.
 */
@ConfigMapping(prefix = "unshub")
public interface HubConfig {

    @Describe(
            "Whether plain text, anonymous clients and the embedded far side are allowed: set by `--profile demo` only.")
    @WithDefault("false")
    @WithConverter(TrueOrFalse.class)
    boolean demo();

    @Describe("Folder with connections, tags, rules and routes; relative to the working directory.")
    @WithDefault("config")
    Path configDir();

    @Describe(
            "Folder with journal and lane table, on a disk that honours fsync; relative to the working directory.")
    @WithDefault("data")
    Path dataDir();

    @Describe("Time between two status lines on the console; 0s for none.")
    @WithDefault("5s")
    @DurationMin
    Duration statusInterval();

    /** The MQTT listeners of the embedded broker. */
    Mqtt mqtt();

    /** What is served over HTTP. */
    Http http();

    /** The Unified Namespace. */
    Uns uns();

    /** A UNS broker that the plant has already. */
    External external();

    /** The far side. */
    EventHubs eventhubs();

    /** What waits on disk. */
    Buffer buffer();

    /** What comes twice. */
    Deduplication deduplication();

    /** What was set aside. */
    // named by hand: the validator's messages otherwise say deadLetters
    @WithName("dead-letters")
    DeadLetters deadLetters();

    /** The models. */
    Scoring scoring();

    /** The plant's own routes. */
    Routes routes();

    /** Traces, for a collector of OpenTelemetry. */
    Traces traces();

    /** What claim checks keep. */
    Claims claims();

    /** The simulated plant. */
    Simulator simulator();

    interface Mqtt {
        @Describe("Address that the MQTT listener without TLS binds; on loopback.")
        @WithDefault("127.0.0.1")
        @NotBlank
        String host();

        @Describe("Port of the MQTT listener without TLS.")
        @WithDefault("1883")
        @Min(1)
        @Max(65535)
        int port();

        @Describe("Largest MQTT packet that is taken, in bytes; a larger one ends its connection.")
        @WithDefault("4194304")
        @Min(1024)
        @Max(268435455)
        int maxPacketBytes();

        @Describe(
                "Most connections of clients at a time on one listener; more are closed at once, before TLS.")
        @WithDefault("10000")
        @Min(1)
        int maxConnections();

        @Describe("Most of them from one address.")
        @WithDefault("1000")
        @Min(1)
        int maxConnectionsPerAddress();

        @Describe(
                "Most connections that may begin within a second from one address; 0 for no limit.")
        @WithDefault("100")
        @Min(0)
        int connectionsPerSecond();

        @Describe(
                "How long a client may take to the end of its CONNECT, TLS among it; then its connection is closed.")
        @WithDefault("10s")
        @DurationMin(millis = 100)
        Duration connectTimeout();

        @Describe(
                "Most topics that a client may publish on in one connection; one more ends it. The hub's own sessions have no such limit.")
        @WithDefault("100000")
        @Min(1)
        int maxTopicsPerClient();

        @Describe(
                "Most topic filters that a client may subscribe to; one more ends its connection.")
        @WithDefault("1000")
        @Min(1)
        int maxSubscriptionsPerClient();

        @Describe(
                "Most publishes of a client that may wait for their acknowledgement; clients of MQTT 5 are told it, and one more ends the connection.")
        @WithDefault("20000")
        @Min(1)
        @Max(65535)
        int maxInFlight();

        /** The MQTT listener with TLS. */
        Tls tls();

        interface Tls {
            @Describe(
                    "Whether MQTT is served over TLS, too, to clients with a certificate and a role in `config/security/mqtt-acl.yaml`.")
            @WithDefault("false")
            @WithConverter(TrueOrFalse.class)
            boolean enabled();

            @Describe("Address that the MQTT listener with TLS binds.")
            @WithDefault("0.0.0.0")
            @NotBlank
            String host();

            @Describe("Port of the MQTT listener with TLS.")
            @WithDefault("8883")
            @Min(1)
            @Max(65535)
            int port();

            @Describe(
                    "The hub's certificate and those that lead to the root, in PEM; relative to the configuration folder, as `key`, `trusted` and `crl`.")
            @WithDefault("security/pki/issued/mqtt/certificate.pem")
            Path certificate();

            @Describe("The key of that certificate, in PEM without a password.")
            @WithDefault("security/pki/issued/mqtt/key.pem")
            Path key();

            @Describe("The roots that clients' certificates lead to, in PEM.")
            @WithDefault("security/pki/trusted.pem")
            Path trusted();

            @Describe("The lists of what is revoked, one for each authority, in PEM.")
            @WithDefault("security/pki/crl.pem")
            Path crl();

            /** The four files. */
            default ServerTls.Files files(Path configDir) {
                return new ServerTls.Files(
                        configDir.resolve(certificate()),
                        configDir.resolve(key()),
                        configDir.resolve(trusted()),
                        configDir.resolve(crl()));
            }
        }
    }

    interface Http {
        @Describe(
                "Whether every request but those for health needs an API key or a login; it always does where `quarkus.http.host` is not loopback.")
        @WithDefault("false")
        @WithConverter(TrueOrFalse.class)
        boolean keysRequired();

        @Describe(
                "Whether a proxy in front of the hub terminates TLS; without it plain HTTP is served on loopback only.")
        @WithDefault("false")
        @WithConverter(TrueOrFalse.class)
        boolean behindTlsProxy();

        @Describe(
                "Most requests a second of one API key, or of one address without a key; 0 for no limit. The hub's own commands and who is logged in to the console are not counted.")
        @WithDefault("1000")
        @Min(0)
        long requestsPerSecond();

        @Describe("How long the body of a request may take to come; then its connection is closed.")
        @WithDefault("60s")
        @DurationMin(millis = 100)
        Duration bodyTimeout();

        /** Bearer tokens of an OpenID provider. */
        Oidc oidc();

        interface Oidc {
            @Describe(
                    "The OpenID provider whose tokens are taken beside API keys, exactly as its tokens name it in `iss`; without it none are.")
            Optional<@Pattern(regexp = "https?://[^ ]+") String> issuer();

            @Describe("What a token must have in `aud`.")
            @WithDefault("uns-hub")
            @NotBlank
            String audience();

            @Describe(
                    "Address of that provider's public keys, its `jwks_uri`; HTTPS, but on loopback.")
            Optional<@Pattern(regexp = "https?://[^ ]+") String> jwksUrl();

            @Describe(
                    "The claim that has the caller's roles or groups; a dot leads into an object, as in `realm_access.roles`.")
            @WithDefault("roles")
            @NotBlank
            String rolesClaim();

            @Describe("The claim that has the caller's name, for log and audit trail.")
            @WithDefault("sub")
            @NotBlank
            String nameClaim();

            @Describe(
                    "What each role may, separated by commas: `uns-viewer:read,uns-operator:read+replay`, with the scopes of API keys.")
            Optional<List<@Pattern(regexp = "[^:]+:[a-z]+(\\+[a-z]+)*") String>> grants();

            @Describe(
                    "How long the provider's keys hold after they were last fetched, while it cannot be reached.")
            @WithDefault("7d")
            @DurationMin(seconds = 1)
            Duration keysKeptFor();

            /** Logging in to the console at that provider. */
            Login login();

            interface Login {
                @Describe(
                        "As which client the provider knows the hub; with it the console's login page leads there.")
                Optional<String> clientId();

                @Describe(
                        "The secret of that client, where it has one: `file:PATH` or `env:NAME`, read at each login; else it is the secret itself. Secret.")
                Optional<String> clientSecret();

                @Describe(
                        "The page on which people log in, its `authorization_endpoint`; HTTPS, but on loopback.")
                Optional<@Pattern(regexp = "https?://[^ ]+") String> authorizationUrl();

                @Describe(
                        "Where the provider gives tokens, its `token_endpoint`; HTTPS, but on loopback.")
                Optional<@Pattern(regexp = "https?://[^ ]+") String> tokenUrl();

                @Describe(
                        "Where the provider sends people back to: the address of the console as people have it, with `/hawtio/auth/oidc/callback`; HTTPS, but on loopback.")
                Optional<@Pattern(regexp = "https?://[^ /?#]+/hawtio/auth/oidc/callback") String>
                        callbackUrl();

                @Describe(
                        "What is asked of the provider, with spaces between; with some it says for whom the access token is.")
                @WithDefault("openid profile")
                @NotBlank
                String scope();
            }
        }
    }

    interface Uns {
        @Describe(
                "Whether the hub's own collectors publish retained messages; `make bench` measures the cost as retain-cost.")
        @WithDefault("false")
        @WithConverter(TrueOrFalse.class)
        boolean retain();

        @Describe("Largest payload of a reading, in bytes; a larger one is a dead letter.")
        @WithDefault("262144")
        @Min(256)
        @Max(1048576)
        int maxPayloadBytes();
    }

    interface External {
        @Describe(
                "Host of an MQTT 5 broker whose messages are taken in too, as if they had been published here; without it none.")
        Optional<String> host();

        @Describe("Port of that broker; mostly 8883 with TLS.")
        @WithDefault("1883")
        @Min(1)
        @Max(65535)
        int port();

        @Describe("Name of the hub's session on that broker; two hubs must not have the same.")
        @WithDefault("uns-hub")
        @NotBlank
        String clientId();

        @Describe("User name on that broker.")
        Optional<String> user();

        @Describe(
                "Where the password on that broker stands: `file:PATH`, which is read at each connect, or `env:NAME`; else it is the password itself. Secret.")
        Optional<String> password();

        @Describe("Topic filters that are subscribed to, separated by commas.")
        @WithDefault("#")
        List<@NotBlank String> topics();

        @Describe("Most messages that the broker may send before the hub has them on disk.")
        @WithDefault("1000")
        @Min(1)
        @Max(65535)
        int receiveMaximum();

        @Describe("How long that broker keeps messages for a hub that is away.")
        @WithDefault("24h")
        @DurationMin(seconds = 1)
        Duration sessionExpiry();

        @Describe("How long nothing may come before an alarm is raised; 0s for never.")
        @WithDefault("5m")
        @DurationMin
        Duration silence();

        /** How the connection is encrypted. */
        Tls tls();

        interface Tls {
            @Describe(
                    "Whether the connection to that broker is encrypted, by TLS 1.2 or 1.3. Without it: yes, but for a broker on this machine.")
            Optional<@WithConverter(TrueOrFalse.class) Boolean> enabled();

            @Describe(
                    "The roots that the broker's certificate leads to, in PEM; without it those of Java. It is read at each connect, as are certificate and key.")
            Optional<Path> trusted();

            @Describe(
                    "The certificate that the hub shows there, and those that lead to its root, in PEM.")
            Optional<Path> certificate();

            @Describe("Its key, in PEM, without a password.")
            Optional<Path> key();
        }

        /**
         * What the hub shows there, and whom it trusts, as the files are now.
         *
         * @throws IOException if they cannot be used, naming the file
         */
        static ClientKeys keys(External external) throws IOException {
            return ClientKeys.of(
                    external.tls().certificate().orElse(null),
                    external.tls().key().orElse(null),
                    external.tls().trusted().orElse(null));
        }

        /** Whether the connection is encrypted. */
        static boolean encrypted(External external) {
            return external.tls().enabled().orElse(!LocalAddress.is(external.host().orElse("")));
        }
    }

    interface EventHubs {
        @Describe(
                "How the hub logs in: `managed-identity` and `workload-identity` need no secret, `connection-string` does.")
        @WithDefault("connection-string")
        @Pattern(
                regexp = "connection-string|managed-identity|workload-identity",
                message = "must be connection-string, managed-identity or workload-identity")
        String credential();

        @Describe(
                "Where the connection string of the event hub stands, with its EntityPath: `file:PATH` or `env:NAME`; in plain text in the demo profile only. Secret.")
        Optional<String> connectionString();

        @Describe("Full name of the namespace, as `acme.servicebus.windows.net`; for an identity.")
        Optional<@Pattern(regexp = "[A-Za-z0-9][A-Za-z0-9.-]{0,252}") String> namespace();

        @Describe("Name of the event hub in that namespace; for an identity.")
        Optional<@Pattern(regexp = "[A-Za-z0-9][A-Za-z0-9._-]{0,255}") String> name();

        @Describe(
                "Client ID of the identity; without it the one that the machine, or the service account, has.")
        Optional<@Pattern(regexp = "[0-9a-fA-F-]{36}") String> clientId();

        @Describe(
                "Address to connect to instead of the namespace, as `sb://10.0.0.5:5671`: a private endpoint or a relay; for an identity.")
        Optional<@Pattern(regexp = "sb://[^/ ]+/?") String> endpoint();

        @Describe(
                "Whether readings of quality SIMULATED are forwarded; without it they stay on the plant, by the rule simulated. Kafka, SQL and files follow it where their route does not say otherwise.")
        @WithDefault("false")
        @WithConverter(TrueOrFalse.class)
        boolean takeSimulated();

        /** The embedded endpoint. */
        Local local();

        interface Local {
            @Describe(
                    "Whether the embedded Event Hubs endpoint runs and is forwarded to. Demo profile only.")
            @WithDefault("false")
            @WithConverter(TrueOrFalse.class)
            boolean enabled();

            @Describe("Port of the embedded endpoint, on loopback.")
            @WithDefault("5672")
            @Min(1)
            @Max(65535)
            int port();

            @Describe("Name of the embedded event hub.")
            @WithDefault("uns")
            @Pattern(regexp = "[A-Za-z0-9][A-Za-z0-9._-]{0,255}")
            String name();

            @Describe("Number of partitions of the embedded event hub.")
            @WithDefault("4")
            @Min(1)
            @Max(32)
            int partitions();

            @Describe("Name of the shared access key of the embedded endpoint.")
            @WithDefault("demo")
            @NotBlank
            String keyName();

            @Describe("Shared access key of the embedded endpoint; it guards nothing but the demo.")
            @WithDefault("ZGVtby1rZXktZm9yLWxvb3BiYWNrLW9ubHk=")
            @NotBlank
            String key();
        }
    }

    interface Buffer {
        @Describe(
                "Size of the broker's files, in bytes, at which the buffer is full: publishers then wait for their acknowledgements.")
        @WithDefault("21474836480")
        @Min(268435456)
        long maxBytes();

        @Describe(
                "Share of the volume that may be used, by whomever, in percent; the hub never uses the rest.")
        @WithDefault("90")
        @Min(10)
        @Max(100)
        double maxVolumePercent();

        @Describe(
                "Room on the volume that the hub leaves free where that share leaves less, in bytes: draining and starting write, too.")
        @WithDefault("134217728")
        @Min(0)
        long reserveBytes();
    }

    interface Deduplication {
        @Describe(
                "How long a reading is remembered: the same messageId on the same topic is not forwarded again within it. 0s for never; each million readings in the window take about 100 MB on disk, and up to 180 MB before old ones are cleared away.")
        @WithDefault("10m")
        @DurationMin
        Duration window();
    }

    interface DeadLetters {
        @Describe(
                "Size of the dead letters on disk, in bytes, that raises an alarm: a warning from 80 %, an error from 95 %.")
        @WithDefault("1073741824")
        @Min(1048576)
        long maxBytes();

        @Describe(
                "Whether the oldest dead letters are dropped for good above max-bytes; without it none is dropped for size.")
        @WithDefault("false")
        @WithConverter(TrueOrFalse.class)
        boolean evictOldest();

        @Describe(
                "How long a dead letter is kept; it is then dropped for good. Without it none is dropped for age.")
        Optional<@DurationMin(millis = 60_000) Duration> keepFor();

        @Describe(
                "Share of dead letters in ten minutes, in percent, above which an alarm is raised.")
        @WithDefault("0.1")
        @Min(0)
        @Max(100)
        double alarmPercent();
    }

    interface Scoring {
        @Describe(
                "How many readings may wait to be scored; more are not scored and counted, so that a slow model never slows the data path.")
        @WithDefault("100000")
        @Min(0)
        long mostWaiting();

        @Describe("How often what comes is compared with what the models were trained on.")
        @WithDefault("60s")
        @DurationMin(seconds = 1)
        Duration driftInterval();
    }

    interface Routes {
        @Describe(
                "Camel components that the files in config/routes may use, separated by commas; others are refused.")
        @WithDefault("kamelet,direct,log,file,timer")
        List<@NotBlank String> components();

        @Describe(
                "Folders that the files in config/routes may read and write, with those below them, separated by commas; other files are refused.")
        @WithDefault("data/export")
        List<@NotBlank String> folders();
    }

    interface Traces {
        @Describe(
                "Address of a collector of OpenTelemetry that takes OTLP over HTTP, as `http://127.0.0.1:4318`; without it no traces are made.")
        Optional<@Pattern(regexp = "https?://[^/ ]+/?") String> endpoint();

        @Describe(
                "Share of the traces that are made, in percent; a batch that is made from a traced one is traced too.")
        @WithDefault("10")
        @Min(0)
        @Max(100)
        double percent();

        @Describe(
                "Name of this hub in its traces, and in the [message histories](../eip/message-history.md) that it writes.")
        @WithDefault("uns-hub")
        @NotBlank
        String service();
    }

    interface Claims {
        @Describe("How long the payloads that a claim check keeps are there, at least.")
        @WithDefault("30d")
        @DurationMin
        Duration keepFor();

        @Describe(
                "What those payloads may take on disk, in bytes; the route of the claim check waits where there is no room.")
        @WithDefault("10737418240")
        @Min(1048576)
        long maxBytes();
    }

    interface Simulator {
        @Describe("Whether the simulated plant runs. Demo profile only.")
        @WithDefault("false")
        @WithConverter(TrueOrFalse.class)
        boolean enabled();

        @Describe("Port of the simulated OPC UA server, on loopback.")
        @WithDefault("4840")
        @Min(1)
        @Max(65535)
        int opcuaPort();

        @Describe("Port of the simulated Modbus TCP server, on loopback.")
        @WithDefault("5020")
        @Min(1)
        @Max(65535)
        int modbusPort();

        @Describe("Seed of the simulated signals; the same seed gives the same plant.")
        @WithDefault("1")
        long seed();

        @Describe("Time between two values of a simulated signal.")
        @WithDefault("1s")
        @DurationMin(millis = 1)
        Duration interval();

        /** Recorded data instead of signals. */
        Replay replay();

        interface Replay {
            @Describe(
                    "File with recorded data that is played through the OPC UA server instead of signals.")
            Optional<Path> file();

            @Describe("Layout of the file: `csv` (time,tag,value) or `cmapss`.")
            @WithDefault("csv")
            @Pattern(regexp = "csv|cmapss", message = "must be csv or cmapss")
            String format();

            @Describe("How many times faster than recorded; 0 for as fast as it goes.")
            @WithDefault("1")
            @Min(0)
            double speedUp();

            @Describe("C-MAPSS only: how many engines are played, from the first.")
            @WithDefault("1000")
            @Positive
            int maxUnits();
        }
    }
}
