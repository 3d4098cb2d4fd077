package io.aliquot.schema;

/**
 * One setting in which a topic is not as declared.
 *
 * @param setting Kafka's name of it, or {@code partitions}
 * @param found as the broker has it
 * @param declared as the topic table has it
 */
public record TopicDifference(String topic, String setting, String found, String declared, Step step) {
    /** What becomes of it at a start. */
    public enum Step {
        /** It is set as declared: no record is lost by it, and nobody's choice is. */
        SET,
        /** It stays: more is kept than is needed, or nodes are spread otherwise, and that is the operator's to choose. */
        KEEP,
        /** Aliquot does not run on it: records were lost or are in a wrong place, or somebody chose it. */
        REFUSE
    }

    /** Why what is kept may stay, in a few words. */
    public String whyKept() {
        return setting.equals(TopicSetting.PARTITIONS)
                ? "their number is yours to choose (docs/kafka.md)"
                : "more is kept than is needed";
    }

    /** What is wrong, in one line. */
    public String problem() {
        return "topic " + topic + ": " + setting + " is " + found + ", expected " + declared;
    }

    /** What an operator can do about a refusal, as an instruction with the command. */
    public String fix(String bootstrapServers) {
        String command = "`" + command(bootstrapServers) + "`";
        return setting.equals(TopicSetting.PARTITIONS)
                ? "stop Aliquot, and delete it with " + command
                        + ": it is created again, without its records (docs/kafka.md)"
                : "set it with " + command + ", and start again (docs/kafka.md)";
    }

    /**
     * The command of Kafka's own tools that puts it right.
     *
     * @param bootstrapServers the broker, for the command
     */
    public String command(String bootstrapServers) {
        String server = ".sh --bootstrap-server " + bootstrapServers;
        if (setting.equals(TopicSetting.PARTITIONS)) {
            return step == Step.KEEP && Integer.parseInt(found) < Integer.parseInt(declared)
                    ? "kafka-topics" + server + " --alter --topic " + topic + " --partitions " + declared
                    : "kafka-topics" + server + " --delete --topic " + topic;
        }
        String value = declared.contains(",") ? "[" + declared + "]" : declared;
        return "kafka-configs" + server + " --alter --entity-type topics --entity-name " + topic + " --add-config "
                + setting + "=" + value;
    }
}
