package io.streamforge.event;

/** The kinds of event that the contract knows. */
public enum EventType {
    CLICK,
    VIEW,
    PURCHASE
}
