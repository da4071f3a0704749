package io.unshub.buffer;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.unshub.access.Refusal;
import io.unshub.access.Refusal.Reason;
import io.unshub.access.Refusals;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The first to handle a connection, before TLS: lets in whom the limits let in, and ends who has
 * not sent a whole CONNECT in time, however slowly the bytes drip. Threads: the connection's.
 */
final class Door extends ChannelInboundHandlerAdapter {

    private final MqttLimits limits;
    private final Connections connections;
    private final Refusals refusals;
    private String peer;
    private Future<?> end;

    Door(MqttLimits limits, Connections connections, Refusals refusals) {
        this.limits = limits;
        this.connections = connections;
        this.refusals = refusals;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        String address = MqttAcceptors.peer(context.channel().remoteAddress());
        Optional<Reason> full = connections.enter(address);
        if (full.isPresent()) {
            refuse(full.get(), address, said(full.get()));
            context.close();
            return;
        }
        peer = address;
        end =
                context.executor()
                        .schedule(
                                () -> {
                                    refuse(
                                            Reason.CONNECT_TIMEOUT,
                                            address,
                                            "no CONNECT came within %d ms; see unshub.mqtt.connect-timeout"
                                                    .formatted(limits.connectWithin().toMillis()));
                                    context.close();
                                },
                                limits.connectWithin().toMillis(),
                                TimeUnit.MILLISECONDS);
        super.channelActive(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        if (peer != null) {
            connections.leave(peer);
            end.cancel(false);
            super.channelInactive(context);
        }
    }

    /** CONNECT has come. */
    void greeted() {
        end.cancel(false);
    }

    private String said(Reason reason) {
        return reason == Reason.CONNECTION_RATE
                ? "more than %d connections began within a second; see unshub.mqtt.connections-per-second"
                        .formatted(limits.perSecond())
                : "there are %d connections from there, or %d in all; see unshub.mqtt.max-connections-per-address"
                        .formatted(limits.perAddress(), limits.connections());
    }

    private void refuse(Reason reason, String address, String detail) {
        refusals.add(new Refusal(reason, address, Refusal.UNKNOWN, detail));
    }
}
