package io.aliquot.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** This build's schemas against those of each release. */
class SchemaEvolutionTest {
    @Test
    void everyReleasesRecordsAndProgramsUnderstandTheSchemas() throws Exception {
        List<String> problems = new ArrayList<>();
        for (ReleasedSchemas release : ReleasedSchemas.all()) {
            SchemaCheck.problems(release.schemas(), Schemas.now())
                    .forEach(problem -> problems.add("since " + release.folder().getFileName() + ": " + problem));
        }
        assertThat(problems)
                .as("changes that break what reads the topics; schemas/README.md says what may change")
                .isEmpty();
    }

    /** With the schemas of then and with those of now, a record says the same. */
    @Test
    void everyReleasesRecordsAreReadAsTheyWereWritten() throws Exception {
        int records = 0;
        for (ReleasedSchemas release : ReleasedSchemas.all()) {
            Map<String, Descriptor> types = types(release.schemas());
            for (ReleasedSchemas.Written record : release.records()) {
                Message then = DynamicMessage.parseFrom(types.get(record.message()), record.bytes());
                Message now =
                        Schemas.message(record.message()).getParserForType().parseFrom(record.bytes());
                assertThat(text(now)).as(record.message()).isEqualTo(text(then)).isNotEmpty();
                assertThat(now.toByteString()).as(record.message()).isEqualTo(then.toByteString());
                records++;
            }
        }
        assertThat(records).isGreaterThanOrEqualTo(10);
    }

    @Test
    void aSampleHasEveryField() {
        Map<String, List<Message>> samples = SampleRecords.all();
        samples.forEach((name, records) -> {
            Descriptor type = records.getFirst().getDescriptorForType();
            for (FieldDescriptor field : type.getFields()) {
                assertThat(records)
                        .as(field.getFullName())
                        .anyMatch(record -> field.isRepeated()
                                ? record.getRepeatedFieldCount(field) > 0
                                : !isDefault(record, field));
            }
        });
        assertThat(samples).hasSizeGreaterThanOrEqualTo(Topics.all().size());
    }

    /** For a release: {@code ./mvnw -pl schemas test -Dtest=SchemaEvolutionTest -Daliquot.release=0.2}. */
    @Test
    @EnabledIfSystemProperty(named = "aliquot.release", matches = ".+")
    void keepsTheSchemasAndRecordsOfARelease() throws Exception {
        everyReleasesRecordsAndProgramsUnderstandTheSchemas();
        ReleasedSchemas.of(System.getProperty("aliquot.release", "")).write(Schemas.now(), SampleRecords.all());
    }

    private static boolean isDefault(Message record, FieldDescriptor field) {
        return field.hasPresence()
                ? !record.hasField(field)
                : record.getField(field).equals(field.getDefaultValue());
    }

    private static String text(Message message) {
        return TextFormat.printer().printToString(message);
    }

    private static Map<String, Descriptor> types(FileDescriptorSet schemas) throws Exception {
        Map<String, FileDescriptor> built = new HashMap<>();
        Map<String, Descriptor> types = new HashMap<>();
        while (built.size() < schemas.getFileCount()) {
            int before = built.size();
            for (var file : schemas.getFileList()) {
                if (!built.containsKey(file.getName()) && built.keySet().containsAll(file.getDependencyList())) {
                    FileDescriptor[] imports =
                            file.getDependencyList().stream().map(built::get).toArray(FileDescriptor[]::new);
                    FileDescriptor descriptor = FileDescriptor.buildFrom(file, imports);
                    built.put(file.getName(), descriptor);
                    descriptor.getMessageTypes().forEach(type -> types.put(type.getName(), type));
                }
            }
            assertThat(built.size()).as("imports of released schemas").isGreaterThan(before);
        }
        return types;
    }
}
