package io.unshub.collect;

import java.io.IOException;

/** The device answers, and does not take us as a client. */
final class RefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
