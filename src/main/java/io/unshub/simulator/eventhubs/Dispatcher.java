package io.unshub.simulator.eventhubs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.apache.qpid.proton.engine.BaseHandler;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Event;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Receiver;
import org.apache.qpid.proton.engine.Sender;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.engine.Transport;
import org.apache.qpid.proton.message.Message;

/**
 * The endpoint's side of the protocol: what each AMQP event means.
 *
 * <p>Threads: the reactor's only. Failure: what a client does wrong ends its link with the
 * condition that the service uses.
 */
final class Dispatcher extends BaseHandler {

    static final int MAX_MESSAGE_BYTES = 1_048_576;
    private static final int SMALL_MESSAGE_BYTES = 8 * 1024;

    private static final int BATCH_FORMAT = 0x80013700;
    private static final int CREDIT = 500;
    private static final int IDLE_MILLIS = 60_000;
    private static final int OUTGOING_BYTES = 1 << 20;
    private static final Symbol SEQUENCE = Symbol.valueOf("x-opt-sequence-number");
    private static final Symbol OFFSET = Symbol.valueOf("x-opt-offset");
    private static final Symbol ENQUEUED = Symbol.valueOf("x-opt-enqueued-time");
    private static final Symbol PARTITION_KEY = Symbol.valueOf("x-opt-partition-key");
    private static final Symbol SELECTOR = Symbol.valueOf("apache.org:selector-filter:string");
    private static final Symbol EPOCH = Symbol.valueOf("com.microsoft:epoch");
    private static final Pattern POSITION =
            Pattern.compile("amqp\\.annotation\\.(x-opt-[a-z-]+)\\s*(>=?)\\s*'?([^']*)'?");
    private static final Pattern READ_FROM =
            Pattern.compile("([^/]+)/ConsumerGroups/([^/]+)/Partitions/([^/]+)");

    private final String eventHub;
    private final List<PartitionLog> partitions;
    private final SharedAccess access;
    private final InstantSource clock;
    private final long createdAt;
    private final Set<Connection> connections = new HashSet<>();
    private final Set<Connection> authorised = new HashSet<>();
    private final Map<Sender, Reading> readers = new HashMap<>();
    private final DecoderImpl decoder = new DecoderImpl();
    private Fault fault = Fault.NONE;
    private int nextPartition;
    private long nextTag;

    /** Where a receiving client has got to. */
    private static final class Reading {
        private final PartitionLog log;
        private final String group;
        private final long epoch;
        private long place;

        Reading(PartitionLog log, String group, long epoch, long place) {
            this.log = log;
            this.group = group;
            this.epoch = epoch;
            this.place = place;
        }
    }

    Dispatcher(
            String eventHub,
            List<PartitionLog> partitions,
            SharedAccess access,
            InstantSource clock) {
        this.eventHub = eventHub;
        this.partitions = partitions;
        this.access = access;
        this.clock = clock;
        createdAt = clock.millis();
        // one decoder for all: this class lives on one thread
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
    }

    void inject(Fault next) {
        fault = next;
    }

    void closeAll() {
        for (Connection connection : List.copyOf(connections)) {
            connection.setCondition(
                    new ErrorCondition(
                            Symbol.valueOf("amqp:connection:forced"), "the endpoint stops"));
            connection.close();
        }
    }

    @Override
    public void onConnectionBound(Event event) {
        event.getTransport().setIdleTimeout(IDLE_MILLIS);
    }

    @Override
    public void onConnectionRemoteOpen(Event event) {
        Connection connection = event.getConnection();
        connections.add(connection);
        connection.setContainer("uns-hub-event-hubs");
        connection.open();
    }

    @Override
    public void onConnectionRemoteClose(Event event) {
        forget(event.getConnection());
        event.getConnection().close();
    }

    @Override
    public void onTransportClosed(Event event) {
        Connection connection = event.getConnection();
        if (connection != null) {
            forget(connection);
            connection.free();
        }
    }

