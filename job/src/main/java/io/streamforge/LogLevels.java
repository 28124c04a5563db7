package io.streamforge;

import io.streamforge.config.Setting;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/**
 * {@code LOG_LEVEL} in the Log4j of this process. The default leaves what its configuration says;
 * so does every level where something else than Log4j writes the log.
 */
public final class LogLevels {

    private LogLevels() {}

    /**
     * Sets the root's level and those of single loggers.
     *
     * @param levels a level, or a level followed by {@code ,logger=level} pairs; null for none
     */
    public static void apply(String levels) {
        if (levels == null || levels.equals(Setting.LOG_LEVEL.defaultValue())) {
            return;
        }
        try {
            for (String part : levels.split(",")) {
                int equals = part.indexOf('=');
                Level level = Level.valueOf(part.substring(equals + 1));
                if (equals < 0) {
                    Configurator.setRootLevel(level);
                } else {
                    Configurator.setLevel(part.substring(0, equals), level);
                }
            }
        } catch (NoClassDefFoundError e) {
            return; // no Log4j here
        }
    }
}
