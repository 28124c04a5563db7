package io.streamforge.account;

/** Receives the coordinates of one row after the other. */
@FunctionalInterface
interface CoordinatesVisitor {
    void visit(int partition, long offset);
}
