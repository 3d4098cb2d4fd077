package io.aliquot.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.DescriptorProto.ReservedRange;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto.EnumReservedRange;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The check itself, with changes that are bad on purpose. */
class SchemaCheckTest {
    private static final String MESSAGE = "p/quota.proto: message p.Quota: ";
    private static final String ENUM = "p/quota.proto: enum p.Class: ";

    @Test
    void whatOnlyAddsIsFine() {
        assertThat(afterMessage(message -> {})).isEmpty();
        assertThat(afterMessage(message -> message.addField(field("new", 30, Type.TYPE_BYTES))))
                .isEmpty();
        assertThat(afterEnum(one -> one.addValue(value("GOLD", 7)))).isEmpty();
        assertThat(after(
                        file -> file.addMessageType(DescriptorProto.newBuilder().setName("New"))))
                .isEmpty();
        assertThat(after(file -> file.addEnumType(
                        EnumDescriptorProto.newBuilder().setName("New").addValue(value("NEW_UNSPECIFIED", 0)))))
                .isEmpty();
    }

    @Test
    void aRemovedFieldLeavesItsNumberAndNameReserved() {
        String problem =
                MESSAGE + "field 2 'weight' was removed: write `reserved 2; reserved \"weight\";` in its place";
        assertThat(afterMessage(message -> message.removeField(1))).containsExactly(problem);
        assertThat(afterMessage(message -> message.removeField(1).addReservedRange(range(2, 3))))
                .containsExactly(problem);
        assertThat(afterMessage(message -> message.removeField(1).addReservedName("weight")))
                .containsExactly(problem);
        assertThat(afterMessage(message ->
                        message.removeField(1).addReservedName("weight").addReservedRange(range(2, 3))))
                .isEmpty();
    }

    @Test
    void aNumberIsNeverReused() {
        assertThat(afterMessage(message -> message.setField(1, field("speed", 2, Type.TYPE_UINT32))))
                .containsExactly(MESSAGE + "field 2 'weight': its number is now that of 'speed': give the new field a"
                        + " number of its own, and write `reserved 2; reserved \"weight\";`");
        assertThat(afterMessage(message -> message.setField(1, field("weight", 9, Type.TYPE_UINT32))))
                .containsExactly(MESSAGE + "field 2 'weight' was given another number: give it back its own");
    }

    @Test
    void aFieldKeepsItsTypeItsLabelAndItsPresence() {
        String advice = "`: leave it as it was, and add a field with a number of its own";
        assertThat(afterMessage(message -> message.setField(1, field("weight", 2, Type.TYPE_STRING))))
                .containsExactly(MESSAGE + "field 2 'weight' was `uint32` and is `string" + advice);
        assertThat(afterMessage(message -> message.getFieldBuilder(1).setLabel(Label.LABEL_REPEATED)))
                .containsExactly(MESSAGE + "field 2 'weight' was `uint32` and is `repeated uint32" + advice);
        assertThat(afterMessage(message -> message.getFieldBuilder(1).setProto3Optional(true)))
                .containsExactly(MESSAGE + "field 2 'weight' was `uint32` and is `optional uint32" + advice);
        assertThat(afterMessage(message -> {
                    message.addOneofDeclBuilder().setName("either");
                    message.getFieldBuilder(1).setOneofIndex(0);
                }))
                .containsExactly(MESSAGE + "field 2 'weight' was `uint32` and is `uint32 in oneof either" + advice);
        assertThat(afterMessage(message -> message.getFieldBuilder(2).setTypeName(".p.Quota")))
                .containsExactly(MESSAGE + "field 3 'class' was `p.Class` and is `p.Quota" + advice);
    }

    @Test
    void whatIsReservedStaysReserved() {
        assertThat(afterMessage(DescriptorProto.Builder::clearReservedRange))
                .containsExactly(
                        MESSAGE + "number 20 is no longer reserved: put back `reserved 20;`",
                        MESSAGE + "number 21 is no longer reserved: put back `reserved 21;`");
        assertThat(afterMessage(DescriptorProto.Builder::clearReservedName))
                .containsExactly(MESSAGE + "name 'old' is no longer reserved: put back `reserved \"old\";`");
        assertThat(afterEnum(one -> one.clearReservedRange().clearReservedName()))
                .containsExactly(
                        ENUM + "numbers 5 to 6 are no longer reserved: put back `reserved 5 to 6;`",
                        ENUM + "name 'OLD' is no longer reserved: put back `reserved \"OLD\";`");
    }

