package io.streamforge.doctor;

import io.streamforge.config.KafkaConfig;
import io.streamforge.config.StreamForgeConfig;
import io.streamforge.sink.TopicLimits;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** Topics whose settings lose messages, cut dead letters, or stop the job one day. */
final class TopicCheckup {

    private static final String AREA = "kafka";

    /** Long enough for somebody to look on Monday at what failed on Friday. */
    private static final Duration DLQ_RETENTION = Duration.ofDays(3);

    /** A restart must find its messages, also after a night. */
    private static final Duration INPUT_RETENTION = Duration.ofDays(1);

    private final StreamForgeConfig config;
    private final Clock clock;
    private final Consumer<Finding> findings;

    TopicCheckup(StreamForgeConfig config, Clock clock, Consumer<Finding> findings) {
        this.config = config;
        this.clock = clock;
        this.findings = findings;
    }

    void run(Admin admin, Map<String, TopicDescription> topics, Instant newestCheckpoint)
            throws InterruptedException {
        KafkaConfig kafka = config.kafka();
        for (TopicDescription topic : topics.values()) {
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
            Config settings;
            try {
                settings = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            } catch (ExecutionException e) {
                findings.accept(
                        Finding.warning(
                                AREA,
                                "topic "
                                        + topic.name()
                                        + ": its settings cannot be read: "
                                        + KafkaCheckup.reason(e.getCause()),
                                "allow this user DESCRIBE_CONFIGS; the job needs it too"));
                continue;
            }
            findings.accept(
                    Finding.ok(
                            AREA,
                            "topic "
                                    + topic.name()
                                    + ": "
                                    + count(topic.partitions().size(), "partition")
                                    + ", "
                                    + count(replicas(topic), "replica")));
            replication(topic, settings);
            if (topic.name().equals(kafka.inputTopic())) {
                input(topic.name(), settings, newestCheckpoint);
            } else if (topic.name().equals(kafka.auditTopic())) {
                audit(topic.name(), settings);
            } else {
                deadLetters(topic.name(), settings);
            }
        }
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private static int replicas(TopicDescription topic) {
        return topic.partitions().stream().mapToInt(p -> p.replicas().size()).min().orElse(0);
    }

    private void replication(TopicDescription topic, Config settings) {
        int replicas = replicas(topic);
        int needed = Integer.parseInt(value(settings, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG));
        long offline = topic.partitions().stream().filter(p -> p.leader() == null).count();
        long below = topic.partitions().stream().filter(p -> p.isr().size() < needed).count();
        if (offline > 0) {
            warn(topic.name() + ": " + offline + " partitions have no leader", "start the brokers");
        } else if (below > 0) {
            warn(
                    topic.name()
                            + ": "
                            + below
                            + " partitions have fewer replicas in sync than min.insync.replicas="
                            + needed
                            + ": nothing can be written to them",
                    "start the missing brokers, or correct the setting");
        } else if (replicas > 1 && replicas == needed) {
            warn(
                    topic.name()
                            + ": min.insync.replicas equals the "
                            + replicas
                            + " replicas: one broker down stops all writing",
                    "set min.insync.replicas to " + (replicas - 1));
        } else if (replicas == 1) {
            findings.accept(
                    Finding.note(
                            AREA,
                            "topic " + topic.name() + " has one replica: a lost disk loses it",
                            "3 replicas and min.insync.replicas=2, unless this is a trial"));
        }
        if (value(settings, TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG).equals("true")) {
            warn(
                    topic.name()
                            + ": unclean.leader.election.enable lets Kafka lose acknowledged"
                            + " messages",
                    "set it to false");
        }
    }

    private void input(String name, Config settings, Instant newestCheckpoint) {
        if (isCompacted(settings)) {
            warn(
                    name + " is compacted: messages may be removed before the job reads them",
                    "set cleanup.policy=delete, or accept that only the last of a key is sure");
        }
        long retention = number(settings, TopicConfig.RETENTION_MS_CONFIG);
        if (retention >= 0 && isDeleted(settings)) {
            Duration kept = Duration.ofMillis(retention);
            Duration age =
                    newestCheckpoint == null
                            ? Duration.ZERO
                            : Duration.between(newestCheckpoint, clock.instant());
            if (kept.compareTo(age) < 0) {
                warn(
                        name
                                + ": retention.ms is "
                                + Spans.text(kept)
                                + ", and the newest checkpoint is "
                                + Spans.text(age)
                                + " old: what a start from it needs may be gone",
                        "start the job now, or raise retention.ms");
            } else if (kept.compareTo(INPUT_RETENTION) < 0) {
                warn(
                        name
                                + ": retention.ms is "
                                + Spans.text(kept)
                                + ": an outage as long as that loses messages",
                        "set it to a day at least, better a week");
            }
        }
        long bytes = number(settings, TopicConfig.RETENTION_BYTES_CONFIG);
        if (bytes >= 0 && isDeleted(settings)) {
            findings.accept(
                    Finding.note(
                            AREA,
                            "topic "
                                    + name
                                    + " has retention.bytes="
                                    + bytes
                                    + ": a burst may remove messages before the job reads them",
                            "prefer retention.ms alone"));
        }
        long limit = number(settings, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        if (limit < config.maxEventBytes()) {
            findings.accept(
                    Finding.note(
                            AREA,
                            "topic "
                                    + name
                                    + " takes messages of at most "
                                    + limit
                                    + " bytes, fewer than MAX_EVENT_BYTES",
                            ""));
        }
    }

    private void deadLetters(String name, Config settings) {
        if (isCompacted(settings)) {
            warn(
                    name + " is compacted: dead letters with equal keys delete each other",
                    "set cleanup.policy=delete; the job refuses to start like this");
        }
        long limit = number(settings, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        long wanted = (long) config.maxEventBytes() + TopicLimits.HEADROOM_BYTES;
        if (limit < wanted) {
            warn(
                    name
                            + ": max.message.bytes is "
                            + limit
                            + ": large dead letters are cut, and then a replay needs the original",
                    "set max.message.bytes=" + wanted);
        }
        long retention = number(settings, TopicConfig.RETENTION_MS_CONFIG);
        if (retention >= 0 && Duration.ofMillis(retention).compareTo(DLQ_RETENTION) < 0) {
            warn(
                    name
                            + ": retention.ms is "
                            + Spans.text(Duration.ofMillis(retention))
                            + ": dead letters are gone before somebody looks, and reconcile misses"
                            + " them",
                    "raise it to that of the input topic at least, or to -1");
        }
    }

    private void audit(String name, Config settings) {
        if (!value(settings, TopicConfig.CLEANUP_POLICY_CONFIG)
                .equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
            warn(
                    name + " is not only compacted: it forgets what was replayed",
                    "set cleanup.policy=compact; replay refuses to run like this");
        }
    }

    private void warn(String what, String advice) {
        findings.accept(Finding.warning(AREA, "topic " + what, advice));
    }

    private static boolean isCompacted(Config settings) {
        return value(settings, TopicConfig.CLEANUP_POLICY_CONFIG)
                .contains(TopicConfig.CLEANUP_POLICY_COMPACT);
    }

    private static boolean isDeleted(Config settings) {
        return value(settings, TopicConfig.CLEANUP_POLICY_CONFIG)
                .contains(TopicConfig.CLEANUP_POLICY_DELETE);
    }

    private static long number(Config settings, String name) {
        return Long.parseLong(value(settings, name));
    }

    private static String value(Config settings, String name) {
        return settings.get(name).value();
    }
}
