package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.Account;
import io.streamforge.config.Setting;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive and the checkpoints on S3: the same promises, across a crash. */
class ObjectStorageITCase {

    @TempDir Path data;

    @Test
    void everyRowIsInOneObjectThoughTheJobIsKilled() throws Exception {
        try (ObjectStorage storage = ObjectStorage.start(data);
                Pipeline pipeline = Pipeline.create("object-storage", data)) {
            String archive = ObjectStorage.uri("archive");
            pipeline.with(Setting.PARQUET_ROOT, archive);
            pipeline.with(Setting.PARQUET_FLUSH_MAX_ROWS, "700");
            pipeline.with(Setting.CHECKPOINT_DIR, ObjectStorage.uri("checkpoints"));
            pipeline.generate(new GeneratorOptions(2_000, 0, 3, 5, 41));
            pipeline.start(2);
            pipeline.awaitRows(500);
            pipeline.awaitCheckpoint();
            pipeline.generate(new GeneratorOptions(1_000, 0, 3, 5, 42));
            pipeline.awaitRows(2_000);
            pipeline.crash();

            pipeline.forgetOffsets();
            pipeline.start(1);
            pipeline.awaitDrained();
            pipeline.stop();

            Path copy = data.resolve("copy");
            ObjectStorage.download(archive, copy);
            pipeline.with(Setting.PARQUET_ROOT, copy.toString());
            Account account = Invariant.assertHolds(pipeline.config());
            assertThat(account.consumed()).isEqualTo(3_000);
        }
    }
}