    @Test
    void messagesAndEnumsStayAlsoThoseWithin() {
        assertThat(after(file -> file.removeMessageType(0)))
                .contains(
                        "p/quota.proto: message p.Quota was removed: put it back, for records of the last release have"
                                + " it");
        assertThat(after(file -> file.removeEnumType(0)))
                .containsExactly("p/quota.proto: enum p.Class was removed: put it back, for records of the last release"
                        + " have it");
        assertThat(afterMessage(message ->
                        message.getNestedTypeBuilder(0).getFieldBuilder(0).setType(Type.TYPE_INT64)))
                .containsExactly(
                        "p/quota.proto: message p.Quota.LabelsEntry: field 1 'key' was `string` and is `int64`:"
                                + " leave it as it was, and add a field with a number of its own");
        assertThat(after(file -> file.setPackage("q"))).hasSize(5);
    }

    @Test
    void aValueOfAnEnumKeepsItsNumber() {
        assertThat(afterEnum(one -> one.setValue(1, value("FAST", 3))))
                .containsExactly(ENUM + "value 1 'FAST' was given the number 3: give it back its own");
        assertThat(afterEnum(one -> one.setValue(1, value("SLOW", 1))))
                .containsExactly(
                        ENUM + "value 1 'FAST': its number is now that of 'SLOW': give the new value a number of"
                                + " its own, and write `reserved 1; reserved \"FAST\";`");
        String removed = ENUM + "value 1 'FAST' was removed: write `reserved 1; reserved \"FAST\";` in its place";
        assertThat(afterEnum(one -> one.removeValue(1))).containsExactly(removed);
        assertThat(afterEnum(one -> one.removeValue(1).addReservedName("FAST"))).containsExactly(removed);
        assertThat(afterEnum(one -> one.removeValue(1).addReservedName("FAST").addReservedRange(both(1, 1))))
                .isEmpty();
    }

    @Test
    void aNewEnumBeginsWithAValueThatSaysNothing() {
        for (EnumValueDescriptorProto first : List.of(value("NEW_CLAIM", 0), value("NEW_UNSPECIFIED", 1))) {
            assertThat(after(file -> file.addEnumType(
                            EnumDescriptorProto.newBuilder().setName("New").addValue(first))))
                    .containsExactly("p/quota.proto: enum p.New: value " + first.getNumber() + " '" + first.getName()
                            + "' is what a missing field means: begin a new enum with 0 and a name that ends in"
                            + " _UNSPECIFIED or _UNKNOWN");
        }
    }

    private static List<String> afterMessage(Consumer<DescriptorProto.Builder> change) {
        return after(file -> change.accept(file.getMessageTypeBuilder(0)));
    }

    private static List<String> afterEnum(Consumer<EnumDescriptorProto.Builder> change) {
        return after(file -> change.accept(file.getEnumTypeBuilder(0)));
    }

    private static List<String> after(Consumer<FileDescriptorProto.Builder> change) {
        FileDescriptorProto.Builder now = released();
        change.accept(now);
        return SchemaCheck.problems(schemas(released()), schemas(now));
    }

    private static FileDescriptorSet schemas(FileDescriptorProto.Builder file) {
        return FileDescriptorSet.newBuilder().addFile(file).build();
    }

    private static FileDescriptorProto.Builder released() {
        return FileDescriptorProto.newBuilder()
                .setName("p/quota.proto")
                .setPackage("p")
                .addMessageType(DescriptorProto.newBuilder()
                        .setName("Quota")
                        .addField(field("tenant", 1, Type.TYPE_STRING))
                        .addField(field("weight", 2, Type.TYPE_UINT32))
                        .addField(field("class", 3, Type.TYPE_ENUM).toBuilder().setTypeName(".p.Class"))
                        .addNestedType(DescriptorProto.newBuilder()
                                .setName("LabelsEntry")
                                .addField(field("key", 1, Type.TYPE_STRING)))
                        .addReservedRange(range(20, 22))
                        .addReservedName("old"))
                .addMessageType(DescriptorProto.newBuilder().setName("Audit"))
                .addEnumType(EnumDescriptorProto.newBuilder()
                        .setName("Class")
                        .addValue(value("STANDARD", 0))
                        .addValue(value("FAST", 1))
                        .addReservedRange(both(5, 6))
                        .addReservedName("OLD"));
    }

    private static FieldDescriptorProto field(String name, int number, Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(Label.LABEL_OPTIONAL)
                .build();
    }

    private static EnumValueDescriptorProto value(String name, int number) {
        return EnumValueDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .build();
    }

    /** A message's range ends before its end, an enum's with it. */
    private static ReservedRange range(int start, int end) {
        return ReservedRange.newBuilder().setStart(start).setEnd(end).build();
    }

    private static EnumReservedRange both(int start, int end) {
        return EnumReservedRange.newBuilder().setStart(start).setEnd(end).build();
    }
}
