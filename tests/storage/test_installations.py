"""Installations of the Slack app, in our tables and in those that Slack's library created."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import Connection, Engine

from storage.installations import SECRETS, Installations
from storage.opening import open_database
from storage.tables import METADATA
from tests.databases import Databases
from tests.storage.test_database import begin_as_is, migrate

CLIENT = "1234.5678"


def installation(team: str, enterprise: str | None = None) -> Installation:
    return Installation(
        app_id="A1",
        enterprise_id=enterprise,
        team_id=team,
        bot_token=f"xoxb-{team}",
        bot_id="B1",
        bot_user_id="U1",
        user_id="U2",
    )


def create_slack_tables(engine: Engine) -> SQLAlchemyInstallationStore:
    """Create the tables as Slack's library does; returns its store."""
    store = SQLAlchemyInstallationStore(CLIENT, engine)
    store.create_tables()  # type: ignore[no-untyped-call]
    return store


def is_slack_table(_: object, name: str | None, kind: str, *__: object) -> bool:
    return kind != "table" or str(name).startswith("slack_")


def compare_slack_tables(connection: Connection) -> list[Any]:
    """Differences between the tables of Slack's library and our declarations."""
    context = MigrationContext.configure(connection, opts={"include_object": is_slack_table})
    return list(compare_metadata(context, METADATA))


async def test_a_workspace_is_found_whichever_organisation_it_belongs_to(
    database_url: str,
) -> None:
    engine = open_database(database_url)
    kept = Installations(CLIENT, engine)
    for team, enterprise in (("T1", None), ("T2", "E1")):
        await kept.store.async_save(installation(team, enterprise))
    tokens = [await kept.token(team) for team in ("T1", "T2", "T3")]
    assert tokens == ["xoxb-T1", "xoxb-T2", None]
    await kept.forget("T2")
    assert await kept.token("T2") is None
    assert await kept.token("T1") is not None
    engine.dispose()


def test_the_tables_are_those_that_slacks_library_reads_and_writes(databases: Databases) -> None:
    with databases.new(empty=True) as url:
        with begin_as_is(url) as connection:
            assert compare_slack_tables(connection)
            create_slack_tables(connection.engine)
        widened = {
            (table, column, "modify_type")
            for table, columns in SECRETS.items()
            for column in columns
        }
        with begin_as_is(url) as connection:
            found = compare_slack_tables(connection)
            assert {(each[2], each[3], each[0]) for (each,) in found} == widened


async def test_rows_in_tables_that_slacks_library_created_stay(databases: Databases) -> None:
    with databases.new(empty=True) as url:
        with begin_as_is(url) as connection:
            migrate(connection, "0007_told_zones")
        with begin_as_is(url) as connection:
            create_slack_tables(connection.engine).save(installation("T1"))
            states = SQLAlchemyOAuthStateStore(600, connection.engine)
            states.create_tables()  # type: ignore[no-untyped-call]
        with ThreadPoolExecutor(8) as threads:
            opened = list(threads.map(open_database, [url] * 8))
        kept = Installations(CLIENT, opened[0])
        await kept.store.async_save(installation("T2"))
        assert [await kept.token(team) for team in ("T1", "T2")] == ["xoxb-T1", "xoxb-T2"]
        with begin_as_is(url) as connection:
            assert compare_slack_tables(connection) == []
        for each in opened:
            each.dispose()
