package io.aliquot.cli.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Bytes that somebody may write instead of a record: broken ones, and whole messages with values that can't be. */
final class Mutations {
    private static final int[] INTS = {Integer.MIN_VALUE, -1, 0, 1001, 1_000_001, Integer.MAX_VALUE};
    private static final long[] LONGS = {Long.MIN_VALUE, -1, 0, 1, 1L << 53, 1_700_000_000_000L, Long.MAX_VALUE};
    private static final String HUGE = "x".repeat(10 << 20);
    private static final List<String> TEXTS =
            List.of("", " ", "/", "a//b", "..", "\u0000", "\n[0m", "\ud83d\ude00", "x".repeat(300), "a/".repeat(40));

    /** Spreads seeds that follow each other: their first numbers are alike. */
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private final Random random;

    Mutations(long seed) {
        this.random = new Random(seed * GOLDEN);
    }

    byte[] of(Message valid, boolean huge) {
        if (huge) {
            return extreme(valid.toBuilder(), true).build().toByteArray();
        }
        return switch (random.nextInt(4)) {
            case 0 -> noise();
            case 1 -> broken(valid.toByteArray());
            default -> {
                Message.Builder message = valid.toBuilder();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    extreme(message, false);
                }
                yield message.build().toByteArray();
            }
        };
    }

    private byte[] noise() {
        byte[] noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        return noise;
    }

    private byte[] broken(byte[] valid) {
        byte[] bytes = Arrays.copyOf(valid, random.nextInt(3) == 0 ? random.nextInt(valid.length + 1) : valid.length);
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    /** Some field, here or in a message within, to a value that nobody means. */
    private Message.Builder extreme(Message.Builder message, boolean huge) {
        List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
        FieldDescriptor field = fields.get(random.nextInt(fields.size()));
        if (random.nextInt(20) == 0) {
            return message.setUnknownFields(UnknownFieldSet.newBuilder()
                    .addField(
                            777,
                            UnknownFieldSet.Field.newBuilder().addVarint(-1).build())
                    .build());
        }
        if (field.isMapField()) {
            Message.Builder entry = message.newBuilderForField(field);
            entry.getDescriptorForType().getFields().forEach(part -> entry.setField(part, value(part, huge)));
            return message.addRepeatedField(field, entry.build());
        }
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            return within(message, field, huge);
        }
        return field.isRepeated()
                ? message.addRepeatedField(field, value(field, huge))
                : message.setField(field, value(field, huge));
    }

    private Message.Builder within(Message.Builder message, FieldDescriptor field, boolean huge) {
        if (!field.isRepeated()) {
            Message.Builder part = ((Message) message.getField(field)).toBuilder();
            return message.setField(field, extreme(part, huge).build());
        }
        int count = message.getRepeatedFieldCount(field);
        if (count == 0) {
            return message;
        }
        Message one = (Message) message.getRepeatedField(field, random.nextInt(count));
        switch (random.nextInt(4)) {
            case 0 -> message.addRepeatedField(field, one);
            case 1 -> message.clearField(field);
            default ->
                message.setRepeatedField(
                        field, 0, extreme(one.toBuilder(), huge).build());
        }
        return message;
    }

    private Object value(FieldDescriptor field, boolean huge) {
        return switch (field.getJavaType()) {
            case INT -> INTS[random.nextInt(INTS.length)];
            case LONG -> LONGS[random.nextInt(LONGS.length)];
            case BOOLEAN -> random.nextBoolean();
            case STRING -> huge ? HUGE : TEXTS.get(random.nextInt(TEXTS.size()));
            case BYTE_STRING -> ByteString.copyFrom(noise());
            case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(INTS[random.nextInt(INTS.length)]);
            case FLOAT -> Float.NaN;
            case DOUBLE -> Double.NaN;
            case MESSAGE -> throw new AssertionError(field.getFullName());
        };
    }
}
