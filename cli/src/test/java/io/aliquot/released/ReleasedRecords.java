package io.aliquot.released;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Records as every release wrote them (schemas/README.md), and what a later one might write. */
public final class ReleasedRecords {
    private static final Path RELEASES = Path.of("../schemas/src/test/resources/released");
    private static final int UNKNOWN_VALUE = 77;
    private static final UnknownFieldSet UNKNOWN_FIELDS = UnknownFieldSet.newBuilder()
            .addField(900, field().addVarint(1).build())
            .addField(
                    901,
                    field().addLengthDelimited(ByteString.copyFromUtf8("later")).build())
            .addField(902, field().addFixed32(2).addFixed64(3).build())
            .build();

    private ReleasedRecords() {}

    /** All of them, by the names of their messages. */
    public static Map<String, List<byte[]>> all() throws IOException {
        Map<String, List<byte[]>> records = new TreeMap<>();
        try (Stream<Path> releases = Files.list(RELEASES)) {
            for (Path release : releases.toList()) {
                for (String line : Files.readAllLines(release.resolve("records.txt"))) {
                    String[] words = line.split(" ", -1);
                    records.computeIfAbsent(words[0], name -> new ArrayList<>())
                            .add(HexFormat.of().parseHex(words[1]));
                }
            }
        }
        return records;
    }

    /** Those of one message: at least one. */
    public static List<byte[]> of(String message) throws IOException {
        List<byte[]> records = all().getOrDefault(message, List.of());
        assertThat(records).as("released records of " + message).isNotEmpty();
        return records;
    }

    /** The same record with fields that nobody knows, in it and in every message within. */
    public static byte[] withUnknownFields(Message record) {
        Message later = changed(record, true);
        assertThat(later.getUnknownFields().asMap()).isNotEmpty();
        return later.toByteArray();
    }

    /** The same record with a value that nobody knows in place of each that is of an enum. */
    public static byte[] withUnknownValues(Message record) {
        Message later = changed(record, false);
        assertThat(later).as("a record with an enum in it").isNotEqualTo(record);
        return later.toByteArray();
    }

    private static Message changed(Message record, boolean fields) {
        Message.Builder later = record.toBuilder();
        for (Map.Entry<FieldDescriptor, Object> set : record.getAllFields().entrySet()) {
            FieldDescriptor field = set.getKey();
            if (field.isMapField()) {
                continue;
            }
            if (!field.isRepeated()) {
                later.setField(field, changed(field, set.getValue(), fields));
            } else {
                List<?> values = (List<?>) set.getValue();
                for (int i = 0; i < values.size(); i++) {
                    later.setRepeatedField(field, i, changed(field, values.get(i), fields));
                }
            }
        }
        return fields ? later.setUnknownFields(UNKNOWN_FIELDS).build() : later.build();
    }

    private static Object changed(FieldDescriptor field, Object value, boolean fields) {
        if (field.getJavaType() == JavaType.MESSAGE) {
            return changed((Message) value, fields);
        }
        return field.getJavaType() == JavaType.ENUM && !fields
                ? field.getEnumType().findValueByNumberCreatingIfUnknown(UNKNOWN_VALUE)
                : value;
    }

    private static UnknownFieldSet.Field.Builder field() {
        return UnknownFieldSet.Field.newBuilder();
    }
}
