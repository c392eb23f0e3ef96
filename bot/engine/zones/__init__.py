"""Time zones as people name them, and as they are written for people."""
