package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    MODBUS | holding-register:1:REAL[3]   | -2 | holding-register:5:REAL
                    MODBUS | holding-register:10:LINT[3]  | -2 | holding-register:18:LINT
                    MODBUS | input-register:7:UINT[2]     | -1 | input-register:8:UINT
                    MODBUS | coil:3:BOOL[20]              | -19 | coil:22:BOOL
                    MODBUS | 400009:DWORD[2]              | -1 | 400011:DWORD
                    MODBUS | holding-register:1:CHAR[5][3] | -2 | holding-register:7:CHAR[5]
                    S7     | %DB1:0:REAL[3]               | -2 | %DB1:8:REAL
                    S7     | %DB1.DBW10:INT[3]            | -2 | %DB1.DBW14:INT
                    S7     | %MB4:BYTE[3]                 | -1 | %MB5:BYTE
                    S7     | %DB1:38.6:BOOL[4]            | -3 | %DB1:39.1:BOOL
                    S7     | %DB2:0:STRING(20)[3]         | -2 | %DB2:44:STRING(20)
                    S7     | %DB2:0:STRING(21)[3]         | -1 | %DB2:24:STRING(21)
                    LOGIX  | Tank[2..9].Level             | -9 | Tank[9].Level
                    LOGIX  | Grid[1,0..4]                 | -4 | Grid[1,4]
                    OPCUA  | nsu=urn:plant;s=Levels[0..3] | -2 | nsu=urn:plant;s=Levels[2..2]
                    """)
    void givesEachElementItsAddress(Protocol protocol, String array, String end, String element) {
        assertThat(Elements.of(protocol, array)).containsEntry(end, element);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    MODBUS | holding-register:1:REAL
                    MODBUS | holding-register:1:CHAR[12]
                    S7     | %DB1:44:STRING(20)
                    LOGIX  | Tank[3].Level
                    OPCUA  | nsu=urn:plant;s="DB"."Levels"[3]
                    """)
    void leavesAsItIsWhatIsNoArray(Protocol protocol, String address) {
        assertThat(Elements.of(protocol, address)).containsExactlyEntriesOf(Map.of("", address));
    }

    @Test
    void refusesTheBitsOfRegisters() {
        assertThatThrownBy(() -> Elements.of(Protocol.MODBUS, "holding-register:1:BOOL[8]"))
                .hasMessage(
                        "address holding-register:1:BOOL[8] is bits of registers, which are not read one by one; bind each register as WORD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Tank[9..2]", "Tank[0..1000]", "Tank[0..999999999]"})
    void refusesWhatIsNoneOrTooMany(String address) {
        assertThatThrownBy(() -> Elements.of(Protocol.LOGIX, address))
                .hasMessageStartingWith("address " + address + " is an array of ")
                .hasMessageEndingWith(" elements; write 1 to 1000");
    }

    @Test
    void keepsTheirOrder() {
        assertThat(Elements.of(Protocol.LOGIX, "Tank[8..11]").keySet())
                .containsExactly("-8", "-9", "-10", "-11");
    }
}
