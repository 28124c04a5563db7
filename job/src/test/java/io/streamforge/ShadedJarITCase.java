package io.streamforge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamforge.account.ReadParquet;
import io.streamforge.config.ParquetConfig.Compression;
import io.streamforge.sink.WriteParquet;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.flink.client.cli.CliFrontend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The one jar that is shipped: on a bare JDK, on a cluster's class path, and by what is in it. Made
 * by {@code mvn package}.
 */
class ShadedJarITCase {

    private static final Path JAR = Path.of("target", "streamforge.jar").toAbsolutePath();
    private static final String SERVICES = "META-INF/services/";
    private static final long MIB = 1 << 20;

    /** Begins the names of jars that a Flink distribution has, whole or within flink-dist. */
    private static final List<String> DISTRIBUTION =
            List.of(
                    "flink-",
                    "log4j-",
                    "slf4j-api-",
                    "commons-cli-",
                    "commons-collections-",
                    "commons-compress-",
                    "commons-lang3-",
                    "commons-text-",
                    "kryo-",
                    "minlog-",
                    "objenesis-",
                    "reflectasm-",
                    "snakeyaml-engine-");

    private static final List<String> NOT_IN_THE_DISTRIBUTION =
            List.of("flink-connector-jdbc-", "flink-connector-kafka-", "flink-parquet-");

    @TempDir private Path directory;

    private record Outcome(int exitCode, String out, String err) {}

    @Test
    void containsNoClassThatTheClusterHas() throws IOException {
        Set<String> classes = new HashSet<>(classesOf(JAR));
        assertThat(classes).contains("io/streamforge/StreamForgeJob.class");
        List<Path> cluster =
                clusterJars().stream()
                        .filter(jar -> jar.getFileName().toString().startsWith("flink-"))
                        .toList();
        assertThat(cluster).hasSizeGreaterThan(10);

        for (Path jar : cluster) {
            assertThat(classesOf(jar)).as(jar.toString()).doesNotContainAnyElementsOf(classes);
        }
    }

    @Test
    void isNoLargerThanItNeedsToBe() throws IOException {
        List<String> names = entriesOf(JAR);

        assertThat(Files.size(JAR)).isLessThan(40 * MIB);
        assertThat(names).doesNotHaveDuplicates();
        assertThat(names.stream().filter(name -> name.matches("org/apache/hadoop/.*\\.class")))
                .hasSizeLessThanOrEqualTo(11);
    }

