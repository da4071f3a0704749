package io.unshub.ops.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.Refused;
import jakarta.ws.rs.core.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemsTest {

    @ParameterizedTest
    @CsvSource({
        "400, Bad Request",
        "409, Conflict",
        "422, Unprocessable Entity",
        "503, Service Unavailable"
    })
    void namesEachStatusThatARefusalHas(int status, String title) {
        Response response =
                new Problems().refused(new Refused(status, "the key was used", "key", "k", "wait"));

        assertThat(response.getStatus()).isEqualTo(status);
        assertThat(response.getEntity())
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.title()).isEqualTo(title));
    }
}
