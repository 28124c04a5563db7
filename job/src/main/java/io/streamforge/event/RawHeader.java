package io.streamforge.event;

/**
 * One Kafka header, bytes untouched.
 *
 * @param key never null
 * @param value may be null
 */
public record RawHeader(String key, byte[] value) {}
