"""The operation: what the running bot says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from bot.doctor.base import Case, Check, Finding, format_ago, ok, warning
from bot.pulse import count_recent
from content.language.plural import count
from storage.looking import find_last_post

MANY_ERRORS = 10


async def check_heartbeat(case: Case) -> Sequence[Finding]:
    """Whether the bot runs."""
    case.require_store()
    if case.alive:
        last = case.alive[0]
        where = f"process {last.pid} on {last.host}, version {last.version}"
        return [ok(f"The last heartbeat was {format_ago(last.beat_at, case.now)}, of {where}.")]
    if not case.processes:
        return [warning("The bot hasn't run with this database yet.", "Start it: studyhall run.")]
    last = case.processes[0]
    when = format_ago(last.beat_at, case.now)
    if last.ended_at:
        return [warning(f"The bot isn't running: it was stopped {when}.", "studyhall run")]
    return [
        warning(
            f"The bot isn't running: its last heartbeat was {when}, and nobody stopped it.",
            "Look at the end of its log, and start it: studyhall run.",
        )
    ]


async def check_events(case: Case) -> Sequence[Finding]:
    """When something happened last."""
    last_post = await case.read(find_last_post)
    events = [each.event_at for each in case.processes if each.event_at]
    findings = []
    for what, last in (("event", max(events, default=None)), ("post", last_post)):
        when = format_ago(last, case.now) if last else "not seen yet"
        findings.append(ok(f"The last {what}: {when}."))
    return findings


async def check_errors(case: Case) -> Sequence[Finding]:
    """How many errors were logged."""
    case.require_store()
    errors = sum(
        number for each in case.processes for number in count_recent(each.errors, case.now).values()
    )
    text = f"{count(errors, 'error')} logged in 24 hours."
    if not errors:
        return [ok(text)]
    return [warning(text, "Look for ERROR in the bot's log.")]


CHECKS: dict[str, Check] = {
    "heartbeat": check_heartbeat,
    "last event and post": check_events,
    "errors": check_errors,
}
