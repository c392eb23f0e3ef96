"""The walls between communities: who knows the ids of one, but is in another, gets nothing by them,
changes nothing, and does not learn whether there is such a thing."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import partial
from typing import TypeVar

import pytest

from bot.engine.events import Channel, Member
from bot.engine.ports import (
    ChannelSettings,
    Claim,
    CommunitySettings,
    Daily,
    NewPost,
    Preferences,
    Record,
    SeasonEnd,
    Seat,
    Store,
)
from bot.engine.rounds import Board, NewRound, Reveal
from bot.engine.schedules import Schedule
from bot.engine.standings import ALL_TIME, RankBy
from bot.engine.teams import JoinOutcome
from storage.store import SqlStore
from tests.databases import everything_in
from tests.samples import START
from tests.storage.test_store import acceptance, start

T = TypeVar("T")

ANN, BOB, GUS = (Member("discord", "home", user) for user in ("ann", "bob", "gus"))
HERE = Channel("discord", "home", "general")
MALLORY = Member("discord", "elsewhere", "mallory")
NAMESAKE = Member("slack", "home", "ann", realm="home")
"""The same ids on another platform, where they mean others."""
OUTSIDE = (MALLORY, replace(ANN, community="hers"), NAMESAKE)
"""Who is not in the community; ann herself, too, where she comes from another one."""
UNKNOWN = 999
"""The id of nothing."""

LATER = START + timedelta(minutes=1)
HOUR = timedelta(hours=1)
TODAY = START.date()
WEEK_AGO = TODAY - timedelta(days=7)
SCHEDULE = Schedule(time(9), "UTC", frozenset(range(7)), (), 3600, Reveal.AT_ONCE, "", frozenset())

WALLED = set[str]()
NO_WALL = {
    "start_drill": "makes something of one's own",
    "offer_link": "joins persons across platforms, by a code that only one of them is shown",
    **dict.fromkeys(
        ("claim_link", "claimed_link", "allow_link", "refuse_link", "linked"),
        "joins persons across platforms: test_linking.py tries it as strangers",
    ),
    "unlink": "undoes it for oneself",
    "reports": "is for who runs the bot",
    **dict.fromkeys(("kept", "keep"), "is of the installation, and of no community"),
    **dict.fromkeys(
        (
            *("confirm_post", "due_posts", "changed_posts", "close_post", "refuse_post"),
            *("postpone_post", "post", "givens", "dailies", "due_dailies", "claim_dailies"),
            *("unprepared_dailies", "prepare_dailies", "forget_future_dates"),
            *("due_results", "finish_post", "note_trouble"),
            *("claim_due", "postpone_due", "finish_due", "end_season"),
        ),
        "is what the bot does by itself: no id comes from an action",
    ),
}


def wall(*methods: str) -> Callable[[T], T]:
    """Says of which methods of a store a test proves the wall."""
    WALLED.update(methods)
    return lambda test: test


@dataclass(frozen=True, slots=True)
class Home:
    """Ids of what there is in a community."""

    store: Store
    drill: int
    step: int
    round: int
    daily: int
    proposal: int
    owls: int
    tutors: int
    ghosts: int
    """A team whose members had themselves forgotten: the next to look would remove it."""

    @property
    def rounds(self) -> Sequence[int]:
        return self.round, self.step

    @property
    def teams(self) -> Sequence[int]:
        return self.owls, self.tutors, self.ghosts


@pytest.fixture
async def home(any_store: Store) -> Home:
    """A community in which everything is under way, and strangers who are known elsewhere."""
    store = any_store
    await store.start_season("discord", "home", "Autumn", START)
    drill = await store.start_drill(ANN, "Ann", "p", "topic", [asked("q1")], START)
    kept = await store.drill(drill, ANN)
    owls = await store.create_team(ANN, "Ann", "Owls")
    assert kept
    assert owls
    await store.define_team(ANN, "Tutors", "r1")
    (tutors,) = [team.id for team in await store.teams(ANN) if team.role]
    ghosts = await store.create_team(GUS, "Gus", "Ghosts")
    assert ghosts
    await store.forget(GUS)
    chosen = CommunitySettings("Europe/Berlin", team_cap=2)
    await store.set_channel(HERE, ChannelSettings(Reveal.AT_CLOSE, "p"), chosen)
    round_ = await pose(store, HERE)
    answered = replace(acceptance(round_, ANN, question="q2", board=Board.LIVE), name="Ann")
    await store.accept(round_, ANN, lambda _: answered)
    daily = await set_daily(store, HERE, ANN)
    await store.prepare_dailies([replace(daily, pack="p", question="q4")])
    _, proposal = await store.propose_daily(HERE, "ann", replace(SCHEDULE, at=time(10)))
    for who in OUTSIDE:
        await start(store, who, "q1")
    return Home(store, drill, kept.steps[0][0].id, round_, daily.id, proposal, owls, tutors, ghosts)


def asked(question: str) -> NewRound:
    return NewRound(question, "v1", (0, 1))


async def pose(store: Store, channel: Channel) -> int:
    """The id of a round that is open in a channel."""
    new = NewPost(channel, "p", asked("q2"), Board.LIVE, Reveal.AT_ONCE, 600)
    claimed = await store.claim_post(new, START, LATER)
    assert claimed
    assert await store.confirm_post(claimed.round.id, "m1", START)
    return claimed.round.id


async def set_daily(store: Store, channel: Channel, by: Member) -> Daily:
    """The daily question that a member sets for a channel."""
    id_, number = await store.propose_daily(channel, by.user, SCHEDULE)
    proposed = await store.proposed_daily(id_, number, by)
    assert proposed
    saved = replace(proposed, next_on=TODAY, next_due=LATER)
    assert await store.save_daily(number, proposed, saved)
    return saved


def channel_of(who: Member) -> Channel:
    """The channel where a member is; all of them have the same id."""
    return Channel(who.platform, who.community, HERE.id)


def everything(store: Store) -> object:
    """All that is kept, to be compared."""
    if isinstance(store, SqlStore):
        return everything_in(store.engine)
    return copy.deepcopy(vars(store))


async def boards(store: Store, who: Member) -> Sequence[object]:
    members = await store.standings(
        who, Board.LIVE, ALL_TIME, now=START, zone="UTC", limit=9, offset=0
    )
    return (members, await store.team_standings(who, Board.LIVE, ALL_TIME, limit=9, offset=0))


async def at_home(store: Store) -> Sequence[object]:
    """What members of the community see of it."""
    return [
        [(await store.teams(who), await store.preferences(who)) for who in (ANN, BOB)],
        sorted(await store.mates(ANN), key=lambda mate: mate.user),
        await store.team_cap(ANN),
        await store.community_settings(HERE.platform, HERE.community),
        await store.channel_settings(HERE),
        await store.due_rows(HERE.platform, HERE.community),
        await store.past_seasons(ANN, limit=9, offset=0),
        await store.daily(HERE),
        await store.live_post(HERE),
        await boards(store, ANN),
        (await store.record(ANN)).answered,
    ]


async def from_outside(
    home: Home, attempt: Callable[[Member], Awaitable[object]], answer: object
) -> None:
    """Proves that strangers get an answer, always the same, and that nothing at all changes."""
    before = everything(home.store)
    for who in OUTSIDE:
        assert await attempt(who) == answer, who
        assert everything(home.store) == before, who


async def by_id(
    home: Home,
    attempt: Callable[[int, Member], Awaitable[object]],
    ids: Iterable[int],
    answer: object,
) -> None:
    """The same of what strangers try with ids, whether there is something of that id or not."""
    for id_ in (*ids, UNKNOWN):
        await from_outside(home, partial(attempt, id_), answer)


async def beside(home: Home, doing: Callable[[Member], Awaitable[object]]) -> None:
    """Proves that what strangers do where they are, with the same ids, is not felt at home."""
    before = await at_home(home.store)
    for who in OUTSIDE:
        await doing(who)
        assert await at_home(home.store) == before, who


# What one does with an id from a button.


@wall("seat")
async def test_nobody_outside_has_a_place_at_a_round(home: Home) -> None:
    await by_id(home, home.store.seat, home.rounds, None)
    assert await home.store.seat(home.round, BOB)


@wall("accept")
async def test_nobody_outside_answers_a_round(home: Home) -> None:
    async def answer(round_: int, who: Member) -> object:
        return await home.store.accept(round_, who, place)

    def place(seat: Seat | None) -> object:
        return seat

    await by_id(home, answer, home.rounds, None)
    assert await answer(home.round, BOB)


@wall("drill")
async def test_nobody_outside_sees_a_drill(home: Home) -> None:
    await by_id(home, home.store.drill, (home.drill,), None)
    assert await home.store.drill(home.drill, ANN)


@wall("report")
async def test_nobody_outside_reports_a_question(home: Home) -> None:
    async def report(round_: int, who: Member) -> bool:
        return await home.store.report(round_, who, who.user, "typo", START)

    await by_id(home, report, home.rounds, False)
    assert await report(home.round, BOB)


@wall("hurry_post")
async def test_nobody_outside_closes_a_round(home: Home) -> None:
    async def close(round_: int, who: Member) -> bool:
        return await home.store.hurry_post(round_, who, START)

    await by_id(home, close, home.rounds, False)
    assert await close(home.round, BOB)


@wall("posted", "withdraw")
async def test_nobody_outside_sees_or_withdraws_a_round(home: Home) -> None:
    await by_id(home, home.store.posted, home.rounds, None)
    assert await home.store.posted(home.round, BOB)

    async def withdraw(round_: int, who: Member) -> bool:
        return await home.store.withdraw(round_, who, START, LATER)

    await by_id(home, withdraw, home.rounds, False)
    assert await withdraw(home.round, BOB)


@wall("proposed_daily")
async def test_nobody_outside_sees_a_proposal_and_so_nobody_saves_it(home: Home) -> None:
    async def look(daily: int, who: Member) -> object:
        return await home.store.proposed_daily(daily, home.proposal, who)

    await by_id(home, look, (home.daily,), None)
    assert await look(home.daily, BOB)


@wall("join_team")
async def test_nobody_outside_joins_a_team(home: Home) -> None:
    async def join(team: int, who: Member) -> JoinOutcome:
        return await home.store.join_team(who, who.user, team)

    await by_id(home, join, home.teams, JoinOutcome.UNKNOWN)
    assert await join(home.owls, BOB) is JoinOutcome.DONE


@wall("rename_team")
async def test_nobody_outside_renames_a_team_or_learns_that_a_name_is_taken(home: Home) -> None:
    for name in ("Larks", "Tutors"):

        async def rename(team: int, who: Member, name: str = name) -> bool:
            return await home.store.rename_team(who, team, name)

        await by_id(home, rename, home.teams, True)
    assert not await home.store.rename_team(ANN, home.owls, "Tutors")
    assert await home.store.rename_team(ANN, home.owls, "Larks")
    assert "Larks" in [team.name for team in await home.store.teams(ANN)]


@wall("release_team")
async def test_nobody_outside_releases_a_team_from_its_role(home: Home) -> None:
    async def release(team: int, who: Member) -> None:
        await home.store.release_team(who, team)

    await by_id(home, release, home.teams, None)
    await release(home.tutors, ANN)
    assert not any(team.role for team in await home.store.teams(ANN))


@wall("follow_role")
async def test_a_role_leads_nobody_outside_into_a_team(home: Home) -> None:
    async def follow(team: int, who: Member) -> None:
        await home.store.follow_role(who, who.user, team)

    await by_id(home, follow, home.teams, None)
    await follow(home.tutors, BOB)
    assert [team.name for team in await home.store.teams(BOB) if team.mine] == ["Tutors"]


# What one does in a community of one's own, where channels, members, roles have the same ids.


@wall("create_team", "leave_team")
async def test_teams_of_another_community_are_made_and_left_beside_those_here(home: Home) -> None:
    async def make_and_leave(who: Member) -> None:
        assert await home.store.create_team(who, who.user, "Owls")
        assert await home.store.leave_team(who)
        assert not await home.store.leave_team(who)

    await beside(home, make_and_leave)


@wall("regroup")
async def test_members_of_another_community_are_regrouped_beside_those_here(home: Home) -> None:
    async def regroup(who: Member) -> None:
        await home.store.regroup(who, {"Owls": ["bob"], "Larks": ["ann", who.user]})

    await home.store.join_team(BOB, "Bob", home.owls)
    await beside(home, regroup)


@wall("define_team")
async def test_a_role_of_another_community_defines_a_team_there_alone(home: Home) -> None:
    async def define(who: Member) -> None:
        for name in ("Owls", "Larks"):
            await home.store.define_team(who, name, "r1")
        assert [(each.name, each.role) for each in await home.store.teams(who)] == [("Larks", "r1")]

    await beside(home, define)


@wall("start_season")
async def test_a_season_of_another_community_ends_none_here(home: Home) -> None:
    end = SeasonEnd(TODAY, LATER, "Spring", HERE, "ann")
    await home.store.start_season(HERE.platform, HERE.community, "Winter", LATER, end)

    async def start_and_end(who: Member) -> None:
        theirs = replace(end, channel=channel_of(who))
        await home.store.start_season(who.platform, who.community, "Winter", LATER, theirs)
        (row,) = await home.store.due_rows(who.platform, who.community)
        assert await home.store.end_season(row, LATER)

    await beside(home, start_and_end)


@wall("season", "past_seasons", "due_rows", "awaits_results")
async def test_seasons_and_plans_of_another_community_are_not_seen(home: Home) -> None:
    store = home.store
    autumn = (await store.community_settings(HERE.platform, HERE.community)).season
    assert autumn
    end = SeasonEnd(TODAY, LATER, "Spring", HERE, "ann")
    await store.start_season(HERE.platform, HERE.community, "Winter", LATER, end)
    late = await store.claim_post(
        NewPost(replace(HERE, id="late"), "p", asked("q9"), Board.LIVE, Reveal.AT_CLOSE, 600),
        START,
        LATER,
    )
    assert late
    waiting = acceptance(
        late.round.id, ANN, question="q9", board=Board.LIVE, reveal=Reveal.AT_CLOSE
    )
    await store.accept(late.round.id, ANN, lambda _: waiting)
    looks: Sequence[tuple[Callable[[Member], Awaitable[object]], object]] = (
        (lambda who: store.season(who, autumn.id), None),
        (lambda who: store.past_seasons(who, limit=9, offset=0), ([], 0)),
        (lambda who: store.due_rows(who.platform, who.community), []),
        (lambda who: store.awaits_results(who, ALL_TIME), False),
    )
    for look, nothing in looks:
        await from_outside(home, look, nothing)
        assert await look(BOB) != nothing


@wall("set_community", "set_channel", "set_preferences")
async def test_what_is_chosen_in_another_community_holds_there_alone(home: Home) -> None:
    async def choose(who: Member) -> None:
        theirs = CommunitySettings("Asia/Tokyo", team_cap=7)
        await home.store.set_community(who.platform, who.community, theirs)
        other = ChannelSettings(Reveal.AT_ONCE, "other")
        await home.store.set_channel(channel_of(who), other, theirs)
        await home.store.set_preferences(who, who.user, Preferences(hidden=True))

    await beside(home, choose)


@wall("claim_post")
async def test_a_question_in_a_channel_of_another_community_is_posed_beside_that_here(
    home: Home,
) -> None:
    await beside(home, lambda who: pose(home.store, channel_of(who)))


@wall("propose_daily", "save_daily", "change_daily", "remove_daily")
async def test_a_daily_of_another_community_is_set_and_changed_beside_that_here(
    home: Home,
) -> None:
    async def set_and_pause(who: Member) -> None:
        saved = await set_daily(home.store, channel_of(who), who)
        assert saved.id != home.daily
        paused = replace(saved, paused="An admin paused it.", next_on=None, next_due=None)
        assert await home.store.change_daily(saved, paused)
        assert await home.store.remove_daily(channel_of(who))

    await beside(home, set_and_pause)
    assert await home.store.proposed_daily(home.daily, home.proposal, ANN)


@wall("hurry_results")
async def test_a_community_that_lets_the_bot_in_again_hurries_nothing_here(home: Home) -> None:
    (post,) = [*await home.store.due_results("discord", LATER + HOUR, LATER + 2 * HOUR, 9)][:1]

    async def hurry(who: Member) -> None:
        await home.store.hurry_results(who.platform, who.community, LATER)

    await beside(home, hurry)
    assert await home.store.due_results("discord", LATER, LATER, 9) == []
    await hurry(ANN)
    (again,) = await home.store.due_results("discord", LATER, LATER, 9)
    assert again.round.id == post.round.id


@wall("set_due")
async def test_what_another_community_plans_moves_nothing_here(home: Home) -> None:
    here = Channel(ANN.platform, ANN.community, "general")
    await home.store.set_due("weekly", "general", here, START)

    async def plan(who: Member) -> None:
        there = Channel(who.platform, who.community, "general")
        await home.store.set_due("weekly", "general", there, None)
        await home.store.set_due("weekly", "general", there, LATER)

    await beside(home, plan)
    (row,) = await home.store.claim_due("weekly", "discord", START, LATER, 9)
    assert (row.channel, row.at) == (here, START)


@wall("abandon_posts")
async def test_a_community_that_removes_the_bot_ends_nothing_here(home: Home) -> None:
    async def abandon(who: Member) -> None:
        await home.store.abandon_posts(who.platform, who.community, "Removed.", START)

    await beside(home, abandon)


# What one looks at.


@wall("daily", "live_post", "last_posted", "asked_in", "channel_settings", "group_cards")
async def test_a_channel_of_another_community_shows_nothing_of_the_one_here(home: Home) -> None:
    store = home.store
    looks: Sequence[tuple[Callable[[Member], Awaitable[object]], object]] = (
        (lambda who: store.daily(channel_of(who)), None),
        (lambda who: store.live_post(channel_of(who)), None),
        (lambda who: store.last_posted(channel_of(who), 5), []),
        (lambda who: store.asked_in(channel_of(who), "p"), []),
        (lambda who: store.channel_settings(channel_of(who)), ChannelSettings()),
    )
    for look, nothing in looks:
        await from_outside(home, look, nothing)
        assert await look(BOB) != nothing
    # Ann's memory goes with her into all her communities.
    for who in (MALLORY, NAMESAKE):
        assert await store.group_cards(channel_of(who), "p", WEEK_AGO, 9) == []
    assert await store.group_cards(HERE, "p", WEEK_AGO, 9) != []


@wall("teams", "mates", "team_cap", "community_settings")
@wall("boards_played", "standings", "team_standings")
async def test_another_community_shows_nothing_of_the_members_here(home: Home) -> None:
    store = home.store

    async def played(who: Member) -> set[Board]:
        return {board for by in RankBy for board in await store.boards_played(who, ALL_TIME, by)}

    looks: Sequence[tuple[Callable[[Member], Awaitable[object]], object]] = (
        (store.teams, []),
        (store.team_cap, None),
        (lambda who: store.community_settings(who.platform, who.community), CommunitySettings()),
        (played, set()),
    )
    for look, nothing in looks:
        await from_outside(home, look, nothing)
        assert await look(BOB) != nothing
    for who in OUTSIDE:
        assert "Ann" not in str(await store.mates(who)), who
        assert "Ann" not in str(await boards(store, who)), who
        assert "Owls" not in str(await boards(store, who)), who
    assert "Ann" in str(await store.mates(BOB))
    assert "Ann" in str(await boards(store, BOB))
    assert "Owls" in str(await boards(store, BOB))


@wall("missed_dailies", "open_questions")
async def test_who_plays_elsewhere_is_shown_no_rounds_of_here(home: Home) -> None:
    asked_daily = await daily_that_is_over(home)
    for who in (MALLORY, NAMESAKE):
        assert await home.store.missed_dailies(who, HERE.id, START, 9) == []
        assert await home.store.open_questions(who, "p") == set()
    assert [each.id for each in await home.store.missed_dailies(BOB, HERE.id, START, 9)] == [
        asked_daily
    ]
    assert await home.store.open_questions(BOB, "p") == {"q2"}


async def daily_that_is_over(home: Home) -> int:
    """The id of a daily's round that was asked and closed."""
    daily = await home.store.daily(HERE)
    assert daily
    new = NewPost(HERE, "p", asked("q3"), Board.DAILY, Reveal.AT_ONCE, 600)
    claim = Claim(daily, day=TODAY, post=new)
    round_ = (await home.store.claim_dailies([claim], START))[daily.id]
    assert round_
    await home.store.confirm_post(round_, "m2", START)
    await home.store.close_post(round_, LATER)
    return round_


