"""More than a year in a community, simulated in seconds."""
