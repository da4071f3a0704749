package io.unshub.collect;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * How a Rockwell Logix controller is polled.
 *
 * @param pollInterval time from the start of one poll to the start of the next; more than zero
 * @param requestTimeout hard limit of every single call, connecting included; more than zero
 * @param path the way from the module with the address to the controller: pairs of a port and what
 *     is behind it, {@code 1,0} for slot 0 of the same chassis
 */
public record LogixOptions(Duration pollInterval, Duration requestTimeout, String path)
        implements PlcOptions {

    /** What holds where a connection file says nothing. */
    public static final LogixOptions DEFAULT =
            new LogixOptions(Duration.ofSeconds(1), Duration.ofSeconds(2), "1,0");

    private static final int MAX_PORT = 14;
    private static final int MAX_LINK = 255;
    private static final int MAX_BYTES = 128;

    /** On the port's number: its link address is a text. */
    private static final int EXTENDED = 0x10;

    /** Returns what is wrong with a path and what to do, if anything. */
    static Optional<String> problem(String path) {
        String[] parts = path.split(",", -1);
        boolean fine = parts.length % 2 == 0;
        for (int i = 0; fine && i < parts.length; i += 2) {
            fine =
                    number(parts[i], 1, MAX_PORT)
                            && (number(parts[i + 1], 0, MAX_LINK)
                                    || parts[i + 1].matches(
                                            "[0-9a-zA-Z.-]*[.a-zA-Z][0-9a-zA-Z.-]*"));
        }
        if (fine && new LogixOptions(null, null, path).route().length <= MAX_BYTES) {
            return Optional.empty();
        }
        return Optional.of(
                "path "
                        + path
                        + " is no way to a controller; write PORT,SLOT or PORT,ADDRESS, and more of"
                        + " them for each hop, as in 1,0 or 1,3,2,192.168.1.10,1,0");
    }

    private static boolean number(String text, int least, int most) {
        return text.matches("\\d{1,3}")
                && Integer.parseInt(text) >= least
                && Integer.parseInt(text) <= most;
    }

    /** The path as port segments, padded to whole words. */
    byte[] route() {
        ByteArrayOutputStream route = new ByteArrayOutputStream();
        String[] parts = path.split(",");
        for (int i = 0; i < parts.length; i += 2) {
            int port = Integer.parseInt(parts[i]);
            String link = parts[i + 1];
            if (number(link, 0, MAX_LINK)) {
                route.write(port);
                route.write(Integer.parseInt(link));
            } else {
                route.write(EXTENDED | port);
                route.write(link.length());
                route.writeBytes(link.getBytes(StandardCharsets.US_ASCII));
                if (link.length() % 2 != 0) {
                    route.write(0);
                }
            }
        }
        return route.toByteArray();
    }
}
