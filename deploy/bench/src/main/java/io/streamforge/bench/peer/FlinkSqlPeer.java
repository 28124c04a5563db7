package io.streamforge.bench.peer;

import io.streamforge.config.StreamForgeConfig;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamStatementSet;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * The same pipeline in Flink SQL with the stock connectors. It checks what SQL can check: what is
 * no JSON at all is dropped, since the format can only skip it, and the newest copy of an event
 * need not win.
 */
public final class FlinkSqlPeer {

    /** What was tuned, for the report. */
    public static final String SETTINGS =
            "json.ignore-parse-errors; JDBC sink with reWriteBatchedInserts, no"
                    + " upsert-materialize; filesystem sink with Parquet and its default, snappy; one"
                    + " source for the three sinks; object reuse";

    private static final String VALID =
            "event_id IS NOT NULL AND user_id IS NOT NULL AND occurred_at IS NOT NULL"
                    + " AND UPPER(event_type) IN ('CLICK', 'VIEW', 'PURCHASE')";

    private static final String COLUMNS =
            "LOWER(event_id) AS event_id, UPPER(event_type) AS event_type, occurred_at,"
                    + " LOWER(user_id) AS user_id, amount_cents, path, referrer,"
                    + " CURRENT_TIMESTAMP AS processed_at, src_partition, src_offset";

    private FlinkSqlPeer() {}

    /** Puts the three statements, as one graph, into the environment. */
    public static void compose(StreamExecutionEnvironment env, StreamForgeConfig config) {
        env.getConfig().enableObjectReuse();
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.getConfig().setLocalTimeZone(ZoneOffset.UTC);
        // The sink takes an upsert by key as it is: without this the planner would sort by key.
        tables.getConfig().set("table.exec.sink.upsert-materialize", "NONE");
        ddl(config).forEach(tables::executeSql);
        StreamStatementSet statements = tables.createStatementSet();
        statements.addInsertSql(
                "INSERT INTO archive SELECT *, DATE_FORMAT(occurred_at, 'yyyy-MM-dd') FROM valid");
        statements.addInsertSql("INSERT INTO warehouse SELECT * FROM valid");
        statements.addInsertSql(
                "INSERT INTO dlq SELECT event_id, event_type, CAST(occurred_at AS STRING), user_id"
                        + " FROM input WHERE ("
                        + VALID
                        + ") IS NOT TRUE");
        statements.attachAsDataStream();
    }

    private static List<String> ddl(StreamForgeConfig config) {
        String kafka =
                "'connector' = 'kafka', 'properties.bootstrap.servers' = '%s'"
                        .formatted(config.kafka().brokers());
        return Stream.of(
                        """
                        CREATE TABLE input (
                            event_id STRING, event_type STRING, occurred_at TIMESTAMP_LTZ(6),
                            user_id STRING, amount_cents BIGINT, path STRING, referrer STRING,
                            src_partition INT METADATA FROM 'partition' VIRTUAL,
                            src_offset BIGINT METADATA FROM 'offset' VIRTUAL)
                        WITH (%s, 'topic' = '%s', 'properties.group.id' = '%s',
                            'scan.startup.mode' = 'earliest-offset', 'format' = 'json',
                            'json.ignore-parse-errors' = 'true',
                            'json.timestamp-format.standard' = 'ISO-8601')
                        """
                                .formatted(
                                        kafka,
                                        config.kafka().inputTopic(),
                                        config.kafka().groupId()),
                        "CREATE VIEW valid AS SELECT " + COLUMNS + " FROM input WHERE " + VALID,
                        """
                        CREATE TABLE warehouse (
                            event_id STRING, event_type STRING, occurred_at TIMESTAMP(6),
                            user_id STRING, amount_cents BIGINT, path STRING, referrer STRING,
                            processed_at TIMESTAMP(6), src_partition INT, src_offset BIGINT,
                            PRIMARY KEY (event_id) NOT ENFORCED)
                        WITH ('connector' = 'jdbc', 'url' = '%s',
                            'table-name' = 'events_normalized', 'username' = '%s',
                            'password' = '%s', 'sink.buffer-flush.max-rows' = '%d',
                            'sink.buffer-flush.interval' = '%dms')
                        """
                                .formatted(
                                        config.postgres().url() + DataStreamPeer.URL_PARAMETERS,
                                        config.postgres().user(),
                                        config.postgres().password().resolve(),
                                        config.postgres().batchSize(),
                                        config.postgres().batchInterval().toMillis()),
                        """
                        CREATE TABLE archive (
                            event_id STRING, event_type STRING, occurred_at TIMESTAMP_LTZ(6),
                            user_id STRING, amount_cents BIGINT, path STRING, referrer STRING,
                            processed_at TIMESTAMP_LTZ(6), src_partition INT, src_offset BIGINT,
                            dt STRING)
                        PARTITIONED BY (dt)
                        WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'parquet',
                            'parquet.write.int64.timestamp' = 'true',
                            'parquet.timestamp.time.unit' = 'micros')
                        """
                                .formatted(config.parquet().root()),
                        """
                        CREATE TABLE dlq (
                            event_id STRING, event_type STRING, occurred_at STRING, user_id STRING)
                        WITH (%s, 'topic' = '%s', 'format' = 'json')
                        """
                                .formatted(kafka, config.kafka().dlqTopic()))
                .toList();
    }
}
