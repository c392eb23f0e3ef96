"""The pulse of this process: what it counts in memory, and says every half minute."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import socket
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from importlib.metadata import version

from bot.engine.ports import Clock
from bot.engine.processes import KEPT_FOR, Process, Processes
from bot.settings import Settings

HOUR_FORMAT = "%Y-%m-%dT%H"
HOURS_KEPT = 24


class Pulse:
    """Counts events and errors in memory, so that an event costs no query, and stores them with
    each heartbeat."""

    def __init__(
        self, processes: Processes, clock: Clock, tokens: Mapping[str, str], shards: str = ""
    ) -> None:
        self.event_at: datetime | None = None
        self.beat_at: datetime | None = None
        """The last heartbeat that was stored."""
        self._processes = processes
        self._clock = clock
        self._id = secrets.token_hex(8)
        self._started_at = clock()
        self._tokens = tokens
        self._shards = shards
        self._errors = Counter[str]()

    def note_event(self) -> None:
        """Note that an event came in."""
        self.event_at = self._clock()

    def note_error(self) -> None:
        """Count an error."""
        self._errors[self._clock().strftime(HOUR_FORMAT)] += 1

    async def beat(self) -> None:
        """Store that this process is alive. The first time, forget processes of long ago."""
        now = self._clock()
        if self.beat_at is None:
            await self._processes.forget(now - KEPT_FOR)
        await self._processes.save(self._describe(now))
        self.beat_at = now

    async def end(self) -> None:
        """Store that this process ends in good order."""
        now = self._clock()
        await self._processes.save(self._describe(now, ended_at=now))

    def _describe(self, now: datetime, ended_at: datetime | None = None) -> Process:
        self._errors = Counter(count_recent(self._errors, now))
        return Process(
            id=self._id,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=version("studyhall"),
            started_at=self._started_at,
            beat_at=now,
            tokens=self._tokens,
            shards=self._shards,
            event_at=self.event_at,
            errors=dict(self._errors),
            ended_at=ended_at,
        )


def count_recent(errors: Mapping[str, int], now: datetime) -> Mapping[str, int]:
    """The counts of the last day."""
    oldest = (now - timedelta(hours=HOURS_KEPT)).strftime(HOUR_FORMAT)
    return {hour: count for hour, count in errors.items() if hour > oldest}


class ErrorCounter(logging.Handler):
    """Counts what's logged as an error."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__(logging.ERROR)
        self._pulse = pulse

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record."""
        self._pulse.note_error()


def fingerprints(settings: Settings, platforms: Collection[str]) -> dict[str, str]:
    """A fingerprint of each platform's credentials: two processes with the same one are the same
    bot. Tokens are long and random, so a short hash gives nothing away."""
    discord, app, bot = (
        secret.get_secret_value() if secret else ""
        for secret in (settings.discord_token, settings.slack_app_token, settings.slack_bot_token)
    )
    known = {"discord": discord, "slack": app or bot or settings.slack_client_id}
    return {
        name: hashlib.blake2b(known[name].encode(), digest_size=6).hexdigest()
        for name in platforms
        if known.get(name)
    }
