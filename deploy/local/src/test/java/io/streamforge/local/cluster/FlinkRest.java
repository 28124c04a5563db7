package io.streamforge.local.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Flink's REST API as curl would use it: no class of Flink's on this side. */
final class FlinkRest {

    private static final String BOUNDARY = "streamforge-boundary";

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI address;

    FlinkRest(URI address) {
        this.address = address;
    }

    /** Uploads a jar; returns the id that runs it. */
    String upload(Path jar) throws IOException, InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(
                ("--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"%s\"\r\n"
                                + "Content-Type: application/x-java-archive\r\n\r\n")
                        .formatted(BOUNDARY, jar.getFileName())
                        .getBytes(StandardCharsets.UTF_8));
        body.writeBytes(Files.readAllBytes(jar));
        body.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        String answer =
                send(
                        request("/jars/upload")
                                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                                .POST(BodyPublishers.ofByteArray(body.toByteArray())));
        String file = text(answer, "filename");
        return file.substring(file.lastIndexOf('/') + 1);
    }

    /**
     * Runs the class that the jar's manifest names.
     *
     * @param savepoint to start from, or null
     * @return the job's id
     */
    String run(String jar, List<String> arguments, int parallelism, String savepoint)
            throws IOException, InterruptedException {
        String list =
                arguments.stream()
                        .map(FlinkRest::quoted)
                        .collect(Collectors.joining(",", "[", "]"));
        String body =
                "{\"programArgsList\":%s,\"parallelism\":%d%s}"
                        .formatted(
                                list,
                                parallelism,
                                savepoint == null ? "" : ",\"savepointPath\":" + quoted(savepoint));
        return text(
                send(
                        request("/jars/" + jar + "/run")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body))),
                "jobid");
    }

    /** What GET answers. */
    String get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path));
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(
                    answer.uri() + " answers " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String text(String json, String field) {
        Matcher value = Pattern.compile('"' + field + "\":\"([^\"]*)\"").matcher(json);
        if (!value.find()) {
            throw new AssertionError("no " + field + " in " + json);
        }
        return value.group(1);
    }
}
