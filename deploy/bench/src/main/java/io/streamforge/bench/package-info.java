/** StreamForge beside its limits and its peers, on one machine and in one run. */
package io.streamforge.bench;
