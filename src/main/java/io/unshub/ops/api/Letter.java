package io.unshub.ops.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.unshub.deadletter.DeadLetter;
import io.unshub.deadletter.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A dead letter as JSON.
 *
 * @param id names it
 * @param topic the topic that it was published on
 * @param hubSeq its place in the topic's sequence
 * @param acceptedUtc when the hub took it in
 * @param setAsideUtc when it was set aside
 * @param reason the class of refusal
 * @param field the field or part that broke the rule
 * @param detail the rule, the value and the next step
 * @param payload its bytes as text; absent when they are not UTF-8
 * @param payloadBase64 its bytes; absent when they are UTF-8
 */
@Schema(description = "A reading that was set aside")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Letter(
        String id,
        String topic,
        long hubSeq,
        Instant acceptedUtc,
        Instant setAsideUtc,
        Reason reason,
        String field,
        String detail,
        String payload,
        byte[] payloadBase64) {

    static Letter of(DeadLetter letter) {
        String text = utf8(letter.payload());
        return new Letter(
                letter.id(),
                letter.topic(),
                letter.hubSeq(),
                letter.acceptedUtc(),
                letter.setAsideUtc(),
                letter.rejection().reason(),
                letter.rejection().field(),
                letter.rejection().detail(),
                text,
                text == null ? letter.payload() : null);
    }

    private static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
