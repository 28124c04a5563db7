package io.streamforge.local.faults;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** What the Postgres sink has logged since this was opened, at INFO and above. */
final class SinkLog extends AbstractAppender implements AutoCloseable {

    private final Logger logger = (Logger) LogManager.getLogger("io.streamforge.sink.BatchStore");
    private final List<String> lines = new CopyOnWriteArrayList<>();

    SinkLog() {
        super("sink-log", null, null, false, Property.EMPTY_ARRAY);
        start();
        logger.addAppender(this);
    }

    @Override
    public void append(LogEvent event) {
        if (event.getLevel().isMoreSpecificThan(Level.INFO)) {
            lines.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        logger.removeAppender(this);
        stop();
    }
}
