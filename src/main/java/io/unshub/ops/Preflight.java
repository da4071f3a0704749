package io.unshub.ops;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.validator.BeanValidationConfigValidatorImpl;
import io.unshub.access.AccessRules;
import io.unshub.access.ServerTls;
import io.unshub.collect.Bindings;
import io.unshub.collect.ConfigurationException;
import io.unshub.collect.MqttMapping;
import io.unshub.envelope.EnvelopeSchemas;
import io.unshub.forward.BridgeMapping;
import io.unshub.forward.EventHubsLogin;
import io.unshub.quality.QualityRules;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.OwnerOnlyFile;
import io.unshub.uns.RulesException;
import io.unshub.uns.Secret;
import io.unshub.uns.TopicFilter;
import io.unshub.uns.TopicViolation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/**
 * What must be right before anything is started: each failure is one sentence that names the rule,
 * the value and the next step, and nothing is left behind.
 */
public final class Preflight {

    // some journal files and pages
    private static final long ROOM = 64L * 1024 * 1024;
    private static final int ABOVE_PACKAGED = 260;
    private static final String HTTP_HOST = "quarkus.http.host";
    private static final String CONNECTION_STRING = "unshub.eventhubs.connection-string";
    private static final int HTTPS = 8_443;
    // held for the life of the process: two hubs on one journal would destroy it
    private static FileLock lock;

    private Preflight() {}

    /**
     * Checks configuration, folders and ports.
     *
     * @param profile the profile to start in
     * @throws StartRefused if the hub cannot start
     */
    public static void check(String profile) {
        SmallRyeConfig config = config(profile);
        HubConfig hub = config.getConfigMapping(HubConfig.class);
        if (!hub.demo() && !hub.mqtt().tls().enabled()) {
            throw new StartRefused(
                    "outside the demo profile MQTT needs TLS and client certificates; set unshub.mqtt.tls.enabled=true, see docs/security/mqtt.md, or start with --profile demo, on loopback");
        }
        demoOnly(hub, "unshub.eventhubs.local.enabled", hub.eventhubs().local().enabled());
        demoOnly(hub, "unshub.simulator.enabled", hub.simulator().enabled());
        eventHubs(hub, config);
        oidc(hub);
        if (!Files.isDirectory(hub.configDir())) {
            throw new StartRefused(
                    "the configuration folder "
                            + hub.configDir().toAbsolutePath()
                            + " does not exist; start in the hub's folder or set unshub.config-dir");
        }
        files(hub, config);
        external(hub);
        loopback(
                "unshub.mqtt.host",
                hub.mqtt().host(),
                "MQTT without TLS",
                "; for other machines set unshub.mqtt.tls.enabled=true, see docs/security/mqtt.md");
        http(hub, config);
        dataFolder(hub.dataDir());
        room(hub.dataDir());
        port(hub.mqtt().host(), hub.mqtt().port(), "MQTT", "unshub.mqtt.port");
        if (hub.mqtt().tls().enabled()) {
            HubConfig.Mqtt.Tls tls = hub.mqtt().tls();
            port(tls.host(), tls.port(), "MQTT with TLS", "unshub.mqtt.tls.port");
        }
        String httpPort = servesPlainHttp(config) ? "quarkus.http.port" : "quarkus.http.ssl-port";
        port(
                "127.0.0.1",
                config.getOptionalValue(httpPort, Integer.class).orElse(HTTPS),
                "HTTP",
                httpPort);
        if (hub.eventhubs().local().enabled()) {
            port(
                    "127.0.0.1",
                    hub.eventhubs().local().port(),
                    "Event Hubs endpoint",
                    "unshub.eventhubs.local.port");
        }
        if (hub.simulator().enabled()) {
            port(
                    "127.0.0.1",
                    hub.simulator().opcuaPort(),
                    "simulated OPC UA server",
                    "unshub.simulator.opcua-port");
            port(
                    "127.0.0.1",
                    hub.simulator().modbusPort(),
                    "simulated Modbus server",
                    "unshub.simulator.modbus-port");
        }
    }

    /**
     * Reads connections and tags.
     *
     * @param properties resolves the placeholders in the files
     * @throws ConfigurationException with every problem in every file
     */
    public static Bindings bindings(Path configDir, HierarchyRules rules, Config properties)
            throws ConfigurationException {
        return bindings(configDir, rules, properties, null);
    }

    /**
     * Reads and checks one connection with its tags.
     *
     * @param only the name of its file in {@code connections/}; null for all
     */
    public static Bindings bindings(
            Path configDir, HierarchyRules rules, Config properties, String only)
            throws ConfigurationException {
        return Bindings.load(
                configDir,
                key -> properties.getOptionalValue(key, String.class).orElse(null),
                topic -> rules.violations(topic).stream().map(TopicViolation::message).findFirst(),
                only);
    }

