package io.unshub.scoring;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.tdunning.math.stats.MergingDigest;
import com.tdunning.math.stats.TDigest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;

/**
 * How values were distributed, as a t-digest: about as exact as all of them, most of all at both
 * ends. Kept as bytes, as a digest that can take more is many times as large.
 */
public final class Distribution {

    private static final double COMPRESSION = 100;

    private final byte[] bytes;

    private Distribution(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Of values; those that are no finite number are left out. */
    static Distribution of(DoubleStream values) {
        TDigest digest = digest(values);
        ByteBuffer buffer = ByteBuffer.allocate(digest.byteSize());
        digest.asBytes(buffer);
        return new Distribution(buffer.array());
    }

    /** A digest of values; those that are no finite number are left out. */
    static TDigest digest(DoubleStream values) {
        TDigest digest = TDigest.createMergingDigest(COMPRESSION);
        values.filter(Double::isFinite).forEach(digest::add);
        digest.compress();
        return digest;
    }

    /** From a card: bytes, or the evenly spaced quantiles that cards once had. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Distribution read(JsonNode node) throws IOException {
        return node.isArray()
                ? of(
                        StreamSupport.stream(node.spliterator(), false)
                                .mapToDouble(JsonNode::asDouble))
                : new Distribution(node.binaryValue());
    }

    @JsonValue
    byte[] bytes() {
        return bytes.clone();
    }

    TDigest digest() {
        return MergingDigest.fromBytes(ByteBuffer.wrap(bytes));
    }
}
