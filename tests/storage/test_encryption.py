"""Slack's tokens in the database: encrypted with a key, and never taken for missing without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import Engine, select

from storage.copying import backup, copy, restore
from storage.encryption import MARK, Keys, SecretKeyProblem, new_key
from storage.installations import SECRETS, Installations, check_secrets, rekey
from storage.opening import open_database
from storage.tables import METADATA
from tests.storage.test_copying import quiet
from tests.storage.test_installations import CLIENT

TOKEN = "xoxb-" + "9" * 150
"""Longer than Slack's are now, and than its library has room for once it's encrypted."""


@dataclass
class Kept:
    """What's stored, and how to read it."""

    url: str
    engine: Engine

    def with_keys(self, *keys: str) -> Installations:
        return Installations(CLIENT, self.engine, Keys(",".join(keys)))

    def stored(self) -> list[str]:
        """All secrets, as they are in the database."""
        with self.engine.connect() as connection:
            return [
                value
                for name, columns in SECRETS.items()
                for row in connection.execute(
                    select(*(METADATA.tables[name].c[c] for c in columns))
                )
                for value in row
                if value
            ]


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    engine = open_database(database_url)
    yield Kept(database_url, engine)
    engine.dispose()


def installation(team: str) -> Installation:
    return Installation(
        app_id="A1",
        team_id=team,
        bot_token=TOKEN,
        bot_refresh_token=TOKEN,
        bot_id="B1",
        user_id="U1",
        user_token=TOKEN,
        user_refresh_token=TOKEN,
        incoming_webhook_url=TOKEN,
    )


async def test_a_key_encrypts_every_secret_and_reads_it_back(kept: Kept) -> None:
    installations = kept.with_keys(new_key())
    await installations.store.async_save(installation("T1"))
    assert [each[: len(MARK)] for each in kept.stored()] == [MARK] * 7
    assert TOKEN not in str(kept.stored())
    assert await installations.token("T1") == TOKEN
    found = await installations.store.async_find_installation(enterprise_id=None, team_id="T1")
    assert found
    assert {
        found.bot_token,
        found.bot_refresh_token,
        found.user_token,
        found.user_refresh_token,
        found.incoming_webhook_url,
    } == {TOKEN}


async def test_plain_tokens_are_still_read_and_rekeyed(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    await kept.with_keys().store.async_save(installation("T1"))
    assert set(kept.stored()) == {TOKEN}
    old, new = new_key(), new_key()
    check_secrets(kept.engine, Keys())
    assert caplog.messages == []
    check_secrets(kept.engine, Keys(old))
    assert caplog.messages == ["slack tokens aren't encrypted yet: 7. Run `studyhall db rekey`"]
    assert await kept.with_keys(old).token("T1") == TOKEN
    assert rekey(kept.engine, Keys(old)) == (0, 7)
    assert await kept.with_keys(old).token("T1") == TOKEN
    assert await kept.with_keys(new, old).token("T1") == TOKEN
    assert rekey(kept.engine, Keys(f"{new},{old}")) == (7, 0)
    assert await kept.with_keys(new).token("T1") == TOKEN
    with pytest.raises(SecretKeyProblem):
        await kept.with_keys(old).token("T1")


@pytest.mark.parametrize("keys", ["", "another"])
async def test_a_lost_key_says_so_and_never_reads_as_no_installation(kept: Kept, keys: str) -> None:
    await kept.with_keys(new_key()).store.async_save(installation("T1"))
    before = kept.stored()
    wrong = Keys(new_key() if keys else "")
    installations = Installations(CLIENT, kept.engine, wrong)
    says = "No key in STUDYHALL_SECRET_KEY decrypts" if keys else "and there's no key"
    for work in (
        installations.token("T1"),
        installations.store.async_find_bot(enterprise_id=None, team_id="T1"),
        installations.store.async_find_installation(enterprise_id=None, team_id="T1"),
    ):
        with pytest.raises(SecretKeyProblem, match=says):
            await work
    for check in check_secrets, rekey:
        with pytest.raises(SecretKeyProblem, match=says) as refused:
            check(kept.engine, wrong)
        assert "\n" not in str(refused.value)
        assert "install" not in str(refused.value)
    assert kept.stored() == before


async def test_tokens_whose_key_is_lost_for_good_can_be_deleted(kept: Kept) -> None:
    await kept.with_keys(new_key()).store.async_save(installation("T1"))
    key = new_key()
    await kept.with_keys(key).store.async_save(installation("T2"))
    assert rekey(kept.engine, Keys(key), delete_lost=True) == (7, 0)
    installations = kept.with_keys(key)
    assert await installations.token("T1") is None
    assert await installations.token("T2") == TOKEN


async def test_copies_hold_the_encrypted_values(kept: Kept, tmp_path: Path) -> None:
    await kept.with_keys(new_key()).store.async_save(installation("T1"))
    file, moved, restored = tmp_path / "backup", tmp_path / "moved.db", tmp_path / "restored.db"
    backup(kept.url, file, quiet)
    copy(kept.url, f"sqlite:///{moved}", quiet)
    restore(file, f"sqlite:///{restored}", quiet)
    for each in file, moved, restored:
        engine = open_database(f"sqlite:///{each}")
        assert Kept("", engine).stored() == kept.stored()
        engine.dispose()


@pytest.mark.parametrize("keys", ["secret", "a,b", f"{new_key()},x"], ids=["word", "words", "one"])
def test_what_is_no_key_says_how_to_make_one_and_is_not_shown(keys: str) -> None:
    with pytest.raises(SecretKeyProblem, match="`studyhall db new-key` makes one") as refused:
        Keys(keys)
    assert "secret" not in str(refused.value)
