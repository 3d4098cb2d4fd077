package io.aliquot.cli.replay;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A form of output as people write it. */
final class FormConverter implements ITypeConverter<Form> {
    @Override
    public Form convert(String text) {
        return switch (text) {
            case "table" -> Form.TABLE;
            case "json" -> Form.JSON;
            case "csv" -> Form.CSV;
            default ->
                throw new TypeConversionException("'" + text + "' is not a form of output: give table, json or csv");
        };
    }
}
