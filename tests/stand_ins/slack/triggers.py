"""Trigger ids: each lets the app show one modal, and soon."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from tests.stand_ins.slack.blocks import JSON
from tests.stand_ins.slack.refusals import Refusal

if TYPE_CHECKING:
    from tests.stand_ins.slack.people import Person


class Triggers:
    """Hands trigger ids out and takes them back."""

    def __init__(self, life: float) -> None:
        self.life = life
        self._known: dict[str, tuple[Person, float]] = {}
        self._used: deque[str] = deque(maxlen=1000)
        self._count = 0

    def new(self, person: Person) -> str:
        """A trigger id for what the person just did."""
        self._count += 1
        now = time.monotonic()
        while self._known:
            oldest = next(iter(self._known))
            if self._known[oldest][1] > now - 60:
                break
            del self._known[oldest]
        trigger = f"{self._count}.{person.id}"
        self._known[trigger] = person, now
        return trigger

    def expire(self) -> None:
        """Let all of them be too old."""
        self._known = {each: (person, 0.0) for each, (person, _) in self._known.items()}

    def exchange(self, arguments: JSON) -> Person:
        """Whose screen a trigger id opens; it does so once."""
        trigger = str(arguments.get("trigger_id") or arguments.get("interactivity_pointer"))
        if trigger in self._used:
            raise Refusal("exchanged_trigger_id")
        if trigger not in self._known:
            raise Refusal("invalid_trigger_id")
        person, born = self._known[trigger]
        if time.monotonic() - born > self.life:
            raise Refusal("expired_trigger_id")
        del self._known[trigger]
        self._used.append(trigger)
        return person
