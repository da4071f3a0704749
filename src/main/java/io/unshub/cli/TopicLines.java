package io.unshub.cli;

import io.unshub.uns.Excerpt;
import io.unshub.uns.TopicViolation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads topics one per line. In: bytes that should be UTF-8. Out: each line without its LF or CRLF,
 * the first without its byte order mark, the last only if it is not blank. Memory: one line, of
 * which no more than {@value #MAX_BYTES} bytes are kept. One thread.
 */
final class TopicLines {

    /** One more than MQTT can carry, so that a longer line is seen to be too long. */
    static final int MAX_BYTES = 65_536;

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    /**
     * One line.
     *
     * @param isUtf8 false if bytes were broken; {@code text} then has U+FFFD in their place
     */
    record Line(String text, boolean isUtf8) {}

    private final InputStream in;
    private boolean first = true;
    private Line ahead;

    TopicLines(InputStream in) throws IOException {
        this.in = in;
        this.ahead = read();
    }

    /** Returns the next line, or null at the end. */
    Line next() throws IOException {
        Line line = ahead;
        if (line == null) {
            return null;
        }
        ahead = read();
        return ahead == null && line.text().isEmpty() ? null : line;
    }

    static TopicViolation brokenUtf8(String text) {
        return new TopicViolation(
                "utf-8",
                null,
                text,
                "topic is not UTF-8: "
                        + Excerpt.of(text)
                        + "; save the list as UTF-8, see docs/uns/hierarchy.md");
    }

    private Line read() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        int b = in.read();
        if (b < 0) {
            return null;
        }
        boolean cut = false;
        for (; b >= 0 && b != '\n'; b = in.read()) {
            if (bytes.size() < MAX_BYTES) {
                bytes.write(b);
            } else {
                cut = true;
            }
        }
        Line line =
                cut ? new Line(bytes.toString(StandardCharsets.ISO_8859_1), true) : decode(bytes);
        String text = line.text();
        if (first && text.startsWith(BYTE_ORDER_MARK)) {
            text = text.substring(1);
        }
        first = false;
        if (text.endsWith("\r")) {
            text = text.substring(0, text.length() - 1);
        }
        return new Line(text, line.isUtf8());
    }

    private static Line decode(ByteArrayOutputStream bytes) {
        try {
            return new Line(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes.toByteArray()))
                            .toString(),
                    true);
        } catch (CharacterCodingException e) {
            return new Line(bytes.toString(StandardCharsets.UTF_8), false);
        }
    }
}
