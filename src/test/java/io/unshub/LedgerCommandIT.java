package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unshub.buffer.Queues;
import io.unshub.drill.LoadGenerator;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import java.nio.file.Path;
import java.time.Duration;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.Test;

/** The ledger command finds a reading that was deleted from a running hub's buffer. */
class LedgerCommandIT {

    private static final String TOPIC = "acme/load/area1/line1/cell0/machine-0/tag-0";

    // more than a lane's consumer fetches ahead, 512 KiB and a batch: the last ones stay behind
    private static final int READINGS = 600;
    private static final int BYTES = 2_000;

    /** The readings of one lane travel together: some messages that begin with one of these. */
    private static final String DELETED =
            "hubSeq > %d AND hubSeq < %d".formatted(READINGS - 100, READINGS);

    private final Path work = TestFolders.fresh("ledger");

    @Test
    void namesTopicAndNumberOfAReadingThatWasDeletedFromTheBuffer() throws Exception {
        int jmx = HubProcess.freePort();
        try (HubProcess hub =
                HubProcess.on(work.resolve("data"))
                        .with("unshub.simulator.enabled", "false")
                        .forwardingTo(HubProcess.freePort())
                        .with("com.sun.management.jmxremote.host", "127.0.0.1")
                        .with("com.sun.management.jmxremote.port", "" + jmx)
                        .with("com.sun.management.jmxremote.rmi.port", "" + jmx)
                        .with("com.sun.management.jmxremote.authenticate", "false")
                        .with("com.sun.management.jmxremote.ssl", "false")
                        .with("java.rmi.server.hostname", "127.0.0.1")) {
            hub.start();
            try (JavaProcess publisher =
                    JavaProcess.start(
                            work.resolve("publisher.log"),
                            LoadGenerator.class,
                            "--port=" + hub.mqttPort(),
                            "--topics=1",
                            "--rate=" + READINGS,
                            "--seconds=2",
                            "--payload-bytes=" + BYTES)) {
                assertThat(publisher.await(60)).isZero();
            }
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(
                            () -> hub.ledger().path("topics").path(0),
                            topic ->
                                    topic.path("accepted").asLong() >= READINGS
                                            && topic.path("accepted").asLong()
                                                    == topic.path("buffered").asLong());
            HubProcess.Result before = hub.command("ledger", "--topics");
            assertThat(before.exit()).as(before.out() + before.err()).isZero();
            assertThat(before.out()).contains(TOPIC + ": accepted ").endsWith("balanced\n");

            delete(jmx);

            HubProcess.Result after = hub.command("ledger");
            assertThat(after.exit()).as(after.out() + after.err()).isEqualTo(1);
            assertThat(after.out())
                    .containsPattern(
                            "! " + TOPIC + ": missing hubSeq 5\\d\\d to \\d{3} in the buffer")
                    .endsWith("NOT BALANCED\n");
        }
    }

    private static void delete(int jmx) throws Exception {
        String lane = Queues.lane(Queues.laneOf(TOPIC));
        ObjectName queue =
                new ObjectName(
                        "org.apache.activemq.artemis:broker=\"uns-hub\",component=addresses,"
                                + "address=\""
                                + lane
                                + "\",subcomponent=queues,routing-type=\"anycast\",queue=\""
                                + lane
                                + "\"");
        JMXServiceURL url =
                new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + jmx + "/jmxrmi");
        try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
            MBeanServerConnection broker = connector.getMBeanServerConnection();
            Object removed =
                    broker.invoke(
                            queue,
                            "removeMessages",
                            new Object[] {DELETED},
                            new String[] {String.class.getName()});
            assertThat((Integer) removed).isPositive();
        }
    }
}
