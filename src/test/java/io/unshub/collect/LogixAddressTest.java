package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogixAddressTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Speed",
                "Program:MainProgram.Pump.Speed",
                "Program:MainProgram.Tank[3].Level",
                "Tank[3].Level",
                "Grid[1,2,3]",
                "Flags.5",
                "Flags[2].31",
                "Timer1.ACC",
                "Local:1:I.Data.3",
                "Local:2:I.Ch0Data",
                "Drive:I.Status",
                "Safe:1:SI.Pt00Data",
                "_private",
                "Name:STRING",
                "Recipe[2].Title:STRING"
            })
    void takesAddresses(String address) {
        assertThat(LogixAddress.problem(address)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    Pump..Speed                 | is no Logix tag; write it as the programming tool
                    Pump Speed                  | is no Logix tag
                    3Pump                       | is no Logix tag
                    Program:MainProgram         | is no Logix tag
                    Program:MainProgram.5       | is no Logix tag
                    Tank[-1]                    | is no Logix tag
                    Tank[i].Level               | is no Logix tag
                    Tank[1,2,3,4]               | is no Logix tag
                    Tank[3                      | is no Logix tag
                    Speed:REAL                  | is no Logix tag
                    %DB1:0:REAL                 | is no Logix tag
                    A2345678901234567890123456789012345678901 | is no Logix tag
                    Tank[0..9][0..9]            | is no Logix tag
                    Tank{10}                    | is no Logix tag
                    Flags.64                    | asks for bit 64, the longest integer has bits
                    Name.3:STRING               | is a bit and a string
                    """)
    void saysWhatIsWrongWithAnAddress(String address, String words) {
        assertThat(LogixAddress.problem(address))
                .hasValueSatisfying(p -> assertThat(p).contains("address " + address, words));
    }

    @Test
    void saysThatAnAddressIsTooLong() {
        String member = ".M23456789012345678901234567890123456789";

        assertThat(LogixAddress.problem("Tag" + member.repeat(12)))
                .hasValueSatisfying(p -> assertThat(p).contains("does not fit into a request"));
    }

    /** The examples of 1756-PM020, "Logix 5000 Controllers Data Access". */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rate | 910472617465",
                "parts | 910570617274730 0",
                "profile[0,1,257] | 910770726f66696c65002800280129000101",
                "dwell3.acc | 91066477656c6c33 9103616363 00",
                "Tag[70000] | 9103546167002a0070110100"
            })
    void encodesThePath(String address, String bytes) {
        assertThat(LogixAddress.parse(address).path())
                .isEqualTo(HexFormat.of().parseHex(bytes.replace(" ", "")));
    }
}
