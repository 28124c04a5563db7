package io.streamforge.config;

import io.streamforge.config.ConfigException.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Program arguments, {@code --NAME=value} or {@code --NAME value}. Arguments show in process lists,
 * manifests and Flink's web interface, so a secret among them is refused, and what is not
 * understood is never repeated, since it may be one.
 */
final class ArgumentReader {

    private final List<Problem> problems;

    ArgumentReader(List<Problem> problems) {
        this.problems = problems;
    }

    Map<String, String> read(String[] args) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("--")) {
                problems.add(new Problem("argument " + (i + 1), Settings.MASK, "--NAME=value"));
                continue;
            }
            int equals = args[i].indexOf('=');
            String name = args[i].substring(2, equals < 0 ? args[i].length() : equals);
            String value = null;
            if (equals >= 0) {
                value = args[i].substring(equals + 1);
            } else if (i + 1 < args.length && !args[i + 1].startsWith("--")) {
                value = args[++i];
            }
            accept(name, value, values);
        }
        return values;
    }

    private void accept(String name, String value, Map<String, String> values) {
        Setting setting = Setting.named(name);
        if (setting == null && !Settings.isKafkaProperty(name)) {
            problems.add(
                    new Problem(
                            "--" + name,
                            Settings.MASK,
                            "a known setting; the nearest is --" + NearestName.to(name)));
        } else if (setting != null && setting.isSecret()) {
            problems.add(
                    new Problem(
                            "--" + name,
                            Settings.MASK,
                            "no secret in program arguments; set the environment variable "
                                    + name
                                    + " or "
                                    + setting.fileForm()));
        } else if (value == null) {
            problems.add(new Problem("--" + name, null, "--" + name + "=value"));
        } else if (values.putIfAbsent(name, value) != null) {
            problems.add(new Problem("--" + name, Settings.MASK, "one value, but it is repeated"));
        }
    }
}
