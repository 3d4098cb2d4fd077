package io.aliquot.controller.publish;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.aliquot.schema.v1.Decision;
import java.util.List;
import java.util.Optional;

/** Says in words where two decisions differ. Pure. */
public final class DecisionDifference {
    private DecisionDifference() {}

    /** The first field that differs, with both values; the bytes are different. */
    public static String first(byte[] recorded, byte[] replayed) {
        try {
            return difference("", Decision.parseFrom(recorded), Decision.parseFrom(replayed))
                    .orElse("the same fields in other bytes: another version wrote it");
        } catch (InvalidProtocolBufferException e) {
            return "the recorded one can't be read: " + e.getMessage();
        }
    }

    private static Optional<String> difference(String path, Message recorded, Message replayed) {
        for (FieldDescriptor field : recorded.getDescriptorForType().getFields()) {
            Object one = recorded.getField(field);
            Object two = replayed.getField(field);
            if (!one.equals(two)) {
                return Optional.of(difference(path + name(field), field, one, two));
            }
        }
        return Optional.empty();
    }

    private static String difference(String path, FieldDescriptor field, Object recorded, Object replayed) {
        if (recorded instanceof List<?> one && replayed instanceof List<?> two && !field.isMapField()) {
            if (one.size() != two.size()) {
                return words(path, one.size() + " entries", two.size() + " entries");
            }
            for (int i = 0; i < one.size(); i++) {
                if (!one.get(i).equals(two.get(i))) {
                    return difference(path + "[" + i + "]", field, one.get(i), two.get(i));
                }
            }
        }
        if (recorded instanceof Message one && replayed instanceof Message two) {
            return difference(path + ".", one, two).orElse(words(path, recorded, replayed));
        }
        return words(path, recorded, replayed);
    }

    private static String name(FieldDescriptor field) {
        return field.getJsonName();
    }

    private static String words(String path, Object recorded, Object replayed) {
        return path + " is " + line(recorded) + ", the replay has " + line(replayed);
    }

    private static String line(Object value) {
        return value.toString().strip().replaceAll("\\s+", " ");
    }
}
