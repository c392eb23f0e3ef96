"""Scripts that make what is committed beside the code: tables, word lists, pictures."""
