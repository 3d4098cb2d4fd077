package io.aliquot.schema;

import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One enum of {@link SchemaCheck}. Pure. */
final class EnumCheck {
    private EnumCheck() {}

    static List<String> problems(EnumDescriptorProto was, EnumDescriptorProto is) {
        List<String> problems = new ArrayList<>();
        for (EnumValueDescriptorProto value : was.getValueList()) {
            Optional<EnumValueDescriptorProto> same = is.getValueList().stream()
                    .filter(one -> one.getName().equals(value.getName()))
                    .findFirst();
            Optional<EnumValueDescriptorProto> successor = is.getValueList().stream()
                    .filter(one -> one.getNumber() == value.getNumber())
                    .findFirst();
            if (same.isPresent()) {
                if (same.get().getNumber() != value.getNumber()) {
                    problems.add(named(value) + " was given the number "
                            + same.get().getNumber() + ": give it back its own");
                }
            } else if (successor.isPresent()) {
                problems.add(named(value) + ": its number is now that of '"
                        + successor.get().getName() + "': give the new value a number of its own, and write "
                        + reserve(value));
            } else if (!isReserved(is, value)) {
                problems.add(named(value) + " was removed: write " + reserve(value) + " in its place");
            }
        }
        addReleased(problems, was, is);
        return problems;
    }

    /** What was reserved stays so. */
    private static void addReleased(List<String> problems, EnumDescriptorProto was, EnumDescriptorProto is) {
        was.getReservedRangeList().stream()
                .filter(range -> is.getReservedRangeList().stream()
                        .noneMatch(now -> now.getStart() <= range.getStart() && now.getEnd() >= range.getEnd()))
                .forEach(range -> problems.add("numbers " + range.getStart() + " to " + range.getEnd()
                        + " are no longer reserved: put back `reserved " + range.getStart() + " to " + range.getEnd()
                        + ";`"));
        was.getReservedNameList().stream()
                .filter(name -> !is.getReservedNameList().contains(name))
                .forEach(name -> problems.add(
                        "name '" + name + "' is no longer reserved: put back `reserved \"" + name + "\";`"));
    }

    /** What a missing field, and to many readers an unknown value, means must mean nothing. */
    static List<String> problemsOfNew(EnumDescriptorProto is) {
        EnumValueDescriptorProto first = is.getValue(0);
        boolean saysNothing = first.getNumber() == 0
                && (first.getName().endsWith("_UNSPECIFIED") || first.getName().endsWith("_UNKNOWN"));
        return saysNothing
                ? List.of()
                : List.of(
                        named(first) + " is what a missing field means: begin a new enum with 0 and a name that ends in"
                                + " _UNSPECIFIED or _UNKNOWN");
    }

    private static boolean isReserved(EnumDescriptorProto is, EnumValueDescriptorProto value) {
        return is.getReservedNameList().contains(value.getName())
                && is.getReservedRangeList().stream()
                        .anyMatch(
                                range -> value.getNumber() >= range.getStart() && value.getNumber() <= range.getEnd());
    }

    private static String named(EnumValueDescriptorProto value) {
        return "value " + value.getNumber() + " '" + value.getName() + "'";
    }

    private static String reserve(EnumValueDescriptorProto value) {
        return "`reserved " + value.getNumber() + "; reserved \"" + value.getName() + "\";`";
    }
}
