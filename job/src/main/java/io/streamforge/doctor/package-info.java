/**
 * Looks over everything that the job depends on and says what will bite, and what to do about it.
 * Nothing is changed anywhere. Nothing here refers to Flink, so that the command line can run it on
 * a bare JDK.
 */
package io.streamforge.doctor;
