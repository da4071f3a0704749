package io.unshub.ops.console;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a user of the console may do. */
public enum Role {
    /** Looks, and changes nothing. */
    VIEWER,
    /** Also replays dead letters, and stops and starts routes. */
    OPERATOR;

    /** The role of that name, as it stands in the file of accounts. */
    public static Optional<Role> of(String word) {
        return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
    }

    /** The name in lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
