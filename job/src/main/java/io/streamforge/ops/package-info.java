/**
 * What an operator sees: health, readiness, metrics and the status page, over HTTP. It asks Flink's
 * REST API, Kafka and Postgres, changes nothing, and needs no class of Flink's.
 *
 * <pre>
 * JobMonitor, KafkaMonitor, PostgresMonitor   ask, each on a thread of its own
 *   └─► Readiness                             what holds, since when
 *   └─► Counters ─► MetricsText               the public metrics
 *   └─► StatusDocument                        all that the page shows
 *         └─► OpsServer                       HTTP
 * </pre>
 */
package io.streamforge.ops;
