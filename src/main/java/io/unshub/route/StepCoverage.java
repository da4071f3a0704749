package io.unshub.route;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.envelope.Batch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.TryDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Counts the readings that come to each step of the routes in a Camel context.
 *
 * <p>In: each exchange, before each step. Out: how many readings came there, by route, line and
 * step; a batch that is empty brings none. Steps of Kamelets are not those of the route. Threads:
 * any.
 */
public final class StepCoverage implements InterceptStrategy {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<Step, LongAdder> passed = new ConcurrentHashMap<>();

    /**
     * A step of a route.
     *
     * @param route id of the route, and name of its file
     * @param line of the step in the file
     * @param name what it does, with its parameters: another text there is another step
     */
    public record Step(String route, int line, String name) {}

    /**
     * How many readings came to a step.
     *
     * @param step that they came to
     * @param readings how many; 1 for a message that is none
     */
    public record Count(Step step, long readings) {}

    /** Counts in a Camel context from here on. To be called before its routes are loaded. */
    public void watch(CamelContext camel) {
        camel.setSourceLocationEnabled(true);
        camel.getCamelContextExtension().addInterceptStrategy(this);
    }

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        RouteDefinition route = ProcessorDefinitionHelper.getRoute(definition);
        if (route == null || route.isCreatedFromTemplate()) {
            return target;
        }
        LongAdder count =
                passed.computeIfAbsent(step(route.getId(), definition), each -> new LongAdder());
        return new DelegateAsyncProcessor(target) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                Object body = exchange.getMessage().getBody();
                count.add(body instanceof Batch batch ? batch.readings().size() : 1);
                return super.process(exchange, callback);
            }
        };
    }

    private static Step step(String route, NamedNode definition) {
        // the Kamelets of a route that runs are named after it
        String name =
                definition.getLabel().replaceAll("/" + route + "\\.\\d+\\.\\d+-unshub-[a-z-]+", "");
        return new Step(route, definition.getLineNumber(), name);
    }

    /** Writes what was counted, over what is there. */
    public void save(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(
                        file.toFile(),
                        passed.entrySet().stream()
                                .map(each -> new Count(each.getKey(), each.getValue().sum()))
                                .sorted(
                                        Comparator.comparing((Count each) -> each.step().route())
                                                .thenComparing(each -> each.step().line()))
                                .toList());
    }

    /**
     * What {@link #save} wrote.
     *
     * @throws IOException if it cannot be read
     */
    static List<Count> read(Path file) throws IOException {
        return JSON.readValue(file.toFile(), new TypeReference<List<Count>>() {});
    }

    /**
     * The steps of a route file, in their order.
     *
     * @param id of its route
     * @param text of the file
     * @throws Exception if it is no route of Camel's
     */
    static List<Step> steps(String id, String text) throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.setSourceLocationEnabled(true);
            camel.build();
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(ResourceHelper.fromString(id + ".yaml", text));
            List<Step> steps = new ArrayList<>();
            for (RouteDefinition route : camel.getRouteDefinitions()) {
                collect(id, route.getOutputs(), steps);
            }
            return steps;
        }
    }

    private static void collect(String route, List<ProcessorDefinition<?>> from, List<Step> to) {
        for (ProcessorDefinition<?> each : from) {
            if (Boolean.parseBoolean(each.getDisabled())) {
                continue;
            }
            if (each instanceof TryDefinition tried) {
                // it only holds steps
                collect(route, tried.getOutputsWithoutCatches(), to);
                tried.getCatchClauses().forEach(one -> collect(route, one.getOutputs(), to));
                if (tried.getFinallyClause() != null) {
                    collect(route, tried.getFinallyClause().getOutputs(), to);
                }
            } else {
                to.add(step(route, each));
                collect(route, each.getOutputs(), to);
            }
        }
    }
}
