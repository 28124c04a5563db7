package io.streamforge.source;

import io.streamforge.event.RawEvent;
import java.util.Properties;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A {@link KafkaSource} that looks, wherever a partition is begun or gone on with, whether the
 * messages from its position on are still there. Kafka itself would either jump silently or fail
 * without saying what is lost.
 */
final class GapRefusingSource
        implements Source<RawEvent, KafkaPartitionSplit, KafkaSourceEnumState>,
                ResultTypeQueryable<RawEvent> {

    private static final long serialVersionUID = 1L;

    private final KafkaSource<RawEvent> kafka;
    private final Properties client;
    private final boolean acceptGap;
    private final String group;
    private final LastOffsets last;

    /**
     * @param client connects a Kafka client
     * @param acceptGap whether to go on behind a gap, with a warning, or to fail
     * @param group whose offsets are committed
     * @param last where a bounded source ends, or null
     */
    GapRefusingSource(
            KafkaSource<RawEvent> kafka,
            Properties client,
            boolean acceptGap,
            String group,
            LastOffsets last) {
        this.kafka = kafka;
        this.client = client;
        this.acceptGap = acceptGap;
        this.group = group;
        this.last = last;
    }

    @Override
    public SourceReader<RawEvent, KafkaPartitionSplit> createReader(SourceReaderContext context)
            throws Exception {
        return getBoundedness() == Boundedness.BOUNDED
                ? new EndingReader(kafka.createReader(context), client, acceptGap, group, last)
                : new GapRefusingReader(kafka.createReader(context), client, acceptGap);
    }

    @Override
    public Boundedness getBoundedness() {
        return kafka.getBoundedness();
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context) {
        return kafka.createEnumerator(context);
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState state)
            throws Exception {
        SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restored =
                kafka.restoreEnumerator(context, state);
        // Where the partitions are not looked for yet, KafkaSource tells the readers itself.
        return getBoundedness() == Boundedness.BOUNDED && !state.assignedSplits().isEmpty()
                ? new EndingEnumerator(restored, context)
                : restored;
    }

    @Override
    public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
        return kafka.getSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
        return kafka.getEnumeratorCheckpointSerializer();
    }

    @Override
    public TypeInformation<RawEvent> getProducedType() {
        return kafka.getProducedType();
    }
}
