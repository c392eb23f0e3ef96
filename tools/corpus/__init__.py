"""Public notes that the import is tried on: which they are, and what each becomes."""
