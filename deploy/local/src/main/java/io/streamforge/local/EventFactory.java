package io.streamforge.local;

import io.streamforge.local.GeneratedEvent.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Makes the messages of an online shop: few users and pages get most of the traffic, most events
 * are views, most come at once and some late, and a share of them is repeated, corrected or
 * invalid. Without side effects; the same seed and clock give the same messages.
 *
 * <p>Not for several threads.
 */
public final class EventFactory {

    private static final int USERS = 20_000;
    private static final int PATHS = 1_000;
    private static final int RECENT = 4_096;
    private static final long USERS_SEED = 0x5EED_0F_05E25L;
    private static final long MAX_LATE_NANOS = Duration.ofDays(2).toNanos();

    private static final String[] SECTIONS = {
        "/products/", "/category/", "/blog/", "/help/", "/brands/gr\u00f6\u00dfe-"
    };
    private static final String[] REFERRERS = {
        "https://www.google.com/",
        "https://duckduckgo.com/?q=running+shoes",
        "https://www.bing.com/search?q=garden+chair",
        "https://news.ycombinator.com/item?id=38471822",
        "https://m.facebook.com/",
        "https://t.co/9kQbVx2LmN",
        "https://mail.example.com/campaign/spring",
        "android-app://com.google.android.gm"
    };

    private final GeneratorOptions options;
    private final int maxEventBytes;
    private final InstantSource clock;
    private final SplittableRandom random;
    private final ZipfDistribution userRanks = new ZipfDistribution(USERS, 0.8);
    private final ZipfDistribution pathRanks = new ZipfDistribution(PATHS, 1.0);
    private final ZipfDistribution referrerRanks = new ZipfDistribution(REFERRERS.length, 1.0);
    private final String[] users = new String[USERS];
    private final String[] paths = new String[PATHS];
    private final Original[] recent = new Original[RECENT];
    private long originals;
    private long invalid;

    /** What a copy or a correction needs of the event that it repeats. */
    private record Original(String eventId, String user, Instant occurredAt, GeneratedEvent sent) {}

    /**
     * @param options its events and rate are not looked at
     * @param maxEventBytes {@code MAX_EVENT_BYTES}: longer values are invalid
     * @param clock when events occur
     */
    public EventFactory(GeneratorOptions options, int maxEventBytes, InstantSource clock) {
        this.options = options;
        this.maxEventBytes = maxEventBytes;
        this.clock = clock;
        this.random = new SplittableRandom(options.seed());
        // Another run has other events, but the same users.
        SplittableRandom identities = new SplittableRandom(USERS_SEED);
        for (int rank = 0; rank < USERS; rank++) {
            users[rank] = uuid(identities);
        }
        paths[0] = "/";
        for (int rank = 1; rank < PATHS; rank++) {
            paths[rank] = SECTIONS[rank % SECTIONS.length] + (100 + rank);
        }
    }

    /** The next message. */
    public GeneratedEvent next() {
        double draw = random.nextDouble() * 100;
        if (draw < options.invalidPercent()) {
            String user = user();
            return Flaw.spoil(invalid++, completeEvent(user), utf8(user), maxEventBytes);
        }
        if (draw < options.invalidPercent() + options.duplicatePercent() && originals > 0) {
            Original original = recent[random.nextInt((int) Math.min(originals, RECENT))];
            return random.nextBoolean() ? copy(original) : correction(original);
        }
        return original();
    }

    private GeneratedEvent original() {
        String eventId = uuid(random);
        String user = user();
        Instant occurredAt = clock.instant().minusNanos(latenessNanos());
        GeneratedEvent event =
                new GeneratedEvent(
                        Kind.ORIGINAL, null, utf8(user), event(eventId, user, occurredAt).bytes());
        recent[(int) (originals++ % RECENT)] = new Original(eventId, user, occurredAt, event);
        return event;
    }

    private static GeneratedEvent copy(Original original) {
        return new GeneratedEvent(Kind.COPY, null, original.sent().key(), original.sent().value());
    }

