package io.unshub.ops.console;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who is logged in, in memory: a stop of the hub logs everybody out. A session ends half an hour
 * after its last request, and twelve hours after its login in any case. Of more than a thousand the
 * oldest ends. Threads: any.
 */
final class Sessions<T> {

    private static final Duration IDLE = Duration.ofMinutes(30);
    private static final Duration LONGEST = Duration.ofHours(12);
    private static final int MOST = 1_000;
    private static final int ID_BYTES = 32;

    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Session<T>> sessions = new LinkedHashMap<>();

    private record Session<T>(T who, Instant begun, Instant last) {}

    Sessions(InstantSource clock) {
        this.clock = clock;
    }

    /** Begins a session and returns its id. */
    synchronized String open(T who) {
        Instant now = clock.instant();
        sessions.values().removeIf(session -> over(session, now));
        if (sessions.size() >= MOST) {
            sessions.remove(sessions.keySet().iterator().next());
        }
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        sessions.put(id, new Session<>(who, now, now));
        return id;
    }

    /** Whose session that is; keeps it for longer. */
    synchronized Optional<T> find(String id) {
        Session<T> session = sessions.get(id);
        Instant now = clock.instant();
        if (session == null || over(session, now)) {
            sessions.remove(id);
            return Optional.empty();
        }
        sessions.put(id, new Session<>(session.who(), session.begun(), now));
        return Optional.of(session.who());
    }

    synchronized void close(String id) {
        sessions.remove(id);
    }

    private static boolean over(Session<?> session, Instant now) {
        return session.last().plus(IDLE).isBefore(now)
                || session.begun().plus(LONGEST).isBefore(now);
    }
}
