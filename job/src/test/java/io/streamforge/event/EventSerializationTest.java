package io.streamforge.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every record that travels between operators does so as a POJO, without Kryo and unharmed. */
class EventSerializationTest {

    private static final Uuid NIL = new Uuid(0, 0);

    private static final RawEvent FULL_RAW =
            new RawEvent(
                    new byte[] {0, -1},
                    new byte[] {'{', -128, '}'},
                    List.of(
                            new RawHeader("trace", new byte[] {1, 2}),
                            new RawHeader("trace", new byte[0]),
                            new RawHeader("empty", null)),
                    "events.input.v1",
                    3,
                    42,
                    1_700_000_000_000L);

    private static final RawEvent BARE_RAW =
            new RawEvent(null, null, List.of(), "events.input.v1", 0, 0, -1);

    @ParameterizedTest
    @ValueSource(
            classes = {
                RawEvent.class,
                RawHeader.class,
                Event.class,
                Uuid.class,
                DeadLetter.class,
                Violation.class
            })
    void isSerialisedAsAPojoWithoutKryo(Class<?> record) {
        assertThatCode(() -> PojoTestUtils.assertSerializedAsPojoWithoutKryo(record))
                .doesNotThrowAnyException();
    }

    @Test
    void rawEventsComeBack() throws IOException {
        assertComesBack(FULL_RAW, RawEvent.class);
        assertComesBack(BARE_RAW, RawEvent.class);
    }

    @Test
    void headersComeBack() throws IOException {
        assertComesBack(new RawHeader("trace", new byte[] {1}), RawHeader.class);
        assertComesBack(new RawHeader("", null), RawHeader.class);
    }

    @Test
    void eventsComeBack() throws IOException {
        assertComesBack(
                new Event(
                        new Uuid(0x6f1c2a345b6d4e7fL, 0x8a9b0c1d2e3f4a5bL),
                        EventType.PURCHASE,
                        Long.MIN_VALUE,
                        new Uuid(0, -1),
                        Long.MAX_VALUE,
                        "/é/😀",
                        "https://example.com/",
                        Long.MAX_VALUE,
                        FULL_RAW),
                Event.class);
        assertComesBack(
                new Event(NIL, EventType.CLICK, 0, NIL, null, null, null, 0, BARE_RAW),
                Event.class);
    }

    @Test
    void violationsComeBack() throws IOException {
        assertComesBack(
                new Violation(RejectionReason.INVALID_TEXT, "path", "detail"), Violation.class);
        assertComesBack(
                new Violation(RejectionReason.EMPTY_PAYLOAD, null, "detail"), Violation.class);
    }

    @Test
    void deadLettersComeBack() throws IOException {
        assertComesBack(
                DeadLetter.invalid(
                        BARE_RAW,
                        List.of(
                                new Violation(RejectionReason.MISSING_FIELD, "event_id", "a"),
                                new Violation(RejectionReason.INVALID_TEXT, "path", "b")),
                        1),
                DeadLetter.class);
        assertComesBack(
                new DeadLetter(
                        FULL_RAW,
                        List.of(new Violation(RejectionReason.REJECTED_BY_DATABASE, null, "c")),
                        "23514",
                        "events_normalized_path_absolute",
                        2),
                DeadLetter.class);
    }

    /** Arrays by content, which a record's own equality does not compare. */
    private static <T> void assertComesBack(T original, Class<T> type) throws IOException {
        TypeSerializer<T> serializer =
                TypeInformation.of(type).createSerializer(new SerializerConfigImpl());
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(original, out);
        T restored = serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));

        assertThat(restored).usingRecursiveComparison().isEqualTo(original);
        assertThat(serializer.copy(original)).usingRecursiveComparison().isEqualTo(original);
    }
}
