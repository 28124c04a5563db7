package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TopicsITCase {

    private static final int MIB = 1 << 20;

    @Test
    void createsTopicsThatKeepEverythingAndTakeTheLargest() throws Exception {
        String servers = LocalStack.bootstrapServers();
        new Topics("topics-new", "topics-new-dlq", "topics-new-parking", 3, MIB).create(servers);

        for (String name : List.of("topics-new", "topics-new-dlq", "topics-new-parking")) {
            Map<String, String> config = config(servers, name);
            assertThat(config)
                    .containsEntry("max.message.bytes", Integer.toString(MIB + 64 * 1024))
                    .containsEntry("cleanup.policy", "delete")
                    .containsEntry("retention.ms", "-1")
                    .containsEntry("retention.bytes", "-1");
        }
        assertThat(partitions(servers, "topics-new")).isEqualTo(3);
        assertThat(partitions(servers, "topics-new-dlq")).isEqualTo(3);
        assertThat(partitions(servers, "topics-new-parking")).isEqualTo(1);
    }

    @Test
    void leavesExistingTopicsAsTheyAreButForTheSizeTheyTake() throws Exception {
        String servers = LocalStack.bootstrapServers();
        new Topics("topics-old", "topics-old-dlq", "topics-old-parking", 2, 1_000).create(servers);

        new Topics("topics-old", "topics-old-dlq", "topics-old-parking", 5, MIB).create(servers);
        assertThat(partitions(servers, "topics-old")).isEqualTo(2);
        String taken = Integer.toString(MIB + 64 * 1024);
        Eventually.holds(
                "the broker to know",
                Pipeline.PATIENCE,
                () -> taken.equals(config(servers, "topics-old").get("max.message.bytes")));

        new Topics("topics-old", "topics-old-dlq", "topics-old-parking", 2, 1_000).create(servers);
        assertThat(config(servers, "topics-old")).containsEntry("max.message.bytes", taken);
    }

    @Test
    void tellsWhatKafkaRefuses() {
        Topics topics = new Topics("no such name!", "topics-bad-dlq", "topics-bad-parking", 1, MIB);

        assertThatThrownBy(() -> topics.create(LocalStack.bootstrapServers()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Could not create the topics")
                .hasMessageContaining("no such name!");
    }

    private static Map<String, String> config(String servers, String topic) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            Config config =
                    admin.describeConfigs(List.of(resource))
                            .all()
                            .get(30, TimeUnit.SECONDS)
                            .get(resource);
            Map<String, String> values = new HashMap<>();
            config.entries().forEach(entry -> values.put(entry.name(), entry.value()));
            return values;
        }
    }

    private static int partitions(String servers, String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            return admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get(30, TimeUnit.SECONDS)
                    .get(topic)
                    .partitions()
                    .size();
        }
    }
}