    private static void files(HubConfig hub, Config properties) {
        try {
            HierarchyRules rules =
                    HierarchyRules.load(hub.configDir().resolve("uns/hierarchy.yaml"));
            bindings(hub.configDir(), rules, properties);
            QualityRules.load(hub.configDir().resolve("uns/quality.yaml"), topic -> true);
            EnvelopeSchemas.load(hub.configDir().resolve(EnvelopeSchemas.FOLDER));
            MqttMapping.load(hub.configDir().resolve(MqttMapping.FILE), Clock.systemUTC());
            if (Files.exists(hub.configDir().resolve(BridgeMapping.FILE))) {
                BridgeMapping.load(hub.configDir().resolve(BridgeMapping.FILE));
            }
            if (hub.mqtt().tls().enabled()) {
                ServerTls.load(hub.mqtt().tls().files(hub.configDir()));
                AccessRules.load(hub.configDir().resolve(AccessRules.FILE), rules);
            }
        } catch (IOException e) {
            throw new StartRefused(
                    "unshub.mqtt.tls: " + e.getMessage() + "; see docs/security/mqtt.md");
        } catch (RulesException e) {
            throw new StartRefused(e.getMessage());
        } catch (ConfigurationException e) {
            throw new StartRefused(String.join(System.lineSeparator(), e.problems()));
        }
    }

    static void external(HubConfig hub) {
        String host = hub.external().host().orElse(null);
        if (host == null) {
            return;
        }
        for (String filter : hub.external().topics()) {
            try {
                TopicFilter.of(filter);
            } catch (IllegalArgumentException e) {
                throw new StartRefused("unshub.external.topics: " + e.getMessage());
            }
        }
        if (hub.external().port() == hub.mqtt().port() && LocalAddress.is(host)) {
            throw new StartRefused(
                    "unshub.external.host and port name this hub's own broker, %s:%d; what is published there is taken in anyway, leave the host out"
                            .formatted(host, hub.mqtt().port()));
        }
        if (HubConfig.External.encrypted(hub.external())) {
            externalTls(hub.external());
        }
    }

    private static void externalTls(HubConfig.External external) {
        if (external.tls().certificate().isPresent() != external.tls().key().isPresent()) {
            throw new StartRefused(
                    "unshub.external.tls.certificate and unshub.external.tls.key belong together; set both, or neither");
        }
        try {
            HubConfig.External.keys(external);
        } catch (IOException e) {
            throw new StartRefused(
                    "unshub.external.tls: " + e.getMessage() + "; see docs/connectors/mqtt.md");
        }
    }

    private static SmallRyeConfig config(String profile) {
        try {
            SmallRyeConfigBuilder builder =
                    new SmallRyeConfigBuilder()
                            .addDefaultInterceptors()
                            .addDiscoveredConverters()
                            .addDefaultSources()
                            .withProfile(profile)
                            .withValidator(new BeanValidationConfigValidatorImpl())
                            .withMapping(HubConfig.class);
            URL packaged = Preflight.class.getResource("/application.properties");
            if (packaged != null) {
                builder.withSources(new PropertiesConfigSource(packaged, 250));
            }
            Path own = Path.of("config", "application.properties");
            if (Files.exists(own)) {
                builder.withSources(
                        new PropertiesConfigSource(own.toUri().toURL(), ABOVE_PACKAGED));
            }
            return builder.build();
        } catch (ConfigValidationException e) {
            List<String> problems = new ArrayList<>();
            for (int i = 0; i < e.getProblemCount(); i++) {
                problems.add(e.getProblem(i).getMessage());
            }
            throw new StartRefused(
                    "the configuration is not valid: "
                            + String.join("; ", problems)
                            + "; see docs/reference/configuration.md");
        } catch (IOException | IllegalArgumentException e) {
            throw new StartRefused("the configuration cannot be read: " + e.getMessage());
        }
    }

    /** There is one to forward to, and what opens it stands where others do not read it. */
    static void eventHubs(HubConfig hub, SmallRyeConfig config) {
        HubConfig.EventHubs eventHubs = hub.eventhubs();
        if (eventHubs.local().enabled()) {
            return;
        }
        if (EventHubsLogin.Kind.of(eventHubs.credential()).isPresent()) {
            if (eventHubs.namespace().isEmpty() || eventHubs.name().isEmpty()) {
                throw new StartRefused(
                        "unshub.eventhubs.credential is %s, which needs to know the event hub; set unshub.eventhubs.namespace, as acme.servicebus.windows.net, and unshub.eventhubs.name"
                                .formatted(eventHubs.credential()));
            }
            if (eventHubs.connectionString().isPresent()) {
                throw new StartRefused(
                        "unshub.eventhubs.credential is %s, and there is %s, too; take one of them out"
                                .formatted(eventHubs.credential(), CONNECTION_STRING));
            }
            return;
        }
        String given =
                eventHubs
                        .connectionString()
                        .orElseThrow(
                                () ->
                                        new StartRefused(
                                                "there is no event hub to forward to; set unshub.eventhubs.credential=managed-identity, or unshub.eventhubs.connection-string=file:PATH, see docs/security/event-hubs.md"));
        boolean place = Secret.isPlace(given);
        // what the environment has stands in no file of the hub
        String source = config.getConfigValue(CONNECTION_STRING).getConfigSourceName();
        if (!hub.demo() && !place && !String.valueOf(source).startsWith("EnvConfigSource")) {
            throw new StartRefused(
                    CONNECTION_STRING
                            + " is in plain text, where whoever reads the configuration has the key; put it into a file for the hub's user alone and set file:PATH, or env:NAME, or use unshub.eventhubs.credential=managed-identity, see docs/security/event-hubs.md");
        }
    }

