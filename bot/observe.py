"""The log: one line an event, on standard error."""

from __future__ import annotations

import logging
import sys


def start_log() -> None:
    """Log what happens from here on."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )
    # Each heartbeat would be two lines, one that is late another, and each start a dozen.
    for name, level in {"apscheduler": logging.ERROR, "alembic": logging.WARNING}.items():
        logging.getLogger(name).setLevel(level)
