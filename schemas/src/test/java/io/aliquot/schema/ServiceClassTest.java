package io.aliquot.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ServiceClassTest {
    @Test
    void isTheMessagesClassByNameAndNumber() {
        Map<String, Integer> ours = Arrays.stream(ServiceClass.values())
                .collect(Collectors.toMap(c -> "SERVICE_CLASS_" + c.name(), ServiceClass::number));
        Map<String, Integer> messages = Arrays.stream(io.aliquot.schema.v1.ServiceClass.values())
                .filter(c -> c != io.aliquot.schema.v1.ServiceClass.UNRECOGNIZED)
                .collect(Collectors.toMap(Enum::name, io.aliquot.schema.v1.ServiceClass::getNumber));
        assertThat(ours).isEqualTo(messages);
    }

    @Test
    void isFoundByItsNumberAndItsWord() {
        for (ServiceClass any : ServiceClass.values()) {
            assertThat(ServiceClass.ofNumber(any.number())).contains(any);
            assertThat(ServiceClass.ofWord(any.word())).contains(any);
            assertThat(ServiceClass.WORDS).contains(any.word());
        }
        assertThat(ServiceClass.ofNumber(3)).isEmpty();
        assertThat(ServiceClass.ofWord("Standard")).isEmpty();
    }
}
