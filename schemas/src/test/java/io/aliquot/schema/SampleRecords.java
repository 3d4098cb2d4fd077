package io.aliquot.schema;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A record of each type, with every field set, to a value that this build reads back. A number is that of its field, a text its
 * name; where a value must be another one, it is in {@link #VALUES}.
 */
final class SampleRecords {
    /** Fields whose values must fit others, by message and field; a null value leaves the field out. */
    private static final Map<String, Object> VALUES = new LinkedHashMap<>();

    static {
        VALUES.put("LedgerEntry.wall_ns", 9L); // what its two tenants used, and the idle time
        VALUES.put("TenantQuota.memory_limit_bytes", 1L << 30);
        VALUES.put("TenantQuota.gpu_speed_permille", null); // of the cluster alone
        VALUES.put("QuotaRequest.memory_limit_bytes", 1L << 30);
    }

    private SampleRecords() {}

    /** By the names of their messages, those of the topic table and of a recording's file. */
    static Map<String, List<Message>> all() {
        Map<String, List<Message>> records = new LinkedHashMap<>();
        for (TopicSpec topic : Topics.all()) {
            topic.messages().forEach(name -> records.put(name, List.of(full(name))));
        }
        records.put("TenantQuota", List.of(full("TenantQuota"), cluster()));
        records.put("RecordedTick", List.of(recordedTick()));
        return records;
    }

    static Message full(String name) {
        return fill(Schemas.message(name).newBuilderForType(), 0);
    }

    private static Message cluster() {
        Message.Builder quota = Schemas.message("TenantQuota").newBuilderForType();
        Descriptor type = quota.getDescriptorForType();
        for (String field : List.of("version", "changed_at_unix_ms", "changed_by", "gpu_speed_permille")) {
            set(quota, type.findFieldByName(field), 0);
        }
        return quota.setField(type.findFieldByName("tenant"), "/").build();
    }

    private static Message recordedTick() {
        Message.Builder tick = full("RecordedTick").toBuilder();
        for (String[] one : new String[][] {{"reports", "Telemetry"}, {"decisions", "Decision"}}) {
            FieldDescriptor field = tick.getDescriptorForType().findFieldByName(one[0]);
            tick.clearField(field).addRepeatedField(field, full(one[1]).toByteString());
        }
        return tick.build();
    }

    private static Message fill(Message.Builder message, int index) {
        Descriptor type = message.getDescriptorForType();
        for (FieldDescriptor field : type.getFields()) {
            // Of a oneof each element of a list has another one.
            boolean another = field.getRealContainingOneof() != null
                    && field.getRealContainingOneof().getFields().indexOf(field)
                            != index % field.getRealContainingOneof().getFieldCount();
            if (!another && !leftOut(field)) {
                set(message, field, index);
            }
        }
        return message.build();
    }

    private static void set(Message.Builder message, FieldDescriptor field, int index) {
        if (field.isMapField()) {
            message.addRepeatedField(field, fill(message.newBuilderForField(field), 0));
        } else if (field.isRepeated()) {
            message.addRepeatedField(field, value(message, field, 0));
            message.addRepeatedField(field, value(message, field, 1));
        } else {
            message.setField(field, value(message, field, index));
        }
    }

    private static Object value(Message.Builder message, FieldDescriptor field, int index) {
        Object fixed = VALUES.get(name(field));
        if (fixed != null) {
            return fixed;
        }
        return switch (field.getJavaType()) {
            case INT -> field.getNumber();
            case LONG -> (long) field.getNumber();
            case BOOLEAN -> true;
            case STRING -> text(field, index);
            case BYTE_STRING -> ByteString.copyFromUtf8(text(field, index));
            case ENUM -> field.getEnumType().getValues().getLast();
            case MESSAGE -> fill(message.newBuilderForField(field), index);
            case FLOAT, DOUBLE -> throw new AssertionError(name(field) + ": say here what a sample of it is");
        };
    }

    /** Letters, digits and '-' alone, so that it is a tenant's path; with '=' where it is a label. */
    private static String text(FieldDescriptor field, int index) {
        String name = field.getName().replace('_', '-');
        boolean label = name(field).endsWith(".GpuSpeedPermilleEntry.key")
                || name(field).endsWith(".PermilleEntry.key");
        return label ? "model=" + name : name + "-" + index;
    }

    private static boolean leftOut(FieldDescriptor field) {
        return VALUES.containsKey(name(field)) && VALUES.get(name(field)) == null;
    }

    private static String name(FieldDescriptor field) {
        return field.getFullName().substring("aliquot.v1.".length());
    }
}
