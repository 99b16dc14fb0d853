"""Whether a connector says what its recording says: each case is run by the engine and the writer
that deliver, over a transport that plays the system's recorded answers."""
