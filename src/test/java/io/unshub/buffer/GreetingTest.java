package io.unshub.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.unshub.access.Refusal.Reason;
import io.unshub.access.Refusals;
import java.time.InstantSource;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GreetingTest {

    private final Refusals refusals =
            new Refusals(InstantSource.system(), (who, facts) -> {}, refusal -> {});
    private final EmbeddedChannel channel = new EmbeddedChannel(new Greeting(refusals));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "100f00044d5154540502003c00000161",
                "100d00044d5154540402003c000161",
                "100f00064d51497364700302003c000161",
                "10800200044d5154540402"
            })
    void letsAConnectThroughAsItCame(String connect) {
        ByteBuf bytes = Unpooled.wrappedBuffer(HexFormat.of().parseHex(connect));
        channel.writeInbound(bytes.readRetainedSlice(3));
        assertThat(channel.inboundMessages()).isEmpty();

        channel.writeInbound(bytes);

        ByteBuf through = Unpooled.buffer();
        for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
            through.writeBytes(part);
        }
        assertThat(io.netty.buffer.ByteBufUtil.hexDump(through)).isEqualTo(connect);
        assertThat(channel.isOpen()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c000",
                "3006000161626364",
                "10ffffffff00044d5154540402",
                "100d00044854545020040200",
                "100d00054d51545404020000"
            })
    void endsWhatBeginsOtherwise(String packet) {
        channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(packet)));

        refused();
    }

    @Test
    void endsWhatABrowserSends() {
        channel.writeInbound(Unpooled.copiedBuffer("GET / HTTP/1.1\r\n\r\n", UTF_8));

        refused();
    }

    private void refused() {
        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.inboundMessages()).isEmpty();
        assertThat(refusals.count(Reason.NOT_MQTT)).isEqualTo(1);
    }
}
