"""Readers of notes: how they're stored, encoded and written."""
