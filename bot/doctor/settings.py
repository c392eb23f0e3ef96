"""The settings: what's set, and what's half set."""

from __future__ import annotations

from collections.abc import Sequence

from bot.app import HOW_TO_START, read_secret, read_slack_credentials
from bot.doctor.base import Case, Check, Finding, broken, ok, warning
from bot.engine.platform import Misconfigured
from storage.opening import DatabaseUnavailable, redact_url


def check_platforms(case: Case) -> Sequence[Finding]:
    """Which platforms have credentials, and whether they fit together."""
    findings, ready = [], []
    for name, read in (("Discord", _reads_discord), ("Slack", _reads_slack)):
        try:
            ready += [name] if read(case) else []
        except Misconfigured as problem:
            findings.append(broken(f"{name}'s credentials don't work together.", str(problem)))
    if ready:
        findings.append(ok(f"Set up: {', '.join(ready)}."))
    elif not findings:
        findings.append(warning("No platform is set up; only the terminal works.", HOW_TO_START))
    return findings


def _reads_discord(case: Case) -> bool:
    return bool(read_secret(case.settings, "discord_token"))


def _reads_slack(case: Case) -> bool:
    return read_slack_credentials(case.settings) is not None


def check_database_url(case: Case) -> Sequence[Finding]:
    """Which database is meant."""
    try:
        return [ok(f"The database is {redact_url(case.settings.database_url)}.")]
    except DatabaseUnavailable:
        # The database's own check says what's wrong with it.
        return []


CHECKS: dict[str, Check] = {"platforms": check_platforms, "database URL": check_database_url}
