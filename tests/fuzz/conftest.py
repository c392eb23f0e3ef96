"""How much to try."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

EVENTS = int(os.environ.get("FUZZ_EVENTS", "1500"))
"""Events in all: a few seconds' worth by default."""


@dataclass(frozen=True)
class Amount:
    """How many events go where."""

    desk: int = EVENTS * 2 // 3
    each_platform: int = EVENTS // 6


@pytest.fixture
def amount() -> Amount:
    return Amount()
