package io.unshub.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.unshub.access.Refusal.Reason;
import io.unshub.access.Refusals;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacketsTest {

    private static final int MALFORMED = 0x81;
    private static final MqttLimits LIMITS =
            new MqttLimits(10, 10, 0, Duration.ofMinutes(1), 2, 2, 2);

    private static final OwnLogin OWN = OwnLogin.make(false);

    private final Refusals refusals =
            new Refusals(InstantSource.system(), (who, facts) -> {}, refusal -> {});
    private final Door door =
            new Door(LIMITS, new Connections(LIMITS, InstantSource.system()), refusals);
    private final EmbeddedChannel channel =
            new EmbeddedChannel(
                    door,
                    new Packets(LIMITS, 1_000, refusals, OWN, each -> List.of("from/before")));

    @Test
    void passesOnWhatIsWithinTheLimits() {
        connect();
        publish("a", 1);
        publish("b", 2);
        publish("a", 2);

        assertThat(channel.isOpen()).isTrue();
        assertThat(channel.inboundMessages()).hasSize(4);
    }

    @Test
    void endsTheConnectionOfWhoPublishesOnMoreTopics() {
        connect();
        publish("a", 1);
        publish("b", 2);
        publish("c", 2);

        refused(Reason.TOPICS, 0x97);
    }

    @Test
    void countsTopicsThatAreMadeToHaveTheSameHash() {
        connect();
        publish("Aa", 1);
        publish("BB", 2);
        publish("AaAa", 2);

        refused(Reason.TOPICS, 0x97);
    }

    @Test
    void liftsTheLimitsForTheHubsOwnSessionsAlone() {
        connect(OwnLogin.USER, OWN.password());
        for (int id = 1; id <= 100; id++) {
            publish("topic/" + id, id);
            subscribe("filter/" + id);
        }

        assertThat(channel.isOpen()).isTrue();
        assertThat(channel.inboundMessages()).hasSize(201);
    }

    @Test
    void liftsNoLimitForWhoDoesNotKnowTheHubsPassword() {
        connect(OwnLogin.USER, "guessed");
        publish("a", 1);
        publish("b", 2);
        publish("c", 2);

        refused(Reason.TOPICS, 0x97);
    }

    @Test
    void countsWhatIsNotAcknowledged() {
        connect();
        publish("a", 1);
        publish("a", 2);
        channel.writeOutbound(MqttMessageBuilders.pubAck().packetId(1).build());
        channel.readOutbound();
        publish("a", 3);
        assertThat(channel.isOpen()).isTrue();

        publish("a", 4);

        refused(Reason.IN_FLIGHT, 0x93);
    }

    @Test
    void countsTheSubscriptionsOfASessionFromBefore() {
        connect();
        subscribe("from/here");
        assertThat(channel.isOpen()).isTrue();

        subscribe("from/there");

        refused(Reason.SUBSCRIPTIONS, 0x97);
    }

    @Test
    void takesOneConnectAndNothingThatOnlyAServerSends() {
        connect();
        channel.writeInbound(
                new MqttMessage(
                        new MqttFixedHeader(
                                MqttMessageType.PINGRESP, false, MqttQoS.AT_MOST_ONCE, false, 0)));

        refused(Reason.MALFORMED, MALFORMED);
        assertThat(channel.inboundMessages()).hasSize(1);
    }

    @Test
    void endsWhatIsTooLargeBeforeItIsRead() {
        EmbeddedChannel decoding =
                new EmbeddedChannel(
                        new Door(LIMITS, new Connections(LIMITS, InstantSource.system()), refusals),
                        new MqttDecoder(1_000),
                        new Packets(LIMITS, 1_000, refusals, null, each -> List.of()));
        // a publish of 200 MB on the topic a
        ByteBuf begin = Unpooled.buffer().writeByte(0x30).writeInt(0x80808060);
        decoding.writeInbound(begin.writeShort(1).writeByte('a'));

        assertThat(decoding.isOpen()).isFalse();
        assertThat(refusals.count(Reason.PACKET_SIZE)).isEqualTo(1);
    }

    @Test
    void tellsAClientHowManyItMayHaveInFlight() {
        connect();
        channel.writeOutbound(
                MqttMessageBuilders.connAck()
                        .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                        .build());

        MqttConnAckMessage answer = channel.readOutbound();
        assertThat(
                        answer.variableHeader()
                                .properties()
                                .getProperty(MqttPropertyType.RECEIVE_MAXIMUM.value())
                                .value())
                .isEqualTo(2);
    }

    private void refused(Reason reason, int code) {
        MqttMessage end = channel.readOutbound();
        assertThat(
                        ((MqttReasonCodeAndPropertiesVariableHeader) end.variableHeader())
                                        .reasonCode()
                                & 0xFF)
                .isEqualTo(code);
        assertThat(channel.isOpen()).isFalse();
        assertThat(refusals.count(reason)).isEqualTo(1);
    }

    private void connect() {
        channel.writeInbound(
                MqttMessageBuilders.connect()
                        .protocolVersion(MqttVersion.MQTT_5)
                        .clientId("x")
                        .build());
    }

    private void connect(String user, String password) {
        channel.writeInbound(
                MqttMessageBuilders.connect()
                        .protocolVersion(MqttVersion.MQTT_5)
                        .clientId("x")
                        .username(user)
                        .password(password.getBytes(StandardCharsets.UTF_8))
                        .build());
    }

    private void publish(String topic, int id) {
        channel.writeInbound(
                MqttMessageBuilders.publish()
                        .topicName(topic)
                        .qos(MqttQoS.AT_LEAST_ONCE)
                        .messageId(id)
                        .payload(Unpooled.EMPTY_BUFFER)
                        .build());
    }

    private void subscribe(String filter) {
        channel.writeInbound(
                MqttMessageBuilders.subscribe()
                        .messageId(1)
                        .addSubscription(MqttQoS.AT_LEAST_ONCE, filter)
                        .build());
    }
}