    @Override
    public void onSessionRemoteOpen(Event event) {
        event.getSession().open();
    }

    @Override
    public void onSessionRemoteClose(Event event) {
        event.getSession().close();
        event.getSession().free();
    }

    @Override
    public void onLinkRemoteOpen(Event event) {
        if (fault == Fault.SILENCE) {
            return;
        }
        Link link = event.getLink();
        link.setSource(link.getRemoteSource());
        link.setTarget(link.getRemoteTarget());
        link.setSenderSettleMode(link.getRemoteSenderSettleMode());
        link.setReceiverSettleMode(link.getRemoteReceiverSettleMode());
        if (link instanceof Receiver receiver) {
            openSending(receiver);
        } else {
            openReceiving((Sender) link);
        }
    }

    @Override
    public void onLinkRemoteClose(Event event) {
        readers.remove(event.getLink());
        event.getLink().close();
        event.getLink().free();
    }

    @Override
    public void onLinkRemoteDetach(Event event) {
        readers.remove(event.getLink());
        event.getLink().detach();
        event.getLink().free();
    }

    @Override
    public void onLinkFlow(Event event) {
        if (event.getLink() instanceof Sender sender) {
            deliver(sender);
        }
    }

    @Override
    public void onDelivery(Event event) {
        Delivery delivery = event.getDelivery();
        if (delivery.getLink().getLocalState() != EndpointState.ACTIVE) {
            return; // what was under way when the link was closed is its client's to send again
        }
        if (delivery.getLink() instanceof Receiver receiver) {
            if (delivery.isReadable() && !delivery.isPartial() && fault != Fault.SILENCE) {
                take(receiver, delivery);
            }
        } else if (delivery.remotelySettled() || delivery.getRemoteState() != null) {
            delivery.settle();
            deliver((Sender) event.getLink());
        }
    }

    private void openSending(Receiver receiver) {
        String address = ((Target) receiver.getRemoteTarget()).getAddress();
        if (isNode(address)) {
            receiver.open();
            receiver.flow(CREDIT);
        } else if (mayOpen(receiver)) {
            String[] parts = address.split("/Partitions/", 2);
            if (!parts[0].equals(eventHub) || parts.length == 2 && partition(parts[1]).isEmpty()) {
                refuse(receiver, "amqp:not-found", "there is no " + address + " here");
                return;
            }
            receiver.setMaxMessageSize(UnsignedLong.valueOf(MAX_MESSAGE_BYTES));
            receiver.open();
            receiver.flow(CREDIT);
        }
    }

    private void openReceiving(Sender sender) {
        Source source = (Source) sender.getRemoteSource();
        String address = source.getAddress();
        if (isNode(address)) {
            sender.open();
            return;
        }
        if (!mayOpen(sender)) {
            return;
        }
        Matcher path = READ_FROM.matcher(address);
        Optional<PartitionLog> log =
                path.matches() && path.group(1).equals(eventHub)
                        ? partition(path.group(3))
                        : Optional.empty();
        if (log.isEmpty()) {
            refuse(sender, "amqp:not-found", "there is no " + address + " here");
            return;
        }
        Map<Symbol, Object> properties = sender.getRemoteProperties();
        long epoch =
                properties != null && properties.get(EPOCH) instanceof Number given
                        ? given.longValue()
                        : -1;
        Reading reading;
        try {
            reading = new Reading(log.get(), path.group(2), epoch, start(log.get(), source));
        } catch (IOException | IllegalArgumentException e) {
            refuse(sender, "amqp:invalid-field", e.getMessage());
            return;
        }
        if (epoch >= 0 && !steal(sender, reading)) {
            return;
        }
        sender.open();
        readers.put(sender, reading);
    }

