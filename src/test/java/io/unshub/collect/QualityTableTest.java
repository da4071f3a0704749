package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.quality.Quality;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.plc4x.java.api.types.PlcResponseCode;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.junit.jupiter.api.Test;

/** The table of docs/quality/quality-flags.md is what the code does. */
class QualityTableTest {

    private static final Path PAGE = Path.of("docs/quality/quality-flags.md");
    private static final String BEGIN = "<!-- generated: source codes -->\n";
    private static final String END = "<!-- end -->";

    @Test
    void saysWhatBecomesOfEachCode() throws Exception {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END, begin);
        if (Boolean.getBoolean("unshub.docs.write")) {
            Files.writeString(PAGE, page.substring(0, begin) + table() + page.substring(end));
            page = Files.readString(PAGE);
            end = page.indexOf(END, begin);
        }

        assertThat(page.substring(begin, end)).isEqualTo(table());
    }

    private static String table() throws Exception {
        List<StatusCode> codes = new ArrayList<>();
        for (Field field : StatusCodes.class.getFields()) {
            if (field.getType() == long.class) {
                field.setAccessible(true);
                codes.add(new StatusCode(field.getLong(null)));
            }
        }
        StringBuilder table = new StringBuilder("| source | code | flag |\n| --- | --- | --- |\n");
        for (Quality flag : Quality.values()) {
            List<String> names =
                    codes.stream()
                            .map(SourceStatus::of)
                            .filter(status -> status.quality() == flag)
                            .map(SourceStatus::name)
                            .distinct()
                            .sorted()
                            .toList();
            if (!names.isEmpty()) {
                row(
                        table,
                        "OPC UA status code",
                        flag == Quality.ERROR
                                ? "every other, as `Bad_OutOfService` ("
                                        + names.size()
                                        + " are known by name; others are shown in hexadecimal)"
                                : names.stream()
                                        .map(name -> "`" + name + "`")
                                        .collect(Collectors.joining(" ")),
                        flag);
            }
        }
        for (Quality flag : Quality.values()) {
            String names =
                    Arrays.stream(PlcResponseCode.values())
                            .filter(code -> SourceStatus.of(code).quality() == flag)
                            .map(code -> "`" + code + "`")
                            .collect(Collectors.joining(" "));
            if (!names.isEmpty()) {
                row(table, "PLC response code", names, flag);
            }
        }
        row(
                table,
                "the hub, of the value",
                "`%s` `%s`".formatted(Readings.OUT_OF_RANGE, Readings.WRONG_TYPE),
                Quality.ERROR);
        row(
                table,
                "the hub, of the value",
                "`%s` `%s` `%s`"
                        .formatted(
                                SourceValue.NOT_A_NUMBER,
                                SourceValue.UNSUPPORTED_TYPE,
                                SourceValue.NO_VALUE),
                Quality.ERROR);
        row(
                table,
                "the hub, of a tag that breaks its connection",
                "`%s` `%s`".formatted(PlcCollector.NO_RESPONSE, PlcCollector.READ_FAILED),
                Quality.ERROR);
        row(table, "the hub, of a silent tag", "`" + Readings.SILENT + "`", Quality.STALE);
        return table.toString();
    }

    private static void row(StringBuilder table, String source, String code, Quality flag) {
        table.append("| %s | %s | `%s` |\n".formatted(source, code, flag));
    }
}
