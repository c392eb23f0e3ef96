"""`studyhall doctor`: looks at a whole installation, and says what to do. It changes nothing."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.doctor.base import CHECK_SECONDS, Case, Check, Finding, Status, broken, warning
from bot.doctor.registry import AREAS, is_used
from bot.engine.platform import LoginFailed, Misconfigured
from bot.settings import Settings
from storage.looking import list_dailies, open_to_look
from storage.opening import DatabaseUnavailable
from storage.store import SqlStore

__all__ = ["Finding", "Status", "diagnose", "exit_code", "refuse"]


async def diagnose(settings: Settings, *, pack: str = "", url: str = "") -> list[Finding]:
    """Run all checks at the same time. `pack` is what the bot runs with, and `url` is the public
    address of its HTTP server, if it has one."""
    case = Case(settings, datetime.now(UTC), pack, url)
    try:
        await _look_at_database(case)
        found = await asyncio.gather(
            *(
                _run(case, area, name, check)
                for area, checks in AREAS.items()
                if is_used(area, case)
                for name, check in checks.items()
            )
        )
    finally:
        await case.close()
    return [finding for findings in found for finding in findings]


def refuse(problem: Misconfigured) -> Finding:
    """The finding for settings that can't be read at all."""
    text = "The settings can't be used, so nothing else was checked."
    return replace(broken(text, str(problem)), area="settings", name="values")


def exit_code(findings: Iterable[Finding]) -> int:
    """0 if all is well, 1 if there are warnings, 2 if something is broken."""
    return max((list(Status).index(each.status) for each in findings), default=0)


async def _look_at_database(case: Case) -> None:
    """Read what several checks need."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            engine = await asyncio.to_thread(open_to_look, case.settings.database_url)
            store = SqlStore(engine)
            case.to_close(store.close)
            case.processes = await store.processes.all()
            case.dailies = await store.database.read(list_dailies)
            case.store = store
    except Exception as problem:  # the database's own check reports it
        case.database_problem = problem


async def _run(case: Case, area: str, name: str, check: Check) -> Sequence[Finding]:
    """What a check finds. It never raises: a check that fails is a finding."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            if inspect.iscoroutinefunction(check):
                found = await check(case)
            else:
                found = await asyncio.to_thread(check, case)
    except (LoginFailed, DatabaseUnavailable):
        return []
    except Exception as problem:
        if problem is case.database_problem:
            return []
        found = [_explain_failure(problem)]
    return [replace(each, area=area, name=name) for each in found]


def _explain_failure(problem: Exception) -> Finding:
    """The finding for a check that failed. It doesn't say what the problem says, which could hold
    values."""
    again = "Run the doctor again. If it keeps happening,"
    if isinstance(problem, TimeoutError):
        text = f"No answer within {CHECK_SECONDS:.0f} seconds."
        return warning(text, f"{again} check the network and the disks.")
    return warning(f"This check failed: {type(problem).__name__}.", f"{again} report it as a bug.")
