package io.streamforge.sink;

import java.io.IOException;
import org.apache.flink.core.fs.FSDataOutputStream;

/**
 * A part file's stream with a buffer before it: Parquet writes its footers nearly byte by byte, and
 * each write of the file system's own stream is a system call.
 */
final class BufferedPartStream extends FSDataOutputStream {

    private static final int BUFFER_BYTES = 64 << 10;

    private final FSDataOutputStream file;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int buffered;

    BufferedPartStream(FSDataOutputStream file) {
        this.file = file;
    }

    @Override
    public long getPos() throws IOException {
        return file.getPos() + buffered;
    }

    @Override
    public void write(int value) throws IOException {
        if (buffered == BUFFER_BYTES) {
            drain();
        }
        buffer[buffered++] = (byte) value;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (length > BUFFER_BYTES - buffered) {
            drain();
        }
        if (length >= BUFFER_BYTES) {
            file.write(bytes, from, length);
        } else {
            System.arraycopy(bytes, from, buffer, buffered, length);
            buffered += length;
        }
    }

    private void drain() throws IOException {
        file.write(buffer, 0, buffered);
        buffered = 0;
    }

    @Override
    public void flush() throws IOException {
        drain();
        file.flush();
    }

    @Override
    public void sync() throws IOException {
        drain();
        file.sync();
    }

    @Override
    public void close() throws IOException {
        drain();
        file.close();
    }
}
