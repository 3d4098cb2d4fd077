package io.aliquot.schema;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One message of {@link SchemaCheck}. Pure. */
final class MessageCheck {
    /** Of a range without an end, so many are looked at. */
    private static final int MOST_RESERVED = 10_000;

    private MessageCheck() {}

    static List<String> problems(DescriptorProto was, DescriptorProto is) {
        List<String> problems = new ArrayList<>();
        Map<Integer, FieldDescriptorProto> now =
                is.getFieldList().stream().collect(Collectors.toMap(FieldDescriptorProto::getNumber, one -> one));
        for (FieldDescriptorProto field : was.getFieldList()) {
            FieldDescriptorProto same = now.get(field.getNumber());
            if (same == null) {
                addRemoved(problems, field, is);
            } else if (!same.getName().equals(field.getName())) {
                problems.add(named(field) + ": its number is now that of '" + same.getName()
                        + "': give the new field a number of its own, and write " + reserve(field));
            } else if (!shape(field, was).equals(shape(same, is))) {
                problems.add(named(field) + " was `" + shape(field, was) + "` and is `" + shape(same, is)
                        + "`: leave it as it was, and add a field with a number of its own");
            }
        }
        addReleased(problems, was, is);
        return problems;
    }

    private static void addRemoved(List<String> problems, FieldDescriptorProto field, DescriptorProto is) {
        if (is.getFieldList().stream().anyMatch(one -> one.getName().equals(field.getName()))) {
            problems.add(named(field) + " was given another number: give it back its own");
        } else if (!isReserved(is, field.getNumber())
                || !is.getReservedNameList().contains(field.getName())) {
            problems.add(named(field) + " was removed: write " + reserve(field) + " in its place");
        }
    }

    /** What was reserved stays so: it is in records that are older than the last release. */
    private static void addReleased(List<String> problems, DescriptorProto was, DescriptorProto is) {
        was.getReservedRangeList().stream()
                .flatMapToInt(range ->
                        IntStream.range(range.getStart(), Math.min(range.getEnd(), range.getStart() + MOST_RESERVED)))
                .filter(number -> !isReserved(is, number))
                .forEach(number -> problems.add(
                        "number " + number + " is no longer reserved: put back `reserved " + number + ";`"));
        was.getReservedNameList().stream()
                .filter(name -> !is.getReservedNameList().contains(name))
                .forEach(name -> problems.add(
                        "name '" + name + "' is no longer reserved: put back `reserved \"" + name + "\";`"));
    }

    private static boolean isReserved(DescriptorProto message, int number) {
        return message.getReservedRangeList().stream()
                .anyMatch(range -> number >= range.getStart() && number < range.getEnd());
    }

    private static String named(FieldDescriptorProto field) {
        return "field " + field.getNumber() + " '" + field.getName() + "'";
    }

    private static String reserve(FieldDescriptorProto field) {
        return "`reserved " + field.getNumber() + "; reserved \"" + field.getName() + "\";`";
    }

    /** All that says how its bytes are read, as one would write it. */
    private static String shape(FieldDescriptorProto field, DescriptorProto message) {
        String type = field.getTypeName().isEmpty()
                ? field.getType().name().replace("TYPE_", "").toLowerCase(Locale.ROOT)
                : field.getTypeName().substring(1);
        if (field.getLabel() == Label.LABEL_REPEATED) {
            return "repeated " + type;
        }
        if (field.getProto3Optional()) {
            return "optional " + type;
        }
        return field.hasOneofIndex()
                ? type + " in oneof "
                        + message.getOneofDecl(field.getOneofIndex()).getName()
                : type;
    }
}
