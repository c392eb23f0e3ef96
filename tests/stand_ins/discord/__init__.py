"""A local Discord: enough of its REST API and gateway for an unmodified client to live in."""