    /** The reader with the higher epoch wins; returns whether that is the new one. */
    private boolean steal(Sender sender, Reading reading) {
        for (Map.Entry<Sender, Reading> other : List.copyOf(readers.entrySet())) {
            Reading theirs = other.getValue();
            if (theirs.log == reading.log && theirs.group.equals(reading.group)) {
                if (theirs.epoch > reading.epoch) {
                    refuse(sender, "amqp:link:stolen", "a reader with a higher epoch is here");
                    return false;
                }
                readers.remove(other.getKey());
                refuse(other.getKey(), "amqp:link:stolen", "a reader with a newer epoch came");
            }
        }
        return true;
    }

    private long start(PartitionLog log, Source source) throws IOException {
        Map<?, ?> filters = source.getFilter();
        Object filter = filters == null ? null : filters.get(SELECTOR);
        Object text = filter instanceof DescribedType described ? described.getDescribed() : filter;
        if (text == null) {
            return 0;
        }
        Matcher position = POSITION.matcher(text.toString());
        if (!position.matches()) {
            throw new IllegalArgumentException("the filter " + text + " names no position");
        }
        boolean inclusive = position.group(2).equals(">=");
        String value = position.group(3);
        if (value.equals("@latest")) {
            return log.end();
        }
        long number = Long.parseLong(value);
        return switch (position.group(1)) {
            case "x-opt-sequence-number" -> log.placeOfSequence(inclusive ? number : number + 1);
            case "x-opt-enqueued-time" -> log.placeOfTime(inclusive ? number : number + 1);
            case "x-opt-offset" -> after(log, number, inclusive);
            default ->
                    throw new IllegalArgumentException("the filter " + text + " is not supported");
        };
    }

    private static long after(PartitionLog log, long offset, boolean inclusive) throws IOException {
        if (offset < 0) {
            return 0;
        }
        if (offset >= log.end()) {
            return log.end();
        }
        PartitionLog.Event event = log.read(offset);
        return inclusive ? offset : event.next();
    }

    private boolean mayOpen(Link link) {
        if (!authorised.contains(link.getSession().getConnection())) {
            refuse(link, "amqp:unauthorized-access", "put a token to $cbs first");
            return false;
        }
        return true;
    }

    private void take(Receiver receiver, Delivery delivery) {
        byte[] bytes = new byte[delivery.available()];
        receiver.recv(bytes, 0, bytes.length);
        receiver.advance();
        String address = ((Target) receiver.getRemoteTarget()).getAddress();
        if (isNode(address)) {
            settle(delivery, Accepted.getInstance());
            answer(receiver.getSession(), address, decode(bytes));
        } else {
            store(receiver, delivery, address, bytes);
        }
        if (receiver.getLocalState() == EndpointState.ACTIVE) {
            receiver.flow(1);
        }
    }

    private void store(Receiver receiver, Delivery delivery, String address, byte[] bytes) {
        switch (fault) {
            case SERVER_BUSY -> {
                settle(delivery, rejected("com.microsoft:server-busy", "the server is busy"));
                return;
            }
            case DETACH -> {
                refuse(receiver, "amqp:link:detach-forced", "the link is detached on command");
                return;
            }
            case DROP -> {
                Transport transport = receiver.getSession().getConnection().getTransport();
                transport.close_head();
                transport.close_tail();
                return;
            }
            case POISON -> {
                if (new String(bytes, StandardCharsets.ISO_8859_1).contains("poison")) {
                    settle(
                            delivery,
                            rejected("com.microsoft:argument-error", "poison is not taken"));
                    return;
                }
            }
            case NONE, SMALL, SILENCE, UNAUTHORIZED -> {}
        }
        int most = fault == Fault.SMALL ? SMALL_MESSAGE_BYTES : MAX_MESSAGE_BYTES;
        if (bytes.length > most) {
            settle(
                    delivery,
                    rejected(
                            "amqp:link:message-size-exceeded",
                            "the message has "
                                    + bytes.length
                                    + " bytes, at most "
                                    + most
                                    + " are taken"));
            return;
        }
        String[] parts = address.split("/Partitions/", 2);
        List<byte[]> events = new ArrayList<>();
        String key = unpack(bytes, delivery.getMessageFormat() == BATCH_FORMAT, events);
        PartitionLog log = parts.length == 2 ? partition(parts[1]).orElseThrow() : choose(key);
        long now = Math.max(clock.millis(), log.lastTime());
        try {
            for (byte[] event : events) {
                log.append(event, now);
            }
        } catch (IOException e) {
            settle(delivery, rejected("amqp:internal-error", "the log: " + e.getMessage()));
            return;
        }
        settle(delivery, Accepted.getInstance());
        for (Map.Entry<Sender, Reading> reader : List.copyOf(readers.entrySet())) {
            if (reader.getValue().log == log) {
                deliver(reader.getKey());
            }
        }
    }

