package io.unshub.simulator.eventhubs;

import com.azure.messaging.eventhubs.EventHubClientBuilder;
import com.azure.messaging.eventhubs.EventHubConsumerAsyncClient;
import com.azure.messaging.eventhubs.models.EventPosition;
import com.azure.messaging.eventhubs.models.PartitionEvent;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.util.retry.Retry;

/**
 * A plain Azure SDK reader in a process of its own: {@code EventHubsReader CONNECTION_STRING FILE}.
 *
 * <p>Reads all partitions from the earliest event on and writes a line per event: partition,
 * sequence number, topic, hubSeq, enqueued time in ms, body in Base64; tab-separated, flushed every
 * 200 ms.
 */
public final class EventHubsReader {

    private EventHubsReader() {}

    /** Reads until the process is ended. */
    public static void main(String[] args) throws Exception {
        EventHubConsumerAsyncClient client =
                new EventHubClientBuilder()
                        .connectionString(args[0])
                        .consumerGroup(EventHubClientBuilder.DEFAULT_CONSUMER_GROUP_NAME)
                        .buildAsyncConsumerClient();
        BufferedWriter out = Files.newBufferedWriter(Path.of(args[1]));
        Executors.newSingleThreadScheduledExecutor(EventHubsReader::daemon)
                .scheduleAtFixedRate(() -> flush(out), 200, 200, TimeUnit.MILLISECONDS);
        client.getPartitionIds()
                .retryWhen(Retry.indefinitely())
                .flatMap(id -> events(client, id), 64)
                .doOnNext(event -> write(out, event))
                .subscribe();
        new CountDownLatch(1).await();
    }

    private static Flux<PartitionEvent> events(EventHubConsumerAsyncClient client, String id) {
        return client.receiveFromPartition(id, EventPosition.earliest());
    }

    private static void write(BufferedWriter out, PartitionEvent event) {
        String line =
                String.join(
                        "\t",
                        event.getPartitionContext().getPartitionId(),
                        String.valueOf(event.getData().getSequenceNumber()),
                        String.valueOf(event.getData().getProperties().get("topic")),
                        String.valueOf(event.getData().getProperties().get("hubSeq")),
                        String.valueOf(event.getData().getEnqueuedTime().toEpochMilli()),
                        Base64.getEncoder().encodeToString(event.getData().getBody()));
        try {
            synchronized (out) {
                out.write(line);
                out.write('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void flush(BufferedWriter out) {
        try {
            synchronized (out) {
                out.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "flush");
        thread.setDaemon(true);
        return thread;
    }
}
