package io.unshub.collect;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.plc4x.java.api.PlcConnection;
import org.apache.plc4x.java.api.PlcDriver;
import org.apache.plc4x.java.api.messages.PlcReadRequest;
import org.apache.plc4x.java.api.messages.PlcReadResponse;
import org.apache.plc4x.java.api.types.PlcResponseCode;
import org.apache.plc4x.java.api.value.PlcValue;
import org.apache.plc4x.java.modbus.tcp.ModbusTcpDriver;
import org.apache.plc4x.java.s7light.readwrite.S7LightDriver;
import org.apache.plc4x.java.spi.connection.ChannelExposingConnection;
import org.apache.plc4x.java.spi.events.CloseConnectionEvent;

/**
 * One PLC4X connection to one device, made safe: no call takes longer than the connection's
 * time-out, and a link that failed once is not used again. Not for use by several threads.
 */
final class Plc4xLink implements PlcLink {

    /** A device that has no session left closes the connection as soon as it has taken it. */
    private static final int HANG_UP_MILLIS = 100;

    /** The driver waits two seconds for its threads to calm down; nobody needs to wait for it. */
    private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);

    private final PlcConnection plc;
    private final Duration limit;

    private Plc4xLink(PlcConnection plc, Duration limit) {
        this.plc = plc;
        this.limit = limit;
    }

    static Plc4xLink open(Connection connection) throws Exception {
        Duration limit = connection.plc().requestTimeout();
        URI url = URI.create(connection.url());
        int port = connection.protocol().port(url);
        probe(url.getHost(), port, limit);
        String target = ((Plc4xOptions) connection.plc()).target(url.getHost(), port);
        PlcDriver driver = driver(connection.protocol());
        AtomicBoolean abandoned = new AtomicBoolean();
        AtomicReference<PlcConnection> late = new AtomicReference<>();
        try {
            PlcConnection plc =
                    BoundedCall.within(
                            limit,
                            "accept a connection",
                            () -> {
                                PlcConnection made = driver.getConnection(target);
                                try {
                                    made.connect();
                                } catch (Exception e) {
                                    // its threads are there already
                                    new Plc4xLink(made, limit).close();
                                    throw e;
                                }
                                tidyUp(made);
                                late.set(made);
                                if (abandoned.get()) {
                                    made.close();
                                }
                                return made;
                            });
            return new Plc4xLink(plc, limit);
        } catch (TimeoutException | InterruptedException e) {
            // whoever comes second closes what nobody will use
            abandoned.set(true);
            PlcConnection unused = late.get();
            if (unused != null) {
                new Plc4xLink(unused, limit).close();
            }
            throw e;
        }
    }

    private static PlcDriver driver(Protocol protocol) {
        return switch (protocol) {
            case MODBUS -> new ModbusTcpDriver();
            // the older driver reads every bit of a byte that is not zero as true (0.13.1)
            case S7 -> new S7LightDriver();
            case OPCUA, LOGIX -> throw new IllegalArgumentException("no driver for " + protocol);
        };
    }

    /**
     * The driver prints a stack trace for every device that is off, and leaves the thread of a
     * timer behind for every one that hangs up, so it is not asked then.
     */
    private static void probe(String host, int port, Duration limit) throws Exception {
        BoundedCall.within(
                limit.plusMillis(HANG_UP_MILLIS),
                "accept a connection",
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(new InetSocketAddress(host, port), (int) limit.toMillis());
                        if (hangsUp(socket)) {
                            throw new EOFException("takes the connection and closes it at once");
                        }
                        return null;
                    } catch (IOException e) {
                        throw new ConnectException(host + ":" + port + ": " + e.getMessage());
                    }
                });
    }

    private static boolean hangsUp(Socket socket) throws IOException {
        socket.setSoTimeout(HANG_UP_MILLIS);
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /** The driver stops its threads only when we close first; this does when the device does. */
    private static void tidyUp(PlcConnection made) {
        if (made instanceof ChannelExposingConnection exposing) {
            Channel channel = exposing.getChannel();
            channel.pipeline()
                    .addFirst(
                            new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelInactive(ChannelHandlerContext context)
                                        throws Exception {
                                    context.pipeline()
                                            .fireUserEventTriggered(new CloseConnectionEvent());
                                    context.pipeline().close();
                                    super.channelInactive(context);
                                }
                            });
        }
    }

    @Override
    public Map<Tag, Answer> read(List<Tag> tags) throws Exception {
        return BoundedCall.within(limit, "answer", () -> readNow(tags));
    }

    private Map<Tag, Answer> readNow(List<Tag> tags) throws Exception {
        if (!plc.isConnected()) {
            throw new EOFException("the device closed the connection");
        }
        PlcReadRequest.Builder builder = plc.readRequestBuilder();
        for (Tag tag : tags) {
            builder.addTagAddress(tag.topic(), ModbusAddress.asked(tag.address()));
        }
        PlcReadResponse response;
        try {
            response = builder.build().execute().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            throw new EOFException("the device closed the connection");
        } catch (TimeoutException e) {
            throw new TimeoutException(
                    "the device did not answer within " + limit.toMillis() + " ms");
        }
        if (response == null) {
            throw new IOException("the driver could not make sense of the device's answer");
        }
        Map<Tag, Answer> answers = new HashMap<>();
        for (Tag tag : tags) {
            PlcResponseCode code = response.getResponseCode(tag.topic());
            PlcValue value = code == PlcResponseCode.OK ? response.getPlcValue(tag.topic()) : null;
            answers.put(
                    tag,
                    new Answer(
                            code,
                            value == null ? null : ModbusAddress.value(tag.address(), value),
                            null));
        }
        return answers;
    }

    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        Thread closer =
                new Thread(
                        () -> {
                            try {
                                plc.close();
                            } catch (Exception e) {
                                // there is nothing left to do with it
                            }
                        },
                        "collect-call-close");
        closer.setDaemon(true);
        closer.start();
        try {
            closer.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
