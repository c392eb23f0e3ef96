from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.engine.events import Member
from bot.engine.linking import LinkClaimant, LinkOutcome


class Linking:
    async def offer(self, member: Member, name: str, code: str, until: datetime) -> None:
        raise NotImplementedError("only a database links two platforms")

    async def claim(
        self, member: Member, name: str, code: str, until: datetime, now: datetime
    ) -> tuple[LinkOutcome, Member | None, int]:
        raise NotImplementedError("only a database links two platforms")

    async def claimant(self, member: Member, now: datetime) -> LinkClaimant | None:
        raise NotImplementedError("only a database links two platforms")

    async def allow(self, member: Member, claim: int, now: datetime) -> LinkClaimant | None:
        raise NotImplementedError("only a database links two platforms")

    async def refuse(self, member: Member, claim: int) -> LinkClaimant | None:
        raise NotImplementedError("only a database links two platforms")

    async def platforms(self, member: Member) -> Collection[str]:
        return ()

    async def unlink(self, member: Member) -> bool:
        raise NotImplementedError("only a database links two platforms")
