package io.unshub.collect;

import com.fasterxml.jackson.core.io.schubfach.DoubleToDecimal;
import com.fasterxml.jackson.core.io.schubfach.FloatToDecimal;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;

/**
 * A protocol's value as JSON, exactly.
 *
 * @param json the value; JSON null where there is none or it has no JSON form
 * @param fault why it is null: {@link #NOT_A_NUMBER}, {@link #UNSUPPORTED_TYPE} or {@link
 *     #NO_VALUE}; null where the value is fine
 */
record SourceValue(JsonNode json, String fault) {

    /** The source sent NaN or an infinity. */
    static final String NOT_A_NUMBER = "NotANumber";

    /** The source sent an array, a structure or another type that an envelope cannot hold. */
    static final String UNSUPPORTED_TYPE = "UnsupportedType";

    /** The source sent no value. */
    static final String NO_VALUE = "NoValue";

    static SourceValue of(Object raw) {
        if (raw == null) {
            return none(NO_VALUE);
        } else if (raw instanceof Boolean b) {
            return fine(BooleanNode.valueOf(b));
        } else if (raw instanceof Byte
                || raw instanceof Short
                || raw instanceof Integer
                || raw instanceof UByte
                || raw instanceof UShort) {
            return fine(IntNode.valueOf(((Number) raw).intValue()));
        } else if (raw instanceof Long || raw instanceof UInteger) {
            return fine(LongNode.valueOf(((Number) raw).longValue()));
        } else if (raw instanceof ULong u) {
            return fine(BigIntegerNode.valueOf(u.toBigInteger()));
        } else if (raw instanceof BigInteger i) {
            return fine(BigIntegerNode.valueOf(i));
        } else if (raw instanceof Float f) {
            // Jackson's algorithm, because Float.toString is not the shortest before Java 19
            return Float.isFinite(f) ? decimal(FloatToDecimal.toString(f)) : none(NOT_A_NUMBER);
        } else if (raw instanceof Double d) {
            return Double.isFinite(d) ? decimal(DoubleToDecimal.toString(d)) : none(NOT_A_NUMBER);
        } else if (raw instanceof String s) {
            return fine(TextNode.valueOf(s));
        } else if (raw instanceof UUID id) {
            return fine(TextNode.valueOf(id.toString()));
        } else if (raw instanceof DateTime time) {
            return time.isNull()
                    ? none(NO_VALUE)
                    : SourceValue.of(time.getJavaInstant().toString());
        } else if (raw instanceof LocalizedText text) {
            return SourceValue.of(text.text());
        } else if (raw.getClass().isArray() && Array.getLength(raw) == 1) {
            // an element that was asked for by its index comes as an array
            return SourceValue.of(Array.get(raw, 0));
        }
        return none(UNSUPPORTED_TYPE);
    }

    private static SourceValue decimal(String digits) {
        return fine(DecimalNode.valueOf(new BigDecimal(digits)));
    }

    private static SourceValue fine(JsonNode json) {
        return new SourceValue(json, null);
    }

    private static SourceValue none(String fault) {
        return new SourceValue(NullNode.getInstance(), fault);
    }
}
