package io.streamforge.bench.peer;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/** The event as one writes it down first: a POJO that Jackson fills. */
@JsonIgnoreProperties(ignoreUnknown = true)
public final class PlainEvent {

    // Flink's and Jackson's POJOs: public fields, in JSON's spelling.
    public String event_id;
    public String event_type;
    public String occurred_at;
    public String user_id;
    public Long amount_cents;
    public String path;
    public String referrer;

    /** Microseconds since the epoch. */
    public long occurredAt;

    public long processedAt;
    public int partition;
    public long offset;
}