    /** Where two jars declare providers of one service, both lists have to survive. */
    @Test
    void declaresEveryProviderThatItContains() throws IOException {
        Set<String> classes = new HashSet<>(classesOf(JAR));
        Map<String, Set<String>> declared = providersOf(JAR);
        Map<String, Set<String>> contained = new TreeMap<>();
        for (Path jar : classPath()) {
            if (jar.getFileName().toString().endsWith(".jar")) {
                providersOf(jar)
                        .forEach(
                                (service, providers) ->
                                        providers.stream()
                                                .filter(p -> classes.contains(classFile(p)))
                                                .forEach(
                                                        p ->
                                                                contained
                                                                        .computeIfAbsent(
                                                                                service,
                                                                                s ->
                                                                                        new TreeSet<>())
                                                                        .add(p)));
            }
        }

        assertThat(declared).isEqualTo(contained);
        assertThat(declared.get("org.flywaydb.core.extensibility.Plugin"))
                .contains(
                        "org.flywaydb.core.internal.configuration.extensions.DeployScriptFilenameConfigurationExtension",
                        "org.flywaydb.database.postgresql.PostgreSQLDatabaseType");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "version",
                "--help",
                "config",
                "config print --output=json",
                "completion",
                "check --summary /dev/null",
                "dlq replay --help",
                "reconcile --help",
                "doctor --help"
            })
    void itsCommandsNeedNothingButAJdk(String command) throws Exception {
        Path loaded = directory.resolve("loaded");
        List<String> arguments =
                new ArrayList<>(List.of("-Xlog:class+load:file=" + loaded, "-jar", JAR.toString()));
        arguments.addAll(List.of(command.split(" ")));

        Outcome outcome =
                java(
                        Map.of("POSTGRES_URL", "postgresql://user:canary@127.0.0.1/db"),
                        arguments.toArray(new String[0]));

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.out()).isNotBlank().doesNotContain("canary");
        assertThat(Files.readString(loaded))
                .contains("io.streamforge.cli.StreamForge ")
                .doesNotContain("org.apache.flink.");
    }

    @Test
    void theJobReportsAllProblemsOfItsConfigurationInOneException() throws Exception {
        Outcome outcome = submit(Map.of(), "--PORT=x", "--nonsense=1");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err())
                .containsOnlyOnce("ConfigException: Invalid configuration:\n")
                .containsSubsequence(
                        "  --nonsense is ", "  POSTGRES_URL is not set", "  PORT is 'x'")
                .doesNotContain("NoClassDefFoundError", "LinkageError");
    }

    /** So Kafka's client, which loads much by name, is whole. */
    @Test
    void theJobSaysWhatItCannotReach() throws Exception {
        Outcome outcome =
                submit(
                        Map.of("POSTGRES_URL", "postgresql://user:canary@127.0.0.1:1/db"),
                        "--KAFKA_BROKERS=127.0.0.1:1",
                        "--START_TIMEOUT=1s");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out() + outcome.err())
                .contains("UnreachableException: Kafka at 127.0.0.1:1 is not ready, gave up")
                .doesNotContain("canary", "NoClassDefFoundError", "LinkageError");
    }

    @Test
    void writesParquetWithinFlinkAndReadsItWithoutInEveryCodec() throws Exception {
        Path probes = Files.createDirectory(directory.resolve("probes"));
        copyClass(probes, "io.streamforge.sink.WriteParquet");
        copyClass(probes, "io.streamforge.sink.SampleEvents");
        copyClass(probes, "io.streamforge.account.ReadParquet");
        Path files = Files.createDirectory(directory.resolve("files"));
        List<Path> cluster = new ArrayList<>(List.of(probes, JAR));
        cluster.addAll(clusterJars());

        Outcome written =
                java(
                        Map.of(),
                        "-cp",
                        join(cluster),
                        WriteParquet.class.getName(),
                        files.toString());
        assertThat(written.exitCode()).as(written.err()).isZero();

        List<String> read =
                new ArrayList<>(
                        List.of("-cp", join(List.of(probes, JAR)), ReadParquet.class.getName()));
        for (Compression compression : Compression.values()) {
            read.add(files.resolve(compression + ".parquet").toString());
        }
        Outcome counted = java(Map.of(), read.toArray(new String[0]));
        assertThat(counted.exitCode()).as(counted.err()).isZero();
        assertThat(counted.out().lines())
                .hasSize(Compression.values().length)
                .containsOnly(Integer.toString(WriteParquet.ROWS));
    }

    /** As {@code flink run} does: a child-first class loader, the class named in the manifest. */
    private Outcome submit(Map<String, String> environment, String... args) throws Exception {
        Path conf = Files.createDirectories(directory.resolve("conf"));
        Files.writeString(conf.resolve("config.yaml"), "parallelism.default: 1\n");
        Map<String, String> all = new TreeMap<>(environment);
        all.put("FLINK_CONF_DIR", conf.toString());
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "--add-opens=java.base/java.util=ALL-UNNAMED",
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "-cp",
                                join(clusterJars()),
                                CliFrontend.class.getName(),
                                "run",
                                "-t",
                                "local",
                                JAR.toString()));
        command.addAll(List.of(args));
        return java(all, command.toArray(new String[0]));
    }

    /** A Java process with this environment and no other. */
    private Outcome java(Map<String, String> environment, String... args) throws Exception {
        assertThat(JAR).as("made by mvn package").isRegularFile();
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static void copyClass(Path target, String name) throws IOException {
        Path copy = target.resolve(classFile(name));
        Files.createDirectories(copy.getParent());
        try (InputStream compiled =
                ShadedJarITCase.class.getResourceAsStream("/" + classFile(name))) {
            Files.copy(compiled, copy);
        }
    }

    private static String classFile(String name) {
        return name.replace('.', '/') + ".class";
    }

    private static String join(List<Path> classPath) {
        return classPath.stream()
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static List<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList();
    }

    private static List<Path> clusterJars() {
        return classPath().stream()
                .filter(
                        jar -> {
                            String name = jar.getFileName().toString();
                            return name.endsWith(".jar")
                                    && !name.endsWith("-tests.jar")
                                    && DISTRIBUTION.stream().anyMatch(name::startsWith)
                                    && NOT_IN_THE_DISTRIBUTION.stream().noneMatch(name::startsWith);
                        })
                .toList();
    }

    private static List<String> entriesOf(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(ZipEntry::getName).toList();
        }
    }

    private static List<String> classesOf(Path jar) throws IOException {
        return entriesOf(jar).stream()
                .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
                .toList();
    }

    private static Map<String, Set<String>> providersOf(Path jar) throws IOException {
        Map<String, Set<String>> providers = new TreeMap<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            List<ZipEntry> services =
                    file.stream()
                            .filter(e -> e.getName().startsWith(SERVICES) && !e.isDirectory())
                            .collect(Collectors.toList());
            for (ZipEntry service : services) {
                String text = new String(file.getInputStream(service).readAllBytes(), UTF_8);
                Stream<String> names = text.lines().map(l -> l.replaceAll("#.*", "").strip());
                providers.put(
                        service.getName().substring(SERVICES.length()),
                        names.filter(name -> !name.isEmpty())
                                .collect(Collectors.toCollection(TreeSet::new)));
            }
        }
        return providers;
    }
}
