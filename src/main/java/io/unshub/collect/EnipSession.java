package io.unshub.collect;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An EtherNet/IP session over a TCP connection, and the CIP requests in it, one after the other.
 *
 * <p>In: a connected socket, and CIP requests as they are on the wire. Out: the reply to each.
 * Guarantees: a reply belongs to its request, or there is none. Threads: one at a time, which waits
 * for the device for ever; closing the socket ends that. Failure: every exception leaves the
 * session of no more use.
 */
final class EnipSession implements Closeable {

    private static final int REGISTER_SESSION = 0x65;
    private static final int UNREGISTER_SESSION = 0x66;
    private static final int SEND_RR_DATA = 0x6F;
    private static final int SEND_UNIT_DATA = 0x70;

    private static final int HEADER = 24;
    private static final int NULL_ADDRESS = 0x00;
    private static final int CONNECTED_ADDRESS = 0xA1;
    private static final int CONNECTED_DATA = 0xB1;
    private static final int UNCONNECTED_DATA = 0xB2;

    /** Seconds that the device may take for a request outside a connection. */
    private static final int PATIENCE = 5;

    private static final int MOST = 0xFFFF;

    private final Socket socket;
    private final InputStream in;
    private int handle;
    private int sequence;

    EnipSession(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        ByteBuffer version = little(4).putShort((short) 1).putShort((short) 0).flip();
        handle = exchange(REGISTER_SESSION, version).getInt(4);
    }

    /** A buffer in CIP's byte order, lowest first. */
    static ByteBuffer little(int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Asks the device itself. */
    CipReply ask(byte[] request) throws IOException {
        ByteBuffer body = little(16 + request.length);
        body.putInt(0).putShort((short) PATIENCE).putShort((short) 2);
        body.putShort((short) NULL_ADDRESS).putShort((short) 0);
        body.putShort((short) UNCONNECTED_DATA).putShort((short) request.length).put(request);
        ByteBuffer answer = exchange(SEND_RR_DATA, body.flip());
        return CipReply.of(item(answer, UNCONNECTED_DATA), request[0]);
    }

    /**
     * Asks what is behind a CIP connection.
     *
     * @param connection its id at the device
     */
    CipReply ask(int connection, byte[] request) throws IOException {
        sequence = (sequence + 1) & 0xFFFF;
        ByteBuffer body = little(22 + request.length);
        body.putInt(0).putShort((short) 0).putShort((short) 2);
        body.putShort((short) CONNECTED_ADDRESS).putShort((short) 4).putInt(connection);
        body.putShort((short) CONNECTED_DATA).putShort((short) (2 + request.length));
        body.putShort((short) sequence).put(request);
        ByteBuffer data = item(exchange(SEND_UNIT_DATA, body.flip()), CONNECTED_DATA);
        int answered = data.getShort() & 0xFFFF;
        if (answered != sequence) {
            throw new IOException(
                    "the device answered request " + answered + " instead of " + sequence);
        }
        return CipReply.of(data.slice().order(ByteOrder.LITTLE_ENDIAN), request[0]);
    }

    private ByteBuffer exchange(int command, ByteBuffer body) throws IOException {
        send(command, body);
        byte[] header = read(HEADER);
        ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        int answered = fields.getShort(0) & 0xFFFF;
        int status = fields.getInt(8);
        byte[] rest = read(fields.getShort(2) & 0xFFFF);
        if (status != 0) {
            throw new IOException(
                    "the device refused the request, EtherNet/IP status 0x%02X".formatted(status));
        }
        if (answered != command) {
            throw new IOException(
                    "the device answered command 0x%02X instead of 0x%02X"
                            .formatted(answered, command));
        }
        // the header of the first answer brings the handle
        return command == REGISTER_SESSION
                ? fields
                : ByteBuffer.wrap(rest).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void send(int command, ByteBuffer body) throws IOException {
        int length = body.remaining();
        if (length > MOST) {
            throw new IOException("a request of " + length + " bytes is too long");
        }
        ByteBuffer packet = little(HEADER + length);
        packet.putShort((short) command).putShort((short) length).putInt(handle);
        packet.position(HEADER);
        packet.put(body);
        socket.getOutputStream().write(packet.array());
    }

    private byte[] read(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the device closed the connection");
        }
        return bytes;
    }

    private static ByteBuffer item(ByteBuffer body, int wanted) throws IOException {
        body.position(6);
        int items = body.getShort();
        for (int i = 0; i < items; i++) {
            int type = body.getShort() & 0xFFFF;
            int length = body.getShort() & 0xFFFF;
            if (type == wanted) {
                return body.slice(body.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            body.position(body.position() + length);
        }
        throw new IOException("the device's answer holds no data");
    }

    /** Says goodbye, and ends the TCP connection. */
    @Override
    public void close() throws IOException {
        try (socket) {
            send(UNREGISTER_SESSION, ByteBuffer.allocate(0));
        }
    }
}
