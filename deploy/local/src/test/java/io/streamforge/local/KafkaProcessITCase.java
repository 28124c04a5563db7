package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class KafkaProcessITCase {

    private static final Topics TOPICS = new Topics("in", "dead", "parked", 1, 1_024);

    @TempDir Path parent;
    private Path dataDir;

    /** A path that any of the commands on the way would take apart if it could. */
    @BeforeEach
    void nameTheDataDirectory() throws IOException {
        dataDir = Files.createDirectory(parent.resolve("my data = 'here' #1"));
    }

    /** Nothing acknowledged is lost by a stop in good order or by a kill. */
    @Test
    void keepsMessagesAcrossStopAndKill() throws Exception {
        int port = LoopbackPort.free();
        KafkaProcess kafka = KafkaProcess.start(dataDir, port);
        try {
            assertThat(kafka.adopted()).isFalse();
            assertThat(dataDir.resolve("run/kafka.pid")).hasContent(kafka.pid() + "\n");
            TOPICS.create(kafka.bootstrapServers());
            send(kafka, "one");

            kafka.stop();
            assertThat(kafka.isAlive()).isFalse();
            assertThat(dataDir.resolve("run/kafka.pid")).doesNotExist();
            kafka.stop();

            kafka = KafkaProcess.start(dataDir, port);
            assertThat(kafka.adopted()).isFalse();
            send(kafka, "two");
            kafka.kill();
            assertThat(kafka.isAlive()).isFalse();

            kafka = KafkaProcess.start(dataDir, port);
            send(kafka, "three");
            assertThat(read(kafka, 3)).containsExactly("one", "two", "three");
        } finally {
            kafka.stop();
        }
    }

    /** After kill -9 of the JVM that started it, the broker is taken over, not fought with. */
    @Test
    void adoptsTheBrokerThatAnotherJvmLeftBehind() throws Exception {
        int port = LoopbackPort.free();
        LeftBehind.start("kafka", dataDir, port);
        String pid = Files.readString(dataDir.resolve("run/kafka.pid")).strip();

        KafkaProcess kafka = KafkaProcess.start(dataDir, port);
        try {
            assertThat(kafka.adopted()).isTrue();
            assertThat(kafka.pid()).isEqualTo(Long.parseLong(pid));
            TOPICS.create(kafka.bootstrapServers());
            send(kafka, "still here");
            assertThat(read(kafka, 1)).containsExactly("still here");

            int otherPort = LoopbackPort.free();
            assertThatThrownBy(() -> KafkaProcess.start(dataDir, otherPort))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("still running (pid " + pid + ")")
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("not on port " + otherPort);
        } finally {
            kafka.stop();
        }
        assertThat(kafka.isAlive()).isFalse();
    }

    @Test
    void refusesATakenPort() throws IOException {
        try (ServerSocket taken =
                new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThatThrownBy(() -> KafkaProcess.start(dataDir, taken.getLocalPort()))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessage(
                            "Kafka cannot listen on 127.0.0.1:%d: the port is taken",
                            taken.getLocalPort());
        }
        assertThat(dataDir.resolve("run/kafka.pid")).doesNotExist();
    }

    @Test
    void namesItsLogWhenItCannotStart() throws IOException {
        Files.writeString(dataDir.resolve("kafka"), "a file where a directory should be");
        int port = LoopbackPort.free();

        assertThatThrownBy(() -> KafkaProcess.start(dataDir, port))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("log/kafka.log");
    }

    @Test
    void answersNothingWhileSuspended() throws Exception {
        KafkaProcess kafka = KafkaProcess.start(dataDir, LoopbackPort.free());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            kafka.suspend();
            assertThatThrownBy(() -> admin.describeCluster().clusterId().get(1, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            kafka.resume();
            assertThat(admin.describeCluster().clusterId().get(30, TimeUnit.SECONDS)).isNotEmpty();
        } finally {
            kafka.kill();
        }
    }

    private static void send(KafkaProcess kafka, String value) throws Exception {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers", kafka.bootstrapServers(),
                        "key.serializer", StringSerializer.class,
                        "value.serializer", StringSerializer.class);
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
            producer.send(new ProducerRecord<>(TOPICS.input(), value)).get(30, TimeUnit.SECONDS);
        }
    }

    private static List<String> read(KafkaProcess kafka, int count) {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers", kafka.bootstrapServers(),
                        "key.deserializer", StringDeserializer.class,
                        "value.deserializer", StringDeserializer.class);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
            TopicPartition partition = new TopicPartition(TOPICS.input(), 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (values.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<String, String> message :
                        consumer.poll(Duration.ofMillis(100))) {
                    values.add(message.value());
                }
            }
        }
        return values;
    }
}
