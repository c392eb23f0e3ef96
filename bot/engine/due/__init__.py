"""Due work: one clockwork, and a file for each kind."""
