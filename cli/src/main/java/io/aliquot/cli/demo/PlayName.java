package io.aliquot.cli.demo;

import io.aliquot.cli.base.CommandException;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The plays that there are. */
enum PlayName {
    /** Three tenants on one GPU. */
    SHARES,
    /** Two teams of tenants on two GPUs. */
    TREE;

    /** From what people type. */
    static final class Converter implements ITypeConverter<PlayName> {
        @Override
        public PlayName convert(String text) {
            return switch (text) {
                case "shares" -> SHARES;
                case "tree" -> TREE;
                default -> throw new TypeConversionException("'" + text + "' is not a play: give shares or tree");
            };
        }
    }

    /**
     * @param length null: the usual one
     * @throws CommandException when the length is too short or too long
     */
    Play play(@Nullable Duration length) {
        return switch (this) {
            case SHARES ->
                new SharesPlay(DemoScript.of(
                        within(length, DemoScript.USUAL, DemoScript.SHORTEST, DemoScript.LONGEST, "give 8s to 10m")));
            case TREE ->
                new TreeCast(TreeScript.of(
                        within(length, TreeScript.USUAL, TreeScript.SHORTEST, TreeScript.LONGEST, "give 56s to 20m")));
        };
    }

    /** How many GPUs a simulation is to have. */
    OptionalInt simulatedGpus(OptionalInt said) {
        return this == TREE && said.isEmpty() ? OptionalInt.of(TreeScript.GPUS) : said;
    }

    private Duration within(
            @Nullable Duration length, Duration usual, Duration shortest, Duration longest, String fix) {
        Duration asked = length == null ? usual : length;
        if (asked.compareTo(shortest) < 0 || asked.compareTo(longest) > 0) {
            throw CommandException.badInput(
                    "--for " + asked.toMillis() / 1000.0 + "s is no length for "
                            + (this == SHARES ? "the demo" : "the play " + name().toLowerCase(Locale.ROOT)),
                    fix);
        }
        return asked;
    }
}
