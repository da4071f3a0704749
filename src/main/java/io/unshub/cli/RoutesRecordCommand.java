package io.unshub.cli;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.unshub.route.Recording;
import io.unshub.route.Rehearsal.Published;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code uns-hub routes record}: any MQTT 5 broker will do. */
@Command(
        name = "record",
        description = "Records what is published on the UNS, for uns-hub routes diff.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "Ends after --readings or --seconds, whichever comes first; what is retained, and what",
            "the hub says under _hub/, is left out.",
            "Exit code: 0 recorded, 2 not."
        })
final class RoutesRecordCommand implements Callable<Integer> {

    private static final int OK = 0;

    @Spec private CommandSpec spec;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "The recording; must not be there yet.")
    private Path out;

    @Option(
            names = "--topics",
            paramLabel = "FILTER",
            split = ",",
            defaultValue = "#",
            description = "MQTT topic filters, separated by commas. Default: ${DEFAULT-VALUE}.")
    private List<String> topics;

    @Option(
            names = "--readings",
            paramLabel = "N",
            defaultValue = "100000",
            description = "Most readings. Default: ${DEFAULT-VALUE}.")
    private long most;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "60",
            description = "How long. Default: ${DEFAULT-VALUE}.")
    private long seconds;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "The broker. Default: ${DEFAULT-VALUE}.")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "1883",
            description = "Its port. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Override
    public Integer call() throws InterruptedException, CommandFailed {
        if (Files.exists(out)) {
            throw new CommandFailed(out + " is there already; name another file");
        }
        Mqtt5BlockingClient client =
                Mqtt5Client.builder().serverHost(host).serverPort(port).buildBlocking();
        try {
            client.connect();
        } catch (RuntimeException e) {
            throw new CommandFailed(
                    "no MQTT 5 broker answers on %s:%d (%s); is the hub running? see --host and --port"
                            .formatted(host, port, e.getMessage()),
                    e);
        }
        long count = 0;
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        try (var publishes = client.publishes(MqttGlobalPublishFilter.ALL);
                Recording.Writer writer = new Recording.Writer(out)) {
            for (String topic : topics) {
                client.subscribeWith().topicFilter(topic).qos(MqttQos.AT_LEAST_ONCE).send();
            }
            for (long left = end - System.nanoTime();
                    left > 0 && count < most;
                    left = end - System.nanoTime()) {
                Optional<Mqtt5Publish> next = publishes.receive(left, TimeUnit.NANOSECONDS);
                if (next.isPresent() && wanted(next.get())) {
                    writer.add(
                            new Published(
                                    next.get().getTopic().toString(),
                                    next.get().getPayloadAsBytes(),
                                    Instant.now()));
                    count++;
                }
            }
        } catch (IOException e) {
            throw new CommandFailed(out + " cannot be written: " + e, e);
        } finally {
            client.disconnect();
        }
        spec.commandLine().getOut().printf("%,d readings are in %s%n", count, out);
        return OK;
    }

    private static boolean wanted(Mqtt5Publish publish) {
        return !publish.isRetain() && !publish.getTopic().toString().startsWith("_hub/");
    }
}
