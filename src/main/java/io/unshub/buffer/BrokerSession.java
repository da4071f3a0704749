package io.unshub.buffer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.activemq.artemis.api.core.ActiveMQConnectionTimedOutException;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQExceptionType;
import org.apache.activemq.artemis.api.core.ActiveMQInternalErrorException;
import org.apache.activemq.artemis.api.core.ActiveMQInterruptedException;
import org.apache.activemq.artemis.api.core.ActiveMQObjectClosedException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.io.IOCallback;
import org.apache.activemq.artemis.core.message.impl.CoreMessage;
import org.apache.activemq.artemis.core.persistence.OperationContext;
import org.apache.activemq.artemis.core.persistence.StorageManager;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.ServerConsumer;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.spi.core.protocol.SessionCallback;
import org.apache.activemq.artemis.spi.core.remoting.ReadyListener;
import org.apache.activemq.artemis.utils.actors.ArtemisExecutor;

/**
 * A session of the embedded broker without a connection to it, as a protocol of the broker has one.
 *
 * <p>What is sent and acknowledged is noted, and done at the commit, in the broker's threads: the
 * caller's may be interrupted at any time, and an interrupt would close a file under the broker's
 * hands. A connection inside the process would hand all of it on from thread to thread, both ways.
 */
final class BrokerSession implements MessageStore.Session {

    /** Bytes of the properties that a message has, about. */
    static final int PROPERTIES_BYTES = 512;

    /** Bytes that wait here at most for who receives, but for the last message. */
    private static final int WINDOW = 128 * 1024;

    /** Bytes that are many: whatever was taken, the window lets as many come. */
    private static final int MANY = WINDOW / 2;

    private static final int CONSUMER = 0;

    /** Wakes who waits at the inbox once nothing more will come. */
    private static final ICoreMessage END = new CoreMessage();

    private final ServerSession session;
    private final StorageManager storage;
    private final OperationContext context;
    private final ArtemisExecutor executor;
    private final Inbox inbox = new Inbox();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile boolean disconnected;
    private Duration patience = Duration.ofSeconds(30);
    private final ServerConsumer consumer;
    private List<Move> moves = new ArrayList<>();
    private ICoreMessage acknowledged;

    /** What is to happen at the commit. */
    private interface Move {
        void make() throws Exception;
    }

    /**
     * @param queue that it receives from; null for a session that only sends
     * @param browsing whether all of it stays in the queue
     */
    BrokerSession(ActiveMQServer server, String queue, boolean browsing) throws Exception {
        storage = server.getStorageManager();
        executor = server.getExecutorFactory().getExecutor();
        context = storage.newContext(server.getExecutorFactory().getExecutor());
        session =
                server.createInternalSession(
                        UUID.randomUUID().toString(),
                        Integer.MAX_VALUE,
                        new OwnConnection(executor),
                        false,
                        false,
                        false,
                        false,
                        null,
                        inbox,
                        true,
                        context,
                        null,
                        null,
                        false);
        try {
            consumer = queue == null ? null : consumer(queue, browsing);
            session.start();
        } catch (Exception e) {
            session.close(true);
            throw e;
        }
    }

    private ServerConsumer consumer(String queue, boolean browsing) throws Exception {
        ServerConsumer made =
                session.createConsumer(
                        CONSUMER, SimpleString.of(queue), null, browsing, false, null);
        made.receiveCredits(WINDOW);
        return made;
    }

    /** Sets how long a move may wait until it begins. */
    void patience(Duration longest) {
        patience = longest;
    }

    @Override
    public ICoreMessage message(int bytes) {
        CoreMessage message = new CoreMessage(0, bytes + PROPERTIES_BYTES);
        message.setDurable(true);
        message.setTimestamp(System.currentTimeMillis());
        return message;
    }

    @Override
    public ICoreMessage receive(long millis) throws ActiveMQException {
        try {
            return unlessEnded(inbox.take(millis));
        } catch (InterruptedException e) {
            throw new ActiveMQInterruptedException(e);
        }
    }

