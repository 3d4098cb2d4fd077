package io.aliquot.cli.bus;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;

/** A scrape of the controller's meters: name with labels to value. Immutable. */
record Meters(Map<String, Double> values) {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final double MS_PER_SECOND = 1000;

    static Meters of(String controller) throws IOException, InterruptedException {
        String body = HTTP.send(
                        HttpRequest.newBuilder(URI.create(controller + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        Map<String, Double> values = new HashMap<>();
        body.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            values.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        });
        return new Meters(values);
    }

    static void put(String controller, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(URI.create(controller + path))
                        .PUT(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(path + ": " + answer.body());
        }
    }

    double value(String name) {
        return values.getOrDefault("aliquot_controller_" + name, 0.0);
    }

    /** Mean length since an earlier scrape, ms. */
    double meanMs(Meters before, String timer, String labels) {
        double count = value(timer + "_seconds_count" + labels) - before.value(timer + "_seconds_count" + labels);
        double sum = value(timer + "_seconds_sum" + labels) - before.value(timer + "_seconds_sum" + labels);
        return count == 0 ? Double.NaN : sum / count * MS_PER_SECOND;
    }
}
