"""One folder a platform: events come in, screens go out, nothing is decided here."""