    @Override
    public ICoreMessage receiveMore(long millis, int messages) throws ActiveMQException {
        try {
            return unlessEnded(inbox.takeMore(millis, messages));
        } catch (InterruptedException e) {
            throw new ActiveMQInterruptedException(e);
        }
    }

    /** What was left here when it ended went back to its queue. */
    private ICoreMessage unlessEnded(ICoreMessage message) throws ActiveMQException {
        if (ended()) {
            throw stopped();
        }
        return message;
    }

    @Override
    public void acknowledge(ICoreMessage message) {
        acknowledged = message;
    }

    @Override
    public void acknowledgeAlone(ICoreMessage message) {
        long id = message.getMessageID();
        moves.add(() -> session.individualAcknowledge(CONSUMER, id));
    }

    @Override
    public void send(String address, ICoreMessage message) {
        message.setAddress(address);
        moves.add(() -> session.send(message, true, null));
    }

    @Override
    public void commit() throws ActiveMQException {
        List<Move> made = moves;
        ICoreMessage last = acknowledged;
        forget();
        inTheBroker(
                () -> {
                    for (Move move : made) {
                        move.make();
                    }
                    if (last != null) {
                        session.acknowledge(CONSUMER, last.getMessageID());
                    }
                    session.commit();
                });
    }

    @Override
    public void rollback() throws ActiveMQException {
        forget();
        inTheBroker(
                () -> {
                    // nothing more is delivered, and what was is not taken for what comes again
                    session.stop();
                    inbox.empty();
                    session.rollback(false);
                });
        inTheBroker(session::start);
    }

    /** The broker ends a consumer of which a delivery failed, and does not always say so. */
    private boolean ended() {
        return closed.isDone() || disconnected || consumer != null && consumer.isClosed();
    }

    private void forget() {
        moves = new ArrayList<>();
        acknowledged = null;
    }

    @Override
    public void close() throws ActiveMQException {
        if (!closed.isDone()) {
            forget();
            // what was in hand is back in the queue only after it says that it is closed
            await(
                    begin(
                            () -> {
                                try {
                                    session.stop();
                                    session.rollback(false);
                                } finally {
                                    session.close(false);
                                }
                            },
                            new AtomicBoolean(true)),
                    // it is closed also when nobody waits for it any more
                    () -> true);
        }
    }

    /** Makes a move and waits until all of it is on disk. */
    private void inTheBroker(Move move) throws ActiveMQException {
        if (ended()) {
            throw stopped();
        }
        AtomicBoolean open = new AtomicBoolean(true);
        await(begin(move, open), () -> open.getAndSet(false));
    }

    /**
     * @param open whether it may be made yet, or given up; whoever does so first closes it
     */
    private CompletableFuture<Void> begin(Move move, AtomicBoolean open) {
        CompletableFuture<Void> stored = new CompletableFuture<>();
        try {
            executor.execute(
                    () -> {
                        if (open.getAndSet(false)) {
                            make(move, stored);
                        }
                    });
        } catch (RejectedExecutionException e) {
            stored.completeExceptionally(stopped());
        }
        return stored;
    }

    private void make(Move move, CompletableFuture<Void> stored) {
        storage.setContext(context);
        try {
            move.make();
            context.executeOnCompletion(
                    new IOCallback() {
                        @Override
                        public void done() {
                            stored.complete(null);
                        }

                        @Override
                        public void onError(int code, String message) {
                            stored.completeExceptionally(
                                    ActiveMQExceptionType.createException(code, message));
                        }
                    });
        } catch (Throwable e) {
            // of whatever kind: somebody waits for it
            stored.completeExceptionally(e);
        } finally {
            storage.clearContext();
        }
    }