    /** Takes a transfer apart into its events and returns the partition key, if there is one. */
    private String unpack(byte[] bytes, boolean batch, List<byte[]> events) {
        String key = null;
        decoder.setByteBuffer(ByteBuffer.wrap(bytes));
        while (decoder.getByteBufferRemaining() > 0) {
            Object section = decoder.readObject();
            if (section instanceof MessageAnnotations annotations
                    && annotations.getValue().get(PARTITION_KEY) instanceof String given) {
                key = given;
            } else if (batch && section instanceof Data data) {
                Binary event = data.getValue();
                events.add(
                        java.util.Arrays.copyOfRange(
                                event.getArray(),
                                event.getArrayOffset(),
                                event.getArrayOffset() + event.getLength()));
            }
        }
        if (!batch) {
            events.add(bytes);
        }
        return key;
    }

    private PartitionLog choose(String key) {
        return partitions.get(
                key == null
                        ? nextPartition++ % partitions.size()
                        : PartitionKeys.partition(key, partitions.size()));
    }

    private void deliver(Sender sender) {
        Reading reading = readers.get(sender);
        if (reading == null || fault == Fault.SILENCE) {
            return;
        }
        try {
            while (sender.getCredit() > 0
                    && sender.getSession().getOutgoingBytes() < OUTGOING_BYTES) {
                PartitionLog.Event event = reading.log.read(reading.place);
                if (event == null) {
                    if (sender.getDrain()) {
                        sender.drained();
                    }
                    return;
                }
                send(sender, stamped(event));
                reading.place = event.next();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Message stamped(PartitionLog.Event event) {
        Message message = decode(event.message());
        Map<Symbol, Object> annotations = new HashMap<>();
        if (message.getMessageAnnotations() != null) {
            annotations.putAll(message.getMessageAnnotations().getValue());
        }
        annotations.put(SEQUENCE, event.sequence());
        annotations.put(OFFSET, Long.toString(event.place()));
        annotations.put(ENQUEUED, new Date(event.enqueued()));
        message.setMessageAnnotations(new MessageAnnotations(annotations));
        return message;
    }

    private void answer(Session session, String node, Message request) {
        Map<String, Object> properties =
                request.getApplicationProperties() == null
                        ? Map.of()
                        : request.getApplicationProperties().getValue();
        Message response = Proton.message();
        response.setCorrelationId(request.getMessageId());
        if (node.equals("$cbs")) {
            String token =
                    request.getBody() instanceof AmqpValue body ? (String) body.getValue() : null;
            Optional<String> refusal =
                    fault == Fault.UNAUTHORIZED
                            ? Optional.of("refused on command")
                            : access.refusal(properties.get("type"), token);
            if (refusal.isEmpty()) {
                authorised.add(session.getConnection());
            }
            status(response, refusal.isEmpty() ? 202 : 401, refusal.orElse("Accepted"));
        } else {
            manage(properties, response);
        }
        sender(session.getConnection(), request.getReplyTo())
                .ifPresent(sender -> send(sender, response));
    }

    private void manage(Map<String, Object> request, Message response) {
        Object type = request.get("type");
        Map<String, Object> body = new HashMap<>();
        body.put("name", eventHub);
        body.put("type", type);
        if ("com.microsoft:eventhub".equals(type) && eventHub.equals(request.get("name"))) {
            body.put("created_at", new Date(createdAt));
            body.put("partition_count", partitions.size());
            String[] ids = new String[partitions.size()];
            java.util.Arrays.setAll(ids, Integer::toString);
            body.put("partition_ids", ids);
        } else if ("com.microsoft:partition".equals(type)
                && partition(String.valueOf(request.get("partition"))).isPresent()) {
            PartitionLog log = partition(String.valueOf(request.get("partition"))).get();
            body.put("partition", request.get("partition"));
            body.put("begin_sequence_number", 0L);
            body.put("last_enqueued_sequence_number", log.lastSequence());
            body.put("last_enqueued_offset", Long.toString(log.lastPlace()));
            body.put("last_enqueued_time_utc", new Date(log.lastTime()));
            body.put("is_partition_empty", log.isEmpty());
        } else {
            status(response, 404, "there is no " + request.get("name") + " of type " + type);
            return;
        }
        status(response, 200, "OK");
        response.setBody(new AmqpValue(body));
    }

    private static void status(Message response, int code, String description) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("status-code", code);
        properties.put("status-description", description);
        response.setApplicationProperties(new ApplicationProperties(properties));
    }

    private static Optional<Sender> sender(Connection connection, String replyTo) {
        for (Link link = connection.linkHead(ACTIVE, ACTIVE);
                link != null;
                link = link.next(ACTIVE, ACTIVE)) {
            if (link instanceof Sender sender
                    && sender.getRemoteTarget() instanceof Target target
                    && replyTo != null
                    && replyTo.equals(target.getAddress())) {
                return Optional.of(sender);
            }
        }
        return Optional.empty();
    }

    private static final java.util.EnumSet<EndpointState> ACTIVE =
            java.util.EnumSet.of(EndpointState.ACTIVE);

    private void send(Sender sender, Message message) {
        byte[] buffer = new byte[1024];
        int length;
        while (true) {
            try {
                length = message.encode(buffer, 0, buffer.length);
                break;
            } catch (java.nio.BufferOverflowException e) {
                buffer = new byte[buffer.length * 4];
            }
        }
        Delivery delivery =
                sender.delivery(
                        Long.toString(nextTag++)
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        sender.send(buffer, 0, length);
        sender.advance();
        if (readers.get(sender) == null) {
            delivery.settle();
        }
    }

    private static Message decode(byte[] bytes) {
        Message message = Proton.message();
        message.decode(bytes, 0, bytes.length);
        return message;
    }

    private Optional<PartitionLog> partition(String id) {
        try {
            int index = Integer.parseInt(id);
            return index >= 0 && index < partitions.size()
                    ? Optional.of(partitions.get(index))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static boolean isNode(String address) {
        return "$cbs".equals(address) || "$management".equals(address);
    }

    private static void settle(Delivery delivery, DeliveryState state) {
        delivery.disposition(state);
        delivery.settle();
    }

    private static Rejected rejected(String condition, String text) {
        Rejected rejected = new Rejected();
        rejected.setError(new ErrorCondition(Symbol.valueOf(condition), text));
        return rejected;
    }

    private static void refuse(Link link, String condition, String text) {
        if (link.getLocalState() == EndpointState.UNINITIALIZED) {
            link.open();
        }
        link.setCondition(new ErrorCondition(Symbol.valueOf(condition), text));
        link.close();
    }

    private void forget(Connection connection) {
        connections.remove(connection);
        authorised.remove(connection);
        readers.keySet().removeIf(sender -> sender.getSession().getConnection() == connection);
    }
}
