package io.streamforge.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.streamforge.event.Event;
import io.streamforge.event.EventType;
import io.streamforge.event.RawEvent;
import io.streamforge.event.RejectionReason;
import io.streamforge.event.RejectionReason.Stage;
import io.streamforge.event.Uuid;
import io.streamforge.local.GeneratedEvent.Kind;
import io.streamforge.sink.TopicLimits;
import io.streamforge.validate.EventParser;
import io.streamforge.validate.ParseResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EventFactoryTest {

    private static final int MAX_EVENT_BYTES = 10_000;
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00.123456789Z");
    private static final int MANY = 50_000;

    private final EventParser parser = new EventParser(MAX_EVENT_BYTES);

    @Test
    void everyMessageIsWhatItSays() {
        for (GeneratedEvent message : generate(MANY, 30, 30, 1)) {
            ParseResult result = parse(message);
            if (message.kind() == Kind.INVALID) {
                assertThat(result)
                        .isInstanceOfSatisfying(
                                ParseResult.Rejected.class,
                                rejected ->
                                        assertThat(rejected.violations())
                                                .extracting("reason")
                                                .containsExactly(message.reason()));
            } else {
                assertThat(message.reason()).isNull();
                assertThat(result).isInstanceOf(ParseResult.Accepted.class);
                assertThat(message.key())
                        .isEqualTo(accepted(message).userId().toString().getBytes(UTF_8));
            }
        }
    }

    @Test
    void kindsHaveTheirShares() {
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        generate(MANY, 2, 10, 2).forEach(message -> counts.merge(message.kind(), 1, Integer::sum));

        assertThat(counts.get(Kind.INVALID) / (double) MANY).isCloseTo(0.02, within(0.004));
        assertThat(counts.get(Kind.COPY) / (double) MANY).isCloseTo(0.05, within(0.006));
        assertThat(counts.get(Kind.CORRECTION) / (double) MANY).isCloseTo(0.05, within(0.006));
        assertThat(counts.get(Kind.ORIGINAL) / (double) MANY).isCloseTo(0.88, within(0.01));
    }

    /** Even a short run shows every reason that a producer can cause. */
    @Test
    void everyReasonOccursAmongTheFirstInvalidMessages() {
        Set<RejectionReason> seen = new TreeSet<>();
        generate(13, 100, 0, 3).forEach(message -> seen.add(message.reason()));

        assertThat(seen)
                .containsExactlyElementsOf(
                        Stream.of(RejectionReason.values())
                                .filter(reason -> reason.stage() != Stage.STORE)
                                .toList());
    }

    /** One is a megabyte by default, so they must not make up the traffic. */
    @Test
    void messagesThatAreTooLargeAreRare() {
        List<GeneratedEvent> large =
                generate(10_000, 100, 0, 4).stream()
                        .filter(message -> message.reason() == RejectionReason.TOO_LARGE)
                        .toList();

        assertThat(large).hasSize(20);
        assertThat(large)
                .allSatisfy(
                        message ->
                                assertThat(message.value())
                                        .hasSizeBetween(
                                                MAX_EVENT_BYTES + 1,
                                                MAX_EVENT_BYTES + TopicLimits.HEADROOM_BYTES / 2));
    }

    @Test
    void theSameSeedAndClockGiveTheSameMessages() {
        List<GeneratedEvent> first = generate(5_000, 5, 20, 5);
        List<GeneratedEvent> second = generate(5_000, 5, 20, 5);
        List<GeneratedEvent> other = generate(5_000, 5, 20, 6);

        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i)).usingRecursiveComparison().isEqualTo(first.get(i));
        }
        Set<Uuid> ids = eventIds(first);
        assertThat(eventIds(other)).doesNotContainAnyElementsOf(ids);
    }

    @Test
    void copiesAreExactAndCorrectionsGoBothWays() {
        Map<Uuid, GeneratedEvent> originals = new HashMap<>();
        int earlier = 0;
        int later = 0;
        int changed = 0;
        for (GeneratedEvent message : generate(20_000, 0, 20, 7)) {
            Event event = accepted(message);
            GeneratedEvent original = originals.get(event.eventId());
            switch (message.kind()) {
                case ORIGINAL -> {
                    assertThat(original).isNull();
                    originals.put(event.eventId(), message);
                }
                case COPY -> assertThat(message.value()).isEqualTo(original.value());
                case CORRECTION -> {
                    Event corrected = accepted(original);
                    assertThat(event.userId()).isEqualTo(corrected.userId());
                    assertThat(event.occurredAtMicros()).isNotEqualTo(corrected.occurredAtMicros());
                    earlier += event.occurredAtMicros() < corrected.occurredAtMicros() ? 1 : 0;
                    later += event.occurredAtMicros() > corrected.occurredAtMicros() ? 1 : 0;
                    changed += Arrays.equals(message.value(), original.value()) ? 0 : 1;
                }
                case INVALID -> throw new AssertionError("None was asked for");
            }
        }
        assertThat(earlier).isGreaterThan(500);
        assertThat(later).isGreaterThan(500);
        assertThat(changed).isEqualTo(earlier + later);
    }

    @Test
    void eventsLookLikeThoseOfAShop() {
        Map<EventType, Integer> types = new EnumMap<>(EventType.class);
        Map<Uuid, Integer> users = new HashMap<>();
        Map<String, Integer> paths = new HashMap<>();
        long bytes = 0;
        int late = 0;
        int veryLate = 0;
        for (GeneratedEvent message : generate(MANY, 0, 0, 8)) {
            Event event = accepted(message);
            bytes += message.value().length;
            types.merge(event.eventType(), 1, Integer::sum);
            users.merge(event.userId(), 1, Integer::sum);
            paths.merge(String.valueOf(event.path()), 1, Integer::sum);
            Duration age = Duration.between(occurredAt(event), NOW);
            assertThat(age).isBetween(Duration.ZERO, Duration.ofDays(2).plusSeconds(1));
            late += age.compareTo(Duration.ofSeconds(2)) > 0 ? 1 : 0;
            veryLate += age.compareTo(Duration.ofHours(1)) > 0 ? 1 : 0;
        }
        assertThat(bytes / (double) MANY).isBetween(210.0, 260.0);
        assertThat(types.get(EventType.VIEW)).isGreaterThan(4 * types.get(EventType.CLICK));
        assertThat(types.get(EventType.CLICK)).isGreaterThan(2 * types.get(EventType.PURCHASE));
        assertThat(late / (double) MANY).isCloseTo(0.1, within(0.01));
        assertThat(veryLate / (double) MANY).isCloseTo(0.02, within(0.005));
        // Few get most of the traffic, and most get some.
        assertThat(users.size()).isGreaterThan(10_000);
        assertThat(users.values().stream().max(Integer::compare))
                .hasValueSatisfying(top -> assertThat(top).isBetween(MANY / 50, MANY / 20));
        assertThat(paths.get("/")).isGreaterThan(MANY / 10);
        assertThat(paths.size()).isGreaterThan(900);
    }

    private static List<GeneratedEvent> generate(
            int count, double invalidPercent, double duplicatePercent, long seed) {
        EventFactory factory =
                new EventFactory(
                        new GeneratorOptions(-1, 0, invalidPercent, duplicatePercent, seed),
                        MAX_EVENT_BYTES,
                        InstantSource.fixed(NOW));
        List<GeneratedEvent> messages = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            messages.add(factory.next());
        }
        return messages;
    }

    private ParseResult parse(GeneratedEvent message) {
        RawEvent raw = new RawEvent(message.key(), message.value(), List.of(), "events", 0, 0, 0);
        return parser.parse(raw, 0);
    }

    private Event accepted(GeneratedEvent message) {
        ParseResult result = parse(message);
        assertThat(result).isInstanceOf(ParseResult.Accepted.class);
        return ((ParseResult.Accepted) result).event();
    }

    private Set<Uuid> eventIds(List<GeneratedEvent> messages) {
        Set<Uuid> ids = new HashSet<>();
        for (GeneratedEvent message : messages) {
            if (message.kind() != Kind.INVALID) {
                ids.add(accepted(message).eventId());
            }
        }
        return ids;
    }

    private static Instant occurredAt(Event event) {
        return Instant.EPOCH.plusNanos(event.occurredAtMicros() * 1_000);
    }
}
