"""The database: whether it's there, whole, safe, and kept up with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.doctor.base import Case, Check, Finding, broken, format_ago, ok, warning
from bot.doctor.machine import find_existing
from bot.engine.daily_planner import PAUSED_BY_ADMIN
from bot.engine.events import Channel
from bot.maintenance import BACKED_UP_AT
from bot.pulse import fingerprints
from content.language.plural import count
from storage.looking import examine_server, examine_sqlite, list_openers, list_overdue
from storage.opening import (
    IN_MEMORY,
    DatabaseUnavailable,
    describe_problem,
    redact_url,
    sqlite_file,
)

OVERDUE_AFTER = timedelta(minutes=10)
"""Due work starts within a second, and a replica that dies loses its lease after half a minute."""

OLD_BACKUP = timedelta(days=7)
FEW_CONNECTIONS = 16
"""What one process may use."""

MANY_TRIES = 5
MOST_LISTED = 5


async def check_access(case: Case) -> Sequence[Finding]:
    """Whether the database is there, up to date and writable."""
    url = case.settings.database_url
    if isinstance(case.database_problem, DatabaseUnavailable):
        return [_explain_absence(url, case.database_problem)]
    if case.store is None:
        reason = describe_problem(case.database_problem or LookupError())
        return [
            broken(
                f"Can't read the database: {reason}.",
                "Check the server, or the disk and the permissions of the file.",
            )
        ]
    file = sqlite_file(url)
    if file and file != IN_MEMORY:
        for each in (file, file.parent):
            if not os.access(each, os.W_OK, effective_ids=True):
                return [
                    broken(
                        f"This user can't write to {each}.",
                        "Give the user that runs the bot write permission there.",
                    )
                ]
    return [ok(f"The database at {redact_url(url)} is there and up to date.")]


def _explain_absence(url: str, problem: DatabaseUnavailable) -> Finding:
    """Why there's no database to read: it may only be that nobody has started the bot yet."""
    text, _, what_to_do = str(problem).partition(". ")
    try:
        file = sqlite_file(url)
    except DatabaseUnavailable:
        file = None
    if file is None or file == IN_MEMORY or file.exists():
        is_older = "older than this Studyhall" in text
        return (warning if is_older else broken)(f"{text}.", what_to_do)
    there = find_existing(file.parent)
    if not there.is_dir() or not os.access(there, os.W_OK, effective_ids=True):
        return broken(
            f"There's no database at {file}, and no folder can be made in {there}.",
            "Create the folder, or set STUDYHALL_DATABASE_URL to a place where the bot can write.",
        )
    return warning(
        f"There's no database at {file} yet. The first start makes one.",
        "If you had one, check STUDYHALL_DATABASE_URL and that its disk is mounted.",
    )


async def check_state(case: Case) -> Sequence[Finding]:
    """Whether it's whole, and writes what it says."""
    case.require_store()
    file = sqlite_file(case.settings.database_url)
    if file is None:
        return await _check_server(case)
    state = await case.read(lambda connection: examine_sqlite(connection, file))
    findings = []
    if state.damage:
        findings.append(
            broken(
                f"The file is damaged: {state.damage}.",
                "Stop the bot, keep a copy of the file, and restore a backup "
                "(studyhall db restore).",
            )
        )
    if not state.has_log:
        findings.append(
            warning(
                "The file has no write-ahead log, so reading and writing block each other.",
                "Start the bot; it switches the file.",
            )
        )
    part = "whole" if state.checked else "whole as far as could be checked in a few seconds"
    return findings or [ok(f"The file is {part}, and every answer is synced to disk.")]


async def _check_server(case: Case) -> Sequence[Finding]:
    state = await case.read(examine_server)
    findings = []
    unsafe = {
        "fsync": not state.fsync,
        "full_page_writes": not state.full_page_writes,
        "synchronous_commit": state.synchronous_commit == "off",
    }
    if any(unsafe.values()):
        names = ", ".join(name for name, off in unsafe.items() if off)
        findings.append(
            warning(
                f"The server can lose or damage answers when it crashes: off are {names}.",
                f"Turn on {names} in postgresql.conf.",
            )
        )
    left = state.max_connections - state.connections
    text = f"PostgreSQL {state.version}, {count(max(left, 0), 'connection')} left."
    if left < FEW_CONNECTIONS:
        findings.append(
            warning(
                f"{text} A replica uses up to {FEW_CONNECTIONS}.",
                "Raise max_connections, or run fewer replicas.",
            )
        )
    else:
        findings.append(ok(text))
    return findings


