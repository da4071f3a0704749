package io.unshub.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Lines;
import io.unshub.route.AsideConfig;
import io.unshub.route.Rehearsal;
import io.unshub.route.Rehearsal.Published;
import io.unshub.route.Rehearsal.Result;
import io.unshub.route.RouteCheck.Checked;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub routes try}: needs no running hub. */
@Command(
        name = "try",
        description =
                "Runs a route alone on readings from a file, and prints the body after each step.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "The readings go the whole way through a hub aside, with this configuration and no",
            "other route of its own: nothing is read from a source, and nothing is sent.",
            "Exit code: 0 it ran, 1 it is refused or fails, 2 it could not be tried."
        })
final class RoutesTryCommand implements Callable<Integer> {

    private static final int OK = 0;
    private static final int FOUND = 1;
    private static final int FAILED = 2;
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The route file.")
    private Path file;

    @Option(
            names = "--input",
            required = true,
            paramLabel = "FILE",
            description = "Readings as JSON envelopes: one, an array, or one a line.")
    private Path input;

    @Option(
            names = "--config",
            paramLabel = "DIR",
            defaultValue = "config",
            description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
    private Path config;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        List<Published> readings;
        try {
            readings = readings();
            Checked checked = RoutesCheckCommand.of(config).check(List.of(file)).get(0);
            if (!checked.ok()) {
                checked.sentences().forEach(out::println);
                return FOUND;
            }
        } catch (IOException | IllegalArgumentException e) {
            err.println("uns-hub: " + e.getMessage());
            return FAILED;
        }
        try (AsideConfig aside = AsideConfig.with(config, List.of(file));
                Rehearsal rehearsal = new Rehearsal(aside.folder())) {
            rehearsal.tracing((step, body) -> step(out, step, body));
            List<Result> results = rehearsal.run(readings);
            out.printf(
                    "%n%d readings went in; where they and what the route made of them went:%n",
                    readings.size());
            for (Result each : results) {
                out.printf(
                        "%s: %s: %s%n",
                        each.destination(),
                        each.topic(),
                        new String(each.payload(), StandardCharsets.UTF_8));
            }
            return OK;
        } catch (IllegalStateException | IllegalArgumentException e) {
            out.println(e.getMessage());
            return FOUND;
        }
    }

    private static void step(PrintWriter out, String step, Object body) {
        if (body instanceof Batch batch && batch.isEmpty()) {
            return;
        }
        out.println(step);
        try {
            new String(new Lines().of(body, true), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(line -> out.println("    " + line));
        } catch (ClassCastException e) {
            out.println("    " + body);
        }
    }

    private List<Published> readings() throws IOException {
        List<Published> readings = new ArrayList<>();
        try (MappingIterator<JsonNode> all =
                JSON.readerFor(JsonNode.class).readValues(Files.readAllBytes(input))) {
            while (all.hasNextValue()) {
                JsonNode next = all.nextValue();
                for (JsonNode each : next.isArray() ? next : List.of(next)) {
                    readings.add(published(each));
                }
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    input
                            + " is no JSON: "
                            + e.getOriginalMessage()
                            + "; write envelopes, see docs/uns/envelope.md",
                    e);
        }
        return readings;
    }

    private Published published(JsonNode envelope) {
        if (!envelope.path("topic").isTextual()) {
            throw new IllegalArgumentException(
                    input
                            + " has an entry without a topic; write envelopes, see docs/uns/envelope.md");
        }
        Instant time;
        try {
            time = Instant.parse(envelope.path("tsUtc").asText());
        } catch (DateTimeParseException e) {
            // the envelope's own checks say what is wrong with it
            time = Instant.now();
        }
        return new Published(
                envelope.path("topic").asText(),
                envelope.toString().getBytes(StandardCharsets.UTF_8),
                time);
    }
}
