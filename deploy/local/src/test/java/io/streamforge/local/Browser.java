package io.streamforge.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A headless Chromium with one page, driven by its DevTools protocol. */
final class Browser implements AutoCloseable {

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();

    private Browser(Process process, URI page) {
        this.process = process;
        this.socket =
                HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .buildAsync(page, listener())
                        .join();
    }

    /** The program, where one is installed. */
    static Optional<Path> installed() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it with an empty page.
     *
     * @param profile a directory for what it keeps
     */
    static Browser start(Path program, Path profile) throws Exception {
        Files.createDirectories(profile);
        Process process =
                new ProcessBuilder(
                                program.toString(),
                                "--headless=new",
                                "--no-sandbox", // containers run tests as root
                                "--disable-gpu",
                                "--disable-dev-shm-usage",
                                "--no-first-run",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + profile,
                                "about:blank")
                        .redirectErrorStream(true)
                        .redirectOutput(profile.resolve("chromium.log").toFile())
                        .start();
        try {
            Path port = profile.resolve("DevToolsActivePort");
            Eventually.holds("the browser's port", PATIENCE, () -> Files.exists(port));
            Eventually.holds("its lines", PATIENCE, () -> Files.readAllLines(port).size() > 1);
            URI list =
                    URI.create(
                            "http://127.0.0.1:" + Files.readAllLines(port).get(0) + "/json/list");
            CompletableFuture<URI> page = new CompletableFuture<>();
            Eventually.holds(
                    "the browser's page",
                    PATIENCE,
                    () -> {
                        for (JsonNode target : JSON.readTree(get(list))) {
                            if (target.path("type").asText().equals("page")) {
                                page.complete(
                                        URI.create(target.path("webSocketDebuggerUrl").asText()));
                            }
                        }
                        return page.isDone();
                    });
            Browser browser = new Browser(process, page.join());
            for (String domain : List.of("Page", "Runtime", "Log")) {
                browser.command(domain + ".enable", Map.of());
            }
            return browser;
        } catch (Exception | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static String get(URI uri) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private WebSocket.Listener listener() {
        StringBuilder message = new StringBuilder();
        return new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                message.append(data);
                if (last) {
                    received(message.toString());
                    message.setLength(0);
                }
                from.request(1);
                return null;
            }
        };
    }

    private void received(String message) {
        JsonNode json;
        try {
            json = JSON.readTree(message);
        } catch (IOException e) {
            errors.add(e.toString());
            return;
        }
        JsonNode params = json.path("params");
        switch (json.path("method").asText()) {
            case "":
                asked.remove(json.path("id").asInt()).complete(json);
                break;
            case "Runtime.exceptionThrown":
                errors.add(params.path("exceptionDetails").toString());
                break;
            case "Runtime.consoleAPICalled":
                if (params.path("type").asText().equals("error")) {
                    errors.add(params.path("args").toString());
                }
                break;
            case "Log.entryAdded":
                if (params.path("entry").path("level").asText().equals("error")) {
                    errors.add(params.path("entry").toString());
                }
                break;
            default: // of no interest
        }
    }

    private JsonNode command(String method, Map<String, ?> params) throws Exception {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        socket.sendText(
                        JSON.writeValueAsString(
                                Map.of("id", id, "method", method, "params", params)),
                        true)
                .join();
        JsonNode json = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (json.has("error")) {
            throw new IOException(method + ": " + json.path("error"));
        }
        return json.path("result");
    }

    void open(URI page) throws Exception {
        command("Page.navigate", Map.of("url", page.toString()));
    }

    /** The window's width in CSS pixels, and whether the person prefers dark pages. */
    void resize(int width, int height, boolean dark) throws Exception {
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        command(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of(
                                        "name",
                                        "prefers-color-scheme",
                                        "value",
                                        dark ? "dark" : "light"))));
    }

    void press(String key, int code) throws Exception {
        for (String type : List.of("rawKeyDown", "keyUp")) {
            command(
                    "Input.dispatchKeyEvent",
                    Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
        }
    }

    /** What an expression of JavaScript's is in the page, as text. */
    String evaluate(String expression) throws Exception {
        return command(
                        "Runtime.evaluate",
                        Map.of("expression", "String(" + expression + ")", "returnByValue", true))
                .path("result")
                .path("value")
                .asText();
    }

    byte[] picture() throws Exception {
        return Base64.getDecoder()
                .decode(
                        command("Page.captureScreenshot", Map.of("format", "png"))
                                .path("data")
                                .asText());
    }

    /** What the console has shown in red since the start. */
    List<String> errors() {
        return List.copyOf(errors);
    }

    @Override
    public void close() throws InterruptedException {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }
}
