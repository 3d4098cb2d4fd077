package io.aliquot.controller.ingest;

import io.aliquot.controller.state.FatalFailure;
import io.aliquot.schema.FoundTopic;
import io.aliquot.schema.TopicDifference;
import io.aliquot.schema.TopicDifference.Step;
import io.aliquot.schema.TopicPlan;
import io.aliquot.schema.TopicSpec;
import io.aliquot.schema.Topics;
import io.aliquot.schema.kafka.KafkaAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The declared topics on a broker: looks at them, creates those that are missing, sets what may be set, and refuses the rest.
 * What it does to each is {@link TopicPlan}'s to say. One thread.
 */
public final class TopicSetup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);
    private static final int METADATA_PAUSE_MS = 50;
    private static final String MIN_IN_SYNC = "min.insync.replicas";

    private final AdminCalls calls;
    private final List<TopicSpec> declared = Topics.all();

    TopicSetup(AdminCalls calls) {
        this.calls = calls;
    }

    /**
     * Makes the client; nothing is sent yet.
     *
     * @param timeout for all that it does
     * @throws FatalFailure when the address can't be used
     */
    public static TopicSetup connect(KafkaAccess kafka, Duration timeout) {
        return new TopicSetup(AdminCalls.connect(kafka, timeout));
    }

    /**
     * Compares; changes nothing.
     *
     * @return one plan a declared topic, in the table's order
     * @throws FatalFailure when the broker can't be reached or refuses to tell
     */
    public List<TopicPlan> look() throws InterruptedException {
        try {
            return plans();
        } catch (KafkaException e) {
            throw calls.refused(e);
        }
    }

    /**
     * Makes the topics as declared, where that is safe; nothing is changed when one of them is refused.
     *
     * @return the plans of the last look: each is {@link TopicPlan#ready}
     * @throws FatalFailure when a topic is refused, or the broker can't be reached or refuses
     */
    public List<TopicPlan> prepare(Replication replication) throws InterruptedException {
        try {
            List<TopicPlan> plans = checked(plans());
            plans.forEach(TopicSetup::sayWhatIsKept);
            create(plans, replication);
            alter(plans);
            while (!plans.stream().allMatch(TopicPlan::ready)) { // the broker takes a moment to tell of it
                Thread.sleep(METADATA_PAUSE_MS);
                plans = checked(plans());
            }
            return plans;
        } catch (KafkaException e) {
            throw calls.refused(e);
        }
    }

    private List<TopicPlan> plans() throws InterruptedException {
        Map<String, FoundTopic> found =
                TopicLook.at(calls, declared.stream().map(TopicSpec::name).toList());
        return declared.stream()
                .map(spec -> TopicPlan.of(spec, Optional.ofNullable(found.get(spec.name()))))
                .toList();
    }

    private List<TopicPlan> checked(List<TopicPlan> plans) {
        List<TopicDifference> refusals =
                plans.stream().flatMap(plan -> plan.refusals().stream()).toList();
        if (refusals.isEmpty()) {
            return plans;
        }
        TopicDifference first = refusals.getFirst();
        int more = refusals.size() - 1;
        String others = more == 0 ? "" : "; `aliquot topics` shows " + more + " more like it";
        throw new FatalFailure(first.problem(), first.fix(calls.bootstrapServers()) + others);
    }

    private void create(List<TopicPlan> plans, Replication replication) throws InterruptedException {
        List<TopicSpec> missing = plans.stream()
                .filter(TopicPlan::create)
                .map(TopicPlan::declared)
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        int brokers = calls.get(calls.admin().describeCluster().nodes()).size();
        short replicas = replication.replicasOn(brokers);
        int minInSync = replication.minInSyncOn(brokers).orElse(1);
        if (replicas > brokers || minInSync > replicas) {
            throw new FatalFailure(
                    "replicas " + replicas + ", at least " + minInSync + " in sync: the cluster has " + brokers
                            + (brokers == 1 ? " broker" : " brokers"),
                    "give at most as many replicas as brokers, and no more in sync than replicas");
        }
        var created = calls.admin()
                .createTopics(missing.stream()
                        .map(spec -> new NewTopic(spec.name(), spec.partitions(), replicas)
                                .configs(config(spec, replication, brokers)))
                        .toList());
        for (Map.Entry<String, KafkaFuture<Void>> one : created.values().entrySet()) {
            try {
                calls.get(one.getValue());
                LOG.info("topic {} is created with {} replicas", one.getKey(), replicas);
            } catch (TopicExistsException e) {
                LOG.debug("{}", e.getMessage()); // somebody was faster; what they made is looked at next
            }
        }
    }

    private static Map<String, String> config(TopicSpec spec, Replication replication, int brokers) {
        Map<String, String> config = new HashMap<>(spec.config());
        replication.minInSyncOn(brokers).ifPresent(number -> config.put(MIN_IN_SYNC, Integer.toString(number)));
        return config;
    }

    private void alter(List<TopicPlan> plans) throws InterruptedException {
        for (TopicPlan plan : plans) {
            String name = plan.declared().name();
            List<AlterConfigOp> operations = plan.alterations().entrySet().stream()
                    .map(one ->
                            new AlterConfigOp(new ConfigEntry(one.getKey(), one.getValue()), AlterConfigOp.OpType.SET))
                    .toList();
            if (!operations.isEmpty()) {
                ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
                calls.get(calls.admin()
                        .incrementalAlterConfigs(Map.of(topic, operations))
                        .all());
                plan.differences().stream()
                        .filter(difference -> difference.step() == Step.SET)
                        .forEach(set -> LOG.warn(
                                "topic {}: {} was {}, and is set to {}",
                                name,
                                set.setting(),
                                set.found(),
                                set.declared()));
            }
        }
    }

    private static void sayWhatIsKept(TopicPlan plan) {
        plan.differences().stream()
                .filter(difference -> difference.step() == Step.KEEP)
                .forEach(kept -> LOG.info(
                        "topic {}: {} is {}, declared {}: it stays: {}",
                        kept.topic(),
                        kept.setting(),
                        kept.found(),
                        kept.declared(),
                        kept.whyKept()));
    }

    @Override
    public void close() {
        calls.close();
    }
}
