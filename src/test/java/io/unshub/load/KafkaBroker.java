package io.unshub.load;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;

/**
 * A cluster of Kafka of one node, in this process, that goes away and comes back on the same ports
 * with what it holds. One listener is open, the other has TLS and a user.
 */
public final class KafkaBroker implements AutoCloseable {

    /** The user of the listener with TLS. */
    public static final String USER = "uns-hub";

    /** Its password. */
    public static final String PASSWORD = "s3cr\"et\\%+&;";

    private static final int PARTITIONS = 3;

    // it says a lot, and one of its loggers must not be collected meanwhile
    private static final Logger LOG = Logger.getLogger("org.apache.kafka");
    private static final Logger SERVER_LOG = Logger.getLogger("kafka");

    private final KafkaConfig config;
    private final Path certificate;
    private final int port;
    private final int securePort;
    private KafkaRaftServer server;

    private KafkaBroker(Path folder) throws Exception {
        LOG.setLevel(Level.OFF);
        SERVER_LOG.setLevel(Level.OFF);
        port = freePort();
        securePort = freePort();
        int controller = freePort();
        KeyPair keys = SelfSignedCertificateGenerator.generateRsaKeyPair(2048);
        X509Certificate own =
                new SelfSignedCertificateBuilder(keys)
                        .setCommonName("localhost")
                        .addDnsName("localhost")
                        .addIpAddress("127.0.0.1")
                        .build();
        certificate = folder.resolve("ca.pem");
        Files.writeString(certificate, pem("CERTIFICATE", own.getEncoded()));

        Path data = folder.resolve("data");
        new Formatter()
                .setNodeId(1)
                .setClusterId(Uuid.randomUuid().toString())
                .addDirectory(data.toString())
                .setMetadataLogDirectory(data.toString())
                .setControllerListenerName("CONTROLLER")
                .setScramArguments(
                        List.of(
                                "SCRAM-SHA-512=[name=%s,password=\"%s\"]"
                                        .formatted(USER, PASSWORD)))
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .run();

        Map<String, Object> settings = new TreeMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("log.dirs", data.toString());
        settings.put("controller.quorum.voters", "1@localhost:" + controller);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:%d,SASL_SSL://localhost:%d,CONTROLLER://localhost:%d"
                        .formatted(port, securePort, controller));
        settings.put(
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT");
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN");
        settings.put(
                "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;");
        settings.put(
                "listener.name.sasl_ssl.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=\"%s\";"
                        .formatted(USER, PASSWORD.replace("\\", "\\\\").replace("\"", "\\\"")));
        settings.put("ssl.keystore.type", "PEM");
        settings.put("ssl.keystore.key", pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        settings.put("ssl.keystore.certificate.chain", Files.readString(certificate));
        settings.put("num.partitions", Integer.toString(PARTITIONS));
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("auto.create.topics.enable", "false");
        config = new KafkaConfig(settings);
    }

    /** Starts a broker whose files are in this folder. */
    public static KafkaBroker start(Path folder) throws Exception {
        KafkaBroker broker = new KafkaBroker(Files.createDirectories(folder));
        broker.start();
        return broker;
    }

    /** Starts it, or brings it back. */
    public void start() {
        server = new KafkaRaftServer(config, Time.SYSTEM);
        server.startup();
    }

    /** Takes it away. */
    public void stop() {
        server.shutdown();
        server.awaitShutdown();
        server = null;
    }

    /** The open listener. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** The listener with TLS and a user. */
    public String secureServers() {
        return "localhost:" + securePort;
    }

    /** The certificate of that, in PEM. */
    public Path certificate() {
        return certificate;
    }

    /** Makes a topic, with settings of its own. */
    public KafkaBroker topic(String name, Map<String, String> settings) throws Exception {
        try (Admin admin = Admin.create(properties())) {
            admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1).configs(settings)))
                    .all()
                    .get();
        }
        return this;
    }

    /** Everything in a topic, partition by partition, in order. */
    public List<ConsumerRecord<String, String>> records(String topic) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        properties(), new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(each -> new TopicPartition(topic, each.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrapServers());
        return properties;
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(
                        what,
                        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der),
                        what);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        if (server != null) {
            stop();
        }
    }
}
