"""How people write: scripts, numbers, units, dates, spelling, opposites and word lists."""


def split_words(words: str) -> tuple[str, ...]:
    """Split words at spaces, so that long tables stay readable."""
    return tuple(words.split())
