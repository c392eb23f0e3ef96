"""Players' totals, preferences and data, on every kind of store."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from bot.engine.answers import RoundView
from bot.engine.events import Member
from bot.engine.players import PlayerTotals
from bot.engine.ports import Store
from storage.store import SqlStore
from tests.samples import START
from tests.storage.steps import (
    ANN,
    BOB,
    accept,
    accepted_answer,
    answered_at_close,
    answered_elsewhere,
    page,
    start,
)


async def test_forgetting_a_member_takes_every_trace_and_nothing_of_others(
    any_store: Store,
) -> None:
    for member in (ANN, BOB):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, accepted_answer(round_, member))
    assert await any_store.players.forget(ANN)
    assert not await any_store.players.forget(ANN)
    assert await any_store.players.totals(ANN) == PlayerTotals()
    assert await any_store.cards.of(ANN, "p") == {}
    assert [line.user for line in (await page(any_store, BOB)).lines] == ["bob"]
    assert (await any_store.players.totals(BOB)).answered == 1


async def test_a_person_is_one_player_in_all_communities_of_a_realm(any_store: Store) -> None:
    here, there = ANN, Member("terminal", "elsewhere", "ann")
    stranger = Member("terminal", "elsewhere", "ann", realm="T9")
    for member in (here, there, stranger):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, accepted_answer(round_, member))
    assert (await any_store.players.totals(here)).answered == 2
    assert (await any_store.players.totals(stranger)).answered == 1
    assert set(await any_store.cards.of(there, "p")) == {"q1"}


async def test_everything_of_a_player_can_be_had_and_is_gone_once_forgotten(
    any_store: Store,
) -> None:
    assert await any_store.players.export(ANN) is None
    (round_,) = await start(any_store, ANN, "q1")
    await accept(any_store, accepted_answer(round_))
    everything = await any_store.players.export(ANN)
    assert everything is not None
    assert [answer["points"] for answer in everything["answers"]] == [10]
    await any_store.players.forget(ANN)
    assert await any_store.players.export(ANN) is None


async def test_a_players_answers_wait_until_their_results_are_revealed(
    any_store: Store,
) -> None:
    post = await answered_at_close(any_store)
    await answered_elsewhere(any_store)
    assert (
        (await any_store.players.totals(ANN)).answered,
        (await any_store.players.totals(ANN)).waiting,
    ) == (1, 1)
    assert (await any_store.players.totals(BOB)).waiting == 0
    await any_store.posts.give_up(post.round.id, START)
    assert (
        (await any_store.players.totals(ANN)).answered,
        (await any_store.players.totals(ANN)).waiting,
    ) == (2, 0)


async def test_a_copy_tells_nothing_that_waits_for_a_close(any_store: Store) -> None:
    post = await answered_at_close(any_store)
    copied = await any_store.players.export(ANN)
    assert copied is not None
    assert [each["points"] for each in copied["answers"]] == [None]
    assert [each.get("credit") for each in copied["answers"]] == [None]
    assert copied.get("memory", []) == copied.get("standings", []) == []
    await any_store.posts.give_up(post.round.id, START)
    copied = await any_store.players.export(ANN)
    assert copied is not None
    assert [each["points"] for each in copied["answers"]] == [10]


async def test_an_open_round_cannot_be_answered_again_after_deleting_data(any_store: Store) -> None:
    async def seen(who: Member) -> bool:
        seats: list[RoundView | None] = []
        await any_store.answers.accept(post.round.id, who, seats.append)
        (view,) = seats
        assert view is not None
        return view.erased

    post = await answered_at_close(any_store)
    await answered_elsewhere(any_store)
    assert not await seen(ANN)
    await any_store.players.forget(ANN)
    assert await seen(ANN)
    assert not await seen(BOB)
    assert not await seen(replace(ANN, user="anna"))


async def test_pseudonyms_are_deleted_at_the_close(store: SqlStore) -> None:
    post = await answered_at_close(store)
    await store.players.forget(ANN)
    with store.database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM withdrawn")).scalar() == 1
    await store.posts.give_up(post.round.id, START)
    with store.database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM withdrawn")).scalar() == 0
        assert connection.execute(text("SELECT max(salt) FROM post")).scalar() is None
