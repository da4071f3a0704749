package io.unshub.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;

/**
 * Payloads and topics changed at random, as faulty links, programs and people change them. The same
 * seed gives the same ones.
 */
public final class Mutations {

    private static final List<String> TOKENS =
            List.of(
                    "NaN",
                    "null",
                    "-",
                    "1e999999999",
                    "{}",
                    "[]",
                    "\"\"",
                    "true",
                    "0x1F",
                    "{{x}}",
                    "${env:HOME}",
                    "\u0000",
                    "\uD83D",
                    "\"\u202e\"",
                    "1.",
                    "00",
                    "+1",
                    "'a'",
                    "\\u12");
    private static final List<String> TOPICS =
            List.of(
                    "acme",
                    "/",
                    "a/b/c/d/e/f/g",
                    "acme/plant9/mixing/line1/cell1/mixer-01/",
                    "acme/plant9/mixing/line1/cell1/mixer.01/torque",
                    "acme/pl\u00e4nt/a/b/c/d/e",
                    "acme/plant9/mixing/line1/cell1/mixer-01/_x",
                    "x".repeat(2_000));
    private static final List<BiFunction<byte[], Random, byte[]>> CHANGES =
            List.of(
                    Mutations::flip,
                    Mutations::truncate,
                    Mutations::insert,
                    Mutations::delete,
                    Mutations::repeat,
                    Mutations::token,
                    Mutations::splice,
                    Mutations::noise);

    private Mutations() {}

    /** One or a few changes to a payload. */
    public static byte[] of(byte[] payload, Random random) {
        byte[] changed = payload;
        for (int i = random.nextInt(3); i >= 0; i--) {
            changed = CHANGES.get(random.nextInt(CHANGES.size())).apply(changed, random);
        }
        return changed;
    }

    /** A topic: mostly the given one, sometimes another that MQTT carries. */
    public static String topic(String topic, Random random) {
        return random.nextInt(20) > 0 ? topic : TOPICS.get(random.nextInt(TOPICS.size()));
    }

    private static byte[] flip(byte[] from, Random random) {
        byte[] to = from.clone();
        if (to.length > 0) {
            to[random.nextInt(to.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return to;
    }

    private static byte[] truncate(byte[] from, Random random) {
        return cut(from, 0, random.nextInt(from.length + 1));
    }

    private static byte[] insert(byte[] from, Random random) {
        byte[] bytes = new byte[1 + random.nextInt(4)];
        random.nextBytes(bytes);
        return replace(from, random.nextInt(from.length + 1), 0, bytes);
    }

    private static byte[] delete(byte[] from, Random random) {
        int at = random.nextInt(from.length + 1);
        return replace(from, at, Math.min(from.length - at, 1 + random.nextInt(20)), new byte[0]);
    }

    private static byte[] repeat(byte[] from, Random random) {
        int at = random.nextInt(from.length + 1);
        int length = Math.min(from.length - at, random.nextInt(100));
        return replace(from, at, 0, cut(from, at, at + length));
    }

    private static byte[] token(byte[] from, Random random) {
        String text = new String(from, UTF_8);
        int colon = text.indexOf(':', random.nextInt(text.length() + 1));
        int comma = text.indexOf(',', Math.max(colon, 0));
        if (colon < 0 || comma < 0) {
            return from;
        }
        String token = TOKENS.get(random.nextInt(TOKENS.size()));
        return (text.substring(0, colon + 1) + token + text.substring(comma)).getBytes(UTF_8);
    }

    private static byte[] splice(byte[] from, Random random) {
        int a = random.nextInt(from.length + 1);
        int b = random.nextInt(from.length + 1);
        return replace(
                from,
                Math.min(a, b),
                Math.abs(a - b),
                cut(from, 0, random.nextInt(from.length + 1)));
    }

    private static byte[] noise(byte[] from, Random random) {
        byte[] bytes = new byte[random.nextInt(400)];
        random.nextBytes(bytes);
        return random.nextInt(4) == 0 ? bytes : from;
    }

    private static byte[] cut(byte[] from, int start, int end) {
        return Arrays.copyOfRange(from, start, end);
    }

    private static byte[] replace(byte[] from, int at, int length, byte[] by) {
        byte[] to = new byte[from.length - length + by.length];
        System.arraycopy(from, 0, to, 0, at);
        System.arraycopy(by, 0, to, at, by.length);
        System.arraycopy(from, at + length, to, at + by.length, from.length - at - length);
        return to;
    }
}
