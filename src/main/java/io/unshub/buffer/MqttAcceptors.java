package io.unshub.buffer;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.unshub.access.Refusal;
import io.unshub.access.Refusals;
import io.unshub.access.ServerTls;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyConnection;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettySNIHostnameHandler;
import org.apache.activemq.artemis.core.server.ActiveMQComponent;
import org.apache.activemq.artemis.core.server.cluster.ClusterConnection;
import org.apache.activemq.artemis.core.server.metrics.MetricsManager;
import org.apache.activemq.artemis.spi.core.protocol.ProtocolManager;
import org.apache.activemq.artemis.spi.core.remoting.Acceptor;
import org.apache.activemq.artemis.spi.core.remoting.AcceptorFactory;
import org.apache.activemq.artemis.spi.core.remoting.BufferHandler;
import org.apache.activemq.artemis.spi.core.remoting.Connection;
import org.apache.activemq.artemis.spi.core.remoting.ServerConnectionLifeCycleListener;
import org.apache.activemq.artemis.utils.actors.OrderedExecutor;

/**
 * Makes the acceptors of MQTT: each connection passes {@link Door}, {@link Greeting} and {@link
 * Packets}; one of the TLS listener has the certificates that are in force when it comes, where
 * Artemis' own acceptor would have to close its port to read them again. Threads: the broker's.
 */
final class MqttAcceptors implements AcceptorFactory {

    private static final SSLEngine UNUSED = unused();

    private final SecureListener listener;
    private final MqttLimits limits;
    private final int maxPacketBytes;
    private final Connections connections;
    private final Refusals refusals;
    private final OwnLogin own;
    private final Function<Channel, Collection<String>> subscribed;

    /**
     * @param listener the one with TLS; null for the plain one
     * @param own how the hub's own sessions log in at the plain one
     * @param subscribed the filters that a client's session has from before
     */
    MqttAcceptors(
            SecureListener listener,
            MqttLimits limits,
            int maxPacketBytes,
            Refusals refusals,
            OwnLogin own,
            Function<Channel, Collection<String>> subscribed) {
        this.listener = listener;
        this.limits = limits;
        this.maxPacketBytes = maxPacketBytes;
        this.refusals = refusals;
        this.own = own;
        this.subscribed = subscribed;
        connections = new Connections(limits, InstantSource.system());
    }

    /** How many connections there are. */
    int open() {
        return connections.open();
    }

    @Override
    @SuppressWarnings("rawtypes") // as Artemis has it
    public Acceptor createAcceptor(
            String name,
            ClusterConnection cluster,
            Map<String, Object> configuration,
            BufferHandler buffers,
            ServerConnectionLifeCycleListener connections,
            Executor threads,
            ScheduledExecutorService scheduler,
            Map<String, ProtocolManager> protocols,
            String threadGroup,
            MetricsManager metrics) {
        return new NettyAcceptor(
                name,
                cluster,
                configuration,
                buffers,
                new Observed(connections),
                scheduler,
                new OrderedExecutor(threads),
                protocols,
                threadGroup,
                metrics) {
            @Override
            public SslHandler getSslHandler(ByteBufAllocator alloc, String host, int port) {
                return listener == null
                        ? new NoTls()
                        : new Handshake(listener.tls().current().engine());
            }
        };
    }

    /** The address of who is at the other end. */
    static String peer(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? internet.getAddress().getHostAddress()
                : String.valueOf(address);
    }

    /** Puts {@link Packets} into each connection whose protocol Artemis has found. */
    private final class Observed implements ServerConnectionLifeCycleListener {

        private final ServerConnectionLifeCycleListener next;

        Observed(ServerConnectionLifeCycleListener next) {
            this.next = next;
        }

        @Override
        @SuppressWarnings("rawtypes") // as Artemis has it
        public void connectionCreated(
                ActiveMQComponent component, Connection connection, ProtocolManager protocol) {
            ChannelPipeline pipeline = ((NettyConnection) connection).getChannel().pipeline();
            // Artemis' own takes 256 MB of those who do not speak MQTT 5
            pipeline.replace(MqttDecoder.class, "mqtt", new MqttDecoder(maxPacketBytes));
            pipeline.addAfter(
                    "mqtt",
                    "packets",
                    new Packets(
                            limits,
                            maxPacketBytes,
                            refusals,
                            listener == null ? own : null,
                            subscribed));
            next.connectionCreated(component, connection, protocol);
        }

        @Override
        public void connectionDestroyed(Object id, boolean failed) {
            next.connectionDestroyed(id, failed);
        }

        @Override
        public void connectionException(Object id, ActiveMQException cause) {
            next.connectionException(id, cause);
        }

        @Override
        public void connectionReadyForWrites(Object id, boolean ready) {
            next.connectionReadyForWrites(id, ready);
        }
    }

    private Door door() {
        return new Door(limits, connections, refusals);
    }

    /**
     * Takes itself out of the connection, for the handlers that stand there for it: Artemis asks
     * nobody but who gives it TLS what a connection begins with.
     */
    private final class NoTls extends SslHandler {

        NoTls() {
            super(UNUSED);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            ChannelPipeline pipeline = context.pipeline();
            pipeline.remove(NettySNIHostnameHandler.class);
            pipeline.addFirst(door());
            pipeline.addAfter(context.name(), "greeting", new Greeting(refusals));
            pipeline.remove(this);
        }

        @Override
        public void handlerRemoved0(ChannelHandlerContext context) {
            // it has begun nothing
        }
    }

    private static SSLEngine unused() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[0], new TrustManager[0], null);
            return context.createSSLEngine();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Handshake extends SslHandler {

        Handshake(SSLEngine engine) {
            super(engine);
            // the door has a time for all of it
            setHandshakeTimeout(0, TimeUnit.SECONDS);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) throws Exception {
            super.handlerAdded(context);
            ChannelPipeline pipeline = context.pipeline();
            pipeline.addFirst(door());
            pipeline.addAfter(context.name(), "refusals", new Outcome());
            pipeline.addAfter("refusals", "greeting", new Greeting(refusals));
        }
    }

    /** Tells of handshakes that fail, in place of Artemis' own line for each. */
    private final class Outcome extends ChannelInboundHandlerAdapter {

        private boolean failed;

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event)
                throws Exception {
            if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
                failed = true;
                Throwable cause = done.cause();
                ServerTls.reason(cause)
                        .ifPresent(
                                reason ->
                                        refusals.add(
                                                new Refusal(
                                                        reason,
                                                        peer(context.channel().remoteAddress()),
                                                        ServerTls.shown(cause),
                                                        detail(reason, cause))));
            }
            super.userEventTriggered(context, event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause)
                throws Exception {
            if (!failed) {
                super.exceptionCaught(context, cause);
            }
        }
    }

    private static String detail(Refusal.Reason reason, Throwable cause) {
        return switch (reason) {
            // what a stranger sent is not repeated
            case NOT_TLS -> "what came was no TLS; let the client use mqtts";
            case CLIENT_REFUSED_SERVER ->
                    "the client does not trust the hub (%s); give it trusted.pem, and the hub's certificate the name that it calls"
                            .formatted(cause.getMessage());
            default -> String.valueOf(cause.getMessage());
        };
    }
}
