package io.unshub.buffer;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.unshub.access.Refusal;
import io.unshub.access.ServerTls;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.server.cluster.ClusterConnection;
import org.apache.activemq.artemis.core.server.metrics.MetricsManager;
import org.apache.activemq.artemis.spi.core.protocol.ProtocolManager;
import org.apache.activemq.artemis.spi.core.remoting.Acceptor;
import org.apache.activemq.artemis.spi.core.remoting.AcceptorFactory;
import org.apache.activemq.artemis.spi.core.remoting.BufferHandler;
import org.apache.activemq.artemis.spi.core.remoting.ServerConnectionLifeCycleListener;
import org.apache.activemq.artemis.utils.actors.OrderedExecutor;

/**
 * Makes the acceptor of the TLS listener: each connection with the certificates that are in force
 * when it comes, where Artemis' own would have to close its port to read them again. Threads: the
 * broker's.
 */
final class TlsAcceptors implements AcceptorFactory {

    private static final long HANDSHAKE_SECONDS = 10;

    private final SecureListener listener;

    TlsAcceptors(SecureListener listener) {
        this.listener = listener;
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
                connections,
                scheduler,
                new OrderedExecutor(threads),
                protocols,
                threadGroup,
                metrics) {
            @Override
            public SslHandler getSslHandler(ByteBufAllocator alloc, String host, int port) {
                return new Handshake(listener.tls().current().engine());
            }
        };
    }

    /** The address of who is at the other end. */
    static String peer(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? internet.getAddress().getHostAddress()
                : String.valueOf(address);
    }

    private final class Handshake extends SslHandler {

        Handshake(SSLEngine engine) {
            super(engine);
            setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) throws Exception {
            super.handlerAdded(context);
            context.pipeline().addAfter(context.name(), "refusals", new Outcome());
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
                                        listener.refusals()
                                                .add(
                                                        new Refusal(
                                                                reason,
                                                                peer(
                                                                        context.channel()
                                                                                .remoteAddress()),
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
