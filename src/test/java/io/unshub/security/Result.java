package io.unshub.security;

/**
 * What came of an attempt.
 *
 * @param attempt its name
 * @param refused whether the hub refused it
 * @param logged whether log and audit file have it, with the reason
 * @param reason the reason
 * @param acknowledged readings of the device that may, which were acknowledged meanwhile
 * @param lost those of them that did not reach Event Hubs
 */
public record Result(
        String attempt,
        boolean refused,
        boolean logged,
        String reason,
        long acknowledged,
        long lost) {

    /** Whether it went as it should. */
    public boolean held() {
        return refused && logged && lost == 0;
    }
}
