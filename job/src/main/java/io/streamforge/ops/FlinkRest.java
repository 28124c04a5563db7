package io.streamforge.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Flink's REST API, as far as it can be read. */
final class FlinkRest {

    private final URI address;
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Monitor.PATIENCE)
                    .build();

    FlinkRest(URI address) {
        this.address = address;
    }

    URI address() {
        return address;
    }

    /**
     * @param path from {@code /} on, encoded
     * @throws IOException where there is no answer in time, or another than 200
     */
    JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address + path))
                        .timeout(Monitor.PATIENCE)
                        .build();
        HttpResponse<InputStream> response =
                client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("HTTP " + response.statusCode() + " for " + path);
            }
            return json.readTree(body);
        }
    }
}
