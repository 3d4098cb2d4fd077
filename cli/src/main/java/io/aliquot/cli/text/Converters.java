package io.aliquot.cli.text;

import io.aliquot.agent.app.GpuMode;
import io.aliquot.cli.base.Output;
import io.aliquot.controller.fairshare.Amount;
import io.aliquot.controller.policyfile.Texts;
import io.aliquot.schema.ServiceClass;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** From what people type to values; each error names the value and what would be right. */
public final class Converters {
    private static final int WEIGHT_HIGHEST = 1_000_000;

    private Converters() {}

    /** Teaches the command line all of them. */
    public static void register(CommandLine line) {
        line.registerConverter(Amount.class, strict(Texts::amount));
        line.registerConverter(GpuLabels.class, strict(GpuLabels::parse));
        line.registerConverter(Bytes.class, strict(Bytes::parse));
        line.registerConverter(Duration.class, strict(Spans::parse));
        line.registerConverter(GpuMode.class, strict(Converters::gpu));
        line.registerConverter(ServiceClass.class, strict(Converters::serviceClass));
        line.registerConverter(Output.class, strict(Converters::output));
    }

    /** A tenant's weight. */
    public static final class Weight implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > WEIGHT_HIGHEST) {
                throw new TypeConversionException(
                        "'" + text + "' is not a weight: give a whole number from 1 to " + WEIGHT_HIGHEST);
            }
            return Integer.valueOf(text);
        }
    }

    /** Whole seconds, or off. */
    public static final class Seconds implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) throws Exception {
            return Converters.<Long>strict(Texts::seconds).convert(text);
        }
    }

    /** A TCP port; 0 takes a free one. */
    public static final class Port implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535) {
                throw new TypeConversionException(
                        "'" + text + "' is not a port: give a number from 1 to 65535, or 0 for any free one");
            }
            return Integer.valueOf(text);
        }
    }

    /** How many, 1 to 100000. */
    public static final class Count implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("[0-9]{1,6}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 100_000) {
                throw new TypeConversionException(
                        "'" + text + "' is not a count: give a whole number from 1 to 100000");
            }
            return Integer.valueOf(text);
        }
    }

    /** How many GPUs to simulate. */
    public static final class SimulatedGpus implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("[1-8]")) {
                throw new TypeConversionException("'" + text + "' is not a number of GPUs: give 1 to 8");
            }
            return Integer.valueOf(text);
        }
    }

    private static GpuMode gpu(String text) {
        return switch (text) {
            case "auto" -> GpuMode.AUTO;
            case "sim" -> GpuMode.SIM;
            case "real" -> GpuMode.REAL;
            default ->
                throw new IllegalArgumentException(
                        "'" + text.toLowerCase(Locale.ROOT) + "' is not a choice of GPU: give auto, sim or real");
        };
    }

    private static Output output(String text) {
        return switch (text) {
            case "text" -> Output.TEXT;
            case "json" -> Output.JSON;
            default -> throw new IllegalArgumentException("'" + text + "' is not a form of output: give text or json");
        };
    }

    private static ServiceClass serviceClass(String text) {
        return ServiceClass.ofWord(text)
                .orElseThrow(() ->
                        new IllegalArgumentException("'" + text + "' is not a class: give " + ServiceClass.WORDS));
    }

    private static <T> ITypeConverter<T> strict(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }
}
