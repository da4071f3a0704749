package io.unshub.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.unshub.pki.ClientKeys;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * MQTT clients with TLS that do nothing but connect, in a process of their own: {@code TlsClients
 * PORT PKI NAME connect SECONDS} one after the other, eight at once, none with a session of TLS
 * that was there before; {@code hold COUNT} all of them together, until the process is ended.
 *
 * <p>Prints {@code clients N lost N}, once a second: who has been taken, and who was refused or
 * disconnected.
 */
public final class TlsClients {

    private static final int AT_ONCE = 8;
    private static final int PING_SECONDS = 20;
    private static final int ADDRESSES = 100;

    private final int port;
    private final ClientKeys keys;
    private final String name;
    private final boolean hold;
    private final NioEventLoopGroup threads = new NioEventLoopGroup(2);
    private final Semaphore underWay = new Semaphore(AT_ONCE);
    private final AtomicLong number = new AtomicLong();
    private int address;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    private TlsClients(int port, ClientKeys keys, String name, boolean hold) {
        this.port = port;
        this.keys = keys;
        this.name = name;
        this.hold = hold;
    }

    /** Connects. */
    public static void main(String[] args) throws Exception {
        boolean hold = args[3].equals("hold");
        TlsClients clients =
                new TlsClients(
                        Integer.parseInt(args[0]),
                        ClientKeys.of(Path.of(args[1]), args[2]),
                        args[2],
                        hold);
        Thread status = new Thread(clients::status, "status");
        status.setDaemon(true);
        status.start();
        clients.run(hold ? Integer.parseInt(args[4]) : Long.MAX_VALUE, args);
        System.exit(0);
    }

    private void run(long count, String[] args) throws Exception {
        long end =
                hold
                        ? Long.MAX_VALUE
                        : System.nanoTime() + Long.parseLong(args[4]) * 1_000_000_000L;
        for (long i = 0; i < count && System.nanoTime() < end; i++) {
            underWay.acquire();
            connect();
        }
        if (hold) {
            Thread.currentThread().join();
        }
    }

    private void status() {
        try {
            while (true) {
                Thread.sleep(1_000);
                System.out.printf("clients %d lost %d%n", taken.get(), lost.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void connect() throws Exception {
        // sessions belong to a context: with one of its own none is taken up again
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.keys().getKeyManagers(), keys.trust().getTrustManagers(), null);
        SSLEngine engine = context.createSSLEngine("localhost", port);
        engine.setUseClientMode(true);
        new Bootstrap()
                .group(threads)
                .channel(NioSocketChannel.class)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline()
                                        .addLast(
                                                new SslHandler(engine),
                                                new MqttDecoder(),
                                                MqttEncoder.INSTANCE,
                                                new IdleStateHandler(0, PING_SECONDS, 0),
                                                new Client());
                            }
                        })
                // the hub lets one address have so many, and so many a second
                .connect(
                        new InetSocketAddress("127.0.0.1", port),
                        new InetSocketAddress("127.0.0." + (1 + address++ % ADDRESSES), 0))
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                ended(false);
                            }
                        });
    }

    private void ended(boolean wasTaken) {
        if (!wasTaken) {
            underWay.release();
        }
        if (hold || !wasTaken) {
            lost.incrementAndGet();
        }
    }

    private final class Client extends SimpleChannelInboundHandler<MqttMessage> {
        private boolean in;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(
                    MqttMessageBuilders.connect()
                            .protocolVersion(MqttVersion.MQTT_5)
                            .clientId(name + "/" + number.incrementAndGet())
                            .cleanSession(true)
                            .keepAlive(60)
                            .build());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
            if (message instanceof MqttConnAckMessage answer
                    && answer.variableHeader().connectReturnCode()
                            == MqttConnectReturnCode.CONNECTION_ACCEPTED) {
                in = true;
                taken.incrementAndGet();
                underWay.release();
                if (!hold) {
                    context.close();
                }
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent) {
                context.writeAndFlush(MqttMessage.PINGREQ);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            ended(in);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
