package io.unshub.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.unshub.access.Refusal;
import io.unshub.access.Refusal.Reason;
import io.unshub.access.Refusals;
import java.util.List;

/**
 * Looks at the first bytes of a connection, behind TLS where there is some, and ends what does not
 * begin as a CONNECT of MQTT does: Artemis would otherwise take HTTP, and so the WebSocket of any
 * page in a browser of this machine, and keep open what is nothing that it knows. Threads: the
 * connection's.
 */
final class Greeting extends ByteToMessageDecoder {

    // all that Artemis looks at; no CONNECT is shorter
    private static final int LOOKED_AT = 8;
    private static final int CONNECT = 0x10;
    private static final int MORE = 0x80;
    private static final int MOST_LENGTH_BYTES = 3;

    private final Refusals refusals;
    private boolean refused;

    Greeting(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (refused) {
            in.skipBytes(in.readableBytes());
        } else if (in.readableBytes() > 0 && in.getUnsignedByte(in.readerIndex()) != CONNECT) {
            refuse(context, in, "the first packet was no CONNECT of MQTT");
        } else if (in.readableBytes() >= LOOKED_AT) {
            if (begins(in)) {
                context.pipeline().remove(this);
            } else {
                refuse(context, in, "the first packet was no CONNECT of MQTT 3.1, 3.1.1 or 5");
            }
        }
    }

    /** Whether a length of at most 2 MB and the name of the protocol follow. */
    private static boolean begins(ByteBuf in) {
        int at = in.readerIndex() + 1;
        int lengthBytes = 1;
        while ((in.getUnsignedByte(at++) & MORE) != 0) {
            if (++lengthBytes > MOST_LENGTH_BYTES) {
                return false;
            }
        }
        int name = in.getUnsignedShort(at);
        return (name == "MQTT".length() || name == "MQIsdp".length())
                && in.getByte(at + 2) == 'M'
                && in.getByte(at + 3) == 'Q';
    }

    private void refuse(ChannelHandlerContext context, ByteBuf in, String detail) {
        refused = true;
        in.skipBytes(in.readableBytes());
        refusals.add(
                new Refusal(
                        Reason.NOT_MQTT,
                        MqttAcceptors.peer(context.channel().remoteAddress()),
                        ClientAccess.subject(context.channel()),
                        detail));
        context.close();
    }
}