    /**
     * Half of them win over the original, half lose: at least two seconds apart, since a spelling
     * may drop the fraction.
     */
    private GeneratedEvent correction(Original original) {
        long seconds = 2 + random.nextInt(600);
        Instant occurredAt =
                random.nextBoolean()
                        ? original.occurredAt().plusSeconds(seconds)
                        : original.occurredAt().minusSeconds(seconds);
        EventJson event = event(original.eventId(), original.user(), occurredAt);
        return new GeneratedEvent(Kind.CORRECTION, null, original.sent().key(), event.bytes());
    }

    /** A valid event, its optional fields as different producers fill them. */
    private EventJson event(String eventId, String user, Instant occurredAt) {
        EventJson event = new EventJson();
        boolean upperCaseId = random.nextInt(100) == 0;
        event.withString("event_id", upperCaseId ? eventId.toUpperCase(Locale.ROOT) : eventId);
        int type = random.nextInt(100);
        event.withString("event_type", type < 80 ? "VIEW" : type < 95 ? "CLICK" : "PURCHASE");
        if (random.nextInt(50) == 0) {
            event.withString("event_type", type < 80 ? "view" : type < 95 ? "Click" : "purchase");
        }
        event.withString("occurred_at", OccurredAt.spell(occurredAt, random));
        event.withString("user_id", user);
        if (type >= 95) {
            event.with("amount_cents", Integer.toString(amountCents()));
        } else if (random.nextInt(10) > 0) {
            event.with("amount_cents", "null");
        }
        addPath(event);
        addReferrer(event);
        if (random.nextInt(20) == 0) {
            event.with("context", "{\"ab_test\":[\"b\",2],\"viewport\":{\"w\":1280,\"h\":720}}");
        }
        return event;
    }

    /** A valid event with every field, for a flaw to spoil one of them. */
    private EventJson completeEvent(String user) {
        return new EventJson()
                .withString("event_id", uuid(random))
                .withString("event_type", "CLICK")
                .withString("occurred_at", OccurredAt.spell(clock.instant(), random))
                .withString("user_id", user)
                .with("amount_cents", Integer.toString(amountCents()))
                .withString("path", path())
                .withString("referrer", REFERRERS[referrerRanks.sample(random)]);
    }

    private void addPath(EventJson event) {
        int draw = random.nextInt(1_000);
        if (draw == 0) {
            event.with("path", "null");
        } else if (draw == 1) {
            event.withString("path", "");
        } else if (draw < 10) {
            event.withString("path", " " + path() + " ");
        } else if (draw < 20) {
            event.withString("path", path().substring(1));
        } else if (draw < 120) {
            event.withString("path", path() + "?utm_source=newsletter");
        } else {
            event.withString("path", path());
        }
    }

    private void addReferrer(EventJson event) {
        int draw = random.nextInt(100);
        if (draw < 25) {
            event.with("referrer", "null");
        } else if (draw < 27) {
            event.withString("referrer", "");
        } else if (draw == 27) {
            event.withString("referrer", "undefined");
        } else if (draw < 95) {
            event.withString("referrer", REFERRERS[referrerRanks.sample(random)]);
        }
    }

    /** Nine of ten within a second, most others within ten minutes, one in fifty up to two days. */
    private long latenessNanos() {
        int draw = random.nextInt(100);
        if (draw < 90) {
            return random.nextLong(1_000_000_000L);
        }
        return random.nextLong(draw < 98 ? 600_000_000_000L : MAX_LATE_NANOS);
    }

    /** 1.00 to about 500.00, small amounts more often. */
    private int amountCents() {
        double draw = random.nextDouble();
        return 100 + (int) (49_900 * draw * draw * draw);
    }

    private String user() {
        return users[userRanks.sample(random)];
    }

    private String path() {
        return paths[pathRanks.sample(random)];
    }

    private static String uuid(SplittableRandom random) {
        long high = random.nextLong() & ~0xF000L | 0x4000L;
        long low = random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
