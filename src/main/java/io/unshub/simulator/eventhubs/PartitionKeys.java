package io.unshub.simulator.eventhubs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Which partition a key goes to: Bob Jenkins' lookup3 (hashlittle2), folded to 16 bits, as the
 * service does it.
 */
final class PartitionKeys {

    private PartitionKeys() {}

    /** The partition of a key, 0 to {@code partitions} - 1. */
    static int partition(String key, int partitions) {
        byte[] bytes = key.getBytes(UTF_8);
        int a = 0xdeadbeef + bytes.length;
        int b = a;
        int c = a;
        ByteBuffer in =
                ByteBuffer.allocate((bytes.length + 11) / 12 * 12 + 12)
                        .order(ByteOrder.LITTLE_ENDIAN);
        in.put(bytes).rewind();
        int left = bytes.length;
        while (left > 12) {
            a += in.getInt();
            b += in.getInt();
            c += in.getInt();
            a = (a - c) ^ Integer.rotateLeft(c, 4);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 6);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 8);
            b += a;
            a = (a - c) ^ Integer.rotateLeft(c, 16);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 19);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 4);
            b += a;
            left -= 12;
        }
        if (left > 0) {
            // zero padding makes the tail cases of the original one case
            a += in.getInt();
            b += in.getInt();
            c += in.getInt();
            c = (c ^ b) - Integer.rotateLeft(b, 14);
            a = (a ^ c) - Integer.rotateLeft(c, 11);
            b = (b ^ a) - Integer.rotateLeft(a, 25);
            c = (c ^ b) - Integer.rotateLeft(b, 16);
            a = (a ^ c) - Integer.rotateLeft(c, 4);
            b = (b ^ a) - Integer.rotateLeft(a, 14);
            c = (c ^ b) - Integer.rotateLeft(b, 24);
        }
        return Math.abs((short) (c ^ b) % partitions);
    }
}
