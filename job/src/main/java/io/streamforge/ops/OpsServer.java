package io.streamforge.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.streamforge.config.HttpConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP/1.1 for reading only: GET and HEAD of a few paths, everything else is refused. No answer
 * holds a stack trace, and the page may load nothing but itself.
 */
final class OpsServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpsServer.class);

    /** Answers are at hand; a few threads are for clients that are slow to take them. */
    private static final int THREADS = 4;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TEXT_JSON = "application/json; charset=utf-8";
    private static final byte[] PAGE = resource("status.html");
    private static final String POLICY = policy(new String(PAGE, StandardCharsets.UTF_8));

    static {
        // Of the whole process, and read when the first server is made: a client that says or
        // takes nothing holds a thread no longer than this, in seconds.
        System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", "10");
        System.getProperties().putIfAbsent("sun.net.httpserver.maxRspTime", "20");
    }

    /** What a path is answered with. */
    record Answer(int status, String contentType, byte[] body) {

        static Answer json(int status, Object value) {
            try {
                return new Answer(status, TEXT_JSON, JSON.writeValueAsBytes(value));
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException(e);
            }
        }

        static Answer error(int status, String message) {
            return json(status, Map.of("status", status, "error", message));
        }

        static Answer page() {
            return new Answer(200, "text/html; charset=utf-8", PAGE);
        }
    }

    /** Knows the answers. */
    interface Answers {
        Answer answer(String path, String accept);
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final Answers answers;

    /**
     * Binds; requests wait until it is started.
     *
     * @throws BindException where the port is taken
     */
    OpsServer(HttpConfig http, Answers answers) throws IOException {
        InetSocketAddress address = new InetSocketAddress(http.host(), http.port());
        if (address.isUnresolved()) {
            throw new UnknownHostException("HOST " + http.host() + " cannot be resolved");
        }
        try {
            this.server = HttpServer.create(address, 16);
        } catch (BindException e) {
            BindException named =
                    new BindException(
                            "HTTP cannot listen on "
                                    + http.host()
                                    + ":"
                                    + http.port()
                                    + ": "
                                    + e.getMessage());
            named.initCause(e);
            throw named;
        }
        this.answers = answers;
        this.threads =
                Executors.newFixedThreadPool(
                        THREADS,
                        task -> {
                            Thread thread = new Thread(task, "ops-http");
                            thread.setDaemon(true);
                            return thread;
                        });
        server.setExecutor(threads);
        server.createContext("/", this::handle);
    }

    void start() {
        server.start();
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange);
            } catch (RuntimeException e) {
                LOG.error("no answer to {}", exchange.getRequestURI().getPath(), e);
                answer = Answer.error(500, "an error; the log tells which");
            }
            boolean head = exchange.getRequestMethod().equals("HEAD");
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", answer.contentType());
            headers.set("Cache-Control", "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("X-Frame-Options", "DENY");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("Cross-Origin-Resource-Policy", "same-origin");
            headers.set("Content-Security-Policy", POLICY);
            if (head) {
                headers.set("Content-Length", Integer.toString(answer.body().length));
            }
            exchange.sendResponseHeaders(answer.status(), head ? -1 : answer.body().length);
            if (!head) {
                try (OutputStream body = exchange.getResponseBody()) {
                    body.write(answer.body());
                }
            }
        }
    }

    private Answer answer(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return Answer.error(405, "only GET and HEAD: nothing can be changed here");
        }
        String path = exchange.getRequestURI().getPath();
        return path == null
                ? Answer.error(400, "a path is expected")
                : answers.answer(path, exchange.getRequestHeaders().getFirst("Accept"));
    }

    private static byte[] resource(String name) {
        try (InputStream resource = OpsServer.class.getResourceAsStream(name)) {
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Allows exactly the style and the script that are in the page, and asking this server. */
    private static String policy(String page) {
        return "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none';"
                + " form-action 'none'; frame-ancestors 'none'; style-src "
                + hash(page, "style")
                + "; script-src "
                + hash(page, "script");
    }

    private static String hash(String page, String element) {
        Matcher inline =
                Pattern.compile("<" + element + ">(.*?)</" + element + ">", Pattern.DOTALL)
                        .matcher(page);
        if (!inline.find()) {
            throw new IllegalStateException("the page has no " + element);
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(inline.group(1).getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
