package io.streamforge;

import io.streamforge.event.DeadLetter;
import io.streamforge.event.Event;
import io.streamforge.event.RawEvent;
import io.streamforge.validate.ValidateFunction;
import java.util.function.Function;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The whole graph.
 *
 * <pre>
 * read-kafka ─► validate ─┬─► upsert-postgres ┄┄ refused rows ┄┄► dead letters
 *                         ├─► archive-parquet
 *                         └─▷ side output ─► write-dead-letters
 * </pre>
 *
 * <p>There is no shuffle: the upsert's sorted batches and guarded rows need none, so one thread
 * takes a message from Kafka to its sinks, and the raw message travels along by reference. Names
 * are for people; uids are the keys of the state in checkpoints and never change.
 */
public final class StreamForgePipeline {

    private StreamForgePipeline() {}

    /**
     * Composes the graph; the same in production and in tests.
     *
     * @param table makes the sink for the table, given where the rows go that the database refuses
     */
    public static void define(
            StreamExecutionEnvironment env,
            Source<RawEvent, ?, ?> source,
            int maxEventBytes,
            Function<Sink<DeadLetter>, Sink<Event>> table,
            Sink<Event> archive,
            Sink<DeadLetter> deadLetters) {
        SingleOutputStreamOperator<Event> events =
                env.fromSource(source, WatermarkStrategy.noWatermarks(), "Read from Kafka")
                        .uid("read-kafka")
                        .process(new ValidateFunction(maxEventBytes))
                        .name("Validate and normalise")
                        .uid("validate");

        events.sinkTo(table.apply(deadLetters)).name("Upsert into Postgres").uid("upsert-postgres");

        events.sinkTo(archive).name("Archive as Parquet").uid("archive-parquet");

        events.getSideOutput(ValidateFunction.DEAD_LETTERS)
                .sinkTo(deadLetters)
                .name("Write dead letters")
                .uid("write-dead-letters");
    }
}
