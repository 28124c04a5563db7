package io.streamforge.ops;

import com.fasterxml.jackson.databind.JsonNode;
import io.streamforge.StreamForgeJob;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Watches the job through Flink's REST API: whether it runs, whether its checkpoints are fresh,
 * whether it restarts all the time, and what it counts.
 */
final class JobMonitor extends Monitor {

    private static final Duration RESTART_WINDOW = Duration.ofMinutes(5);
    private static final int RESTARTS_TOLERATED = 2;

    /** A checkpoint is late after three intervals and this. */
    private static final Duration CHECKPOINT_GRACE = Duration.ofSeconds(10);

    private static final Duration IDS_KEPT = Duration.ofSeconds(15);
    private static final String INITIALIZING = "INITIALIZING";
    private static final Set<String> ENDED = Set.of("FAILED", "CANCELED", "FINISHED");

    /** Flink's server takes request lines of 4096 bytes. */
    private static final int LONGEST_QUERY = 3_000;

    private final FlinkRest flink;
    private final InstantSource clock;
    private final Counters counters = new Counters();
    private final Deque<Instant> restarts = new ArrayDeque<>();
    private volatile JobView view = JobView.without("UNREACHABLE");
    private volatile Long lag;

    private String known;
    private long checkpointInterval;
    private List<String> vertices = List.of();
    private long restartsBefore;
    private final Map<String, Set<String>> ids = new HashMap<>();
    private long idsReadAt;

    JobMonitor(FlinkRest flink, InstantSource clock) {
        super("job", JobView.CHECKS.toArray(new String[0]));
        this.flink = flink;
        this.clock = clock;
    }

    JobView view() {
        return view;
    }

    Counters counters() {
        return counters;
    }

    /** Messages that the running job has not read yet, where its consumers know. */
    OptionalLong lag() {
        Long records = lag;
        return records == null ? OptionalLong.empty() : OptionalLong.of(records);
    }

    @Override
    List<Finding> look() throws InterruptedException {
        JsonNode job;
        try {
            job = newestJob(flink.get("/jobs/overview").path("jobs"));
        } catch (IOException e) {
            view = JobView.without("UNREACHABLE");
            lag = null;
            return withoutJob(
                    Finding.bad("flink", flink.address() + " does not answer: " + reason(e)),
                    "unknown, since Flink does not answer");
        }
        Finding answers = Finding.ok("flink", flink.address() + " answers");
        if (job == null) {
            view = JobView.without("NONE");
            lag = null;
            return withoutJob(answers, "there is no job named " + StreamForgeJob.NAME);
        }
        if (job.path("state").asText().equals(INITIALIZING)) {
            // It has no tasks yet, and Flink refuses to tell of its checkpoints.
            view = JobView.without(INITIALIZING);
            lag = null;
            return withoutJob(answers, "the job is " + INITIALIZING);
        }
        try {
            view = view(job);
            readMetrics(view);
        } catch (IOException e) {
            return withoutJob(
                    Finding.bad("flink", flink.address() + " does not answer: " + reason(e)),
                    "unknown, since Flink does not answer");
        }
        return List.of(answers, job(view), checkpoints(view), restarts(view));
    }

