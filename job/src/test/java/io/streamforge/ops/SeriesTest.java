package io.streamforge.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ids of Flink's REST API. */
class SeriesTest {

    @Test
    void readsLabelsAndBounds() {
        assertThat(Series.parse("1.Upsert__Writer.le.0_025.stream_db_write_latency_seconds_bucket"))
                .contains(
                        new Series.OfSubtask(
                                1,
                                Series.of(
                                        "stream_db_write_latency_seconds_bucket", "le", "0.025")));
        assertThat(Series.parse("0.Validate.reason.WRONG_TYPE.stage.validate.stream_dlq_total"))
                .contains(
                        new Series.OfSubtask(
                                0,
                                Series.of(
                                        Series.DEAD_LETTERS,
                                        "reason",
                                        "WRONG_TYPE",
                                        "stage",
                                        "validate")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "numRecordsIn",
                "0.numRecordsIn",
                "0.Validate.numRecordsIn",
                "x.Validate.stream_dlq_total",
                "0.Write_files.numRecordsSendErrors"
            })
    void leavesOutWhatIsNotPublic(String id) {
        assertThat(Series.parse(id)).isEmpty();
    }
}
