package io.aliquot.cli.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class NodesTableTest {
    @Test
    void showsWhatIsInForceHowLongItTookAndWhatIsBehind() throws Exception {
        var answer = new ObjectMapper().readTree("""
                {"nodes":[
                 {"node":"new","reports":true,"lastTelemetryAgeMs":60,"agentVersion":"0.2","driverVersion":"580.95",
                  "gpus":[{"gpu":"GPU-a","name":"NVIDIA H200"},{"gpu":"GPU-b","name":"NVIDIA H200","fault":"GPU is lost"}],
                  "decided":{"term":3,"sequence":9,"ageMs":5},
                  "applied":{"term":3,"sequence":7,"by":"acknowledgement","sampleToAppliedUs":42900},
                  "decisionsBehind":2,"behindMs":1500},
                 {"node":"old","reports":false,"lastTelemetryAgeMs":9000,"gpus":[{"name":"Card","simulated":true}],
                  "applied":{"term":3,"sequence":7,"by":"telemetry"},"decisionsBehind":0,"behindMs":0},
                 {"node":"gone","reports":false,"gpus":[],"decisionsBehind":0,"behindMs":0}]}
                """);
        assertThat(NodesTable.of(answer)).containsExactly("""
                NODE                 GPUS   DRIVER   AGENT            REPORTED   DECIDED   IN FORCE      TOOK        BEHIND
                new         2 NVIDIA H200   580.95     0.2           0.1 s ago       3/9        3/7   42.9 ms   2 for 1.5 s
                old    1 Card (simulated)        -       -   9.0 s ago, silent         -        3/7         -            no
                gone                    -        -       -          not lately         -          -         -            no

                node new: GPU GPU-b can't be read: GPU is lost""".split("\n"));
    }
}
