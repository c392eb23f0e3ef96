"""Bringing what people do to the app: deadlines, retries and duplicates, whichever way it goes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tests.stand_ins.slack.blocks import JSON

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(eq=False)
class Copy:
    """One delivery of something, and what the app said to it."""

    kind: Kind
    payload: JSON
    attempt: int = 0
    reason: str = ""
    sent_at: float = field(default_factory=time.monotonic)
    acked_at: float | None = None
    ack: JSON = field(default_factory=dict)
    status: int | None = None
    problem: str = ""
    retry: bool = True

    def answer(self, ack: JSON) -> None:
        """Note the app's answer and when it came."""
        self.acked_at, self.ack = time.monotonic(), ack

    def in_time(self, deadline: float) -> bool:
        """Whether the answer came before the deadline."""
        return self.acked_at is not None and self.acked_at - self.sent_at <= deadline


@dataclass(eq=False)
class Sent:
    """Something a person did or Slack reported, with how the app took it."""

    kind: Kind
    payload: JSON
    deadline: float
    copies: list[Copy] = field(default_factory=list)

    @property
    def _good(self) -> Copy | None:
        return next((each for each in self.copies if each.in_time(self.deadline)), None)

    @property
    def failed(self) -> bool:
        """Whether no copy was acknowledged in time."""
        return bool(self.copies) and self._good is None

    @property
    def ack(self) -> JSON:
        """What the app put into its acknowledgement."""
        return self._good.ack if self._good else {}

    @property
    def elapsed(self) -> float | None:
        """Seconds from sending to the acknowledgement."""
        copy = self._good
        return None if copy is None or copy.acked_at is None else copy.acked_at - copy.sent_at

    @property
    def status(self) -> int | None:
        """The HTTP status of the last copy; None in Socket Mode."""
        return self.copies[-1].status if self.copies else None

    @property
    def response_action(self) -> str:
        """What the app asks to happen to a submitted modal, if anything."""
        return str(self.ack.get("response_action", ""))

    @property
    def errors(self) -> dict[str, str]:
        """The complaints about a submitted modal by block_id."""
        return self.ack.get("errors", {}) if self.response_action == "errors" else {}


class Carrier(Protocol):
    """A way to the app: Socket Mode or signed HTTP."""

    async def carry(self, copy: Copy, deadline: float) -> None:
        """Deliver a copy and note in it what the app answers within the deadline."""


class Courier:
    """Delivers as Slack does: at least once, with a deadline, events again when not taken."""

    def __init__(self, carrier: Carrier, deadline: float, retry_delays: Sequence[float]) -> None:
        self.carrier, self.deadline = carrier, deadline
        self.retry_delays = tuple(retry_delays)
        self.duplicates = 0

    async def deliver(self, kind: Kind, payload: JSON) -> Sent:
        """Bring it to the app; only events are tried again."""
        sent = Sent(kind, payload, self.deadline)
        twice = self.duplicates > 0
        self.duplicates -= twice
        delays = self.retry_delays if kind == "events_api" else ()
        await asyncio.gather(*(self._carry(sent) for _ in range(1 + twice)))
        for attempt, delay in enumerate(delays, 1):
            last = sent.copies[-1]
            if not sent.failed or not last.retry:
                break
            await asyncio.sleep(delay)
            await self._carry(sent, attempt, last.problem)
        return sent

    async def redeliver(self, sent: Sent) -> Sent:
        """Bring the very same thing again, acknowledged or not."""
        await self._carry(sent, len(sent.copies), "timeout")
        return sent

    async def _carry(self, sent: Sent, attempt: int = 0, reason: str = "") -> None:
        copy = Copy(sent.kind, sent.payload, attempt, reason)
        sent.copies.append(copy)
        await self.carrier.carry(copy, self.deadline)
