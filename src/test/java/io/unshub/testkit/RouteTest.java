package io.unshub.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.unshub.buffer.Subscriptions;
import io.unshub.collect.ConfigurationException;
import io.unshub.quality.Quality;
import io.unshub.route.AsideConfig;
import io.unshub.route.Rehearsal;
import io.unshub.route.Rehearsal.Published;
import io.unshub.route.Rehearsal.Result;
import io.unshub.route.RouteCoverage;
import io.unshub.route.StepCoverage;
import io.unshub.testkit.Ends.DeadLetter;
import io.unshub.testkit.Ends.Sent;
import io.unshub.uns.RulesException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.Message;
import org.apache.camel.test.junit6.CamelTestSupport;
import org.apache.camel.test.junit6.TestExecutionConfiguration;

/**
 * A test of route files of a plant's own. Readings go the whole way through a hub aside: its
 * stages, the plant's configuration, and the routes under test as they stand in their files.
 * Nothing is read from a source, and nothing leaves.
 *
 * <p>Times are those of the readings: a window of an hour needs no hour. What a route waits for
 * comes at the end. Each test has a hub of its own, for one {@link #run}. Which steps were passed
 * is written for {@code uns-hub routes coverage}.
 */
public abstract class RouteTest extends CamelTestSupport {

    /** Source time of the first reading, unless it says itself; each further comes a second on. */
    public static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    private static final Map<Class<?>, StepCoverage> COVERAGE = new ConcurrentHashMap<>();

    private final List<String> routes;
    private final List<Sent> sent = Collections.synchronizedList(new ArrayList<>());
    private AsideConfig aside;
    private Rehearsal rehearsal;

    /**
     * @param routes ids of the routes under test; their files stand in the routes folder of {@link
     *     #config}
     */
    protected RouteTest(String... routes) {
        this.routes = List.of(routes);
    }

    /** Folder of the configuration. */
    protected Path config() {
        return Path.of("config");
    }

    /** A good reading without a unit, to be published. */
    protected static Given reading(String topic, Object value) {
        return new Given(topic, value, "1", Quality.GOOD, null, null);
    }

    /** Text as it is to be published, an envelope or not. */
    protected static Given payload(String topic, String text) {
        return new Given(topic, null, null, null, null, text);
    }

    /** Publishes readings, and waits until all that comes of them has ended. */
    protected final Ends run(Given... readings) throws Exception {
        List<Published> all = new ArrayList<>();
        for (Given each : readings) {
            all.add(each.published(all.size(), START.plusSeconds(all.size())));
        }
        return run(all);
    }

    /** As {@link #run(Given...)}, for what was recorded. */
    protected final Ends run(List<Published> readings) throws Exception {
        List<Result> results;
        try {
            results = rehearsal.run(readings);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw told(e);
        }
        List<DeadLetter> letters =
                results.stream()
                        .filter(each -> each.quality() == null)
                        .map(
                                each ->
                                        new DeadLetter(
                                                each.topic(),
                                                each.destination().replaceFirst(".* ", ""),
                                                new String(each.payload(), UTF_8)))
                        .toList();
        return new Ends(
                seen(results, each -> true).stream()
                        .filter(each -> each.source().startsWith(Subscriptions.source("")))
                        .toList(),
                seen(results, each -> each.destination().equals("forwarded")),
                seen(results, each -> each.destination().equals("on the plant")),
                letters,
                List.copyOf(sent));
    }

    private static List<Seen> seen(List<Result> results, Predicate<Result> which) {
        return results.stream()
                .filter(each -> each.quality() != null)
                .filter(which)
                .map(Seen::of)
                .toList();
    }

    private AssertionError told(Exception e) {
        return new AssertionError(aside.named(String.valueOf(e.getMessage())), e);
    }

    private Path file(String route) {
        Path folder = config().resolve("routes");
        for (String ending : List.of(".yaml", ".yml")) {
            Path file = folder.resolve(route + ending);
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new AssertionError(
                "there is no %s.yaml in %s; the test names ids of routes".formatted(route, folder));
    }

    @Override
    public void configureTest(TestExecutionConfiguration configuration) {
        super.configureTest(configuration);
        // the rehearsal starts it, with its routes
        configuration.withUseRouteBuilder(false);
    }

    @Override
    protected CamelContext createCamelContext() throws Exception {
        aside = AsideConfig.with(config(), routes.stream().map(this::file).toList());
        try {
            rehearsal = new Rehearsal(aside.folder(), this::left);
        } catch (ConfigurationException | RulesException | IllegalArgumentException e) {
            throw told(e);
        }
        COVERAGE.computeIfAbsent(getClass(), each -> new StepCoverage()).watch(rehearsal.camel());
        return rehearsal.camel();
    }

    private void left(String uri, Message message) {
        sent.add(
                Sent.of(
                        uri,
                        new TreeMap<>(message.getHeaders()),
                        Objects.requireNonNullElse(message.getBody(String.class), "")));
    }

    @Override
    public void cleanupResources() throws Exception {
        if (rehearsal != null) {
            COVERAGE.get(getClass())
                    .save(RouteCoverage.FOLDER.resolve(getClass().getName() + ".json"));
            rehearsal.close();
        }
        if (aside != null) {
            aside.close();
        }
    }
}
