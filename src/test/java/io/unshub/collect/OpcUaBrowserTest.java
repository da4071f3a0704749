package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.collect.OpcUaBrowser.Found;
import io.unshub.collect.OpcUaBrowser.Variable;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Against a server that takes few nodes in one call. */
class OpcUaBrowserTest {

    private static final int TAGS = 23;

    @Test
    void readsNoMoreAtOnceThanTheServerTakes() throws Exception {
        int port = Ports.free();
        try (OpcUaTestServer server = OpcUaTestServer.readingAtMost(5, port)) {
            for (int i = 0; i < TAGS; i++) {
                server.add("tag-" + i, i);
            }
            Connection connection =
                    new Connection(
                            "scada",
                            Protocol.OPCUA,
                            OpcUaTestServer.url("127.0.0.1", port),
                            false,
                            new OpcUaOptions(
                                    Duration.ZERO, Duration.ofMillis(20), 10, OpcUaSecurity.NONE),
                            null);

            Found found = OpcUaBrowser.browse(connection, path -> true, 100);

            assertThat(found.variables())
                    .hasSize(TAGS)
                    .extracting(Variable::problem)
                    .containsOnlyNulls();
            assertThat(found.variables().get(TAGS - 1).value()).isEqualTo(TAGS - 1);
        }
    }
}
