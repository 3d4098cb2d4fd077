package io.aliquot.schema;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What of changed schemas a record or a program of an earlier release would misread. Pure. */
final class SchemaCheck {
    private final Map<String, Placed<DescriptorProto>> messages = new LinkedHashMap<>();
    private final Map<String, Placed<EnumDescriptorProto>> enums = new LinkedHashMap<>();

    /** A message or an enum, and the file that it is in. */
    record Placed<T>(String file, T what) {}

    private SchemaCheck(FileDescriptorSet schemas) {
        for (FileDescriptorProto file : schemas.getFileList()) {
            file.getEnumTypeList()
                    .forEach(one -> enums.put(file.getPackage() + "." + one.getName(), placed(file, one)));
            file.getMessageTypeList().forEach(one -> add(file, file.getPackage(), one));
        }
    }

    /** @return one line a problem: file, message or enum, field or value, what is wrong, and what to write instead */
    static List<String> problems(FileDescriptorSet released, FileDescriptorSet now) {
        SchemaCheck before = new SchemaCheck(released);
        SchemaCheck after = new SchemaCheck(now);
        List<String> problems = new ArrayList<>();
        before.messages.forEach((name, was) -> {
            Placed<DescriptorProto> is = after.messages.get(name);
            if (is == null) {
                problems.add(was.file() + ": message " + name
                        + " was removed: put it back, for records of the last release have it");
            } else {
                MessageCheck.problems(was.what(), is.what())
                        .forEach(problem -> problems.add(is.file() + ": message " + name + ": " + problem));
            }
        });
        before.enums.forEach((name, was) -> {
            Placed<EnumDescriptorProto> is = after.enums.get(name);
            if (is == null) {
                problems.add(was.file() + ": enum " + name
                        + " was removed: put it back, for records of the last release have it");
            } else {
                EnumCheck.problems(was.what(), is.what())
                        .forEach(problem -> problems.add(is.file() + ": enum " + name + ": " + problem));
            }
        });
        after.enums.forEach((name, is) -> {
            if (!before.enums.containsKey(name)) {
                EnumCheck.problemsOfNew(is.what())
                        .forEach(problem -> problems.add(is.file() + ": enum " + name + ": " + problem));
            }
        });
        return problems;
    }

    private void add(FileDescriptorProto file, String parent, DescriptorProto message) {
        String name = parent + "." + message.getName();
        messages.put(name, placed(file, message));
        message.getEnumTypeList().forEach(one -> enums.put(name + "." + one.getName(), placed(file, one)));
        message.getNestedTypeList().forEach(one -> add(file, name, one)); // a map's entries are one, too
    }

    private static <T> Placed<T> placed(FileDescriptorProto file, T what) {
        return new Placed<>(file.getName(), what);
    }
}
