package io.unshub.uns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RootCauseTest {

    @Test
    void isTheMessageOfWhatTheFailureBeganWith() {
        Exception began = new IOException("no space left on device");
        assertThat(RootCause.of(new IllegalStateException("the batch", new Exception(began))))
                .isEqualTo("no space left on device");
    }

    @Test
    void isTheClassWhereThatHasNoMessage() {
        assertThat(RootCause.of(new Exception("outside", new NullPointerException())))
                .isEqualTo("java.lang.NullPointerException");
    }
}
