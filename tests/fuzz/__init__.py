"""Hostile input, in large amounts. `make fuzz` runs more of it."""
