"""Planned ends of seasons, and due rows that follow settings, on every kind of database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta

from bot.engine.communities import ChannelSettings, CommunitySettings
from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Channel, Member
from bot.engine.ports import Store
from bot.engine.rounds import Board, NewPost, NewRound, Reveal
from bot.engine.schedules import Weekly
from bot.engine.seasons import Season, SeasonEnd
from tests.databases import Databases
from tests.samples import START
from tests.storage.conftest import database
from tests.storage.steps import ANN, HERE, accept, accepted_answer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLACE = HERE.platform, HERE.community
END = SeasonEnd(START.date(), START + DAY, "Summer", HERE, "ann")
MONDAYS = Weekly(0, time(9))


async def only_row(store: Store) -> DueRow:
    (row,) = await store.due.of_community(*PLACE)
    return row


async def test_a_planned_end_is_due_and_begins_the_next_season_once(any_store: Store) -> None:
    spring = await any_store.seasons.start(*PLACE, "Spring", START, END)
    assert spring == Season(spring.id, "Spring", START, None, START.date(), "Summer")
    assert (await any_store.communities.settings(*PLACE)).season == spring
    row = await only_row(any_store)
    assert (row.kind, row.key, row.channel) == ("season", str(spring.id), HERE)
    assert (row.at, row.set_by) == (START + DAY, "ann")
    ended = await any_store.seasons.end(row, START + DAY)
    assert ended == replace(spring, ended_at=START + DAY)
    summer = (await any_store.communities.settings(*PLACE)).season
    assert summer
    assert (summer.name, summer.started_at, summer.ends_on) == ("Summer", START + DAY, None)
    assert await any_store.seasons.end(row, START + 2 * DAY) == ended
    assert (await any_store.communities.settings(*PLACE)).season == summer
    assert await any_store.seasons.past(ANN, limit=9, offset=0) == ([ended], 1)
    assert await any_store.seasons.find(ANN, spring.id) == ended
    assert await any_store.seasons.find(ANN, summer.id) == summer


async def test_without_a_next_one_none_runs(any_store: Store) -> None:
    await any_store.seasons.start(*PLACE, "Spring", START, replace(END, next=""))
    assert await any_store.seasons.end(await only_row(any_store), START + DAY)
    assert (await any_store.communities.settings(*PLACE)).season is None


async def test_another_season_takes_a_planned_end_away_but_no_podium_to_come(
    any_store: Store,
) -> None:
    spring = await any_store.seasons.start(*PLACE, "Spring", START, END)
    of_spring = await only_row(any_store)
    await any_store.seasons.start(*PLACE, "Other", START + HOUR, END)
    of_other = await only_row(any_store)
    assert of_other.key != of_spring.key
    assert await any_store.seasons.end(of_spring, START + DAY) is None
    cut_short = await any_store.seasons.find(ANN, spring.id)
    assert cut_short == Season(spring.id, "Spring", START, START + HOUR)
    assert await any_store.seasons.end(of_other, START + DAY)
    await any_store.seasons.start(*PLACE, "Third", START + DAY + HOUR)
    assert await only_row(any_store) == of_other


async def test_past_seasons_come_by_pages_the_latest_first(any_store: Store) -> None:
    for number in range(4):
        await any_store.seasons.start(*PLACE, f"S{number}", START + number * DAY)
    page, total = await any_store.seasons.past(ANN, limit=2, offset=1)
    assert ([each.name for each in page], total) == (["S1", "S0"], 3)


async def test_of_two_concurrent_ends_of_a_season_one_starts_the_next(
    databases: Databases,
) -> None:
    with databases.new() as url:
        async with database(url) as one, database(url) as other:
            await one.seasons.start(*PLACE, "Spring", START, END)
            row = await only_row(one)
            ends = [store.seasons.end(row, START + DAY) for store in (one, other) * 4]
            assert len(set(await asyncio.gather(*ends))) == 1
            summer = (await one.communities.settings(*PLACE)).season
            assert summer
            assert (await one.seasons.past(ANN, limit=9, offset=0))[1] == 1
            assert await one.seasons.find(ANN, summer.id + 1) is None


async def test_a_weekly_board_is_saved_with_its_due_row(any_store: Store) -> None:
    chosen = ChannelSettings(Reveal.AT_CLOSE, "p", MONDAYS)
    due = NewDue("weekly", HERE.id, HERE, START + DAY, "ann")
    await any_store.communities.set_channel_settings(HERE, chosen, due=due)
    assert await any_store.communities.channel_settings(HERE) == chosen
    row = await only_row(any_store)
    assert (row.at, row.set_by) == (START + DAY, "ann")
    await any_store.communities.set_channel_settings(HERE, replace(chosen, pack="q"))
    assert await only_row(any_store) == row, "nothing else moves it"
    assert await any_store.due.finish(row, START + 8 * DAY)
    following = await only_row(any_store)
    assert (following.at, following.set_by) == (START + 8 * DAY, "ann")
    await any_store.communities.set_channel_settings(
        HERE, replace(chosen, weekly=None), due=replace(due, at=None)
    )
    assert (await any_store.communities.channel_settings(HERE)).weekly is None
    assert await any_store.due.of_community(*PLACE) == []


async def test_what_is_due_moves_with_a_choice_unless_it_happened_meanwhile(
    any_store: Store,
) -> None:
    await any_store.due.set("weekly", "a", HERE, START)
    await any_store.due.set("weekly", "b", HERE, START)
    moved = [(row, START + HOUR) for row in await any_store.due.of_community(*PLACE)]
    (first, _), (second, _) = moved
    assert await any_store.due.finish(second, START + DAY)
    await any_store.communities.set_settings(*PLACE, CommunitySettings("Europe/Berlin"), moved)
    assert [row.at for row in await any_store.due.of_community(*PLACE)] == [
        START + HOUR,
        START + DAY,
    ]
    assert await any_store.due.claim("weekly", "terminal", START, START + DAY, 9) == []
    (claimed,) = await any_store.due.claim("weekly", "terminal", START + HOUR, START + DAY, 9)
    assert claimed.key == first.key


async def test_a_community_that_removes_the_bot_ends_its_weekly_boards_but_no_season(
    any_store: Store,
) -> None:
    there = Channel(HERE.platform, "elsewhere", HERE.id)
    for channel in (HERE, there):
        due = NewDue("weekly", channel.id, channel, START)
        await any_store.communities.set_channel_settings(
            channel, ChannelSettings(weekly=MONDAYS), due=due
        )
    await any_store.seasons.start(*PLACE, "Spring", START, END)
    await any_store.posts.abandon(*PLACE, "removed", START)
    assert (await only_row(any_store)).kind == "season"
    assert (await any_store.communities.channel_settings(HERE)).weekly is None
    assert (await any_store.communities.channel_settings(there)).weekly == MONDAYS
    assert len(await any_store.due.of_community(HERE.platform, "elsewhere")) == 1


async def test_deleting_all_data_clears_the_name_in_due_rows(any_store: Store) -> None:
    boss = Member("terminal", "local", "boss")
    await any_store.seasons.start(*PLACE, "Spring", START, replace(END, set_by="boss"))
    other = Channel("terminal", "local", "other")
    due = NewDue("weekly", other.id, other, START, "bob")
    await any_store.communities.set_channel_settings(
        other, ChannelSettings(weekly=MONDAYS), due=due
    )
    assert await any_store.players.forget(boss)
    names = {row.kind: row.set_by for row in await any_store.due.of_community(*PLACE)}
    assert names == {"season": "", "weekly": "bob"}
    assert not await any_store.players.forget(boss)


async def test_results_are_awaited_until_their_round_closes(any_store: Store) -> None:
    period = "season-7"
    new = NewPost(HERE, "p", NewRound("q1", "v1", ()), Board.LIVE, Reveal.AT_CLOSE, 600)
    claimed = await any_store.posts.claim(new, START, START + HOUR)
    assert claimed
    open_ = await any_store.posts.confirm(claimed.round.id, "m1", START)
    assert open_
    assert not await any_store.boards.awaits_results(ANN, period)
    given = accepted_answer(open_.round.id, season=7, board=Board.LIVE, reveal=Reveal.AT_CLOSE)
    await accept(any_store, given)
    assert await any_store.boards.awaits_results(ANN, period)
    assert not await any_store.boards.awaits_results(ANN, "season-8")
    assert not await any_store.boards.awaits_results(replace(ANN, community="elsewhere"), period)
    (over,) = await any_store.posts.claim_results("terminal", START + DAY, START + 2 * DAY, 9)
    assert over.round.id == open_.round.id
    assert not await any_store.boards.awaits_results(ANN, period)
