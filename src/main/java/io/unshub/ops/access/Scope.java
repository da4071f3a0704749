package io.unshub.ops.access;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What an API key may ask for; {@code docs/security/http.md} has its table from here. */
public enum Scope {
    INGEST("post readings: `POST /api/v1/readings`", true),
    READ(
            "look: every `GET` of ledger, alarms, buffer, connections, dead letters, routes, schema drift, overview and namespace, and `/observe/metrics`",
            true),
    REPLAY("plan and carry out replays: `POST /api/v1/dead-letters/`", false),
    SCORE("ask models: `/api/v1/inference/`", false),
    ADMIN("everything that there is, drills among it", false);

    private final String meaning;
    private final boolean dividable;

    Scope(String meaning, boolean dividable) {
        this.meaning = meaning;
        this.dividable = dividable;
    }

    /** The scope of that word. */
    public static Optional<Scope> of(String word) {
        return Arrays.stream(values()).filter(scope -> scope.word().equals(word)).findFirst();
    }

    /** All words. */
    public static List<String> words() {
        return Arrays.stream(values()).map(Scope::word).toList();
    }

    /** The name in lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What it allows. */
    public String meaning() {
        return meaning;
    }

    /** Whether it can be had for a part of the namespace alone. */
    public boolean dividable() {
        return dividable;
    }
}