    /**
     * Waits until a move is on disk, whatever interrupts that and however long the disk takes: who
     * did not would not know what was done. What has not begun after a while is given up.
     *
     * @param giveUp is asked then whether it may be
     */
    private void await(CompletableFuture<Void> stored, BooleanSupplier giveUp)
            throws ActiveMQException {
        boolean interrupted = false;
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                try {
                    stored.get(1, TimeUnit.SECONDS);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    if (closed.isDone()) {
                        stored.completeExceptionally(stopped());
                    } else if (System.nanoTime() > end && giveUp.getAsBoolean()) {
                        stored.completeExceptionally(
                                new ActiveMQConnectionTimedOutException(
                                        "the broker did not answer within "
                                                + patience.toSeconds()
                                                + " s"));
                    }
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ActiveMQException known
                    ? known
                    : new ActiveMQInternalErrorException(
                            "the broker failed: " + e.getCause(), e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static ActiveMQException stopped() {
        return new ActiveMQObjectClosedException("the broker has stopped");
    }

    /** Takes what the broker delivers, in its threads. */
    private final class Inbox implements SessionCallback {

        private final BlockingQueue<ICoreMessage> messages = new LinkedBlockingQueue<>();
        private final AtomicInteger held = new AtomicInteger();
        private final Semaphore many = new Semaphore(0);
        private volatile int wanted = Integer.MAX_VALUE;
        private int taken;

        ICoreMessage take(long millis) throws InterruptedException {
            return taken(messages.poll(millis, TimeUnit.MILLISECONDS));
        }

        ICoreMessage takeMore(long millis, int most) throws InterruptedException {
            ICoreMessage message = messages.poll();
            if (message == null && millis > 0) {
                wanted = most;
                many.drainPermits();
                if (held.get() < MANY && messages.size() < most && !ended()) {
                    many.tryAcquire(millis, TimeUnit.MILLISECONDS);
                }
                wanted = Integer.MAX_VALUE;
                message = messages.poll();
            }
            return taken(message);
        }

        private ICoreMessage taken(ICoreMessage message) {
            if (message != null && message != END) {
                took(message);
            }
            return message;
        }

        void empty() {
            List<ICoreMessage> left = new ArrayList<>();
            messages.drainTo(left);
            left.stream().filter(each -> each != END).forEach(this::took);
        }

        private synchronized void took(ICoreMessage message) {
            int bytes = message.getEncodeSize();
            held.addAndGet(-bytes);
            taken += bytes;
            if (taken > WINDOW - MANY) {
                consumer.receiveCredits(taken);
                taken = 0;
            }
        }

        @Override
        public int sendMessage(MessageReference delivery, ServerConsumer to, int deliveryCount) {
            ICoreMessage message = delivery.getMessage().toCore();
            int bytes = message.getEncodeSize();
            messages.add(message);
            int now = held.addAndGet(bytes);
            // who waits began with fewer
            if (now >= MANY && now - bytes < MANY || messages.size() >= wanted) {
                many.release();
            }
            return bytes;
        }

        @Override
        public boolean hasCredits(ServerConsumer consumer) {
            return true;
        }

        @Override
        public boolean isWritable(ReadyListener callback, Object protocolContext) {
            return true;
        }

        @Override
        public void closed() {
            closed.complete(null);
            end();
        }

        @Override
        public void disconnect(ServerConsumer consumer, String errorMessage) {
            disconnected = true;
            end();
        }

        private void end() {
            messages.add(END);
            many.release();
        }

        @Override
        public void afterDelivery() {}

        @Override
        public boolean updateDeliveryCountAfterCancel(
                ServerConsumer consumer, MessageReference delivery, boolean failed) {
            return false;
        }

        @Override
        public void browserFinished(ServerConsumer consumer) {}

        @Override
        public void sendProducerCreditsMessage(int credits, SimpleString address) {}

        @Override
        public void sendProducerCreditsFailMessage(int credits, SimpleString address) {}

        @Override
        public int sendLargeMessage(
                MessageReference delivery, ServerConsumer to, long bodySize, int deliveryCount) {
            throw new UnsupportedOperationException("the consumer takes messages whole");
        }

        @Override
        public int sendLargeMessageContinuation(
                ServerConsumer to, byte[] body, boolean continues, boolean requiresResponse) {
            throw new UnsupportedOperationException("the consumer takes messages whole");
        }
    }
}
