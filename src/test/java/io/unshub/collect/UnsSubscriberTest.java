package io.unshub.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.unshub.pki.ClientKeys;
import io.unshub.pki.Issued.Kind;
import io.unshub.pki.Pki;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a broker of the plant that asks for a password. */
class UnsSubscriberTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir private Path folder;

    private final NioEventLoopGroup threads = new NioEventLoopGroup(1);
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private volatile String asked = "first";
    private volatile int refused;
    private volatile SslContext tls;
    private Channel broker;
    private Path file;
    private UnsSubscriber subscriber;

    @BeforeEach
    void startBroker() throws Exception {
        broker =
                new ServerBootstrap()
                        .group(threads)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        if (tls != null) {
                                            channel.pipeline()
                                                    .addLast(tls.newHandler(channel.alloc()));
                                        }
                                        channel.pipeline()
                                                .addLast(
                                                        MqttEncoder.INSTANCE,
                                                        new MqttDecoder(),
                                                        new Answers());
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .sync()
                        .channel();
        file = folder.resolve("password");
        subscriber = subscriber(null);
    }

    @AfterEach
    void stop() {
        subscriber.close();
        threads.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS);
    }

    private UnsSubscriber subscriber(Supplier<ClientKeys> shown) {
        return new UnsSubscriber(
                new UnsSubscriber.Options(
                        "127.0.0.1",
                        ((InetSocketAddress) broker.localAddress()).getPort(),
                        "uns-hub",
                        "hub",
                        this::password,
                        shown,
                        List.of("#"),
                        10,
                        Duration.ofHours(1),
                        Duration.ZERO),
                Clock.systemUTC());
    }

    private String password() {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException("no password in " + file));
        }
    }

    private final class Answers extends SimpleChannelInboundHandler<MqttMessage> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, MqttMessage packet) {
            if (packet instanceof MqttConnectMessage connect) {
                boolean right =
                        asked.equals(new String(connect.payload().passwordInBytes(), UTF_8));
                context.writeAndFlush(
                        MqttMessageBuilders.connAck()
                                .returnCode(
                                        right
                                                ? MqttConnectReturnCode.CONNECTION_ACCEPTED
                                                : MqttConnectReturnCode
                                                        .CONNECTION_REFUSED_BAD_USERNAME_OR_PASSWORD)
                                .sessionPresent(false)
                                .build());
                assertThat(connect.variableHeader().version())
                        .isEqualTo(MqttVersion.MQTT_5.protocolLevel());
                assertThat(connect.variableHeader().isCleanSession()).isFalse();
                if (right) {
                    open.add(context.channel());
                } else {
                    refused++;
                    context.close();
                }
            } else if (packet instanceof MqttSubscribeMessage subscribe) {
                context.writeAndFlush(
                        MqttMessageBuilders.subAck()
                                .packetId(subscribe.variableHeader().messageId())
                                .addGrantedQoses(io.netty.handler.codec.mqtt.MqttQoS.AT_LEAST_ONCE)
                                .build());
            }
        }
    }

    @Test
    void takesUpAPasswordThatIsReplacedWhileItRuns() throws Exception {
        Files.writeString(file, "first");
        subscriber.start(publications -> {});
        await().atMost(LONG).until(() -> subscriber.trouble().isEmpty());

        asked = "second";
        open.forEach(Channel::close);
        await().atMost(LONG).until(() -> refused > 0);
        assertThat(subscriber.trouble()).isPresent();

        Files.writeString(file, "second");
        await().atMost(LONG).until(() -> subscriber.trouble().isEmpty());
    }

    @Test
    void saysThatThePasswordCannotBeReadAndGoesOnTrying() throws Exception {
        subscriber.start(publications -> {});
        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(subscriber.trouble().orElse(""))
                                        .contains("no password in " + file));

        Files.writeString(file, "first");
        await().atMost(LONG).until(() -> subscriber.trouble().isEmpty());
    }

    @Test
    void showsItsCertificateToABrokerThatItTrusts() throws Exception {
        Files.writeString(file, "first");
        authority("plant", "127.0.0.1");
        tls = server("plant");

        subscriber = subscriber(() -> shown("plant"));
        subscriber.start(publications -> {});

        await().atMost(LONG).until(() -> subscriber.trouble().isEmpty());
    }

    @Test
    void trustsNoOtherBrokerAndTakesUpRootsThatAreReplacedWhileItRuns() throws Exception {
        Files.writeString(file, "first");
        authority("plant", "127.0.0.1");
        authority("stranger", "127.0.0.1");
        tls = server("stranger");
        AtomicReference<String> trusted = new AtomicReference<>("plant");

        subscriber = subscriber(() -> shown(trusted.get()));
        subscriber.start(publications -> {});
        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(subscriber.trouble().orElse(""))
                                        .contains("unable to find valid certification path"));

        trusted.set("stranger");
        await().atMost(LONG).until(() -> subscriber.trouble().isEmpty());
    }

    @Test
    void trustsNoBrokerWhoseCertificateIsOfAnotherHost() throws Exception {
        Files.writeString(file, "first");
        authority("plant", "10.0.0.1");
        tls = server("plant");

        subscriber = subscriber(() -> shown("plant"));
        subscriber.start(publications -> {});

        await().atMost(LONG)
                .untilAsserted(
                        () ->
                                assertThat(subscriber.trouble().orElse(""))
                                        .contains(
                                                "is not connected over TLS (", "127.0.0.1 found"));
        assertThat(open).isEmpty();
    }

    private void authority(String name, String host) throws IOException {
        Duration year = Duration.ofDays(365);
        Pki authority = new Pki(folder.resolve(name), Clock.systemUTC());
        authority.init(name, year, year, year);
        authority.issue(new Pki.Order(Kind.SERVER, "CN=broker", List.of(host), year, false));
        authority.issue(new Pki.Order(Kind.CLIENT, "CN=hub", List.of(), year, false));
    }

    private ClientKeys shown(String authority) {
        try {
            return ClientKeys.of(folder.resolve(authority), "hub");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private SslContext server(String authority) throws Exception {
        ClientKeys broker = ClientKeys.of(folder.resolve(authority), "broker");
        return SslContextBuilder.forServer(broker.keys())
                .trustManager(broker.trust())
                .clientAuth(ClientAuth.REQUIRE)
                .build();
    }
}
