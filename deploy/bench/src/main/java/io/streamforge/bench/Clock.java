package io.streamforge.bench;

import java.io.IOException;
import java.sql.SQLException;

/** What tells afterwards how far a job had come, and when, without asking the job. */
interface Clock {

    Curve read(JobProcess job, InputTopic topic) throws IOException, SQLException;
}
