"""Anyone's study notes into a pack (docs/importing.md)."""
