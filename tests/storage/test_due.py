"""Due rows: leased to one replica at a time, retried, done once, on every kind of database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.engine.events import Channel
from bot.engine.ports import Store
from tests.databases import Databases
from tests.samples import START
from tests.storage.conftest import database
from tests.storage.steps import HERE, due, posted
from tests.storage.test_dailies import TODAY, claim_for, running

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


async def test_a_row_is_handed_out_once_until_its_lease_is_over(any_store: Store) -> None:
    await any_store.due.set("weekly", "a", HERE, START)
    assert await any_store.due.claim("weekly", "terminal", START - MINUTE, START, 9) == []
    assert await any_store.due.claim("season", "terminal", START, START, 9) == []
    assert await any_store.due.claim("weekly", "discord", START, START, 9) == []
    (row,) = await any_store.due.claim("weekly", "terminal", START, START + MINUTE, 9)
    assert (row.kind, row.key, row.channel, row.at, row.tries) == ("weekly", "a", HERE, START, 0)
    assert await any_store.due.claim("weekly", "terminal", START, START + MINUTE, 9) == []
    (again,) = await any_store.due.claim("weekly", "terminal", START + MINUTE, START + DAY, 9)
    assert (again, again.tries) == (row, 1)
    await any_store.due.postpone(row, START + 2 * MINUTE)
    assert await any_store.due.claim("weekly", "terminal", START + MINUTE, START, 9) == []
    assert await any_store.due.claim("weekly", "terminal", START + 2 * MINUTE, START + DAY, 9)
    assert await any_store.due.finish(row)
    assert not await any_store.due.finish(row)
    assert await any_store.due.claim("weekly", "terminal", START + 9 * DAY, START, 9) == []


async def test_a_row_that_comes_again_does_so_at_its_next_time(any_store: Store) -> None:
    await any_store.due.set("weekly", "a", HERE, START)
    (row,) = await any_store.due.claim("weekly", "terminal", START, START + MINUTE, 9)
    assert await any_store.due.finish(row, START + DAY)
    assert await any_store.due.claim("weekly", "terminal", START + MINUTE, START, 9) == []
    (following,) = await any_store.due.claim("weekly", "terminal", START + DAY, START + 2 * DAY, 9)
    assert (following.at, following.tries) == (START + DAY, 0)
    assert not await any_store.due.finish(row), "it's another one by now"


async def test_a_rescheduled_row_is_not_finished_by_the_holder_of_the_old_one(
    any_store: Store,
) -> None:
    await any_store.due.set("weekly", "a", HERE, START)
    (row,) = await any_store.due.claim("weekly", "terminal", START, START + MINUTE, 9)
    await any_store.due.set("weekly", "a", Channel("terminal", "local", "else"), START + DAY)
    await any_store.due.postpone(row, START)
    assert not await any_store.due.finish(row)
    (moved,) = await any_store.due.claim("weekly", "terminal", START + DAY, START + 2 * DAY, 9)
    assert moved.channel.id == "else"
    await any_store.due.set("weekly", "a", HERE, None)
    assert await any_store.due.claim("weekly", "terminal", START + 9 * DAY, START, 9) == []


async def test_of_two_replicas_one_gets_a_row(databases: Databases) -> None:
    with databases.new() as url:
        async with database(url) as one, database(url) as two:
            for key in "abcdefgh":
                await one.due.set("weekly", key, HERE, START)
            claimed = await asyncio.gather(
                *(
                    store.due.claim("weekly", "terminal", START, START + MINUTE, 3)
                    for store in (one, two) * 3
                )
            )
            keys = [row.key for rows in claimed for row in rows]
            rest = await one.due.claim("weekly", "terminal", START, START + MINUTE, 9)
            assert sorted([*keys, *(row.key for row in rest)]) == [*"abcdefgh"]


async def test_a_result_that_could_not_be_shown_is_due_until_it_was(any_store: Store) -> None:
    post = await posted(any_store)
    assert await due(any_store, START + MINUTE) == [post.round.id]
    await any_store.posts.note_trouble(post.round.id, "no entry")
    stands = await any_store.posts.get(post.round.id)
    assert stands is not None
    assert (stands.due, stands.trouble, stands.round.closed) == (True, "no entry", True)
    assert await any_store.posts.live_in(post.channel) is None, "the channel is free"
    await any_store.posts.postpone(post.round.id, START + DAY)
    assert await due(any_store, START + DAY - MINUTE) == []
    await any_store.posts.hurry_results("terminal", "elsewhere", START + MINUTE)
    assert await due(any_store, START + MINUTE) == []
    await any_store.posts.hurry_results("terminal", "local", START + MINUTE)
    assert await due(any_store, START + MINUTE) == [post.round.id]
    await any_store.posts.finish(post.round.id, None)
    stands = await any_store.posts.get(post.round.id)
    assert stands is not None
    assert (stands.due, stands.trouble) == (False, "")
    await any_store.posts.hurry_results("terminal", "local", START + 2 * DAY)
    assert await due(any_store, START + 9 * DAY) == []


async def test_the_results_of_a_community_that_left_wait_for_it(any_store: Store) -> None:
    post = await posted(any_store)
    await any_store.posts.abandon("terminal", "local", "removed", START)
    stands = await any_store.posts.get(post.round.id)
    assert stands is not None
    assert (stands.due, stands.trouble, stands.round.closed) == (True, "removed", True)
    assert await due(any_store, START + MINUTE) == []
    await any_store.posts.hurry_results("terminal", "local", START + MINUTE)
    assert await due(any_store, START + MINUTE) == [post.round.id]


async def test_who_asked_is_known(any_store: Store) -> None:
    seen = await running(any_store)
    (round_id,) = (await any_store.dailies.claim([claim_for(seen)], START)).values()
    daily = await any_store.posts.get(round_id or 0)
    assert daily is not None
    assert daily.asked_by == seen.set_by != ""
    live = await posted(any_store)
    assert live.asked_by == ""


async def test_a_date_far_ahead_is_forgotten_and_no_other(any_store: Store) -> None:
    seen = await running(any_store)
    await any_store.dailies.claim([claim_for(seen)], START)
    today = await any_store.dailies.of(HERE)
    assert today is not None
    assert await any_store.dailies.forget_future_dates(TODAY) == []
    ahead = TODAY + timedelta(days=365)
    await any_store.dailies.claim([replace(claim_for(today), day=ahead)], START)
    assert await any_store.dailies.forget_future_dates(TODAY + DAY) == [seen.id]
    mended = await any_store.dailies.of(HERE)
    assert mended is not None
    assert mended.last_on == TODAY
    assert await any_store.dailies.forget_future_dates(TODAY + DAY) == []
    assert await any_store.dailies.claim([replace(claim_for(mended), day=ahead)], START) != {}
