"""A community that lives through more than a year in seconds."""
