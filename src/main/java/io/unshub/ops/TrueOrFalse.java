package io.unshub.ops;

import org.eclipse.microprofile.config.spi.Converter;

/** Reads a switch; what is neither true nor false is refused, not taken for false. */
public final class TrueOrFalse implements Converter<Boolean> {

    private static final long serialVersionUID = 1L;

    @Override
    public Boolean convert(String value) {
        return switch (value.trim()) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "\"" + value + "\" is neither true nor false; set one of them");
        };
    }
}
