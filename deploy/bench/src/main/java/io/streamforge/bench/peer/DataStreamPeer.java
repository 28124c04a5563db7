package io.streamforge.bench.peer;

import io.streamforge.config.PostgresConfig;
import io.streamforge.config.StreamForgeConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Properties;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.apache.flink.connector.jdbc.core.datastream.sink.JdbcSink;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.parquet.ParquetWriterFactory;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.DateTimeBucketAssigner;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;

/**
 * The same pipeline as a careful team writes it first: Jackson, {@code java.time} and {@code UUID},
 * JdbcSink, FileSink with Avro's Parquet writer, KafkaSink, all with the settings that made them
 * fastest here. Bad messages keep their bytes and nothing else.
 */
public final class DataStreamPeer {

    /** What was tuned, for the report. */
    public static final String SETTINGS =
            "JdbcSink with reWriteBatchedInserts, upsert with the same guard; FileSink with"
                    + " AvroParquetWriter, zstd; KafkaSink at least once; object reuse, no shuffle";

    /** What pgjdbc has for batches, and lets a text go into a column of another type. */
    public static final String URL_PARAMETERS =
            "?reWriteBatchedInserts=true&stringtype=unspecified";

    private static final OutputTag<byte[]> BAD =
            new OutputTag<>("bad", TypeInformation.of(byte[].class));

    /** Of one event, with the guard of the job's own. */
    public static final String UPSERT =
            """
            INSERT INTO events_normalized AS stored (
                event_id, event_type, occurred_at, user_id, amount_cents,
                path, referrer, processed_at, src_partition, src_offset)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (event_id) DO UPDATE SET
                event_type = EXCLUDED.event_type,
                occurred_at = EXCLUDED.occurred_at,
                user_id = EXCLUDED.user_id,
                amount_cents = EXCLUDED.amount_cents,
                path = EXCLUDED.path,
                referrer = EXCLUDED.referrer,
                processed_at = EXCLUDED.processed_at,
                src_partition = EXCLUDED.src_partition,
                src_offset = EXCLUDED.src_offset
            WHERE (EXCLUDED.occurred_at, EXCLUDED.src_partition, EXCLUDED.src_offset)
                > (stored.occurred_at, stored.src_partition, stored.src_offset)
            """;

    private DataStreamPeer() {}

    /** Puts the graph into the environment. */
    public static void compose(StreamExecutionEnvironment env, StreamForgeConfig config) {
        env.getConfig().enableObjectReuse();
        env.getConfig()
                .configure(
                        new org.apache.flink.configuration.Configuration()
                                .set(PipelineOptions.GENERIC_TYPES, false),
                        DataStreamPeer.class.getClassLoader());
        Properties kafka = config.kafka().clientProperties();
        KafkaSource<PlainMessage> source =
                KafkaSource.<PlainMessage>builder()
                        .setBootstrapServers(config.kafka().brokers())
                        .setTopics(config.kafka().inputTopic())
                        .setGroupId(config.kafka().groupId())
                        .setProperties(kafka)
                        .setStartingOffsets(OffsetsInitializer.earliest())
                        .setDeserializer(new Messages())
                        .build();
        SingleOutputStreamOperator<PlainEvent> events =
                env.fromSource(source, WatermarkStrategy.noWatermarks(), "kafka")
                        .process(new Parse())
                        .name("parse");
        events.sinkTo(jdbcSink(config.postgres())).name("postgres");
        events.sinkTo(fileSink(config.parquet().root())).name("parquet");
        events.getSideOutput(BAD)
                .sinkTo(
                        KafkaSink.<byte[]>builder()
                                .setBootstrapServers(config.kafka().brokers())
                                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                                .setRecordSerializer(
                                        KafkaRecordSerializationSchema.<byte[]>builder()
                                                .setTopic(config.kafka().dlqTopic())
                                                .setValueSerializationSchema(new Bytes())
                                                .build())
                                .build())
                .name("dlq");
    }

    private static JdbcSink<PlainEvent> jdbcSink(PostgresConfig postgres) {
        return JdbcSink.<PlainEvent>builder()
                .withQueryStatement(UPSERT, DataStreamPeer::bind)
                .withExecutionOptions(
                        JdbcExecutionOptions.builder()
                                .withBatchSize(postgres.batchSize())
                                .withBatchIntervalMs(postgres.batchInterval().toMillis())
                                .build())
                .buildAtLeastOnce(
                        new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                                .withUrl(postgres.url() + URL_PARAMETERS)
                                .withDriverName("org.postgresql.Driver")
                                .withUsername(postgres.user())
                                .withPassword(postgres.password().resolve())
                                .build());
    }

