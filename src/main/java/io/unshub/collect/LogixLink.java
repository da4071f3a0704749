package io.unshub.collect;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

/**
 * One CIP connection to one Logix controller, over EtherNet/IP. It is the hub's own, because
 * PLC4X's driver (0.13.1) fails a whole read for one unknown tag, insists on large connections and
 * reads nothing in pieces.
 *
 * <p>In: tags. Out: what the controller says of each of them. Guarantees: as many tags share a
 * packet as fit into the connection's size, both ways; what the controller refuses, or what does
 * not fit, costs no other its value. Threads: calls run on threads of their own, which end when the
 * socket closes. Failure: an exception, and the link is of no more use.
 */
final class LogixLink implements PlcLink {

    private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);

    private static final int LARGE_FORWARD_OPEN = 0x5B;
    private static final int FORWARD_OPEN = 0x54;
    private static final int FORWARD_CLOSE = 0x4E;
    private static final int MULTIPLE_SERVICE = 0x0A;
    private static final int READ_TAG = 0x4C;
    private static final int READ_TAG_FRAGMENTED = 0x52;

    private static final byte[] CONNECTION_MANAGER = {0x20, 0x06, 0x24, 0x01};
    private static final byte[] MESSAGE_ROUTER = {0x20, 0x02, 0x24, 0x01};

    private static final int LARGE = 4002;
    private static final int SMALL = 504;

    /** Of a connection to one point, with messages of any length. */
    private static final int POINT_TO_POINT = 0x4200;

    /** What a controller may take for a request to its connection manager: 14 times 1,024 ms. */
    private static final short PATIENCE = 0x0E0A;

    /** Class 3, the far side is the server. */
    private static final byte TRANSPORT = (byte) 0xA3;

    /** The connection is dropped after sixteen intervals of silence. */
    private static final byte SIXTEEN = 2;

    private static final Duration LEAST_INTERVAL = Duration.ofSeconds(2);
    private static final Duration MOST_INTERVAL = Duration.ofHours(1);

    private static final int SEQUENCE = 2;
    private static final int REPLY_HEADER = 4;

    /** What most tags need: header, type and eight bytes. */
    private static final int USUAL_REPLY = REPLY_HEADER + 2 + 8;

    private static final int MOST_OF_A_STRING = 0x10000;

    private final EnipSession session;
    private final Duration limit;
    private final byte[] route;
    private final short serial = (short) ThreadLocalRandom.current().nextInt();
    private final int originator = ThreadLocalRandom.current().nextInt();
    private final Map<String, Item> items = new HashMap<>();
    private int connection;
    private int size;

    /** Whether the controller takes several requests in a packet. */
    private boolean packs = true;

    /** Whether something went wrong, after which there is nothing to say goodbye to. */
    private boolean broken;

    private LogixLink(EnipSession session, Connection connection) {
        LogixOptions options = (LogixOptions) connection.plc();
        this.session = session;
        this.limit = options.requestTimeout();
        this.route = options.route();
    }

    /** An address, and what this connection has learned of it. */
    private static final class Item {

        private final LogixAddress address;
        private byte[] path;
        private int bit;
        private boolean known;
        private boolean inWord;
        private int reply = USUAL_REPLY;

        Item(LogixAddress address) {
            this.address = address;
            this.path = address.path();
            this.bit = address.bit();
            this.known = !address.element();
        }

        void learn(int type) {
            known = true;
            if (type == LogixValue.BITS) {
                path = address.word();
                bit = address.bitOfWord();
                inWord = true;
            }
        }

        Answer answer(CipReply reply) {
            if (!fine(reply)) {
                return LogixValue.refused(reply);
            }
            boolean bits = LogixValue.type(reply.data()) == LogixValue.BITS;
            // an index counts words there, which nobody means
            return bits && !inWord
                    ? LogixValue.wrong("an array of BOOL; bind its elements, of one dimension")
                    : LogixValue.of(reply, bit, address.string());
        }
    }

    /**
     * A read.
     *
     * @param reply how long its reply will be, as far as one knows
     * @param whole whether it is worth many packets
     */
    private record Read(byte[] path, int reply, boolean whole) {

        ByteBuffer key() {
            return ByteBuffer.wrap(path);
        }

        Read and(Read same) {
            return new Read(path, Math.max(reply, same.reply), whole || same.whole);
        }

        /** Of the request: service, length of the path, path and number of elements. */
        int length() {
            return 1 + 1 + path.length + 2;
        }
    }

    static LogixLink open(Connection connection) throws Exception {
        URI url = URI.create(connection.url());
        String host = url.getHost();
        int port = connection.protocol().port(url);
        Duration limit = connection.plc().requestTimeout();
        Socket socket = new Socket();
        try {
            return BoundedCall.within(
                    limit,
                    "accept a connection",
                    () -> {
                        try {
                            socket.connect(
                                    new InetSocketAddress(host, port), (int) limit.toMillis());
                        } catch (IOException e) {
                            throw new ConnectException(host + ":" + port + ": " + e.getMessage());
                        }
                        socket.setTcpNoDelay(true);
                        socket.setKeepAlive(true);
                        LogixLink link = new LogixLink(new EnipSession(socket), connection);
                        link.connect(connection.plc().pollInterval());
                        return link;
                    });
        } catch (Exception e) {
            socket.close();
            throw sense(e);
        }
    }

    /** Large if the controller takes it, else of the size that all take. */
    private void connect(Duration interval) throws IOException {
        CipReply reply = session.ask(forwardOpen(LARGE_FORWARD_OPEN, LARGE, interval));
        size = LARGE;
        if (reply.status() != CipReply.SUCCESS) {
            reply = session.ask(forwardOpen(FORWARD_OPEN, SMALL, interval));
            size = SMALL;
        }
        if (reply.status() != CipReply.SUCCESS) {
            throw new RefusedException(
                    "the controller refused a connection, " + reply.said() + why(reply));
        }
        connection = reply.data().getInt();
    }

    private static String why(CipReply reply) {
        return switch (reply.extended()) {
            case 0x0113 -> ": it has no more of them; close some, or restart what left them open";
            case 0x0204 -> ": nothing answers behind the path; see logix.slot or logix.path";
            case 0x0311, 0x0312, 0x0315 -> ": the path leads nowhere; see logix.slot or logix.path";
            default -> "";
        };
    }

    private byte[] forwardOpen(int service, int size, Duration interval) {
        Duration longer = interval.compareTo(LEAST_INTERVAL) < 0 ? LEAST_INTERVAL : interval;
        Duration expected = longer.compareTo(MOST_INTERVAL) > 0 ? MOST_INTERVAL : longer;
        int micros = (int) (expected.toMillis() * 1000);
        ByteBuffer request = EnipSession.little(64 + route.length);
        request.put((byte) service).put((byte) 2).put(CONNECTION_MANAGER).putShort(PATIENCE);
        // its id is the controller's to choose, that of the way back is ours
        request.putInt(0).putInt(ThreadLocalRandom.current().nextInt());
        identity(request);
        request.put(SIXTEEN).put(new byte[3]);
        for (int way = 0; way < 2; way++) {
            request.putInt(micros);
            if (service == LARGE_FORWARD_OPEN) {
                request.putInt(POINT_TO_POINT << 16 | size);
            } else {
                request.putShort((short) (POINT_TO_POINT | size));
            }
        }
        request.put(TRANSPORT);
        request.put((byte) ((route.length + MESSAGE_ROUTER.length) / 2));
        return bytes(request.put(route).put(MESSAGE_ROUTER));
    }

    private byte[] forwardClose() {
        ByteBuffer request = EnipSession.little(32 + route.length);
        request.put((byte) FORWARD_CLOSE).put((byte) 2).put(CONNECTION_MANAGER).putShort(PATIENCE);
        identity(request);
        request.put((byte) ((route.length + MESSAGE_ROUTER.length) / 2)).put((byte) 0);
        return bytes(request.put(route).put(MESSAGE_ROUTER));
    }

    /** Serial number, vendor and number of the one who connects. */
    private void identity(ByteBuffer request) {
        request.putShort(serial).putShort((short) 0).putInt(originator);
    }

    private static byte[] bytes(ByteBuffer filled) {
        byte[] bytes = new byte[filled.position()];
        filled.flip().get(bytes);
        return bytes;
    }

    @Override
    public Map<Tag, Answer> read(List<Tag> tags) throws Exception {
        try {
            return BoundedCall.within(limit, "answer", () -> readNow(tags));
        } catch (Exception e) {
            broken = true;
            throw sense(e);
        }
    }

    /** An answer that breaks off, or has lengths that cannot be. */
    private static Exception sense(Exception fault) {
        return fault instanceof RuntimeException
                ? new IOException("the device's answer makes no sense", fault)
                : fault;
    }

    private Map<Tag, Answer> readNow(List<Tag> tags) throws IOException {
        Map<Tag, Answer> answers = new HashMap<>();
        Map<Tag, Item> asked = new HashMap<>();
        for (Tag tag : tags) {
            String address = tag.address();
            asked.put(tag, items.computeIfAbsent(address, a -> new Item(LogixAddress.parse(a))));
        }
        List<Tag> strange = pick(tags, tag -> !asked.get(tag).known);
        List<CipReply> arrays =
                ask(
                        strange.stream()
                                .map(
                                        t ->
                                                new Read(
                                                        asked.get(t).address.array(),
                                                        USUAL_REPLY,
                                                        false))
                                .toList());
        for (int i = 0; i < strange.size(); i++) {
            int type = LogixValue.type(arrays.get(i).data());
            if (fine(arrays.get(i)) && type != 0) {
                asked.get(strange.get(i)).learn(type);
            } else {
                answers.put(strange.get(i), LogixValue.refused(arrays.get(i)));
            }
        }
        List<Tag> rest = pick(tags, tag -> !answers.containsKey(tag));
        List<CipReply> replies =
                ask(
                        rest.stream()
                                .map(asked::get)
                                .map(i -> new Read(i.path, i.reply, i.address.string()))
                                .toList());
        for (int i = 0; i < rest.size(); i++) {
            Item item = asked.get(rest.get(i));
            CipReply reply = replies.get(i);
            if (fine(reply)) {
                item.reply = Math.max(USUAL_REPLY, REPLY_HEADER + reply.data().remaining());
            }
            answers.put(rest.get(i), item.answer(reply));
        }
        return answers;
    }

    private static List<Tag> pick(List<Tag> tags, Predicate<Tag> those) {
        return tags.stream().filter(those).toList();
    }

    private static boolean fine(CipReply reply) {
        return reply.status() == CipReply.SUCCESS || reply.status() == CipReply.PARTIAL;
    }

    /** Asks all of it, each path once, in as few packets as it fits into. */
    private List<CipReply> ask(List<Read> reads) throws IOException {
        // the bits of an integer are one read
        Map<ByteBuffer, Read> distinct = new LinkedHashMap<>();
        reads.forEach(read -> distinct.merge(read.key(), read, Read::and));
        List<Read> open = List.copyOf(distinct.values());
        Map<ByteBuffer, CipReply> replies = new HashMap<>();
        while (!open.isEmpty()) {
            List<Read> packet = open.subList(0, packs ? fitting(open) : 1);
            List<CipReply> some =
                    packet.size() == 1 ? List.of(alone(packet.get(0))) : together(packet);
            for (int i = 0; i < packet.size(); i++) {
                replies.put(packet.get(i).key(), some.get(i));
            }
            open = open.subList(packet.size(), open.size());
        }
        return reads.stream().map(read -> replies.get(read.key())).toList();
    }

    /** How many of the first share a packet; at least one. */
    private int fitting(List<Read> reads) {
        int request = SEQUENCE + 2 + MESSAGE_ROUTER.length + 2;
        int reply = SEQUENCE + REPLY_HEADER + 2;
        int count = 0;
        for (Read read : reads) {
            request += 2 + read.length();
            reply += 2 + read.reply();
            if (request > size || reply > size) {
                break;
            }
            count++;
        }
        return Math.max(1, count);
    }

    private static byte[] readTag(byte[] path) {
        ByteBuffer request = EnipSession.little(path.length + 4);
        request.put((byte) READ_TAG).put((byte) (path.length / 2)).put(path);
        return bytes(request.putShort((short) 1));
    }

    private CipReply alone(Read read) throws IOException {
        CipReply reply = session.ask(connection, readTag(read.path()));
        return reply.status() == CipReply.PARTIAL && read.whole() ? fragments(read.path()) : reply;
    }

    private List<CipReply> together(List<Read> reads) throws IOException {
        ByteBuffer request = EnipSession.little(size);
        request.put((byte) MULTIPLE_SERVICE).put((byte) 2).put(MESSAGE_ROUTER);
        request.putShort((short) reads.size());
        int offset = 2 + 2 * reads.size();
        for (Read read : reads) {
            request.putShort((short) offset);
            offset += read.length();
        }
        reads.forEach(read -> request.put(readTag(read.path())));
        CipReply reply = session.ask(connection, bytes(request));
        packs &= reply.status() != CipReply.NOT_SUPPORTED;
        boolean answered =
                reply.status() == CipReply.SUCCESS || reply.status() == CipReply.EMBEDDED;
        List<CipReply> replies = new ArrayList<>();
        for (int i = 0; i < reads.size(); i++) {
            CipReply each = answered ? part(reply.data(), reads.size(), i) : null;
            boolean again =
                    each == null
                            || each.status() == CipReply.PARTIAL
                            || each.status() == CipReply.TOO_LARGE;
            replies.add(again ? alone(reads.get(i)) : each);
        }
        return replies;
    }

    private static CipReply part(ByteBuffer data, int asked, int index) throws IOException {
        int count = data.getShort(0);
        if (count != asked) {
            throw new IOException("the device answered " + count + " of " + asked + " requests");
        }
        int begin = data.getShort(2 + 2 * index) & 0xFFFF;
        int end = index + 1 < count ? data.getShort(4 + 2 * index) & 0xFFFF : data.limit();
        ByteBuffer bytes = data.slice(begin, end - begin).order(data.order());
        return CipReply.of(bytes, READ_TAG);
    }

    /** Reads piece by piece what does not fit into one packet. */
    private CipReply fragments(byte[] path) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        while (true) {
            ByteBuffer request = EnipSession.little(path.length + 8);
            request.put((byte) READ_TAG_FRAGMENTED).put((byte) (path.length / 2)).put(path);
            int offset = Math.max(0, whole.size() - 4);
            CipReply reply =
                    session.ask(connection, bytes(request.putShort((short) 1).putInt(offset)));
            int head = whole.size() == 0 ? 0 : 4;
            boolean more = reply.status() == CipReply.PARTIAL;
            if (!fine(reply) || LogixValue.type(reply.data()) != LogixValue.STRUCTURE) {
                return reply;
            }
            byte[] piece = new byte[reply.data().remaining() - head];
            reply.data().position(head).get(piece);
            whole.writeBytes(piece);
            if (more && piece.length == 0 || whole.size() > MOST_OF_A_STRING) {
                throw new IOException("the device's answer has no end");
            }
            if (!more) {
                return new CipReply(
                        CipReply.SUCCESS,
                        0,
                        ByteBuffer.wrap(whole.toByteArray()).order(reply.data().order()));
            }
        }
    }

    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try (session) {
            if (!broken) {
                BoundedCall.within(CLOSE_LIMIT, "say goodbye", () -> session.ask(forwardClose()));
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (Exception e) {
            // there is nothing left to do with it
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
