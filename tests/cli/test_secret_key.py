"""The keys of STUDYHALL_SECRET_KEY, from making one to losing it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation

from storage.encryption import Keys
from storage.installations import Installations
from storage.opening import open_database

CLIENT = "1234.5678"


@pytest.fixture
def installed(run: Any, tmp_path: Any) -> Any:
    """A database in which a workspace's token is plain."""
    assert run("db", "upgrade").exit_code == 0
    engine = open_database(f"sqlite:///{tmp_path}/db/studyhall.db")
    new = Installation(app_id="A1", team_id="T1", bot_token="xoxb-plain", bot_id="B", user_id="U")
    asyncio.run(Installations(CLIENT, engine).store.async_save(new))
    yield engine
    engine.dispose()


def test_tokens_are_encrypted_with_a_key_that_was_just_made(
    run: Any, installed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = run("db", "rekey")
    assert refused.exit_code == 2
    assert refused.stderr == ("Set STUDYHALL_SECRET_KEY first. `studyhall db new-key` makes one.\n")
    old, new = (run("db", "new-key").stdout.strip() for _ in range(2))
    assert old != new
    for keys, plain in ((old, 2), (f"{new},{old}", 0), (new, 0)):
        monkeypatch.setenv("STUDYHALL_SECRET_KEY", keys)
        assert run("db", "rekey").output == (
            f"Slack tokens encrypted with the first key: 2, of which {plain} weren't encrypted "
            "before.\n"
        )
    kept = Installations(CLIENT, installed, Keys(new))
    assert asyncio.run(kept.token("T1")) == "xoxb-plain"


@pytest.mark.parametrize("lost", ["", "another", "secret"])
def test_a_bot_without_the_right_key_says_so_and_does_not_start(
    run: Any, installed: Any, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setenv("STUDYHALL_SECRET_KEY", run("db", "new-key").stdout.strip())
    run("db", "rekey")
    monkeypatch.setenv("STUDYHALL_SLACK_CLIENT_ID", CLIENT)
    monkeypatch.setenv("STUDYHALL_SLACK_CLIENT_SECRET", "0a" * 16)
    monkeypatch.setenv("STUDYHALL_SLACK_SIGNING_SECRET", "0a" * 16)
    another = run("db", "new-key").stdout.strip()
    monkeypatch.setenv("STUDYHALL_SECRET_KEY", another if lost == "another" else lost)
    says = {
        "": "there's no key: set STUDYHALL_SECRET_KEY to the key that encrypted them",
        "another": "No key in STUDYHALL_SECRET_KEY decrypts Slack's tokens",
        "secret": "STUDYHALL_SECRET_KEY isn't a key, or a list of keys with commas",
    }
    for words in ("run", "slack"), ("db", "rekey"):
        if lost or words[0] == "run":
            refused = run(*words)
            assert refused.exit_code == 2
            (line,) = refused.stderr.splitlines()
            assert says[lost] in line
            assert "install" not in line
    if lost == "another":
        assert run("db", "rekey", "--delete-lost").exit_code == 0
        kept = Installations(CLIENT, installed, Keys(another))
        assert asyncio.run(kept.token("T1")) is None
