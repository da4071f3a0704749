package io.unshub.collect;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a device replies to a CIP request.
 *
 * @param status general status; 0 where all is well
 * @param extended first word of the additional status, 0 for none
 * @param data what comes behind, lowest byte first
 */
record CipReply(int status, int extended, ByteBuffer data) {

    static final int SUCCESS = 0x00;
    static final int NO_RESOURCES = 0x02;
    static final int PATH_SEGMENT = 0x04;
    static final int PATH_UNKNOWN = 0x05;

    /** There is more than fits. */
    static final int PARTIAL = 0x06;

    static final int NOT_SUPPORTED = 0x08;
    static final int WRONG_STATE = 0x0C;
    static final int NO_PRIVILEGE = 0x0F;
    static final int DEVICE_STATE = 0x10;
    static final int TOO_LARGE = 0x11;

    /** One of many requests failed. */
    static final int EMBEDDED = 0x1E;

    static final int GENERAL = 0xFF;
    static final int BEYOND_END = 0x2105;
    static final int WRONG_TYPE = 0x2107;

    private static final int REPLY = 0x80;

    static CipReply of(ByteBuffer bytes, int service) throws IOException {
        int answered = bytes.get() & 0xFF;
        if (answered != (service | REPLY)) {
            throw new IOException(
                    "the device answered service 0x%02X instead of 0x%02X"
                            .formatted(answered & ~REPLY, service));
        }
        bytes.get();
        int status = bytes.get() & 0xFF;
        int words = bytes.get() & 0xFF;
        int extended = words == 0 ? 0 : bytes.getShort(bytes.position()) & 0xFFFF;
        // some devices count bytes here
        bytes.position(Math.min(bytes.limit(), bytes.position() + 2 * words));
        return new CipReply(status, extended, bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
    }

    /** A view of its own: a reply may be the answer to several. */
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(data.order());
    }

    /** As it stands in manuals. */
    String said() {
        return extended == 0
                ? "CIP status 0x%02X".formatted(status)
                : "CIP status 0x%02X, 0x%04X".formatted(status, extended);
    }
}
