"""The machine: Python, text, time, space, files, and what pictures need."""

from __future__ import annotations

import locale
import os
import resource
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.doctor.base import Case, Check, Finding, broken, ok, warning
from storage.opening import IN_MEMORY, sqlite_file

MEGABYTE = 1_000_000
LITTLE_SPACE, TOO_LITTLE_SPACE = 500 * MEGABYTE, 50 * MEGABYTE
"""Bytes left on a disk."""

FEW_FILES = 1024
"""Open files: each member who is connected over HTTP, each query and each request needs one."""

CLOCK_OFF_SECONDS, CLOCK_WRONG_SECONDS = 10, 60
"""Daily questions are late by as much; Slack's signatures are refused after five minutes."""

SOME_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
OTHERS_MODE = 0o077
"""What the group and others may do with a file."""


def check_versions(_: Case) -> Sequence[Finding]:
    """What runs here."""
    versions = f"Studyhall {version('studyhall')}, Python {python_version()}"
    return [ok(f"{versions}, SQLite {sqlite3.sqlite_version}.")]


def check_text(_: Case) -> Sequence[Finding]:
    """Whether files and output are UTF-8."""
    used = {
        "files": locale.getpreferredencoding(False),
        "file names": sys.getfilesystemencoding(),
        "output": getattr(sys.stdout, "encoding", None) or "utf-8",
    }
    other = [
        f"{what} in {name}"
        for what, name in used.items()
        if name.casefold().replace("-", "") != "utf8"
    ]
    if not other:
        return [ok("UTF-8.")]
    return [warning(f"Not UTF-8: {', '.join(other)}.", "Set LANG=C.UTF-8 or PYTHONUTF8=1.")]


def check_zones(case: Case) -> Sequence[Finding]:
    """Whether all time zones that are needed are known."""
    wanted = dict.fromkeys((*SOME_ZONES, *(each.schedule.zone for each in case.dailies)))
    missing = [zone for zone in wanted if not _is_zone(zone)]
    if not missing:
        return [ok("Time zone data is there.")]
    return [
        broken(
            f"Unknown time zones: {', '.join(missing)}.",
            "Install the tzdata package of your system or of Python.",
        )
    ]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


async def check_clock(case: Case) -> Sequence[Finding]:
    """Whether the clock agrees with the platforms'."""
    settings = case.settings
    hosts = {
        "Discord": (
            settings.discord_token,
            f"{settings.discord_api_base.rstrip('/') or 'https://discord.com/api/v10'}/gateway",
        ),
        "Slack": (
            settings.slack_bot_token or settings.slack_client_id,
            f"{settings.slack_api_base or 'https://slack.com/api/'}api.test",
        ),
    }
    asked = [(name, url) for name, (is_set, url) in hosts.items() if is_set]
    findings = []
    async with ClientSession(timeout=ClientTimeout(total=5)) as session:
        for name, url in asked:
            try:
                before = datetime.now(UTC)
                async with session.get(url, allow_redirects=False) as response:
                    stamp = response.headers.get("Date", "")
                theirs = parsedate_to_datetime(stamp)
            except (ClientError, OSError, ValueError):
                # Its own check says that it can't be reached.
                continue
            findings.append(compare_clocks(name, (before - theirs).total_seconds()))
    return findings


def compare_clocks(name: str, seconds: float) -> Finding:
    """What it means that our clock is ahead by so many seconds."""
    direction = "ahead of" if seconds > 0 else "behind"
    text = f"The clock is {abs(seconds):.0f} seconds {direction} {name}'s."
    todo = "Turn on time synchronization (NTP) on this machine."
    if abs(seconds) > CLOCK_WRONG_SECONDS:
        return broken(text, todo)
    if abs(seconds) > CLOCK_OFF_SECONDS:
        return warning(text, todo)
    return ok(f"The clock agrees with {name}'s.")


def check_space(case: Case) -> Sequence[Finding]:
    """Whether there's space where we write."""
    places = {"the cache": case.settings.cache, "temporary files": Path(tempfile.gettempdir())}
    if file := _database_file(case):
        places = {"the database": file.parent, **places}
    findings, free = [], dict[str, int]()
    for what, folder in places.items():
        there = find_existing(folder)
        left = shutil.disk_usage(there).free
        files = os.statvfs(there)
        text = f"{left / MEGABYTE:,.0f} MB are left for {what}, in {there}."
        if left < TOO_LITTLE_SPACE:
            findings.append(broken(text, "Free some space there."))
        elif left < LITTLE_SPACE:
            findings.append(warning(text, "Free some space there soon."))
        elif files.f_files and files.f_favail == 0:
            findings.append(broken(f"No more files fit for {what}, in {there}.", "Delete some."))
        else:
            free[what] = left
    if free:
        least = min(free.values()) / MEGABYTE
        findings.append(ok(f"At least {least:,.0f} MB are left for {', '.join(free)}."))
    return findings


def find_existing(folder: Path) -> Path:
    """The folder, or the closest one above it that exists."""
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())


def check_modes(case: Case) -> Sequence[Finding]:
    """Whether others on this machine can read what's private."""
    file = _database_file(case)
    if file is None or not file.exists():
        return []
    private = [file.with_name(f"{file.name}{end}") for end in ("", "-wal", "-shm")]
    readable = [each for each in private if each.exists() and each.stat().st_mode & OTHERS_MODE]
    if not readable:
        return [ok("Only this user can read the database.")]
    names = " ".join(map(str, readable))
    return [
        warning(
            "Others on this machine can read the database, with members' answers and Slack's "
            "tokens.",
            f"Run: chmod 600 {names}",
        )
    ]


def check_open_files(_: Case) -> Sequence[Finding]:
    """Whether enough files may be open at once."""
    limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY or limit >= FEW_FILES:
        return [ok("Enough files may be open at once.")]
    return [
        warning(
            f"Only {limit} files may be open at once.",
            f"Raise the limit to {FEW_FILES} or more: ulimit -n, or LimitNOFILE in systemd.",
        )
    ]


def check_pictures(_: Case) -> Sequence[Finding]:
    """Whether charts can be drawn, in any script."""
    from adapters.charts.lettering import HAS_RAQM, Lettering

    try:
        drawn = Lettering(12).width("Ab 学 😀")
    except (OSError, ImportError) as problem:
        return [
            broken(f"Can't open the fonts for pictures: {problem}.", "Install Studyhall again.")
        ]
    if HAS_RAQM and drawn:
        return [ok("Fonts and text shaping are there.")]
    return [
        warning(
            "Pictures show Arabic, Hebrew and Indic names with unconnected or misplaced letters.",
            "Install FriBidi: libfribidi0 in Debian, fribidi in Alpine or Fedora.",
        )
    ]


def _database_file(case: Case) -> Path | None:
    try:
        file = sqlite_file(case.settings.database_url)
    except Exception:  # its own check says so
        return None
    return None if file == IN_MEMORY else file


CHECKS: dict[str, Check] = {
    "versions": check_versions,
    "text": check_text,
    "time zones": check_zones,
    "clock": check_clock,
    "disk space": check_space,
    "file modes": check_modes,
    "open files": check_open_files,
    "pictures": check_pictures,
}
