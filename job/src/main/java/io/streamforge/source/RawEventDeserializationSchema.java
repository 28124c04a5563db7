package io.streamforge.source;

import io.streamforge.event.RawEvent;
import io.streamforge.event.RawHeader;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Takes a Kafka record as it is, tombstones included: nothing is decoded here, because a source has
 * no side output and could only drop a bad record or fail the job.
 */
final class RawEventDeserializationSchema implements KafkaRecordDeserializationSchema<RawEvent> {

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<RawEvent> out) {
        out.collect(
                new RawEvent(
                        record.key(),
                        record.value(),
                        headersOf(record),
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        record.timestamp()));
    }

    private static List<RawHeader> headersOf(ConsumerRecord<byte[], byte[]> record) {
        Header[] headers = record.headers().toArray();
        if (headers.length == 0) {
            return List.of();
        }
        List<RawHeader> copy = new ArrayList<>(headers.length);
        for (Header header : headers) {
            copy.add(new RawHeader(header.key(), header.value()));
        }
        return copy;
    }

    @Override
    public TypeInformation<RawEvent> getProducedType() {
        return TypeInformation.of(RawEvent.class);
    }
}
