package io.unshub.collect;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A Logix controller in slot 0 on loopback, as 1756-PM020 describes it, some of whose tags
 * misbehave. Written from the manual, without the hub's own code for the protocol.
 */
public final class LogixTestServer implements AutoCloseable {

    private static final String SLOT_0 = "0100";
    private static final String MESSAGE_ROUTER = "20022401";
    private static final int SHORT = 0xFFFF;

    /** Handle of the type STRING. */
    private static final int STRING = 0x0FCE;

    private final ServerSocket listening;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Map<String, byte[]> tags = new ConcurrentHashMap<>();
    private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
    private final Set<String> mute = ConcurrentHashMap.newKeySet();
    private final Set<String> garbled = ConcurrentHashMap.newKeySet();
    private final List<String> packets = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean takesLarge = true;
    private volatile boolean packs = true;

    LogixTestServer(int port) throws IOException {
        listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    /** A controller with the tags of the connection that the page shows. */
    public static LogixTestServer ofThePage(int port) throws IOException {
        LogixTestServer server = new LogixTestServer(port);
        server.set("Program:MainProgram.Pump.Speed", 0xCA, little(4).putFloat(1480.5f));
        server.set("Tank[3].Level", 0xCA, little(4).putFloat(4.5f));
        server.setDint("Flags", 0b100000);
        server.setDint("BottleCount", 12);
        server.set("ValveOpen[0]", 0xD3, little(4).putInt(0));
        server.set("ValveOpen[1]", 0xD3, little(4).putInt(0b100000));
        server.setString("RecipeName", STRING, 84, "cola");
        return server;
    }

    /** Sets a tag to a value of a type, lowest byte first. */
    void set(String tag, int type, ByteBuffer value) {
        tags.put(
                tag,
                little(2 + value.capacity()).putShort((short) type).put(value.array()).array());
    }

    /** Sets a tag of each type, at its limits where it has some. */
    void setEachType() {
        set("Bool", 0xC1, little(1).put((byte) 1));
        set("Sint", 0xC2, little(1).put((byte) -56));
        set("Int", 0xC3, little(2).putShort((short) -2));
        set("Dint", 0xC4, little(4).putInt(-70_000));
        set("Lint", 0xC5, little(8).putLong(Long.MIN_VALUE + 1));
        set("Usint", 0xC6, little(1).put((byte) 200));
        set("Uint", 0xC7, little(2).putShort((short) 0xFFFE));
        set("Udint", 0xC8, little(4).putInt((int) 4_000_000_000L));
        set("Ulint", 0xC9, little(8).putLong(-1));
        set("Program:MainProgram.Pump.Speed", 0xCA, little(4).putFloat(21.7f));
        set("Lreal", 0xCB, little(8).putDouble(0.1));
        set("Nan", 0xCA, little(4).putFloat(Float.NaN));
        set("Tank[3].Level", 0xCA, little(4).putFloat(4.5f));
        set("Bits[0]", 0xD3, little(4).putInt(0));
        set("Bits[1]", 0xD3, little(4).putInt(0b100000));
        setString("Name", 0x0FCE, 84, "pump 1");
        setString("Recipe", 0x1234, 24, "br\u00FCn");
    }

    void setDint(String tag, int value) {
        set(tag, 0xC4, little(4).putInt(value));
    }

    /** Sets a string of a type with that handle and room for so many characters. */
    void setString(String tag, int handle, int room, String text) {
        ByteBuffer value = little(6 + room).putShort((short) handle).putInt(text.length());
        set(tag, 0x02A0, value.put(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Refuses reads of the tag with that status, or an extended one of four digits. */
    void refuse(String tag, int status) {
        statuses.put(tag, status);
    }

    /** Never answers packets that ask for the tag. */
    void mute(String tag) {
        mute.add(tag);
    }

    /** Answers packets that ask for the tag with one byte. */
    void garble(String tag) {
        garbled.add(tag);
    }

    void answer(String tag) {
        mute.remove(tag);
    }

    /** Takes connections of 504 bytes only. */
    void takesNoLargeConnections() {
        takesLarge = false;
    }

    /** Knows no Multiple Service Packet. */
    void takesOneRequestAPacket() {
        packs = false;
    }

    /** Returns the packets so far: the length, and the tags that they asked for. */
    List<String> packets() {
        return packets;
    }

    /** Returns how many CIP connections are open. */
    int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private static ByteBuffer little(int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "logix-test-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                sockets.add(socket);
                start(new Client(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    /** One TCP connection with its session and, at most, one CIP connection. */
    private final class Client implements Runnable {

        private final Socket socket;
        private int size;
        private boolean connected;

        Client(Socket socket) {
            this.socket = socket;
        }

        @Override
        public void run() {
            try (socket) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                while (true) {
                    ByteBuffer header = little(in.readNBytes(24));
                    byte[] body = in.readNBytes(header.getShort(2) & SHORT);
                    byte[] answer = answer(header.getShort(0), little(body));
                    if (answer == null) {
                        continue;
                    }
                    ByteBuffer packet = little(24 + answer.length).put(header.array());
                    packet.put(answer).putShort(2, (short) answer.length).putInt(4, 0x51DE);
                    socket.getOutputStream().write(packet.array());
                }
            } catch (IOException | RuntimeException e) {
                // gone
            } finally {
                sockets.remove(socket);
                disconnected();
            }
        }

        private void disconnected() {
            if (connected) {
                connections.decrementAndGet();
            }
            connected = false;
        }

        private byte[] answer(int command, ByteBuffer body) throws IOException {
            switch (command) {
                case 0x65:
                    return body.array();
                case 0x6F:
                    // no address, then what is for the connection manager
                    byte[] reply = manager(Arrays.copyOfRange(body.array(), 16, body.limit()));
                    return reply == null ? null : items(body, 16, 0xB2, reply);
                case 0x70:
                    // the connection's id, then the sequence number and a request
                    if (!connected || body.getInt(12) != 0xC0DE) {
                        throw new IOException("no such connection");
                    }
                    byte[] request = Arrays.copyOfRange(body.array(), 22, body.limit());
                    byte[] data = serve(request);
                    if (data == null) {
                        return null;
                    }
                    ByteBuffer counted = little(2 + data.length).putShort(body.getShort(20));
                    return items(body, 20, 0xB1, counted.put(data).array());
                default:
                    throw new IOException("bye");
            }
        }

        private byte[] items(ByteBuffer body, int upTo, int type, byte[] data) {
            ByteBuffer items = little(upTo + data.length).put(body.array(), 0, upTo - 4);
            return items.putShort((short) type).putShort((short) data.length).put(data).array();
        }

        private byte[] manager(byte[] request) {
            String path = HexFormat.of().formatHex(request);
            int service = request[0];
            if (service == 0x4E) {
                disconnected();
                return reply(service, 0, new byte[0]);
            } else if (service == 0x5B && !takesLarge) {
                return reply(service, 0x08, new byte[0]);
            } else if (!path.endsWith(SLOT_0 + MESSAGE_ROUTER)) {
                return reply(service, 0x0312, new byte[0]);
            }
            size = service == 0x5B ? little(request).getInt(32) & SHORT : 504;
            connected = true;
            connections.incrementAndGet();
            return reply(service, 0, little(26).putInt(0xC0DE).array());
        }

        private byte[] serve(byte[] request) {
            if (request[0] != 0x0A) {
                packets.add(request.length + " " + tag(request));
                if (garbled.contains(tag(request))) {
                    return new byte[] {(byte) 0xCC};
                }
                return mute.contains(tag(request)) ? null : read(request, size - 2);
            } else if (!packs) {
                return reply(0x0A, 0x08, new byte[0]);
            }
            ByteBuffer services = little(Arrays.copyOfRange(request, 6, request.length));
            int count = services.getShort(0);
            byte[][] replies = new byte[count][];
            StringBuilder asked = new StringBuilder().append(request.length);
            int room = size - 2 - 4 - 2 - 2 * count;
            boolean all = true;
            for (int i = 0; i < count; i++) {
                int end = i + 1 < count ? services.getShort(4 + 2 * i) : services.limit();
                byte[] one =
                        Arrays.copyOfRange(services.array(), services.getShort(2 + 2 * i), end);
                asked.append(' ').append(tag(one));
                if (mute.contains(tag(one))) {
                    return null;
                }
                replies[i] = read(one, Integer.MAX_VALUE);
                if (replies[i].length > room - 4 * (count - i - 1)) {
                    replies[i] = reply(one[0], 0x11, new byte[0]);
                }
                room -= replies[i].length;
                all &= replies[i][2] == 0;
            }
            packets.add(asked.toString());
            ByteBuffer data = little(size).putShort((short) count);
            int offset = 2 + 2 * count;
            for (byte[] reply : replies) {
                data.putShort((short) offset);
                offset += reply.length;
            }
            for (byte[] reply : replies) {
                data.put(reply);
            }
            return reply(0x0A, all ? 0 : 0x1E, Arrays.copyOf(data.array(), data.position()));
        }

        private byte[] read(byte[] request, int room) {
            String tag = tag(request);
            Integer refused = statuses.get(tag);
            byte[] value = tags.getOrDefault(tag, tags.get(tag + "[0]"));
            if (refused != null) {
                return reply(request[0], refused, new byte[0]);
            } else if (value == null) {
                boolean array = tags.containsKey(tag.replaceFirst("\\[\\d+]$", "[0]"));
                return reply(request[0], array ? 0x2105 : 0x04, new byte[0]);
            }
            int from = 0;
            int head = value[1] == 0 ? 2 : 4;
            if (request[0] == 0x52) {
                from = little(request).getInt(request.length - 4);
            }
            byte[] rest = Arrays.copyOfRange(value, head + from, value.length);
            boolean fits = 4 + head + rest.length <= room;
            byte[] some = fits ? rest : Arrays.copyOf(rest, room - 4 - head);
            ByteBuffer data = little(head + some.length).put(value, 0, head).put(some);
            return reply(request[0], fits ? 0 : 0x06, data.array());
        }
    }

    private static byte[] reply(int service, int status, byte[] data) {
        boolean extended = status > 0xFF;
        boolean manager = status < 0x1000;
        ByteBuffer reply = little((extended ? 6 : 4) + data.length);
        reply.put((byte) (service | 0x80)).put((byte) 0);
        reply.put((byte) (extended ? manager ? 0x01 : 0xFF : status));
        reply.put((byte) (extended ? 1 : 0));
        if (extended) {
            reply.putShort((short) status);
        }
        return reply.put(data).array();
    }

    /** The tag that a request's path names. */
    private static String tag(byte[] request) {
        StringBuilder tag = new StringBuilder();
        ByteBuffer path = little(Arrays.copyOfRange(request, 2, 2 + 2 * (request[1] & 0xFF)));
        boolean index = false;
        while (path.hasRemaining()) {
            int segment = path.get() & 0xFF;
            if (segment == 0x91) {
                byte[] name = new byte[path.get()];
                path.get(name);
                path.position(path.position() + name.length % 2);
                tag.append(tag.length() == 0 ? "" : ".")
                        .append(new String(name, StandardCharsets.US_ASCII));
                index = false;
                continue;
            }
            int element =
                    switch (segment) {
                        case 0x28 -> path.get() & 0xFF;
                        case 0x29 -> path.position(path.position() + 1).getShort() & SHORT;
                        case 0x2A -> path.position(path.position() + 1).getInt();
                        default -> throw new IllegalArgumentException("segment " + segment);
                    };
            if (index) {
                tag.setLength(tag.length() - 1);
            }
            tag.append(index ? "," : "[").append(element).append(']');
            index = true;
        }
        return tag.toString();
    }
}
