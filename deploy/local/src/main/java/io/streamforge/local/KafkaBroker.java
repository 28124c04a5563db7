package io.streamforge.local;

import java.nio.file.Files;
import java.nio.file.Path;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * The main class of the broker's own JVM: formats the log directory once, then is the broker. One
 * JVM for both saves the start of a second one.
 */
final class KafkaBroker {

    private KafkaBroker() {}

    /**
     * @param args the broker's properties file and its log directory
     */
    public static void main(String[] args) {
        String properties = args[0];
        Path logDir = Path.of(args[1]);
        // The format writes this file last: if it is there, the format is complete.
        if (!Files.exists(logDir.resolve("meta.properties"))) {
            String[] format = {
                "format", "--config", properties, "--cluster-id", Uuid.randomUuid().toString()
            };
            int exitCode = StorageTool.execute(format, System.out);
            if (exitCode != 0) {
                System.exit(exitCode);
            }
        }
        Kafka.main(new String[] {properties});
    }
}