    /** Tokens of a provider are told from others by all that is asked for here. */
    static void oidc(HubConfig hub) {
        HubConfig.Http.Oidc oidc = hub.http().oidc();
        if (oidc.issuer().isEmpty()) {
            if (oidc.login().clientId().isPresent()) {
                throw new StartRefused(
                        "unshub.http.oidc.login.client-id is set without a provider; set unshub.http.oidc.issuer, see docs/security/oidc.md");
            }
            return;
        }
        if (oidc.jwksUrl().isEmpty() || oidc.grants().orElse(List.of()).isEmpty()) {
            throw new StartRefused(
                    "unshub.http.oidc.issuer is set, without the provider's keys or what its roles may; set unshub.http.oidc.jwks-url and unshub.http.oidc.grants, see docs/security/oidc.md");
        }
        try {
            OidcSettings.of(oidc);
            OidcSettings.login(oidc.login());
        } catch (IllegalArgumentException e) {
            throw new StartRefused(e.getMessage() + ", see docs/security/oidc.md");
        }
    }

    private static void demoOnly(HubConfig hub, String key, boolean enabled) {
        if (enabled && !hub.demo()) {
            throw new StartRefused(
                    "%s is true, which only the demo profile allows; take it out, or start with --profile demo"
                            .formatted(key));
        }
    }

    /** Others must not be able to read along. */
    static void http(HubConfig hub, SmallRyeConfig config) {
        String host = config.getValue(HTTP_HOST, String.class);
        if (hub.demo()) {
            loopback(HTTP_HOST, host, "in the demo profile HTTP", "");
        } else if (!LocalAddress.is(host)
                && servesPlainHttp(config)
                && !hub.http().behindTlsProxy()) {
            throw new StartRefused(
                    "%s is %s, where others could read keys and readings along, as plain HTTP is served; set a certificate and quarkus.http.insecure-requests=disabled, or unshub.http.behind-tls-proxy=true where a proxy terminates TLS, see docs/security/http.md"
                            .formatted(HTTP_HOST, host));
        }
    }

    private static boolean servesPlainHttp(SmallRyeConfig config) {
        return !config.getOptionalValue("quarkus.http.insecure-requests", String.class)
                .orElse("enabled")
                .equalsIgnoreCase("disabled");
    }

    private static void loopback(String key, String host, String what, String otherwise) {
        if (!LocalAddress.is(host)) {
            throw new StartRefused(
                    "%s is %s, but %s is served on loopback only; use 127.0.0.1%s"
                            .formatted(key, host, what, otherwise));
        }
    }

    private static void dataFolder(Path folder) {
        try {
            Files.createDirectories(folder);
            lock = OwnerOnlyFile.open(folder.resolve("hub.lock")).tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        } catch (IOException e) {
            throw new StartRefused(
                    "the data folder "
                            + folder.toAbsolutePath()
                            + " cannot be written ("
                            + e.getClass().getSimpleName()
                            + "); give the hub's user the right to write it or set unshub.data-dir");
        }
        if (lock == null) {
            throw new StartRefused(
                    "the data folder "
                            + folder.toAbsolutePath()
                            + " is in use by another hub; stop that one or set unshub.data-dir");
        }
    }

    /** Waits until the volume has room, as a start that cannot write ends at once. */
    private static void room(Path folder) {
        try {
            FileStore volume = Files.getFileStore(folder);
            for (boolean said = false; volume.getUsableSpace() < ROOM; said = true) {
                if (!said) {
                    System.err.println(
                            "uns-hub: the volume of %s has %d MB of room and the hub needs %d; it starts as soon as there is room"
                                    .formatted(
                                            folder.toAbsolutePath(),
                                            volume.getUsableSpace() >> 20,
                                            ROOM >> 20));
                }
                Thread.sleep(1_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new StartRefused("the volume of " + folder + " cannot be looked at: " + e);
        }
    }

    private static void port(String host, int port, String what, String key) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new StartRefused(
                    "port %d for %s is taken; stop the program that has it or set %s"
                            .formatted(port, what, key));
        }
    }
}
