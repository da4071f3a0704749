package io.unshub.security;

import java.util.EnumMap;
import java.util.Map;

/** How some of the attempts are made. */
abstract class Tries {

    private final Map<Attempt, Try> all = new EnumMap<>(Attempt.class);

    /** One attempt, by a real client. */
    interface Try {
        /** Whether the hub refused it; an exception is what a client that was refused ends with. */
        boolean refused() throws Exception;
    }

    /** Says how an attempt is made. */
    final void on(Attempt attempt, Try how) {
        all.put(attempt, how);
    }

    /** All of them. */
    final Map<Attempt, Try> all() {
        return all;
    }
}
