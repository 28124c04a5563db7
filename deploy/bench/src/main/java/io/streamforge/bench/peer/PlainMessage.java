package io.streamforge.bench.peer;

/** A Kafka message: its bytes and where they are. */
public final class PlainMessage {

    // Flink's POJO: public fields.
    public byte[] value;
    public int partition;
    public long offset;
}
