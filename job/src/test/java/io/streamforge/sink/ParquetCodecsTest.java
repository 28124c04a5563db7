package io.streamforge.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A page comes back as it went in, and damage is an error, never another page. */
class ParquetCodecsTest {

    private static final byte[] PAGE =
            "the same words again and again ".repeat(1000).getBytes(StandardCharsets.US_ASCII);

    private final ParquetCodecs codecs = new ParquetCodecs();

    @ParameterizedTest
    @EnumSource(names = {"ZSTD", "SNAPPY", "GZIP", "UNCOMPRESSED"})
    void everyCodecGivesThePageBack(CompressionCodecName name) throws IOException {
        assertThat(roundTrip(name, PAGE)).isEqualTo(PAGE);
        assertThat(roundTrip(name, new byte[0])).isEmpty();
        byte[] noise = new byte[70_000];
        new Random(1).nextBytes(noise);
        assertThat(roundTrip(name, noise)).isEqualTo(noise);
    }

    @ParameterizedTest
    @EnumSource(names = {"ZSTD", "SNAPPY", "GZIP", "UNCOMPRESSED"})
    void everyCodecFillsBuffersToo(CompressionCodecName name) throws IOException {
        byte[] packed = compress(name, PAGE);
        ByteBuffer input = ByteBuffer.allocateDirect(packed.length + 3).put(packed).flip();
        ByteBuffer output = ByteBuffer.allocateDirect(PAGE.length);

        codecs.getDecompressor(name).decompress(input, packed.length, output, PAGE.length);

        assertThat(input.remaining()).isZero();
        assertThat(output.flip()).isEqualTo(ByteBuffer.wrap(PAGE));
    }

    @ParameterizedTest
    @EnumSource(names = {"ZSTD", "SNAPPY", "GZIP"})
    void repetitionShrinks(CompressionCodecName name) throws IOException {
        assertThat(compress(name, PAGE).length).isLessThan(PAGE.length / 10);
        assertThat(codecs.getCompressor(name).getCodecName()).isEqualTo(name);
    }

    @ParameterizedTest
    @EnumSource(names = {"ZSTD", "SNAPPY", "GZIP"})
    void aDamagedPageIsAnError(CompressionCodecName name) throws IOException {
        byte[] packed = compress(name, PAGE);
        packed[0] ^= 0x55;

        assertThatIOException().isThrownBy(() -> decompress(name, packed, PAGE.length));
    }

    @ParameterizedTest
    @EnumSource(names = {"ZSTD", "SNAPPY", "GZIP", "UNCOMPRESSED"})
    void aPageOfAnotherLengthThanItsHeaderSaysIsAnError(CompressionCodecName name)
            throws IOException {
        byte[] packed = compress(name, PAGE);

        assertThatIOException()
                .isThrownBy(() -> decompress(name, packed, PAGE.length + 1))
                .withMessageStartingWith("damaged " + name);
        assertThatIOException()
                .isThrownBy(() -> decompress(name, packed, PAGE.length - 1))
                .withMessageStartingWith("damaged " + name);
    }

    @Test
    void aZstdPageOfTwoFramesIsReadWhole() throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.write(Zstd.compress(new byte[] {1, 2, 3}));
        frames.write(Zstd.compress(new byte[] {4, 5}));

        assertThat(decompress(CompressionCodecName.ZSTD, frames.toByteArray(), 5))
                .containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void otherCodecsAreRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codecs.getCompressor(CompressionCodecName.LZ4_RAW))
                .withMessageContaining("LZ4_RAW")
                .withMessageContaining("ZSTD, SNAPPY, GZIP or UNCOMPRESSED");
    }

    private byte[] roundTrip(CompressionCodecName name, byte[] page) throws IOException {
        return decompress(name, compress(name, page), page.length);
    }

    private byte[] compress(CompressionCodecName name, byte[] page) throws IOException {
        return bytes(codecs.getCompressor(name).compress(BytesInput.from(page)));
    }

    private byte[] decompress(CompressionCodecName name, byte[] packed, int size)
            throws IOException {
        return bytes(codecs.getDecompressor(name).decompress(BytesInput.from(packed), size));
    }

    private static byte[] bytes(BytesInput input) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        input.writeAllTo(bytes);
        return bytes.toByteArray();
    }
}
