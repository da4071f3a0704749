package io.unshub.collect;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.apache.plc4x.java.s7.readwrite.TransportSize;
import org.apache.plc4x.java.s7.readwrite.tag.S7StringFixedLengthTag;
import org.apache.plc4x.java.s7.readwrite.tag.S7Tag;
import org.apache.plc4x.java.s7light.readwrite.tag.S7PlcTagHandler;

/**
 * An S7 address in PLC4X's syntax, {@code %DB1:0:REAL}, {@code %DB1:38.2:BOOL}, {@code %MW4:INT}.
 */
final class S7Address {

    private static final Set<TransportSize> TYPES =
            EnumSet.of(
                    TransportSize.BOOL,
                    TransportSize.BYTE,
                    TransportSize.WORD,
                    TransportSize.DWORD,
                    TransportSize.LWORD,
                    TransportSize.SINT,
                    TransportSize.USINT,
                    TransportSize.INT,
                    TransportSize.UINT,
                    TransportSize.DINT,
                    TransportSize.UDINT,
                    TransportSize.LINT,
                    TransportSize.ULINT,
                    TransportSize.REAL,
                    TransportSize.LREAL,
                    TransportSize.STRING);

    private static final String FORM =
            "write %DBn:BYTE:TYPE or %AREA BYTE:TYPE with area M, I or Q, as in %DB1:0:REAL,"
                    + " %DB1:38.2:BOOL, %DB1:44:STRING(20) or %MW4:INT";

    private S7Address() {}

    /** The place of the address's first bit; only for addresses without a problem. */
    static String start(String address) {
        S7Tag tag = parse(address);
        return "%s %d %d.%d"
                .formatted(
                        tag.getMemoryArea(),
                        tag.getBlockNumber(),
                        tag.getByteOffset(),
                        tag.getBitOffset());
    }

    private static S7Tag parse(String address) {
        return (S7Tag) new S7PlcTagHandler().parseTag(address);
    }

    /** Returns what is wrong with the address and what to do, if anything. */
    static Optional<String> problem(String address) {
        S7Tag tag;
        try {
            tag = parse(address);
        } catch (RuntimeException e) {
            return Optional.of("address " + address + " is no S7 address; " + FORM);
        }
        if (!TYPES.contains(tag.getDataType())) {
            return Optional.of(
                    "address "
                            + address
                            + " has type "
                            + tag.getDataType()
                            + ", which is not read; write one of BOOL, BYTE, WORD, DWORD, LWORD,"
                            + " SINT, USINT, INT, UINT, DINT, UDINT, LINT, ULINT, REAL, LREAL,"
                            + " STRING(LENGTH)");
        }
        if (tag.getDataType() == TransportSize.STRING && !(tag instanceof S7StringFixedLengthTag)) {
            return Optional.of(
                    "address " + address + " is a string without its length; write STRING(LENGTH)");
        }
        if (tag.getNumberOfElements() != 1) {
            return Optional.of(
                    "address " + address + " is no array that can be read; bind its elements");
        }
        return Optional.empty();
    }
}
