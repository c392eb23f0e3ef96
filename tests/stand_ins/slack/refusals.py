"""The ways a call is refused."""

from __future__ import annotations

from typing import Any

from tests.stand_ins.slack.blocks import JSON


class Refusal(Exception):
    """An answer that is not ok."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.body: JSON = {"ok": False, "error": error} | more


class RateLimited(Exception):
    """Too many calls."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
