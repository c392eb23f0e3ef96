"""Names a failure: members pass its reference on to whoever reads the log."""

from __future__ import annotations

from hashlib import blake2b
from traceback import walk_tb


def make_reference(problem: BaseException) -> str:
    """A short name for a kind of error and the place where it was raised. The same failure has the
    same name however often it happens, so that the log needs to say it only once."""
    places = [f"{type(problem).__module__}.{type(problem).__qualname__}"]
    for frame, line in walk_tb(problem.__traceback__):
        places.append(f"{frame.f_globals.get('__name__')}:{line}")
    return blake2b("\n".join(places).encode(), digest_size=4).hexdigest()
