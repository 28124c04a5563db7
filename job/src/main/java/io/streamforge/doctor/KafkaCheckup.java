package io.streamforge.doctor;

import io.streamforge.config.KafkaConfig;
import io.streamforge.config.KafkaConfig.IsolationLevel;
import io.streamforge.config.StreamForgeConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Brokers, topics, the group's offsets, and transactions that hold readers back. */
final class KafkaCheckup {

    private static final String AREA = "kafka";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration OPEN_TOO_LONG = Duration.ofMinutes(1);
    private static final Duration SKEW = Duration.ofMinutes(1);

    private final StreamForgeConfig config;
    private final KafkaConfig kafka;
    private final Clock clock;
    private final Consumer<Finding> findings;

    KafkaCheckup(StreamForgeConfig config, Clock clock, Consumer<Finding> findings) {
        this.config = config;
        this.kafka = config.kafka();
        this.clock = clock;
        this.findings = findings;
    }

    /**
     * @param newestCheckpoint when the newest checkpoint was completed, or null where nobody knows
     */
    void run(Instant newestCheckpoint) throws InterruptedException {
        try (Admin admin = Admin.create(kafka.clientProperties(PATIENCE))) {
            if (isReachable(admin)) {
                Map<String, TopicDescription> topics = topics(admin);
                new TopicCheckup(config, clock, findings).run(admin, topics, newestCheckpoint);
                TopicDescription input = topics.get(kafka.inputTopic());
                if (input != null) {
                    List<TopicPartition> partitions =
                            input.partitions().stream()
                                    .map(p -> new TopicPartition(input.name(), p.partition()))
                                    .toList();
                    attempt("the group's offsets", () -> group(admin, partitions));
                    attempt("open transactions", () -> transactions(admin, partitions));
                    attempt("the messages' times", () -> times(admin, partitions));
                }
            }
        } catch (KafkaException e) {
            findings.accept(
                    Finding.unreachable(
                            AREA,
                            "no client for " + kafka.brokers() + ": " + reason(e),
                            "check KAFKA_BROKERS and KAFKA_PROPERTIES_*"));
        }
        if (kafka.isolationLevel() == IsolationLevel.READ_UNCOMMITTED) {
            findings.accept(
                    Finding.warning(
                            AREA,
                            "KAFKA_ISOLATION_LEVEL is read_uncommitted: the job also reads what"
                                    + " producers have taken back, also half-done replays",
                            "set it to read_committed"));
        }
    }

    /** A question to Kafka that may fail for reasons of its own. */
    private interface Question {
        void ask() throws ExecutionException, InterruptedException;
    }

    private void attempt(String what, Question question) throws InterruptedException {
        try {
            question.ask();
        } catch (ExecutionException e) {
            findings.accept(
                    Finding.note(
                            AREA,
                            what + " could not be looked at: " + reason(e.getCause()),
                            e.getCause() instanceof AuthorizationException
                                    ? "allow this user to describe group and topics"
                                    : "try again"));
        }
    }

    private boolean isReachable(Admin admin) throws InterruptedException {
        try {
            int brokers = admin.describeCluster().nodes().get().size();
            StringBuilder what = new StringBuilder(brokers + " broker" + (brokers == 1 ? "" : "s"));
            what.append(" at ").append(kafka.brokers());
            FinalizedVersionRange version =
                    admin.describeFeatures()
                            .featureMetadata()
                            .get()
                            .finalizedFeatures()
                            .get("metadata.version");
            if (version != null) {
                what.append(", metadata.version ").append(version.maxVersionLevel());
            }
            findings.accept(Finding.ok(AREA, what.toString()));
            return true;
        } catch (ExecutionException e) {
            boolean refused =
                    e.getCause() instanceof AuthenticationException
                            || e.getCause() instanceof AuthorizationException;
            String what = "Kafka at " + kafka.brokers() + ": " + reason(e.getCause());
            findings.accept(
                    refused
                            ? Finding.warning(AREA, what, "check KAFKA_PROPERTIES_SASL_*")
                            : Finding.unreachable(
                                    AREA, what, "check KAFKA_BROKERS and that Kafka runs"));
            return false;
        }
    }

