-- The latest message per event_id. Every column is normalised by the job; the checks repeat the
-- input contract, so that no other writer can break it either.
CREATE TABLE events_normalized (
    event_id      uuid        PRIMARY KEY,
    event_type    text        NOT NULL,
    occurred_at   timestamptz NOT NULL,
    user_id       uuid        NOT NULL,
    amount_cents  bigint,
    path          text,
    referrer      text,
    processed_at  timestamptz NOT NULL,
    src_partition integer     NOT NULL,
    src_offset    bigint      NOT NULL,

    CONSTRAINT events_normalized_event_type_known
        CHECK (event_type IN ('CLICK', 'VIEW', 'PURCHASE')),
    CONSTRAINT events_normalized_occurred_at_range
        CHECK (occurred_at >= '0001-01-01 00:00:00+00' AND occurred_at < '10000-01-01 00:00:00+00'),
    CONSTRAINT events_normalized_amount_not_negative
        CHECK (amount_cents >= 0),
    CONSTRAINT events_normalized_purchase_has_amount
        CHECK (event_type <> 'PURCHASE' OR amount_cents IS NOT NULL),
    CONSTRAINT events_normalized_path_absolute
        CHECK (path LIKE '/%'),
    CONSTRAINT events_normalized_referrer_meaningful
        CHECK (referrer NOT IN ('', 'null', 'undefined')),
    CONSTRAINT events_normalized_source
        CHECK (src_partition >= 0 AND src_offset >= 0)
);

COMMENT ON TABLE events_normalized IS
    'One row per event_id: of all valid messages, the one with the greatest (occurred_at, src_partition, src_offset).';
COMMENT ON COLUMN events_normalized.processed_at IS 'When the winning message was validated.';
COMMENT ON COLUMN events_normalized.src_partition IS 'Kafka partition of the winning message.';
COMMENT ON COLUMN events_normalized.src_offset IS 'Kafka offset of the winning message.';
