package io.unshub.route;

import io.unshub.buffer.Queues;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** One of the hub's queues, or all lanes of the buffer. */
public final class BufferEndpoint extends DefaultEndpoint {

    /** Exchange property with the unit of work that a batch belongs to. */
    static final String UNIT = "unshubUnitOfWork";

    private final Name name;
    private int maxReadings = 500;
    private int maxBytes = 200_000;
    private long linger = 20;
    private long pause;
    private int backlogShare = 50;

    /** What may stand behind {@code buffer:}. */
    enum Name {
        INGEST("ingest", List.of(Queues.INGEST)),
        LANES("lanes", Queues.buffer()),
        DEAD_LETTER("dead-letter", List.of(Queues.DEAD_LETTER)),
        REPLAY("replay", List.of(Queues.REPLAY)),
        SCORE("score", List.of(Queues.SCORE)),
        SUBSCRIPTIONS("subscriptions", List.of());

        private final String text;
        private final List<String> queues;

        Name(String text, List<String> queues) {
            this.text = text;
            this.queues = queues;
        }

        static Name of(String text) {
            return Arrays.stream(values())
                    .filter(name -> name.text.equals(text))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new IllegalArgumentException(
                                            "buffer:"
                                                    + text
                                                    + " is no queue of the hub; use one of "
                                                    + Arrays.stream(values())
                                                            .map(name -> "buffer:" + name.text)
                                                            .collect(Collectors.joining(", "))));
        }
    }

    BufferEndpoint(String uri, BufferComponent component, Name name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    public Producer createProducer() {
        if (name == Name.REPLAY) {
            throw new IllegalArgumentException(
                    "buffer:replay cannot be sent to; choose dead letters with uns-hub dead-letters"
                            + " replay");
        }
        return new BufferProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (name == Name.SUBSCRIPTIONS) {
            throw new IllegalArgumentException(
                    "buffer:subscriptions cannot be consumed; begin the route with"
                            + " kamelet:unshub-uns-source");
        }
        if (name == Name.DEAD_LETTER) {
            throw new IllegalArgumentException(
                    "buffer:dead-letter cannot be consumed by a route; consume buffer:replay, to which"
                            + " uns-hub dead-letters replay moves what you choose");
        }
        BufferConsumer consumer =
                new BufferConsumer(this, processor, ((BufferComponent) getComponent()).buffer());
        configureConsumer(consumer);
        return consumer;
    }

    Name name() {
        return name;
    }

    List<String> queues() {
        return name.queues;
    }

    /** Most readings in a batch. */
    public int getMaxReadings() {
        return maxReadings;
    }

    /** Sets the most readings in a batch, from 1. */
    public void setMaxReadings(int maxReadings) {
        this.maxReadings = atLeastOne("maxReadings", maxReadings);
    }

    /** Payload bytes after which a batch is full. */
    public int getMaxBytes() {
        return maxBytes;
    }

    /** Sets the payload bytes after which a batch is full, from 1. */
    public void setMaxBytes(int maxBytes) {
        this.maxBytes = atLeastOne("maxBytes", maxBytes);
    }

    /** Milliseconds that a batch waits for more readings after its first. */
    public long getLinger() {
        return linger;
    }

    /** Sets the milliseconds that a batch waits for more readings after its first. */
    public void setLinger(long linger) {
        if (linger < 0) {
            throw new IllegalArgumentException("linger is " + linger + ", must be 0 or more ms");
        }
        this.linger = linger;
    }

    /** Milliseconds between two batches. */
    public long getPause() {
        return pause;
    }

    /** Sets the milliseconds that the consumer waits after a batch before it takes the next. */
    public void setPause(long pause) {
        if (pause < 0) {
            throw new IllegalArgumentException("pause is " + pause + ", must be 0 or more ms");
        }
        this.pause = pause;
    }

    /** Percent of its time that a lane may use while live readings travel beside it. */
    public int getBacklogShare() {
        return backlogShare;
    }

    /** Sets the percent of its time that a lane may use meanwhile, 1 to 100. */
    public void setBacklogShare(int backlogShare) {
        if (backlogShare < 1 || backlogShare > 100) {
            throw new IllegalArgumentException(
                    "backlogShare is " + backlogShare + ", must be 1 to 100 percent");
        }
        this.backlogShare = backlogShare;
    }

    private static int atLeastOne(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " is " + value + ", must be 1 or more");
        }
        return value;
    }
}
