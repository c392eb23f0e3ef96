"""The settings: what's set, and what's half set."""

from __future__ import annotations

import os
from collections.abc import Sequence

from bot.app import HOW_TO_START
from bot.credentials import read_discord, read_slack
from bot.doctor.base import Case, Check, Finding, broken, ok, warning
from bot.doctor.machine import OTHERS_MODE
from bot.engine.platform import Misconfigured
from bot.settings import COMMON_FILE, OWN_FILE, PREFIX
from storage.opening import DatabaseUnavailable, redact_url


def check_platforms(case: Case) -> Sequence[Finding]:
    """Which platforms have credentials, and whether they fit together."""
    findings, ready = [], []
    for name, read in (("Discord", read_discord), ("Slack", read_slack)):
        try:
            ready += [name] if read(case.settings) else []
        except Misconfigured as problem:
            findings.append(broken(f"{name}'s credentials don't work together.", str(problem)))
    if ready:
        findings.append(ok(f"Set up: {', '.join(ready)}."))
    elif not findings:
        findings.append(warning("No platform is set up; only the terminal works.", HOW_TO_START))
    return findings


def check_files(_: Case) -> Sequence[Finding]:
    """Which files settings come from, and which are left out."""
    findings = []
    for file in (OWN_FILE, COMMON_FILE):
        if not file.is_file() or PREFIX.encode() not in file.read_bytes().upper():
            continue
        state = file.stat()
        if not state.st_mode & OTHERS_MODE and state.st_uid in (os.getuid(), 0):
            findings.append(ok(f"Settings come from {file}, which only this user can read."))
            continue
        left_out = "ignored" if file == COMMON_FILE else "read"
        findings.append(
            warning(
                f"{file} is {left_out}, but others on this machine can read it, or it isn't yours.",
                f"Run: chmod 600 {file.absolute()}",
            )
        )
    return findings


def check_database_url(case: Case) -> Sequence[Finding]:
    """Which database is meant."""
    try:
        return [ok(f"The database is {redact_url(case.settings.database_url)}.")]
    except DatabaseUnavailable:
        # The database's own check says what's wrong with it.
        return []


CHECKS: dict[str, Check] = {
    "platforms": check_platforms,
    "files": check_files,
    "database URL": check_database_url,
}
