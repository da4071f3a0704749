package io.unshub.collect;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Logix tag as the programming tool shows it, {@code Program:MainProgram.Pump.Speed}, {@code
 * Tank[3].Level}, {@code Flags.5}; {@code :STRING} behind it for a string type of the plant's own.
 */
final class LogixAddress {

    static final int NO_BIT = -1;

    private static final String NAME = "[A-Za-z_]\\w{0,39}";
    private static final String INDEX = "(?:\\[\\d{1,9}(?:,\\d{1,9}){0,2}])?";

    /** A program's tag, an I/O module's as in {@code Local:1:I}, or a controller's. */
    private static final String FIRST =
            "(?:[Pp]rogram:"
                    + NAME
                    + "(?=\\.[A-Za-z_])|"
                    + NAME
                    + "(?::\\d{1,3})?:S?[IOCS]\\d?|"
                    + NAME
                    + ")";

    private static final Pattern ADDRESS =
            Pattern.compile(
                    "(?<symbols>"
                            + FIRST
                            + INDEX
                            + "(?:\\."
                            + NAME
                            + INDEX
                            + ")*)(?:\\.(?<bit>\\d{1,2}))?(?<string>:STRING)?");

    private static final Pattern LAST_INDEX = Pattern.compile("(?<array>.+)\\[(?<index>\\d+)]");

    private static final String FORM =
            "write it as the programming tool has it, as in Program:MainProgram.Pump.Speed,"
                    + " Tank[3].Level, Flags.5 or Name";

    private static final int MAX_BIT = 63;

    /** So that it fits into the smallest packet. */
    private static final int MAX_PATH = 440;

    private static final int SYMBOL = 0x91;
    private static final int ELEMENT = 0x28;
    private static final int BITS_OF_A_WORD = 32;

    private final String symbols;
    private final int bit;
    private final boolean string;

    private LogixAddress(String symbols, int bit, boolean string) {
        this.symbols = symbols;
        this.bit = bit;
        this.string = string;
    }

    /** Returns the address; only for those without a problem. */
    static LogixAddress parse(String address) {
        Matcher matcher = ADDRESS.matcher(address);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(address);
        }
        String bit = matcher.group("bit");
        return new LogixAddress(
                matcher.group("symbols"),
                bit == null ? NO_BIT : Integer.parseInt(bit),
                matcher.group("string") != null);
    }

    /** Returns what is wrong with the address and what to do, if anything. */
    static Optional<String> problem(String address) {
        if (!ADDRESS.matcher(address).matches()) {
            return Optional.of("address " + address + " is no Logix tag; " + FORM);
        }
        LogixAddress parsed = parse(address);
        if (parsed.bit > MAX_BIT) {
            return Optional.of(
                    "address "
                            + address
                            + " asks for bit "
                            + parsed.bit
                            + ", the longest integer has bits 0 to 63; write one of those, or an"
                            + " element in brackets");
        }
        if (parsed.string && parsed.bit != NO_BIT) {
            return Optional.of("address " + address + " is a bit and a string; write one of them");
        }
        if (parsed.path().length > MAX_PATH) {
            return Optional.of(
                    "address "
                            + address
                            + " does not fit into a request; read it by an alias tag in the"
                            + " controller");
        }
        return Optional.empty();
    }

    /** The path of the whole of it. */
    byte[] path() {
        return path(symbols);
    }

    /** The bit of the integer that is there, or {@link #NO_BIT}. */
    int bit() {
        return bit;
    }

    /** Whether a structure that is there is a string. */
    boolean string() {
        return string;
    }

    /**
     * Whether it could be an element of an array of BOOL: those are read by words, and only the
     * controller knows which arrays they are.
     */
    boolean element() {
        return bit == NO_BIT && LAST_INDEX.matcher(symbols).matches();
    }

    /** The path of an element's array. */
    byte[] array() {
        return path(last().group("array"));
    }

    /** The path of the word that an element of an array of BOOL is in. */
    byte[] word() {
        Matcher last = last();
        int word = Integer.parseInt(last.group("index")) / BITS_OF_A_WORD;
        return path(last.group("array") + "[" + word + "]");
    }

    /** The place in that word. */
    int bitOfWord() {
        return Integer.parseInt(last().group("index")) % BITS_OF_A_WORD;
    }

    private Matcher last() {
        Matcher matcher = LAST_INDEX.matcher(symbols);
        if (!matcher.matches()) {
            throw new IllegalStateException(symbols + " is no element");
        }
        return matcher;
    }

    private static byte[] path(String symbols) {
        ByteArrayOutputStream path = new ByteArrayOutputStream();
        for (String symbol : symbols.split("\\.")) {
            String[] parts = symbol.split("[\\[,\\]]");
            byte[] name = parts[0].getBytes(StandardCharsets.US_ASCII);
            path.write(SYMBOL);
            path.write(name.length);
            path.writeBytes(name);
            if (name.length % 2 != 0) {
                path.write(0);
            }
            for (int i = 1; i < parts.length; i++) {
                element(path, Integer.parseInt(parts[i]));
            }
        }
        return path.toByteArray();
    }

    /** In the fewest bytes, lowest first, as the controller wants it. */
    private static void element(ByteArrayOutputStream path, int index) {
        int bytes = index <= 0xFF ? 1 : index <= 0xFFFF ? 2 : 4;
        path.write(ELEMENT + bytes / 2);
        if (bytes > 1) {
            path.write(0);
        }
        for (int i = 0; i < bytes; i++) {
            path.write(index >>> (8 * i));
        }
    }
}
