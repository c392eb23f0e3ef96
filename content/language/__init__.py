"""What is known about language: scripts, numbers, units, spelling, opposites, words."""


def row(words: str) -> tuple[str, ...]:
    """Words as a table has them: many in a line, parted by spaces."""
    return tuple(words.split())
