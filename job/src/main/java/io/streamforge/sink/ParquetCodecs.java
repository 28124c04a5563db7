package io.streamforge.sink;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/**
 * Parquet's page compression without Hadoop: zstd, snappy, gzip and none. Parquet's own factory
 * wraps Hadoop codecs, which need a Hadoop configuration and all that it drags in.
 *
 * <p>Without state, so one instance may serve any number of files and threads, and {@link
 * #release()} has nothing to free. The bytes are the format's own: one zstd frame, one raw snappy
 * block, one gzip member a page; any Parquet reader reads them. Pages of several frames or members,
 * which other writers may produce, are read as well.
 */
public final class ParquetCodecs implements CompressionCodecFactory {

    /** The level that zstd and Parquet take as their own default. */
    private static final int DEFAULT_ZSTD_LEVEL = 3;

    private final int zstdLevel;

    /** For reading, where the level doesn't matter. */
    public ParquetCodecs() {
        this(DEFAULT_ZSTD_LEVEL);
    }

    /**
     * @param zstdLevel at which zstd compresses, 1 to 22
     */
    ParquetCodecs(int zstdLevel) {
        this.zstdLevel = zstdLevel;
    }

    /**
     * @throws IllegalArgumentException for a codec other than ZSTD, SNAPPY, GZIP and UNCOMPRESSED
     */
    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName name) {
        return codec(name);
    }

    /**
     * @throws IllegalArgumentException for a codec other than ZSTD, SNAPPY, GZIP and UNCOMPRESSED
     */
    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
        return codec(name);
    }

    @Override
    public void release() {}

    private PageCodec codec(CompressionCodecName name) {
        return switch (name) {
            case ZSTD -> new ZstdCodec(zstdLevel);
            case SNAPPY -> new SnappyCodec();
            case GZIP -> new GzipCodec();
            case UNCOMPRESSED -> new NoCodec();
            default ->
                    throw new IllegalArgumentException(
                            "Parquet codec "
                                    + name
                                    + " is not supported; use ZSTD, SNAPPY, GZIP or UNCOMPRESSED");
        };
    }

    private static byte[] bytes(BytesInput input) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(input.size())];
        input.toInputStream().readNBytes(bytes, 0, bytes.length);
        return bytes;
    }

    /** Both directions of one codec: Parquet asks for them apart, they are one idea. */
    private abstract static class PageCodec
            implements BytesInputCompressor, BytesInputDecompressor {

        private final CompressionCodecName name;

        PageCodec(CompressionCodecName name) {
            this.name = name;
        }

        /** The page that {@code packed} holds; any length, it is checked by the caller. */
        abstract BytesInput unpack(BytesInput packed, int unpackedSize) throws IOException;

        @Override
        public final BytesInput decompress(BytesInput packed, int unpackedSize) throws IOException {
            BytesInput page = unpack(packed, unpackedSize);
            if (page.size() != unpackedSize) {
                throw new IOException(
                        "damaged "
                                + name
                                + " page: "
                                + page.size()
                                + " bytes instead of "
                                + unpackedSize);
            }
            return page;
        }

        @Override
        public final void decompress(
                ByteBuffer packed, int packedSize, ByteBuffer page, int unpackedSize)
                throws IOException {
            ByteBuffer input = packed.slice().limit(packedSize);
            page.put(bytes(decompress(BytesInput.from(input), unpackedSize)));
            packed.position(packed.position() + packedSize);
        }

        @Override
        public final CompressionCodecName getCodecName() {
            return name;
        }

        @Override
        public final void release() {}
    }

    private static final class ZstdCodec extends PageCodec {

        private final int level;

        ZstdCodec(int level) {
            super(CompressionCodecName.ZSTD);
            this.level = level;
        }

        @Override
        public BytesInput compress(BytesInput page) throws IOException {
            return BytesInput.from(Zstd.compress(bytes(page), level));
        }

        @Override
        BytesInput unpack(BytesInput packed, int unpackedSize) throws IOException {
            try {
                return BytesInput.from(Zstd.decompress(bytes(packed), unpackedSize));
            } catch (ZstdException e) {
                throw new IOException("damaged ZSTD page", e);
            }
        }
    }

    private static final class SnappyCodec extends PageCodec {

        SnappyCodec() {
            super(CompressionCodecName.SNAPPY);
        }

        @Override
        public BytesInput compress(BytesInput page) throws IOException {
            return BytesInput.from(Snappy.compress(bytes(page)));
        }

        @Override
        BytesInput unpack(BytesInput packed, int unpackedSize) throws IOException {
            byte[] block = bytes(packed);
            // A block begins with its own size: a damaged one must not decide on an allocation.
            if (Snappy.uncompressedLength(block) != unpackedSize) {
                throw new IOException("damaged SNAPPY page");
            }
            return BytesInput.from(Snappy.uncompress(block));
        }
    }

    private static final class GzipCodec extends PageCodec {

        GzipCodec() {
            super(CompressionCodecName.GZIP);
        }

        @Override
        public BytesInput compress(BytesInput page) throws IOException {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
                page.writeAllTo(gzip);
            }
            return BytesInput.from(packed.toByteArray());
        }

        @Override
        BytesInput unpack(BytesInput packed, int unpackedSize) throws IOException {
            try (GZIPInputStream gzip =
                    new GZIPInputStream(new ByteArrayInputStream(bytes(packed)))) {
                // One byte more than expected, so that too long a page doesn't pass as a shorter
                // one.
                return BytesInput.from(gzip.readNBytes(unpackedSize + 1));
            }
        }
    }

    private static final class NoCodec extends PageCodec {

        NoCodec() {
            super(CompressionCodecName.UNCOMPRESSED);
        }

        @Override
        public BytesInput compress(BytesInput page) {
            return page;
        }

        @Override
        BytesInput unpack(BytesInput packed, int unpackedSize) {
            return packed;
        }
    }
}