def check_openers(case: Case) -> Sequence[Finding]:
    """Who else has the file open."""
    file = sqlite_file(case.settings.database_url)
    if file in (None, IN_MEMORY):
        return []
    ours = {os.getpid(), *(each.pid for each in case.alive)}
    others = {pid: name for pid, name in list_openers(file).items() if pid not in ours}
    if not others:
        return [ok("Only the bot has the file open.") if case.alive else ok("It's not in use.")]
    named = ", ".join(f"{name} ({pid})" for pid, name in others.items())
    return [
        warning(
            f"Other processes have the file open: {named}.",
            "If you don't know them, end them: a process that keeps a transaction open holds up "
            "the bot.",
        )
    ]


async def check_processes(case: Case) -> Sequence[Finding]:
    """Whether two processes are the same bot and would both answer."""
    case.require_store()
    ours = fingerprints(case.settings, ("discord", "slack"))
    twice = [
        (one, other)
        for number, one in enumerate(case.alive)
        for other in case.alive[number + 1 :]
        if one.shards == other.shards
        and "discord" in one.tokens
        and one.tokens["discord"] == other.tokens.get("discord")
    ]
    if twice:
        one, other = twice[0]
        return [
            broken(
                "Two processes run the same Discord bot, and both answer everything: "
                f"{one.pid} on {one.host} and {other.pid} on {other.host}.",
                "Stop one of them, or give each its own --shard-ids.",
            )
        ]
    strangers = [
        name
        for name, fingerprint in ours.items()
        for each in case.alive
        if each.tokens.get(name, fingerprint) != fingerprint
    ]
    if strangers:
        return [
            warning(
                f"A process with other credentials for {', '.join(dict.fromkeys(strangers))} uses "
                "this database.",
                "Give each bot its own database, or restart the bot after you change a token.",
            )
        ]
    return [ok(f"{count(len(case.alive), 'process', 'processes')} running.")]


async def check_backup(case: Case) -> Sequence[Finding]:
    """When the last backup was made."""
    stored = await case.require_store().settings.get(BACKED_UP_AT)
    todo = "Run studyhall db backup FILE, best every day; the bot can keep running."
    if stored is None:
        return [warning("There's no backup by studyhall db backup yet.", todo)]
    then = datetime.fromisoformat(stored)
    text = f"The last backup was made {format_ago(then, case.now)}."
    return [warning(text, todo) if case.now - then > OLD_BACKUP else ok(text)]


async def check_dailies(case: Case) -> Sequence[Finding]:
    """Whether daily questions are paused or overdue."""
    case.require_store()
    findings = [
        warning(
            f"The daily question in {name_channel(each.channel)} is paused: {each.paused}",
            "Fix the cause, then resume the daily question there.",
        )
        for each in case.dailies
        if each.paused and each.paused != PAUSED_BY_ADMIN
    ]
    before = case.now - OVERDUE_AFTER
    overdue = [each for each in case.dailies if each.next_due and each.next_due < before]
    if overdue:
        first = min(each.next_due for each in overdue if each.next_due)
        findings.append(
            broken(
                f"{count(len(overdue), 'daily question')} overdue, since "
                f"{format_ago(first, case.now)}.",
                _start_or_look(case),
            )
        )
    return findings or [ok(f"{count(len(case.dailies), 'daily question')} set, none overdue.")]


async def check_due(case: Case) -> Sequence[Finding]:
    """Whether something doesn't happen that should have."""
    rows = await case.read(lambda each: list_overdue(each, case.now - OVERDUE_AFTER))
    if not rows:
        return [ok("Nothing is overdue.")]
    findings = []
    for row in rows[:MOST_LISTED]:
        text = (
            f"A {row.kind} in {name_channel(row.channel)} is due since "
            f"{format_ago(row.since, case.now)}, after {count(row.tries, 'try', 'tries')}."
        )
        stuck = case.alive and row.tries < MANY_TRIES
        findings.append((broken if stuck else warning)(text, _start_or_look(case)))
    if more := rows[MOST_LISTED:]:
        findings.append(warning(f"{len(more)} more are overdue.", _start_or_look(case)))
    return findings


def _start_or_look(case: Case) -> str:
    if not case.alive:
        return "Start the bot (studyhall run)."
    return "Look at the bot's log: it says why. Restart the bot if it says nothing."


def name_channel(channel: Channel) -> str:
    """A channel in messages."""
    return f"channel {channel.id} of {channel.platform} {channel.community}"


CHECKS: dict[str, Check] = {
    "access": check_access,
    "state": check_state,
    "open in": check_openers,
    "processes": check_processes,
    "backup": check_backup,
    "dailies": check_dailies,
    "due work": check_due,
}