    /** Sets the parameters of {@link #UPSERT}. */
    public static void bind(PreparedStatement row, PlainEvent event) throws SQLException {
        row.setObject(1, UUID.fromString(event.event_id));
        row.setString(2, event.event_type);
        row.setObject(3, time(event.occurredAt));
        row.setObject(4, UUID.fromString(event.user_id));
        if (event.amount_cents == null) {
            row.setNull(5, Types.BIGINT);
        } else {
            row.setLong(5, event.amount_cents);
        }
        row.setString(6, event.path);
        row.setString(7, event.referrer);
        row.setObject(8, time(event.processedAt));
        row.setInt(9, event.partition);
        row.setLong(10, event.offset);
    }

    private static OffsetDateTime time(long micros) {
        return OffsetDateTime.ofInstant(
                Instant.EPOCH.plus(micros, ChronoUnit.MICROS), ZoneOffset.UTC);
    }

    private static FileSink<PlainEvent> fileSink(String root) {
        return FileSink.forBulkFormat(
                        new Path(root),
                        new ParquetWriterFactory<PlainEvent>(DataStreamPeer::avroWriter))
                .withBucketAssigner(new ByDate())
                .withOutputFileConfig(new OutputFileConfig("part", ".parquet"))
                .build();
    }

    private static org.apache.parquet.hadoop.ParquetWriter<PlainEvent> avroWriter(OutputFile file)
            throws IOException {
        Schema schema = schema();
        return AvroParquetWriter.<PlainEvent>builder(file)
                .withSchema(schema)
                .withDataModel(new PlainEventData(schema))
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .build();
    }

    private static Schema schema() {
        try (InputStream in =
                StreamForgeConfig.class.getResourceAsStream("/io/streamforge/sink/event.avsc")) {
            return new Schema.Parser().parse(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets Avro's writer read the POJO's fields by position, without a record between. */
    private static final class PlainEventData extends GenericData {

        private final Schema schema;

        PlainEventData(Schema schema) {
            this.schema = schema;
        }

        @Override
        public Object getField(Object record, String name, int position) {
            PlainEvent event = (PlainEvent) record;
            return switch (position) {
                case 0 -> event.event_id;
                case 1 -> event.event_type;
                case 2 -> event.occurredAt;
                case 3 -> event.user_id;
                case 4 -> event.amount_cents;
                case 5 -> event.path;
                case 6 -> event.referrer;
                case 7 -> event.processedAt;
                case 8 -> event.partition;
                default -> event.offset;
            };
        }

        @Override
        protected boolean isRecord(Object datum) {
            return datum instanceof PlainEvent || datum instanceof GenericRecord;
        }

        @Override
        protected Schema getRecordSchema(Object record) {
            return schema;
        }
    }

    private static final class Bytes implements SerializationSchema<byte[]> {

        private static final long serialVersionUID = 1L;

        @Override
        public byte[] serialize(byte[] value) {
            return value;
        }
    }

    private static final class ByDate extends DateTimeBucketAssigner<PlainEvent> {

        private static final long serialVersionUID = 1L;

        private transient long day;
        private transient String bucket;

        @Override
        public String getBucketId(PlainEvent event, Context context) {
            long now = Math.floorDiv(event.occurredAt, 86_400_000_000L);
            if (bucket == null || now != day) {
                day = now;
                bucket = "dt=" + java.time.LocalDate.ofEpochDay(now);
            }
            return bucket;
        }
    }

    private static final class Messages implements KafkaRecordDeserializationSchema<PlainMessage> {

        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(
                ConsumerRecord<byte[], byte[]> record, Collector<PlainMessage> out) {
            PlainMessage message = new PlainMessage();
            message.value = record.value();
            message.partition = record.partition();
            message.offset = record.offset();
            out.collect(message);
        }

        @Override
        public TypeInformation<PlainMessage> getProducedType() {
            return TypeInformation.of(PlainMessage.class);
        }
    }

    private static final class Parse extends ProcessFunction<PlainMessage, PlainEvent> {

        private static final long serialVersionUID = 1L;

        private transient PlainParser parser;

        @Override
        public void open(OpenContext context) {
            parser = new PlainParser();
        }

        @Override
        public void processElement(
                PlainMessage message, Context context, Collector<PlainEvent> out) {
            PlainEvent event;
            try {
                event = parser.parse(message.value);
            } catch (IOException
                    | DateTimeException
                    | IllegalArgumentException
                    | NullPointerException e) {
                context.output(BAD, message.value);
                return;
            }
            event.processedAt = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            event.partition = message.partition;
            event.offset = message.offset;
            out.collect(event);
        }
    }
}
