package io.unshub.buffer;

import io.unshub.deadletter.DeadLetter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.core.message.impl.CoreMessage;

/**
 * Queues in memory, for readings of which nothing need outlive the process: what becomes of them is
 * what becomes of them in the {@link Broker}, without its journal.
 *
 * <p>Dead letters are told of, and not kept. What is sent to a queue that nobody has made or opened
 * is dropped. Threads: any.
 */
public final class MemoryStore implements MessageStore {

    private final Map<String, Line> queues = new ConcurrentHashMap<>();
    private final Consumer<DeadLetter> letters;

    /**
     * @param letters is told of each reading that is set aside, in their order
     */
    public MemoryStore(Consumer<DeadLetter> letters) {
        this.letters = letters;
        createQueue(Queues.INGEST);
    }

    @Override
    public Session open(String queue) {
        createQueue(queue);
        return new MemorySession(queues.get(queue));
    }

    @Override
    public Optional<Long> depth(String queue) {
        return Optional.ofNullable(queues.get(queue)).map(Line::depth);
    }

    /** How many messages have not been delivered yet, over all queues. */
    public long undelivered() {
        return queues.values().stream().mapToLong(Line::undelivered).sum();
    }

    @Override
    public List<String> names() {
        return List.copyOf(queues.keySet());
    }

    @Override
    public void createQueue(String name) {
        queues.computeIfAbsent(name, each -> new Line());
    }

    @Override
    public void destroyQueue(String name) {
        queues.remove(name);
    }

    private void deliver(Held message) {
        String address = message.getAddress();
        if (address.equals(Queues.DEAD_LETTER)) {
            letters.accept(DeadLetters.letter(message));
            return;
        }
        Line line = queues.get(Queues.isSystem(address) ? address : Queues.INGEST);
        if (line != null) {
            line.add(message);
        }
    }

    /** One queue: what waits, by its place. */
    private static final class Line {
        private final TreeMap<Long, Held> waiting = new TreeMap<>();
        private long places;
        private long delivered;

        synchronized void add(Held message) {
            message.place = ++places;
            waiting.put(message.place, message);
            notifyAll();
        }

        synchronized Held take(long millis) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            while (waiting.isEmpty()) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return null;
                }
                wait(left);
            }
            delivered++;
            return waiting.pollFirstEntry().getValue();
        }

        synchronized void letGo(int messages) {
            delivered -= messages;
        }

        synchronized void putBack(Collection<Held> messages) {
            delivered -= messages.size();
            messages.forEach(each -> waiting.put(each.place, each));
            notifyAll();
        }

        synchronized long depth() {
            return waiting.size() + delivered;
        }

        synchronized long undelivered() {
            return waiting.size();
        }
    }

    /** A message in its place. */
    private static final class Held extends CoreMessage {
        private long place;

        Held(int bytes) {
            super(0, bytes + BrokerSession.PROPERTIES_BYTES);
        }
    }

    private final class MemorySession implements Session {
        private final Line source;
        private final LinkedHashMap<Long, Held> inHand = new LinkedHashMap<>();
        private final List<Held> acknowledged = new ArrayList<>();
        private final List<Held> sent = new ArrayList<>();

        MemorySession(Line source) {
            this.source = source;
        }

        @Override
        public ICoreMessage message(int bytes) {
            return new Held(bytes);
        }

        @Override
        public ICoreMessage receive(long millis) {
            try {
                Held message = source.take(millis);
                if (message != null) {
                    inHand.put(message.place, message);
                }
                return message;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }

        @Override
        public ICoreMessage receiveMore(long millis, int messages) {
            return receive(millis);
        }

        @Override
        public void acknowledge(ICoreMessage message) {
            Iterator<Held> all = inHand.values().iterator();
            while (all.hasNext()) {
                Held each = all.next();
                if (each.place > ((Held) message).place) {
                    break;
                }
                all.remove();
                acknowledged.add(each);
            }
        }

        @Override
        public void acknowledgeAlone(ICoreMessage message) {
            acknowledged.add(inHand.remove(((Held) message).place));
        }

        @Override
        public void send(String address, ICoreMessage message) {
            message.setAddress(address);
            sent.add((Held) message);
        }

        @Override
        public void commit() {
            // what is made of a message is there before that is gone
            sent.forEach(MemoryStore.this::deliver);
            source.letGo(acknowledged.size());
            sent.clear();
            acknowledged.clear();
        }

        @Override
        public void rollback() {
            acknowledged.addAll(inHand.values());
            source.putBack(acknowledged);
            inHand.clear();
            acknowledged.clear();
            sent.clear();
        }

        @Override
        public void close() {
            rollback();
        }
    }
}
