package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.TestFolders;
import io.unshub.envelope.PostedBody;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a client sends becomes no header of a message: it could otherwise name a file, an address or
 * an operation for a step of a route.
 */
class OutsideHeadersTest {

    private static final String OWN =
            """
            - route:
                id: own
                from:
                  uri: kamelet:unshub-uns-source
                  parameters:
                    name: own
                    topics: acme/plant9/#
                    each: true
                  steps:
                    - to: log:own?level=OFF
            """;

    @TempDir static Path config;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture().with("unshub.config-dir", TestFolders.config(config).toString());

    private final Map<String, Set<String>> headers = new ConcurrentHashMap<>();

    @Test
    void passNoEntrance() throws Exception {
        hub.camel()
                .getCamelContextExtension()
                .addInterceptStrategy(
                        (context, definition, target, next) ->
                                new DelegateAsyncProcessor(
                                        exchange -> {
                                            headers.computeIfAbsent(
                                                            exchange.getFromRouteId(),
                                                            route -> new ConcurrentSkipListSet<>())
                                                    .addAll(
                                                            exchange.getMessage()
                                                                    .getHeaders()
                                                                    .keySet());
                                            target.process(exchange);
                                        }));
        Files.createDirectories(config.resolve("routes"));
        hub.run(HubFixture.TO_BUFFER).run("collect-http");
        hub.ownRoutes().start();
        Files.writeString(config.resolve("routes/own.yaml"), OWN);
        hub.ownRoutes().refresh();
        hub.ownRoutes().refresh();

        hub.publishWith(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, 1, Instant.now()),
                "CamelFileName",
                "../../etc/passwd",
                "CamelHttpUri",
                "http://evil.example",
                "camelbeanmethodname",
                "exit",
                "plain",
                "too");
        hub.intake()
                .take(
                        PostedBody.split(
                                hub.envelope(HubFixture.TOPIC, 2, Instant.now())
                                        .replaceFirst("\\{", "{\"CamelFileName\":\"x\",")
                                        .getBytes(StandardCharsets.UTF_8)));
        hub.awaitAccepted(2);
        HubFixture.eventually(() -> hub.subscriptions().handled("own") == 2);

        assertThat(headers).containsKeys("ingest", "collect-http", "own");
        Set<String> all = new TreeSet<>();
        headers.values().forEach(all::addAll);
        assertThat(all).isEmpty();
    }
}
