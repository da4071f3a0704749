package io.unshub.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.util.Random;

/** Packets of MQTT as bytes, which Netty's codec makes of them. */
final class Packet {

    private static final int MOST_EDITS = 4;

    private Packet() {}

    static byte[] connect(MqttVersion version, String clientId) {
        MqttConnectMessage connect =
                MqttMessageBuilders.connect()
                        .protocolVersion(version)
                        .clientId(clientId)
                        .cleanSession(true)
                        .keepAlive(60)
                        .build();
        return bytes(connect, connect);
    }

    /** A publish, also with a topic that no builder takes. */
    static byte[] publish(MqttVersion version, String topic, MqttQoS qos, byte[] payload) {
        return bytes(
                greeting(version),
                new MqttPublishMessage(
                        new MqttFixedHeader(MqttMessageType.PUBLISH, false, qos, false, 0),
                        new MqttPublishVariableHeader(topic, qos == MqttQoS.AT_MOST_ONCE ? 0 : 7),
                        Unpooled.wrappedBuffer(payload)));
    }

    /**
     * A valid packet of any kind.
     *
     * @param own what the sender may publish on and below
     */
    static byte[] any(Random random, MqttVersion version, String clientId, String own) {
        MqttMessageType type = MqttMessageType.values()[random.nextInt(14)];
        int id = 1 + random.nextInt(1_000);
        return switch (type) {
            case CONNECT -> connect(version, clientId);
            case PUBLISH ->
                    publish(
                            version,
                            own + "fuzz" + random.nextInt(10),
                            MqttQoS.valueOf(random.nextInt(3)),
                            Target.envelope(own + "fuzz").getBytes(UTF_8));
            case SUBSCRIBE ->
                    bytes(
                            greeting(version),
                            MqttMessageBuilders.subscribe()
                                    .messageId(id)
                                    .addSubscription(MqttQoS.AT_LEAST_ONCE, own + "+")
                                    .build());
            case UNSUBSCRIBE ->
                    bytes(
                            greeting(version),
                            MqttMessageBuilders.unsubscribe()
                                    .messageId(id)
                                    .addTopicFilter(own + "+")
                                    .build());
            case PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK ->
                    bytes(
                            greeting(version),
                            new MqttMessage(
                                    new MqttFixedHeader(
                                            type,
                                            false,
                                            type == MqttMessageType.PUBREL
                                                    ? MqttQoS.AT_LEAST_ONCE
                                                    : MqttQoS.AT_MOST_ONCE,
                                            false,
                                            2),
                                    MqttMessageIdVariableHeader.from(id)));
            default -> new byte[] {(byte) (type.value() << 4), 0};
        };
    }

    /** The packet, edited so that it is another. */
    static byte[] mutated(Random random, byte[] valid) {
        byte[] packet = valid.clone();
        for (int edits = 1 + random.nextInt(MOST_EDITS); edits > 0; edits--) {
            int at = random.nextInt(packet.length);
            packet =
                    switch (random.nextInt(5)) {
                        case 0 -> flipped(packet, at, 1 << random.nextInt(8));
                        case 1 -> flipped(packet, at, 1 + random.nextInt(255));
                        // the length says other than what comes
                        case 2 -> flipped(packet, Math.min(1, at), 1 + random.nextInt(255));
                        case 3 -> joined(random, packet, at, 0);
                        default -> joined(random, packet, at, 1 + random.nextInt(20));
                    };
        }
        return java.util.Arrays.equals(packet, valid) ? flipped(packet, 0, 0x0F) : packet;
    }

    private static byte[] flipped(byte[] packet, int at, int bits) {
        byte[] other = packet.clone();
        other[at] ^= (byte) bits;
        return other;
    }

    /** Cut off, or with noise put in. */
    private static byte[] joined(Random random, byte[] packet, int at, int noise) {
        byte[] more = new byte[noise];
        random.nextBytes(more);
        ByteBuf joined = Unpooled.buffer();
        joined.writeBytes(packet, 0, noise == 0 ? Math.max(1, at) : at).writeBytes(more);
        if (noise > 0) {
            joined.writeBytes(packet, at, packet.length - at);
        }
        byte[] bytes = new byte[joined.readableBytes()];
        joined.readBytes(bytes);
        return bytes;
    }

    private static MqttConnectMessage greeting(MqttVersion version) {
        return MqttMessageBuilders.connect().protocolVersion(version).clientId("x").build();
    }

    /** The codec remembers the version from the CONNECT before. */
    private static byte[] bytes(MqttConnectMessage greeting, MqttMessage packet) {
        EmbeddedChannel channel = new EmbeddedChannel(MqttEncoder.INSTANCE);
        try {
            channel.writeOutbound(greeting);
            ByteBuf encoded = channel.readOutbound();
            if (packet != greeting) {
                encoded.release();
                channel.writeOutbound(packet);
                encoded = channel.readOutbound();
            }
            byte[] bytes = new byte[encoded.readableBytes()];
            encoded.readBytes(bytes);
            encoded.release();
            return bytes;
        } finally {
            channel.finishAndReleaseAll();
        }
    }
}
