package io.unshub.uns;

/**
 * A foreign value as it is shown in a message: on one line, short, and without characters that a
 * terminal or a log viewer would act on.
 */
public final class Excerpt {

    /** Characters of the value that are shown before {@code ...} takes the place of the rest. */
    public static final int MAX_CHARS = 120;

    private Excerpt() {}

    /**
     * Returns {@code value} with control, format and broken characters written as {@code \}{@code
     * uXXXX}, cut to {@value #MAX_CHARS} characters. Escapes are never cut in two.
     */
    public static String of(String value) {
        return shown(value, MAX_CHARS);
    }

    /** Returns {@code value} with the same characters written out, whole. */
    public static String printable(String value) {
        return shown(value, Integer.MAX_VALUE);
    }

    /** Returns {@code value} with the same characters written out, cut to so many. */
    public static String printable(String value, int most) {
        return shown(value, most);
    }

    private static String shown(String value, int most) {
        StringBuilder shown = new StringBuilder(Math.min(value.length(), most - 3) + 3);
        for (int i = 0; i < value.length(); ) {
            int codePoint = value.codePointAt(i);
            int chars = Character.charCount(codePoint);
            String next =
                    isPlain(codePoint) ? value.substring(i, i + chars) : escape(value, i, chars);
            if (shown.length() > most - next.length()) {
                return shown.append("...").toString();
            }
            shown.append(next);
            i += chars;
        }
        return shown.toString();
    }

    private static boolean isPlain(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }

    private static String escape(String value, int from, int chars) {
        StringBuilder escaped = new StringBuilder();
        for (int i = from; i < from + chars; i++) {
            escaped.append(String.format("\\u%04X", (int) value.charAt(i)));
        }
        return escaped.toString();
    }
}
