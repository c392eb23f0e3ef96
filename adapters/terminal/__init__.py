"""The quiz in a terminal or through a pipe: no account needed."""
