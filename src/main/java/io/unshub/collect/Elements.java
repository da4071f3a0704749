package io.unshub.collect;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address of a whole array as the addresses of its elements: {@code
 * holding-register:1:REAL[10]}, {@code %DB1:0:REAL[10]}, {@code Tank[0..9].Level}, {@code
 * nsu=URI;s=Levels[0..9]}. A reading is one value, so each element is a tag of its own; what is
 * read together is up to the poller.
 */
final class Elements {

    /** More are rather a slip of the pen than an array of measurements. */
    static final int MOST = 1_000;

    private static final Pattern MODBUS =
            Pattern.compile(
                    "(.*?)(\\d{1,6}):(?!CHAR\\[\\d+]$)([A-Z]+|CHAR\\[(\\d{1,3})])\\[(\\d{1,9})]");
    private static final Pattern S7 =
            Pattern.compile(
                    "(.*?)(\\d{1,7})(?:\\.([0-7]))?:([A-Z]+)(?:\\((\\d{1,3})\\))?\\[(\\d{1,9})]");
    private static final Pattern RANGE =
            Pattern.compile("(.*\\[(?:\\d+,)*)(\\d{1,9})\\.\\.(\\d{1,9})((?:,\\d+)*].*)");
    private static final Pattern OPC_UA = Pattern.compile("(.*\\[)(\\d{1,9})\\.\\.(\\d{1,9})(])");

    private Elements() {}

    /**
     * The elements' addresses by what stands behind the topic: {@code -0}, {@code -1} and so on. Of
     * what is no array itself, with nothing behind the topic.
     *
     * @throws IllegalArgumentException if there are none or too many; it says what to write
     */
    static Map<String, String> of(Protocol protocol, String address) {
        return switch (protocol) {
            case MODBUS -> {
                Matcher array = MODBUS.matcher(address);
                yield array.matches() ? modbus(address, array) : Map.of("", address);
            }
            case S7 -> {
                Matcher array = S7.matcher(address);
                yield array.matches() ? s7(address, array) : Map.of("", address);
            }
            case LOGIX -> range(address, RANGE.matcher(address), "%s%d%s");
            case OPCUA -> range(address, OPC_UA.matcher(address), "%1$s%2$d..%2$d%3$s");
        };
    }

    private static Map<String, String> modbus(String address, MatchResult array) {
        String type = array.group(3);
        String single = address.substring(0, address.lastIndexOf('['));
        if (type.equals("BOOL")
                && ModbusAddress.problem(single).isEmpty()
                && !ModbusAddress.bit(ModbusAddress.parse(single))) {
            throw new IllegalArgumentException(
                    "address %s is bits of registers, which are not read one by one; bind each register as WORD"
                            .formatted(address));
        }
        int registers =
                array.group(4) != null
                        ? (Integer.parseInt(array.group(4)) + 1) / 2
                        : Math.max(1, bytes(type) / 2);
        // as wide as it was: 400001 is 400001 and not 4:1
        String form = "%s%0" + array.group(2).length() + "d:%s";
        long first = Long.parseLong(array.group(2));
        return each(
                address,
                0,
                Long.parseLong(array.group(5)) - 1,
                i -> form.formatted(array.group(1), first + i * registers, type));
    }

    private static Map<String, String> s7(String address, MatchResult array) {
        long first = Long.parseLong(array.group(2));
        String bit = array.group(3);
        String length = array.group(5);
        // a string has its lengths in front, and begins at an even place
        int bytes = length == null ? bytes(array.group(4)) : (Integer.parseInt(length) + 3) / 2 * 2;
        return each(
                address,
                0,
                Long.parseLong(array.group(6)) - 1,
                i -> {
                    long bits = bit == null ? 0 : Long.parseLong(bit) + i;
                    return "%s%d%s:%s%s"
                            .formatted(
                                    array.group(1),
                                    bit == null ? first + i * bytes : first + bits / 8,
                                    bit == null ? "" : "." + bits % 8,
                                    array.group(4),
                                    length == null ? "" : "(" + length + ")");
                });
    }

    private static Map<String, String> range(String address, Matcher array, String form) {
        return array.matches()
                ? each(
                        address,
                        Long.parseLong(array.group(2)),
                        Long.parseLong(array.group(3)),
                        i -> form.formatted(array.group(1), i, array.group(4)))
                : Map.of("", address);
    }

    private static Map<String, String> each(
            String address, long first, long last, LongFunction<String> element) {
        long count = last - first + 1;
        if (count < 1 || count > MOST) {
            throw new IllegalArgumentException(
                    "address %s is an array of %d elements; write 1 to %d"
                            .formatted(address, count, MOST));
        }
        Map<String, String> elements = new LinkedHashMap<>();
        for (long i = first; i <= last; i++) {
            elements.put("-" + i, element.apply(i));
        }
        return elements;
    }

    /** How many bytes a value of the type has, by the names of IEC 61131-3. */
    private static int bytes(String type) {
        return switch (type) {
            case "WORD", "INT", "UINT" -> 2;
            case "DWORD", "DINT", "UDINT", "REAL" -> 4;
            case "LWORD", "LINT", "ULINT", "LREAL" -> 8;
            default -> 1;
        };
    }
}
