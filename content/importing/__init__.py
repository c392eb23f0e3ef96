"""Turns study notes into a pack (docs/importing.md)."""
