package io.streamforge.ops;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether the pipeline does its work, check by check, and since when each is as it is. */
final class Readiness {

    /**
     * All checks at one moment.
     *
     * @param checks in the order in which a person should read them
     */
    record State(List<Check> checks) {
        boolean ready() {
            return checks.stream().allMatch(Check::ok);
        }
    }

    private final List<Monitor> monitors;
    private final InstantSource clock;
    private final Map<String, Check> last = new HashMap<>();

    Readiness(List<Monitor> monitors, InstantSource clock) {
        this.monitors = monitors;
        this.clock = clock;
    }

    /** Called at least once a second too, so that since-times are true when nobody asks. */
    synchronized State state() {
        List<Check> checks = new ArrayList<>();
        for (Monitor monitor : monitors) {
            for (Finding finding : monitor.findings()) {
                Check before = last.get(finding.name());
                boolean same = before != null && before.ok() == finding.ok();
                Check now =
                        new Check(
                                finding.name(),
                                finding.ok(),
                                same ? before.since() : clock.instant(),
                                finding.detail());
                last.put(finding.name(), now);
                checks.add(now);
            }
        }
        return new State(List.copyOf(checks));
    }
}
