package io.unshub.collect;

import io.unshub.collect.PlcLink.Answer;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.plc4x.java.api.types.PlcResponseCode;

/** What the reply to a read of a Logix tag holds. */
final class LogixValue {

    /** The words of an array of BOOL. */
    static final int BITS = 0xD3;

    static final int STRUCTURE = 0x02A0;

    /** The structure STRING that every controller has: a length and 82 characters. */
    private static final int STRING_HANDLE = 0x0FCE;

    private static final int BYTE = 0xFF;
    private static final int SHORT = 0xFFFF;

    private LogixValue() {}

    /** The type that the data of a reply begins with; the data stays where it is. */
    static int type(ByteBuffer data) {
        return data.remaining() < 2 ? 0 : data.getShort(data.position()) & SHORT;
    }

    /**
     * Reads a value.
     *
     * @param bit of the integer that the data holds, or {@link LogixAddress#NO_BIT}
     * @param anyString whether a structure is a string, whatever its name
     */
    static Answer of(CipReply reply, int bit, boolean anyString) {
        try {
            return read(reply, bit, anyString);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            return new Answer(PlcResponseCode.INVALID_DATA, null, "the data breaks off");
        }
    }

    private static Answer read(CipReply reply, int bit, boolean anyString) {
        ByteBuffer data = reply.data();
        int type = type(data);
        if (type == STRUCTURE && data.remaining() >= 4) {
            boolean string = anyString || (data.getShort(2) & SHORT) == STRING_HANDLE;
            if (!string) {
                return wrong("a structure; bind its members");
            } else if (bit != LogixAddress.NO_BIT) {
                return wrong("a string has no bits");
            }
            return string(data.position(4));
        }
        if (reply.status() != CipReply.SUCCESS) {
            return refused(reply);
        } else if (anyString) {
            return wrong("%s is no string".formatted(name(type)));
        }
        data.position(2);
        return bit == LogixAddress.NO_BIT ? whole(type, data) : bit(type, data, bit);
    }

    private static Answer whole(int type, ByteBuffer data) {
        Object value =
                switch (type) {
                    case 0xC1 -> data.get() != 0;
                    case 0xC2 -> data.get();
                    case 0xC3 -> data.getShort();
                    case 0xC4 -> data.getInt();
                    case 0xC5 -> data.getLong();
                    case 0xC6 -> data.get() & BYTE;
                    case 0xC7 -> data.getShort() & SHORT;
                    case 0xC8 -> Integer.toUnsignedLong(data.getInt());
                    case 0xC9 -> new BigInteger(Long.toUnsignedString(data.getLong()));
                    case 0xCA -> data.getFloat();
                    case 0xCB -> data.getDouble();
                    default -> null;
                };
        return value == null
                ? wrong(name(type) + " is not read")
                : new Answer(PlcResponseCode.OK, value, null);
    }

    private static Answer bit(int type, ByteBuffer data, int bit) {
        int width =
                switch (type) {
                    case 0xC2, 0xC6 -> 8;
                    case 0xC3, 0xC7 -> 16;
                    case 0xC4, 0xC8, BITS -> 32;
                    case 0xC5, 0xC9 -> 64;
                    default -> 0;
                };
        if (width == 0) {
            return wrong(name(type) + " has no bits");
        } else if (bit >= width) {
            return new Answer(
                    PlcResponseCode.INVALID_ADDRESS,
                    null,
                    "it has bits 0 to %d".formatted(width - 1));
        }
        // lowest byte first
        boolean on = (data.get(data.position() + bit / 8) >> (bit % 8) & 1) != 0;
        return new Answer(PlcResponseCode.OK, on, null);
    }

    private static Answer string(ByteBuffer data) {
        int length = data.getInt();
        if (length < 0 || length > data.remaining()) {
            return new Answer(
                    PlcResponseCode.INVALID_DATA,
                    null,
                    "LEN is %d of at most %d".formatted(length, data.remaining()));
        }
        byte[] text = new byte[length];
        data.get(text);
        return new Answer(PlcResponseCode.OK, new String(text, StandardCharsets.ISO_8859_1), null);
    }

    /** The answer to a read of something else than was expected. */
    static Answer wrong(String detail) {
        return new Answer(PlcResponseCode.INVALID_DATATYPE, null, detail);
    }

    private static String name(int type) {
        return switch (type) {
            case 0xC1 -> "BOOL";
            case 0xCA -> "REAL";
            case 0xCB -> "LREAL";
            default -> "type 0x%02X".formatted(type);
        };
    }

    /** The answer to a read that the controller refused. */
    static Answer refused(CipReply reply) {
        PlcResponseCode code =
                switch (reply.status()) {
                    case CipReply.PATH_SEGMENT, CipReply.PATH_UNKNOWN -> PlcResponseCode.NOT_FOUND;
                    case CipReply.NO_PRIVILEGE -> PlcResponseCode.ACCESS_DENIED;
                    case CipReply.NOT_SUPPORTED -> PlcResponseCode.UNSUPPORTED;
                    case CipReply.NO_RESOURCES, CipReply.WRONG_STATE, CipReply.DEVICE_STATE ->
                            PlcResponseCode.REMOTE_BUSY;
                    case CipReply.GENERAL ->
                            switch (reply.extended()) {
                                case CipReply.BEYOND_END -> PlcResponseCode.INVALID_ADDRESS;
                                case CipReply.WRONG_TYPE -> PlcResponseCode.INVALID_DATATYPE;
                                default -> PlcResponseCode.REMOTE_ERROR;
                            };
                    default -> PlcResponseCode.REMOTE_ERROR;
                };
        return new Answer(code, null, reply.said());
    }
}
