package io.unshub.collect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.plc4x.java.api.value.PlcValue;
import org.apache.plc4x.java.modbus.base.tag.ModbusTag;
import org.apache.plc4x.java.modbus.base.tag.ModbusTagCoil;
import org.apache.plc4x.java.modbus.base.tag.ModbusTagDiscreteInput;
import org.apache.plc4x.java.modbus.base.tag.ModbusTagHandler;
import org.apache.plc4x.java.modbus.base.tag.ModbusTagHoldingRegister;
import org.apache.plc4x.java.modbus.base.tag.ModbusTagInputRegister;
import org.apache.plc4x.java.modbus.readwrite.ModbusDataType;

/**
 * A Modbus address in PLC4X's syntax, {@code holding-register:1:REAL}; the first register is 1. A
 * text of 12 characters, two a register, is {@code holding-register:1:CHAR[12]}.
 */
final class ModbusAddress {

    private static final Set<ModbusDataType> TYPES =
            EnumSet.of(
                    ModbusDataType.BOOL,
                    ModbusDataType.INT,
                    ModbusDataType.UINT,
                    ModbusDataType.WORD,
                    ModbusDataType.DINT,
                    ModbusDataType.UDINT,
                    ModbusDataType.DWORD,
                    ModbusDataType.LINT,
                    ModbusDataType.ULINT,
                    ModbusDataType.LWORD,
                    ModbusDataType.REAL,
                    ModbusDataType.LREAL,
                    ModbusDataType.CHAR);

    private static final Pattern TEXT = Pattern.compile("(?<=:)CHAR\\[(\\d+)]");

    private static final String FORM =
            "write AREA:NUMBER:TYPE with area coil, discrete-input, input-register or"
                    + " holding-register, as in holding-register:1:REAL";

    private ModbusAddress() {}

    /** Returns the address as PLC4X has it; only for addresses without a problem. */
    static ModbusTag parse(String address) {
        return (ModbusTag) new ModbusTagHandler().parseTag(address);
    }

    /**
     * What the driver is asked for. A text is asked for as registers: the driver has its characters
     * in another order than the bytes of its numbers (0.13.1).
     */
    static String asked(String address) {
        return TEXT.matcher(address)
                .replaceFirst(
                        text -> "UINT[%d]".formatted((Integer.parseInt(text.group(1)) + 1) / 2));
    }

    /** What the driver's answer means; of a text what stands before the first NUL. */
    static Object value(String address, PlcValue answer) {
        Matcher text = TEXT.matcher(address);
        if (!text.find()) {
            return answer.getObject();
        }
        ByteBuffer room = ByteBuffer.allocate(2 * answer.getLength());
        IntStream.range(0, answer.getLength())
                .forEach(i -> room.putShort((short) answer.getIndex(i).getInteger()));
        String characters =
                new String(room.array(), 0, Integer.parseInt(text.group(1)), ISO_8859_1);
        return characters.split("\0", 2)[0].stripTrailing();
    }

    /** Whether the tag is one bit rather than registers. */
    static boolean bit(ModbusTag tag) {
        return tag instanceof ModbusTagCoil || tag instanceof ModbusTagDiscreteInput;
    }

    /** Returns what is wrong with the address and what to do, if anything. */
    static Optional<String> problem(String address) {
        ModbusTag tag;
        try {
            tag = parse(address);
        } catch (RuntimeException e) {
            return Optional.of("address " + address + " is no Modbus address; " + FORM);
        }
        boolean register =
                tag instanceof ModbusTagHoldingRegister || tag instanceof ModbusTagInputRegister;
        if (!register && !bit(tag)) {
            return Optional.of("address " + address + " is of an area that is not read; " + FORM);
        }
        boolean text = tag.getDataType() == ModbusDataType.CHAR;
        if (text && tag.getLengthWords() > RegisterPlan.MAX_REGISTERS) {
            return Optional.of(
                    "address %s is a text of %d characters; one request reads %d at most"
                            .formatted(
                                    address,
                                    tag.getNumberOfElements(),
                                    2 * RegisterPlan.MAX_REGISTERS));
        }
        if (!text && tag.getNumberOfElements() != 1) {
            return Optional.of(
                    "address " + address + " is no array that can be read; bind its elements");
        }
        if (tag.getUnitId() != null) {
            // the driver drops it when it groups reads, and would read another device
            return Optional.of(
                    "address "
                            + address
                            + " names a unit; make a connection of its own with modbus.unit "
                            + tag.getUnitId());
        }
        if (bit(tag) && tag.getDataType() != ModbusDataType.BOOL) {
            return Optional.of(
                    "address "
                            + address
                            + " has type "
                            + word(tag)
                            + ", a bit is BOOL; write BOOL");
        }
        if (!TYPES.contains(tag.getDataType())) {
            return Optional.of(
                    "address "
                            + address
                            + " has type "
                            + word(tag)
                            + ", which is not read; write one of BOOL, INT, UINT, WORD, DINT,"
                            + " UDINT, DWORD, LINT, ULINT, LWORD, REAL, LREAL,"
                            + " CHAR[LENGTH]");
        }
        return Optional.empty();
    }

    private static String word(ModbusTag tag) {
        return tag.getDataType().name().toUpperCase(Locale.ROOT);
    }
}
