package io.streamforge.local;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.DefaultPluginManager;
import org.apache.flink.core.plugin.DirectoryBasedPluginFinder;

/**
 * An S3 API server with one bucket, and Flink's S3 file system as a plugin of this JVM, as on a
 * cluster. Closing it takes both away again.
 */
final class ObjectStorage implements AutoCloseable {

    static final String BUCKET = "events";

    private static final Path SERVER = Path.of("target", "s3mock", "s3mock-exec.jar");
    private static final Path PLUGINS = Path.of("target", "plugins");
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ServiceProcess server;

    private ObjectStorage(ServiceProcess server) {
        this.server = server;
    }

    /**
     * Starts it.
     *
     * @param data an empty directory
     */
    static ObjectStorage start(Path data) throws Exception {
        int port = LoopbackPort.free();
        Path root = Files.createDirectories(data.resolve("s3"));
        String marker = "--com.adobe.testing.s3mock.store.root=" + root;
        ServiceProcess server =
                ServiceProcess.start(
                        "S3",
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-jar",
                                SERVER.toAbsolutePath().toString(),
                                "--server.port=0",
                                "--com.adobe.testing.s3mock.httpPort=" + port,
                                "--com.adobe.testing.s3mock.store.initialBuckets=" + BUCKET,
                                marker),
                        Map.of(),
                        data.resolve("s3.log"),
                        marker);
        ObjectStorage storage = new ObjectStorage(server);
        try {
            Eventually.holds("the S3 server", PATIENCE, () -> LoopbackPort.answers(port));
            Configuration flink = new Configuration();
            flink.setString("s3.endpoint", "http://127.0.0.1:" + port);
            flink.setString("s3.endpoint.region", "us-east-1");
            flink.setString("s3.path.style.access", "true");
            flink.setString("s3.access-key", "any");
            flink.setString("s3.secret-key", "any");
            // This server knows the ETag of an object in parts only without its quotes.
            flink.setString("fs.s3a.change.detection.mode", "none");
            FileSystem.initialize(
                    flink,
                    new DefaultPluginManager(
                            new DirectoryBasedPluginFinder(PLUGINS.toAbsolutePath()).findPlugins(),
                            CoreOptions.getPluginParentFirstLoaderPatterns(flink)));
        } catch (Exception e) {
            storage.close();
            throw e;
        }
        return storage;
    }

    static String uri(String key) {
        return "s3://" + BUCKET + "/" + key;
    }

    /** Copies what a reader sees to a local directory. */
    static void download(String from, Path to) throws IOException {
        for (FileStatus file : list(new org.apache.flink.core.fs.Path(from))) {
            String name = file.getPath().toString().substring(from.length() + 1);
            Path copy = to.resolve(name);
            Files.createDirectories(copy.getParent());
            FileSystem s3 = file.getPath().getFileSystem();
            try (FSDataInputStream object = s3.open(file.getPath());
                    InputStream in = object) {
                Files.copy(in, copy);
            }
        }
    }

    /** All objects below it. */
    static List<FileStatus> list(org.apache.flink.core.fs.Path directory) throws IOException {
        List<FileStatus> files = new ArrayList<>();
        try {
            for (FileStatus entry : directory.getFileSystem().listStatus(directory)) {
                if (entry.isDir()) {
                    files.addAll(list(entry.getPath()));
                } else {
                    files.add(entry);
                }
            }
        } catch (FileNotFoundException e) {
            return List.of();
        }
        return files;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        FileSystem.initialize(new Configuration(), null);
        server.kill();
    }
}