# What is stored of a person.


@wall("record", "cards", "preferences", "everything")
async def test_nobody_gets_what_is_stored_of_another_person_with_the_same_id(home: Home) -> None:
    store = home.store
    await store.set_preferences(ANN, "Ann", Preferences("Asia/Tokyo", hidden=True))
    for who in (MALLORY, NAMESAKE):
        assert await store.record(who) == Record()
        assert await store.cards(who, "p") == {}
        assert await store.preferences(who) == Preferences()
        assert (await store.everything(who) or {})["answers"] == []
    assert (await store.record(ANN)).answered == 1


@wall("forget")
async def test_who_is_forgotten_takes_nothing_of_another_person_with_the_same_id(
    home: Home,
) -> None:
    other = replace(NAMESAKE, community="T1", realm="T1")
    await set_daily(home.store, channel_of(other), other)
    before = await at_home(home.store)
    for who in (MALLORY, NAMESAKE):
        assert await home.store.forget(who)
        assert await home.store.everything(who) is None
        assert await at_home(home.store) == before, who
    kept = await home.store.daily(channel_of(other))
    assert kept
    assert kept.set_by == other.user
    assert await home.store.forget(other)
    kept = await home.store.daily(channel_of(other))
    assert kept
    assert kept.set_by == ""


@wall("posed_since", "has_posed")
async def test_nobody_outside_has_posed_what_was_posed_here(home: Home) -> None:
    new = NewPost(
        replace(HERE, id="other"), "p", asked("q3"), Board.LIVE, Reveal.AT_ONCE, 60, posed_by="ann"
    )
    post = await home.store.claim_post(new, START, LATER)
    assert post
    assert await home.store.has_posed(post.round.id, ANN)
    assert not await home.store.has_posed(post.round.id, BOB)
    await by_id(home, home.store.has_posed, (post.round.id, home.round), False)
    assert await home.store.posed_since(ANN, START - timedelta(hours=1)) == [START]
    for who in OUTSIDE:
        assert await home.store.posed_since(who, START - timedelta(hours=1)) == []


def test_every_method_that_takes_an_id_has_a_wall_or_needs_none() -> None:
    methods = {name for name, _ in inspect.getmembers(Store, inspect.isfunction)}
    methods = {name for name in methods if not name.startswith("_")}
    assert WALLED | NO_WALL.keys() == methods
    assert not WALLED & NO_WALL.keys()