    private static List<Finding> withoutJob(Finding answers, String why) {
        List<Finding> findings = new ArrayList<>(List.of(answers));
        JobView.CHECKS.stream().skip(1).forEach(name -> findings.add(Finding.bad(name, why)));
        return List.copyOf(findings);
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** The one that has not ended, else the one that was submitted last. */
    private static JsonNode newestJob(JsonNode jobs) {
        JsonNode newest = null;
        for (JsonNode job : jobs) {
            if (job.path("name").asText().equals(StreamForgeJob.NAME)
                    && (newest == null || rank(job) > rank(newest))) {
                newest = job;
            }
        }
        return newest;
    }

    private static long rank(JsonNode job) {
        long start = job.path("start-time").asLong();
        return ENDED.contains(job.path("state").asText()) ? start - Long.MAX_VALUE / 2 : start;
    }

    private JobView view(JsonNode job) throws IOException, InterruptedException {
        String id = job.path("jid").asText();
        if (!id.equals(known)) {
            vertices = List.of();
            ids.clear();
            restarts.clear();
            restartsBefore = 0;
            checkpointInterval =
                    flink.get("/jobs/" + id + "/checkpoints/config").path("interval").asLong();
            List<String> found = new ArrayList<>();
            for (JsonNode vertex : flink.get("/jobs/" + id).path("vertices")) {
                found.add(vertex.path("id").asText());
            }
            vertices = List.copyOf(found);
            // A job that is still being set up has none yet.
            known = vertices.isEmpty() ? null : id;
        }
        JobView.Checkpoints checkpoints = checkpoints(flink.get("/jobs/" + id + "/checkpoints"));
        long count = countRestarts(id);
        String state = job.path("state").asText();
        JsonNode tasks = job.path("tasks");
        boolean wellThen =
                state.equals(JobView.RUNNING)
                        && (restarts.isEmpty()
                                || checkpoints.lastCompleted() != null
                                        && checkpoints.lastCompleted().isAfter(restarts.getLast()));
        return new JobView(
                id,
                state,
                Instant.ofEpochMilli(job.path("start-time").asLong()),
                tasks.path("running").asInt(),
                tasks.path("total").asInt(),
                count,
                wellThen ? null : firstCause(id, checkpoints.lastCompleted()),
                checkpoints);
    }

    private JobView.Checkpoints checkpoints(JsonNode of) {
        JsonNode newest = of.path("latest").path("completed");
        boolean any = newest.isObject();
        return new JobView.Checkpoints(
                checkpointInterval,
                of.path("counts").path("completed").asLong(),
                of.path("counts").path("failed").asLong(),
                any ? Instant.ofEpochMilli(newest.path("latest_ack_timestamp").asLong()) : null,
                newest.path("id").asLong(-1),
                newest.path("end_to_end_duration").asLong(-1),
                newest.path("state_size").asLong(-1));
    }

    private long countRestarts(String id) throws IOException, InterruptedException {
        JsonNode answer = flink.get("/jobs/" + id + "/metrics?get=numRestarts");
        long count = answer.path(0).path("value").asLong(restartsBefore);
        for (long i = restartsBefore; i < count && restarts.size() < 100; i++) {
            restarts.addLast(clock.instant());
        }
        restartsBefore = Math.max(restartsBefore, count);
        Instant begin = clock.instant().minus(RESTART_WINDOW);
        while (!restarts.isEmpty() && restarts.getFirst().isBefore(begin)) {
            restarts.removeFirst();
        }
        return restartsBefore;
    }

    /** The oldest failure since the last checkpoint; what came after it mostly follows from it. */
    private String firstCause(String id, Instant lastCheckpoint)
            throws IOException, InterruptedException {
        JsonNode history =
                flink.get("/jobs/" + id + "/exceptions?maxExceptions=20")
                        .path("exceptionHistory")
                        .path("entries");
        JsonNode first = history.path(0);
        for (JsonNode entry : history) { // the newest first
            boolean after =
                    lastCheckpoint == null
                            || entry.path("timestamp").asLong() >= lastCheckpoint.toEpochMilli();
            first = after ? entry : first;
        }
        return first.isMissingNode() ? null : rootCause(first.path("stacktrace").asText());
    }

    /** The innermost cause's line of a stack trace. */
    static String rootCause(String stackTrace) {
        String cause = "";
        for (String line : stackTrace.split("\n")) {
            if (cause.isEmpty() || line.startsWith("Caused by: ")) {
                cause = line.replaceFirst("^Caused by: ", "").strip();
            }
        }
        // Class names without their packages are for people.
        return cause.replaceFirst("^(?:[\\w$]+\\.)+([\\w$]+)", "$1");
    }

    private static String because(JobView job) {
        return job.cause() == null ? "" : "; first cause: " + job.cause();
    }

    private static Finding job(JobView job) {
        if (!job.state().equals(JobView.RUNNING)) {
            return Finding.bad("job", job.state() + because(job));
        }
        String tasks = job.tasksRunning() + " of " + job.tasks() + " tasks run";
        return job.runs()
                ? Finding.ok("job", "RUNNING, " + tasks)
                : Finding.bad("job", tasks + because(job));
    }

    private Finding checkpoints(JobView job) {
        JobView.Checkpoints checkpoints = job.checkpoints();
        if (checkpoints.interval() <= 0 || checkpoints.interval() > Integer.MAX_VALUE * 1000L) {
            return Finding.bad("checkpoints", "checkpoints are off: nothing gets committed");
        }
        Duration limit = Duration.ofMillis(3 * checkpoints.interval()).plus(CHECKPOINT_GRACE);
        boolean any = checkpoints.lastCompleted() != null;
        Instant from = any ? checkpoints.lastCompleted() : job.startedAt();
        Duration age = Duration.between(from, clock.instant());
        String text =
                (any ? "the last was completed " : "none since the start ")
                        + Math.max(0, age.toSeconds())
                        + " s ago";
        return age.compareTo(limit) <= 0
                ? Finding.ok("checkpoints", text)
                : Finding.bad(
                        "checkpoints", text + ", expected one within " + limit.toSeconds() + " s");
    }

    private Finding restarts(JobView job) {
        String text = restarts.size() + " in the last " + RESTART_WINDOW.toMinutes() + " minutes";
        boolean few = restarts.size() <= RESTARTS_TOLERATED;
        Instant proof = job.checkpoints().lastCompleted();
        boolean recovered = !few && proof != null && proof.isAfter(restarts.getLast());
        return few || recovered
                ? Finding.ok("restarts", text)
                : Finding.bad("restarts", text + ", and no checkpoint since" + because(job));
    }

    private void readMetrics(JobView job) throws IOException, InterruptedException {
        if (!job.state().equals(JobView.RUNNING)) {
            lag = null;
            return;
        }
        if (System.nanoTime() - idsReadAt > IDS_KEPT.toNanos() || ids.isEmpty()) {
            for (String vertex : vertices) {
                Set<String> wanted = new TreeSet<>();
                for (JsonNode metric : flink.get(path(job, vertex))) {
                    String id = metric.path("id").asText();
                    if (Series.parse(id).isPresent()) {
                        wanted.add(id);
                    }
                }
                ids.put(vertex, wanted);
            }
            idsReadAt = System.nanoTime();
        }
        Map<Integer, Map<Series, Double>> bySubtask = new TreeMap<>();
        for (Map.Entry<String, Set<String>> vertex : ids.entrySet()) {
            for (String query : queries(vertex.getValue())) {
                for (JsonNode metric : flink.get(path(job, vertex.getKey()) + "?get=" + query)) {
                    Series.parse(metric.path("id").asText())
                            .ifPresent(
                                    of ->
                                            bySubtask
                                                    .computeIfAbsent(
                                                            of.subtask(), s -> new HashMap<>())
                                                    .merge(
                                                            of.series(),
                                                            metric.path("value").asDouble(),
                                                            Double::sum));
                }
            }
        }
        Long records = null;
        for (Map.Entry<Integer, Map<Series, Double>> subtask : bySubtask.entrySet()) {
            Double pending = subtask.getValue().remove(Series.LAG);
            if (pending != null) {
                records = (records == null ? 0 : records) + Math.max(0, pending.longValue());
            }
            counters.update(subtask.getKey(), subtask.getValue());
        }
        lag = records;
    }

    private static String path(JobView job, String vertex) {
        return "/jobs/" + job.id() + "/vertices/" + vertex + "/metrics";
    }

    private static List<String> queries(Set<String> wanted) {
        List<String> queries = new ArrayList<>();
        StringBuilder query = new StringBuilder();
        for (String id : wanted) {
            String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8);
            if (query.length() + encoded.length() > LONGEST_QUERY) {
                queries.add(query.toString());
                query.setLength(0);
            }
            query.append(query.length() == 0 ? "" : ",").append(encoded);
        }
        if (query.length() > 0) {
            queries.add(query.toString());
        }
        return queries;
    }
}
