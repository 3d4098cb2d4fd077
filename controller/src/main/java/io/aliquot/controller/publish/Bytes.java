package io.aliquot.controller.publish;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Messages to bytes, with maps in the order of their keys: equal messages are equal bytes. Pure. */
final class Bytes {
    private Bytes() {}

    static byte[] of(Message message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array takes what its size says
        }
        out.checkNoSpaceLeft();
        return bytes;
    }
}