    private Map<String, TopicDescription> topics(Admin admin) throws InterruptedException {
        List<String> names =
                List.of(
                        kafka.inputTopic(),
                        kafka.dlqTopic(),
                        kafka.parkingTopic(),
                        kafka.auditTopic());
        Map<String, TopicDescription> topics = new HashMap<>();
        Map<String, KafkaFuture<TopicDescription>> found =
                admin.describeTopics(
                                names,
                                new DescribeTopicsOptions().includeAuthorizedOperations(true))
                        .topicNameValues();
        for (String name : names) {
            try {
                TopicDescription topic = found.get(name).get();
                topics.put(name, topic);
                permissions(topic);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    findings.accept(
                            Finding.warning(
                                    AREA,
                                    "topic " + name + ": " + reason(e.getCause()),
                                    "allow this user to describe it"));
                } else if (!name.equals(kafka.auditTopic())) {
                    findings.accept(
                            Finding.warning(
                                    AREA,
                                    "topic " + name + " is missing: the job waits for it",
                                    "create it"));
                }
            }
        }
        return topics;
    }

    private void permissions(TopicDescription topic) {
        Set<AclOperation> allowed = topic.authorizedOperations();
        AclOperation needed =
                topic.name().equals(kafka.inputTopic()) ? AclOperation.READ : AclOperation.WRITE;
        if (allowed != null
                && !allowed.isEmpty()
                && !allowed.contains(needed)
                && !allowed.contains(AclOperation.ALL)) {
            findings.accept(
                    Finding.warning(
                            AREA,
                            "this user may not " + needed + " topic " + topic.name(),
                            "grant it, if the job runs as the same user"));
        }
    }

    private void group(Admin admin, List<TopicPartition> partitions)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed =
                admin.listConsumerGroupOffsets(kafka.groupId())
                        .partitionsToOffsetAndMetadata()
                        .get();
        Map<TopicPartition, ListOffsetsResultInfo> begins = offsets(admin, partitions, false);
        Map<TopicPartition, ListOffsetsResultInfo> ends = offsets(admin, partitions, true);
        long lag = 0;
        int without = 0;
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata commit = committed.get(partition);
            if (commit == null) {
                without++;
                continue;
            }
            long begin = begins.get(partition).offset();
            long end = ends.get(partition).offset();
            lag += Math.max(0, end - commit.offset());
            if (commit.offset() < begin) {
                findings.accept(
                        Finding.warning(
                                AREA,
                                "partition "
                                        + partition.partition()
                                        + ": offsets "
                                        + commit.offset()
                                        + " to "
                                        + (begin - 1)
                                        + " were deleted before the job read them",
                                "the job refuses to skip them; ACCEPT_OFFSET_GAP=true goes on"
                                        + " behind them"));
            } else if (commit.offset() > end) {
                findings.accept(
                        Finding.warning(
                                AREA,
                                "partition "
                                        + partition.partition()
                                        + ": the committed offset "
                                        + commit.offset()
                                        + " is past the end, "
                                        + end
                                        + ": the topic was created anew",
                                "start with a new KAFKA_GROUP_ID and CHECKPOINT_DIR"));
            }
        }
        if (without == partitions.size()) {
            findings.accept(
                    Finding.note(
                            AREA,
                            "group "
                                    + kafka.groupId()
                                    + " has no committed offsets: the job has not completed a"
                                    + " checkpoint yet",
                            ""));
        } else {
            findings.accept(
                    Finding.ok(
                            AREA,
                            "group "
                                    + kafka.groupId()
                                    + " has a lag of "
                                    + lag
                                    + (without > 0
                                            ? ", and no offset of " + without + " partitions"
                                            : "")));
        }
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> offsets(
            Admin admin, List<TopicPartition> partitions, boolean end)
            throws ExecutionException, InterruptedException {
        return listed(admin, partitions, end ? OffsetSpec.latest() : OffsetSpec.earliest());
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> listed(
            Admin admin, List<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
        partitions.forEach(partition -> specs.put(partition, spec));
        return admin.listOffsets(specs).all().get();
    }

    private void transactions(Admin admin, List<TopicPartition> partitions)
            throws ExecutionException, InterruptedException {
        boolean any = false;
        Map<TopicPartition, PartitionProducerState> states =
                admin.describeProducers(partitions).all().get();
        for (Map.Entry<TopicPartition, PartitionProducerState> entry : states.entrySet()) {
            for (ProducerState producer : entry.getValue().activeProducers()) {
                if (producer.currentTransactionStartOffset().isEmpty()) {
                    continue;
                }
                Duration age =
                        Duration.between(
                                Instant.ofEpochMilli(producer.lastTimestamp()), clock.instant());
                if (age.compareTo(OPEN_TOO_LONG) > 0) {
                    any = true;
                    findings.accept(
                            Finding.warning(
                                    AREA,
                                    "partition "
                                            + entry.getKey().partition()
                                            + ": the transaction of producer "
                                            + producer.producerId()
                                            + ", begun at offset "
                                            + producer.currentTransactionStartOffset().getAsLong()
                                            + ", has been idle for "
                                            + Spans.text(age)
                                            + "; the job reads nothing from there on",
                                    "end it or its producer; kafka-transactions.sh"
                                            + " find-hanging and abort help"));
                }
            }
        }
        if (!any) {
            findings.accept(Finding.ok(AREA, "no transaction holds the input topic back"));
        }
    }

    private void times(Admin admin, List<TopicPartition> partitions)
            throws ExecutionException, InterruptedException {
        long latest =
                listed(admin, partitions, OffsetSpec.maxTimestamp()).values().stream()
                        .mapToLong(ListOffsetsResultInfo::timestamp)
                        .max()
                        .orElse(-1);
        Duration ahead = Duration.between(clock.instant(), Instant.ofEpochMilli(latest));
        if (ahead.compareTo(SKEW) > 0) {
            findings.accept(
                    Finding.warning(
                            AREA,
                            "the input topic has a message whose time is "
                                    + Spans.text(ahead)
                                    + " ahead of this machine's clock: retention counts from it",
                            "synchronise the producers' clocks, or set"
                                    + " message.timestamp.type=LogAppendTime on the topic"));
        }
    }

    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
