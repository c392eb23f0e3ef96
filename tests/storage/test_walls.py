"""The walls between communities: with ids from another community, a member sees nothing, changes
nothing, and can't even learn that the ids exist."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import partial
from typing import TypeVar, get_type_hints

import pytest

from bot.engine.answers import RoundView
from bot.engine.communities import ChannelSettings, CommunitySettings, Managers
from bot.engine.dailies import Daily, DailyClaim
from bot.engine.events import Channel, Member
from bot.engine.players import PlayerTotals, Preferences
from bot.engine.ports import Store
from bot.engine.rounds import Board, NewPost, NewRound, Reveal
from bot.engine.schedules import Schedule
from bot.engine.seasons import SeasonEnd
from bot.engine.standings import ALL_TIME, RankBy
from bot.engine.teams import JoinOutcome
from storage.store import SqlStore
from tests.databases import dump_rows
from tests.samples import START
from tests.stand_ins.memory_store import MemoryStore
from tests.storage.steps import accept, accepted_answer, start

T = TypeVar("T")

ANN, BOB, GUS = (Member("discord", "home", user) for user in ("ann", "bob", "gus"))
HERE = Channel("discord", "home", "general")
MALLORY = Member("discord", "elsewhere", "mallory")
NAMESAKE = Member("slack", "home", "ann", realm="home")
"""The same ids on another platform, where they belong to others."""
OUTSIDE = (MALLORY, replace(ANN, community="hers"), NAMESAKE)
"""Members outside the community, including Ann herself in another one."""
UNKNOWN = 999
"""An id that doesn't exist."""

LATER = START + timedelta(minutes=1)
HOUR = timedelta(hours=1)
TODAY = START.date()
WEEK_AGO = TODAY - timedelta(days=7)
SCHEDULE = Schedule(time(9), "UTC", frozenset(range(7)), (), 3600, Reveal.AT_ONCE, "", frozenset())

WALLED = set[str]()
NO_WALL = {
    "drills.start": "makes something of one's own",
    "linking.offer": "joins persons across platforms, by a code that only one of them is shown",
    **dict.fromkeys(
        (
            "linking.claim",
            "linking.claimant",
            "linking.allow",
            "linking.refuse",
            "linking.platforms",
        ),
        "joins persons across platforms: test_linking.py tries it as strangers",
    ),
    "linking.unlink": "undoes it for oneself",
    "reports.all": "is for who runs the bot",
    **dict.fromkeys(
        ("questions.list_unknown", "questions.keep"), "are for the start, of all communities"
    ),
    **dict.fromkeys(
        ("settings.get", "settings.set", "processes.save", "processes.all", "processes.forget"),
        "is of the installation, and of no community",
    ),
    **dict.fromkeys(
        (
            *(
                "posts.confirm",
                "posts.claim_due",
                "posts.claim_changed",
                "posts.give_up",
                "posts.fail",
            ),
            *(
                "posts.postpone",
                "posts.get",
                "answers.of_round",
                "dailies.running",
                "dailies.due",
                "dailies.claim",
            ),
            *("dailies.unprepared", "dailies.prepare", "dailies.forget_future_dates"),
            *("posts.claim_results", "posts.finish", "posts.note_trouble"),
            *("due.claim", "due.postpone", "due.finish", "seasons.end"),
            *("dailies.before", "communities.note_warning"),
        ),
        "is what the bot does by itself: no id comes from an action",
    ),
}


def wall(*methods: str) -> Callable[[T], T]:
    """Marks the store methods whose wall a test proves."""
    WALLED.update(methods)
    return lambda test: test


@dataclass(frozen=True, slots=True)
class Home:
    """Ids of dump_store in a community."""

    store: Store
    drill: int
    step: int
    round: int
    daily: int
    proposal: int
    owls: int
    tutors: int
    ghosts: int
    """A team without members, whose points were withdrawn: the next cleanup would delete it."""

    @property
    def rounds(self) -> Sequence[int]:
        return self.round, self.step

    @property
    def teams(self) -> Sequence[int]:
        return self.owls, self.tutors, self.ghosts


@pytest.fixture
async def home(any_store: Store) -> Home:
    """A community with a bit of dump_store, and strangers who play elsewhere."""
    store = any_store
    await store.seasons.start("discord", "home", "Autumn", START)
    drill = await store.drills.start(ANN, "Ann", "p", "topic", [asked("q1")], START)
    kept = await store.drills.get(drill, ANN)
    owls = await store.teams.create(ANN, "Ann", "Owls")
    assert kept
    assert owls
    await store.teams.bind_role(ANN, "Tutors", "r1")
    (tutors,) = [team.id for team in await store.teams.all(ANN) if team.role]
    ghosts = await store.teams.create(GUS, "Gus", "Ghosts")
    assert ghosts
    haunted = await pose(store, replace(HERE, id="attic"))
    scored = accepted_answer(haunted, GUS, question="q2", board=Board.LIVE)
    await store.answers.accept(haunted, GUS, lambda _: scored)
    await store.teams.leave(GUS)
    assert await store.posts.withdraw(haunted, GUS, START, LATER)
    await store.players.forget(GUS)
    chosen = CommunitySettings("Europe/Berlin", team_cap=2, managers=Managers("r1", ("ann",)))
    await store.communities.set_channel_settings(
        HERE, ChannelSettings(Reveal.AT_CLOSE, "p"), chosen
    )
    round_ = await pose(store, HERE)
    answered = replace(accepted_answer(round_, ANN, question="q2", board=Board.LIVE), name="Ann")
    await store.answers.accept(round_, ANN, lambda _: answered)
    daily = await set_daily(store, HERE, ANN)
    await store.dailies.prepare([replace(daily, pack="p", question="q4")])
    _, proposal = await store.dailies.propose(HERE, "ann", replace(SCHEDULE, at=time(10)))
    for who in OUTSIDE:
        await start(store, who, "q1")
    return Home(store, drill, kept.steps[0][0].id, round_, daily.id, proposal, owls, tutors, ghosts)


def asked(question: str) -> NewRound:
    return NewRound(question, "v1", (0, 1))


async def pose(store: Store, channel: Channel) -> int:
    """Open a round in a channel; returns its id."""
    new = NewPost(channel, "p", asked("q2"), Board.LIVE, Reveal.AT_ONCE, 600)
    claimed = await store.posts.claim(new, START, LATER)
    assert claimed
    assert await store.posts.confirm(claimed.round.id, "m1", START)
    return claimed.round.id


async def set_daily(store: Store, channel: Channel, by: Member) -> Daily:
    """Set a channel's daily question."""
    id_, number = await store.dailies.propose(channel, by.user, SCHEDULE)
    proposed = await store.dailies.proposal(id_, number, by)
    assert proposed
    saved = replace(proposed, next_on=TODAY, next_due=LATER)
    assert await store.dailies.save(number, proposed, saved)
    return saved


def channel_of(who: Member) -> Channel:
    """The member's channel; it has the same id in all communities."""
    return Channel(who.platform, who.community, HERE.id)


def dump_store(store: Store) -> object:
    """Everything stored, for comparison."""
    if isinstance(store, SqlStore):
        return dump_rows(store.database.engine)
    assert isinstance(store, MemoryStore)
    return copy.deepcopy(store.state)


async def boards(store: Store, who: Member) -> Sequence[object]:
    members = await store.boards.standings(
        who, Board.LIVE, ALL_TIME, now=START, zone="UTC", limit=9, offset=0
    )
    return (
        members,
        await store.boards.team_standings(who, Board.LIVE, ALL_TIME, limit=9, offset=0),
    )


async def at_home(store: Store) -> Sequence[object]:
    """Everything that members see of their community."""
    return [
        [(await store.teams.all(who), await store.players.preferences(who)) for who in (ANN, BOB)],
        sorted(await store.teams.candidates(ANN), key=lambda candidate: candidate.user),
        await store.teams.cap(ANN),
        await store.communities.settings(HERE.platform, HERE.community),
        await store.communities.channel_settings(HERE),
        await store.due.of_community(HERE.platform, HERE.community),
        await store.seasons.past(ANN, limit=9, offset=0),
        await store.dailies.of(HERE),
        await store.posts.live_in(HERE),
        await boards(store, ANN),
        (await store.players.totals(ANN)).answered,
    ]


async def from_outside(
    home: Home, attempt: Callable[[Member], Awaitable[object]], answer: object
) -> None:
    """Proves that strangers always get the same answer and change nothing."""
    before = dump_store(home.store)
    for who in OUTSIDE:
        assert await attempt(who) == answer, who
        assert dump_store(home.store) == before, who


async def by_id(
    home: Home,
    attempt: Callable[[int, Member], Awaitable[object]],
    ids: Iterable[int],
    answer: object,
) -> None:
    """Like `from_outside`, with an id that exists and one that doesn't."""
    for id_ in (*ids, UNKNOWN):
        await from_outside(home, partial(attempt, id_), answer)


async def beside(home: Home, doing: Callable[[Member], Awaitable[object]]) -> None:
    """Proves that what strangers do in their community, with the same ids, changes nothing here."""
    before = await at_home(home.store)
    for who in OUTSIDE:
        await doing(who)
        assert await at_home(home.store) == before, who


# Actions with an id from a button.


@wall("answers.view")
async def test_nobody_outside_has_a_place_at_a_round(home: Home) -> None:
    await by_id(home, home.store.answers.view, home.rounds, None)
    assert await home.store.answers.view(home.round, BOB)


@wall("answers.accept")
async def test_nobody_outside_answers_a_round(home: Home) -> None:
    async def answer(round_: int, who: Member) -> object:
        return await home.store.answers.accept(round_, who, place)

    def place(view: RoundView | None) -> object:
        return view

    await by_id(home, answer, home.rounds, None)
    assert await answer(home.round, BOB)


@wall("drills.get")
async def test_nobody_outside_sees_a_drill(home: Home) -> None:
    await by_id(home, home.store.drills.get, (home.drill,), None)
    assert await home.store.drills.get(home.drill, ANN)


@wall("reports.add")
async def test_nobody_outside_reports_a_question(home: Home) -> None:
    async def report(round_: int, who: Member) -> bool:
        return await home.store.reports.add(round_, who, who.user, "typo", START)

    await by_id(home, report, home.rounds, False)
    assert await report(home.round, BOB)


@wall("posts.close_early")
async def test_nobody_outside_closes_a_round(home: Home) -> None:
    async def close(round_: int, who: Member) -> bool:
        return await home.store.posts.close_early(round_, who, START)

    await by_id(home, close, home.rounds, False)
    assert await close(home.round, BOB)


@wall("posts.in_community", "posts.withdraw")
async def test_nobody_outside_sees_or_withdraws_a_round(home: Home) -> None:
    await by_id(home, home.store.posts.in_community, home.rounds, None)
    assert await home.store.posts.in_community(home.round, BOB)

    async def withdraw(round_: int, who: Member) -> bool:
        return await home.store.posts.withdraw(round_, who, START, LATER)

    await by_id(home, withdraw, home.rounds, False)
    assert await withdraw(home.round, BOB)


@wall("dailies.proposal")
async def test_nobody_outside_sees_a_proposal_and_so_nobody_saves_it(home: Home) -> None:
    async def look(daily: int, who: Member) -> object:
        return await home.store.dailies.proposal(daily, home.proposal, who)

    await by_id(home, look, (home.daily,), None)
    assert await look(home.daily, BOB)


@wall("teams.join")
async def test_nobody_outside_joins_a_team(home: Home) -> None:
    async def join(team: int, who: Member) -> JoinOutcome:
        return await home.store.teams.join(who, who.user, team)

    await by_id(home, join, home.teams, JoinOutcome.UNKNOWN)
    assert await join(home.owls, BOB) is JoinOutcome.DONE


@wall("teams.rename")
async def test_nobody_outside_renames_a_team_or_learns_that_a_name_is_taken(home: Home) -> None:
    for name in ("Larks", "Tutors"):

        async def rename(team: int, who: Member, name: str = name) -> bool:
            return await home.store.teams.rename(who, team, name)

        await by_id(home, rename, home.teams, True)
    assert not await home.store.teams.rename(ANN, home.owls, "Tutors")
    assert await home.store.teams.rename(ANN, home.owls, "Larks")
    assert "Larks" in [team.name for team in await home.store.teams.all(ANN)]


@wall("teams.unbind_role")
async def test_nobody_outside_releases_a_team_from_its_role(home: Home) -> None:
    async def release(team: int, who: Member) -> None:
        await home.store.teams.unbind_role(who, team)

    await by_id(home, release, home.teams, None)
    await release(home.tutors, ANN)
    assert not any(team.role for team in await home.store.teams.all(ANN))


@wall("teams.follow_role")
async def test_a_role_leads_nobody_outside_into_a_team(home: Home) -> None:
    async def follow(team: int, who: Member) -> None:
        await home.store.teams.follow_role(who, who.user, team)

    await by_id(home, follow, home.teams, None)
    await follow(home.tutors, BOB)
    assert [team.name for team in await home.store.teams.all(BOB) if team.mine] == ["Tutors"]


@wall("teams.place")
async def test_people_with_a_role_are_placed_by_nobody_outside(home: Home) -> None:
    async def place(team: int, who: Member) -> None:
        await home.store.teams.place(who, team, {"bob": "Bob", who.user: "X"}, ["bob"])

    await by_id(home, place, home.teams, None)
    await home.store.teams.place(ANN, home.tutors, {"bob": "Bob"}, ["bob"])
    assert [team.name for team in await home.store.teams.all(BOB) if team.mine] == ["Tutors"]


# Actions in another community whose channels, members and roles have the same ids.


@wall("teams.create", "teams.leave")
async def test_teams_of_another_community_are_made_and_left_beside_those_here(home: Home) -> None:
    async def make_and_leave(who: Member) -> None:
        assert await home.store.teams.create(who, who.user, "Owls")
        assert await home.store.teams.leave(who)
        assert not await home.store.teams.leave(who)

    await beside(home, make_and_leave)


@wall("teams.regroup")
async def test_members_of_another_community_are_regrouped_beside_those_here(home: Home) -> None:
    async def regroup(who: Member) -> None:
        await home.store.teams.regroup(who, {"Owls": ["bob"], "Larks": ["ann", who.user]})

    await home.store.teams.join(BOB, "Bob", home.owls)
    await beside(home, regroup)


@wall("teams.bind_role")
async def test_a_role_of_another_community_defines_a_team_there_alone(home: Home) -> None:
    async def define(who: Member) -> None:
        for name in ("Owls", "Larks"):
            await home.store.teams.bind_role(who, name, "r1")
        assert [(each.name, each.role) for each in await home.store.teams.all(who)] == [
            ("Larks", "r1")
        ]

    await beside(home, define)


@wall("seasons.start")
async def test_a_season_of_another_community_ends_none_here(home: Home) -> None:
    end = SeasonEnd(TODAY, LATER, "Spring", HERE, "ann")
    await home.store.seasons.start(HERE.platform, HERE.community, "Winter", LATER, end)

    async def start_and_end(who: Member) -> None:
        theirs = replace(end, channel=channel_of(who))
        await home.store.seasons.start(who.platform, who.community, "Winter", LATER, theirs)
        (row,) = await home.store.due.of_community(who.platform, who.community)
        assert await home.store.seasons.end(row, LATER)

    await beside(home, start_and_end)


@wall("seasons.find", "seasons.past", "due.of_community", "boards.awaits_results")
async def test_seasons_and_plans_of_another_community_are_not_seen(home: Home) -> None:
    store = home.store
    autumn = (await store.communities.settings(HERE.platform, HERE.community)).season
    assert autumn
    end = SeasonEnd(TODAY, LATER, "Spring", HERE, "ann")
    await store.seasons.start(HERE.platform, HERE.community, "Winter", LATER, end)
    late = await store.posts.claim(
        NewPost(replace(HERE, id="late"), "p", asked("q9"), Board.LIVE, Reveal.AT_CLOSE, 600),
        START,
        LATER,
    )
    assert late
    waiting = accepted_answer(
        late.round.id, ANN, question="q9", board=Board.LIVE, reveal=Reveal.AT_CLOSE
    )
    await store.answers.accept(late.round.id, ANN, lambda _: waiting)
    looks: Sequence[tuple[Callable[[Member], Awaitable[object]], object]] = (
        (lambda who: store.seasons.find(who, autumn.id), None),
        (lambda who: store.seasons.past(who, limit=9, offset=0), ([], 0)),
        (lambda who: store.due.of_community(who.platform, who.community), []),
        (lambda who: store.boards.awaits_results(who, ALL_TIME), False),
    )
    for look, nothing in looks:
        await from_outside(home, look, nothing)
        assert await look(BOB) != nothing


@wall("communities.set_settings", "communities.set_channel_settings", "players.set_preferences")
async def test_what_is_chosen_in_another_community_holds_there_alone(home: Home) -> None:
    async def choose(who: Member) -> None:
        theirs = CommunitySettings("Asia/Tokyo", team_cap=7, managers=Managers(users=("ann",)))
        await home.store.communities.set_settings(who.platform, who.community, theirs)
        other = ChannelSettings(Reveal.AT_ONCE, "other")
        await home.store.communities.set_channel_settings(channel_of(who), other, theirs)
        await home.store.players.set_preferences(who, who.user, Preferences(hidden=True))

    await beside(home, choose)


@wall("posts.claim")
async def test_a_question_in_a_channel_of_another_community_is_posed_beside_that_here(
    home: Home,
) -> None:
    await beside(home, lambda who: pose(home.store, channel_of(who)))


@wall("dailies.propose", "dailies.save", "dailies.change", "dailies.remove")
async def test_a_daily_of_another_community_is_set_and_changed_beside_that_here(
    home: Home,
) -> None:
    async def set_and_pause(who: Member) -> None:
        saved = await set_daily(home.store, channel_of(who), who)
        assert saved.id != home.daily
        paused = replace(saved, paused="An admin paused it.", next_on=None, next_due=None)
        assert await home.store.dailies.change(saved, paused)
        assert await home.store.dailies.remove(channel_of(who))

    await beside(home, set_and_pause)
    assert await home.store.dailies.proposal(home.daily, home.proposal, ANN)


@wall("posts.hurry_results")
async def test_a_community_that_lets_the_bot_in_again_hurries_nothing_here(home: Home) -> None:
    (post,) = [*await home.store.posts.claim_results("discord", LATER + HOUR, LATER + 2 * HOUR, 9)][
        :1
    ]

    async def hurry(who: Member) -> None:
        await home.store.posts.hurry_results(who.platform, who.community, LATER)

    await beside(home, hurry)
    assert await home.store.posts.claim_results("discord", LATER, LATER, 9) == []
    await hurry(ANN)
    (again,) = await home.store.posts.claim_results("discord", LATER, LATER, 9)
    assert again.round.id == post.round.id


@wall("due.set")
async def test_what_another_community_plans_moves_nothing_here(home: Home) -> None:
    here = Channel(ANN.platform, ANN.community, "general")
    await home.store.due.set("weekly", "general", here, START)

    async def plan(who: Member) -> None:
        there = Channel(who.platform, who.community, "general")
        await home.store.due.set("weekly", "general", there, None)
        await home.store.due.set("weekly", "general", there, LATER)

    await beside(home, plan)
    (row,) = await home.store.due.claim("weekly", "discord", START, LATER, 9)
    assert (row.channel, row.at) == (here, START)


@wall("posts.abandon")
async def test_a_community_that_removes_the_bot_ends_nothing_here(home: Home) -> None:
    async def abandon(who: Member) -> None:
        await home.store.posts.abandon(who.platform, who.community, "Removed.", START)

    await beside(home, abandon)


# Views.


@wall(
    "dailies.of",
    "posts.live_in",
    "posts.last_in",
    "posts.asked_in",
    "communities.channel_settings",
    "cards.of_group",
)
async def test_a_channel_of_another_community_shows_nothing_of_the_one_here(home: Home) -> None:
    store = home.store
    looks: Sequence[tuple[Callable[[Member], Awaitable[object]], object]] = (
        (lambda who: store.dailies.of(channel_of(who)), None),
        (lambda who: store.posts.live_in(channel_of(who)), None),
        (lambda who: store.posts.last_in(channel_of(who), 5), []),
        (lambda who: store.posts.asked_in(channel_of(who), "p"), []),
        (lambda who: store.communities.channel_settings(channel_of(who)), ChannelSettings()),
    )
    for look, nothing in looks:
        await from_outside(home, look, nothing)
        assert await look(BOB) != nothing
    # Ann's cards are the same in all her communities.
    for who in (MALLORY, NAMESAKE):
        assert await store.cards.of_group(channel_of(who), "p", WEEK_AGO, 9) == []
    assert await store.cards.of_group(HERE, "p", WEEK_AGO, 9) != []


@wall("teams.all", "teams.candidates", "teams.cap", "communities.settings")
@wall("boards.played", "boards.standings", "boards.team_standings")
async def test_another_community_shows_nothing_of_the_members_here(home: Home) -> None:
    store = home.store

    async def played(who: Member) -> set[Board]:
        return {board for by in RankBy for board in await store.boards.played(who, ALL_TIME, by)}

    looks: Sequence[tuple[Callable[[Member], Awaitable[object]], object]] = (
        (store.teams.all, []),
        (store.teams.cap, None),
        (lambda who: store.communities.settings(who.platform, who.community), CommunitySettings()),
        (played, set()),
    )
    for look, nothing in looks:
        await from_outside(home, look, nothing)
        assert await look(BOB) != nothing
    for who in OUTSIDE:
        assert "Ann" not in str(await store.teams.candidates(who)), who
        assert "Ann" not in str(await boards(store, who)), who
        assert "Owls" not in str(await boards(store, who)), who
    assert "Ann" in str(await store.teams.candidates(BOB))
    assert "Ann" in str(await boards(store, BOB))
    assert "Owls" in str(await boards(store, BOB))


@wall("dailies.missed", "posts.open_questions")
async def test_members_elsewhere_see_no_rounds_of_this_community(home: Home) -> None:
    asked_daily = await close_a_daily(home)
    for who in (MALLORY, NAMESAKE):
        assert await home.store.dailies.missed(who, HERE.id, START, 9) == []
        assert await home.store.posts.open_questions(who, "p") == set()
    assert [each.id for each in await home.store.dailies.missed(BOB, HERE.id, START, 9)] == [
        asked_daily
    ]
    assert await home.store.posts.open_questions(BOB, "p") == {"q2"}


@wall("dailies.known_to", "posts.unanswered")
async def test_a_channel_known_elsewhere_shows_nothing_of_the_one_here(home: Home) -> None:
    store = home.store
    for who in OUTSIDE:
        theirs = await pose(store, channel_of(who))
        given = accepted_answer(theirs, who, question="q2", board=Board.LIVE)
        await accept(store, given)
    asked_daily = await ask_daily(home)
    looks: Sequence[Callable[[Member], Awaitable[Sequence[object]]]] = (
        store.dailies.known_to,
        lambda who: store.posts.unanswered(who, START),
    )
    for look in looks:
        await from_outside(home, look, [])
        assert await look(BOB) == [], "Bob has never answered there: it may be private"
        assert await look(ANN) != []
    assert [post.round.id for post in await store.posts.unanswered(ANN, START)] == [asked_daily]


async def ask_daily(home: Home) -> int:
    """Ask a daily's question; returns its round's id."""
    daily = await home.store.dailies.of(HERE)
    assert daily
    new = NewPost(HERE, "p", asked("q3"), Board.DAILY, Reveal.AT_ONCE, 600)
    claim = DailyClaim(daily, day=TODAY, post=new)
    round_ = (await home.store.dailies.claim([claim], START))[daily.id]
    assert round_
    await home.store.posts.confirm(round_, "m2", START)
    return round_


async def close_a_daily(home: Home) -> int:
    """Ask and close a daily's round; returns its id."""
    round_ = await ask_daily(home)
    await home.store.posts.give_up(round_, LATER)
    return round_


# Data about a person.


@wall("players.totals", "cards.of", "players.preferences", "players.export")
async def test_nobody_gets_what_is_stored_of_another_person_with_the_same_id(home: Home) -> None:
    store = home.store
    await store.players.set_preferences(ANN, "Ann", Preferences("Asia/Tokyo", hidden=True))
    for who in (MALLORY, NAMESAKE):
        assert await store.players.totals(who) == PlayerTotals()
        assert await store.cards.of(who, "p") == {}
        assert await store.players.preferences(who) == Preferences()
        assert (await store.players.export(who) or {})["answers"] == []
    assert (await store.players.totals(ANN)).answered == 1


@wall("players.forget")
async def test_deleting_data_leaves_another_person_with_the_same_id_alone(
    home: Home,
) -> None:
    other = replace(NAMESAKE, community="T1", realm="T1")
    await set_daily(home.store, channel_of(other), other)
    before = await at_home(home.store)
    for who in (MALLORY, NAMESAKE):
        assert await home.store.players.forget(who)
        assert await home.store.players.export(who) is None
        assert await at_home(home.store) == before, who
    kept = await home.store.dailies.of(channel_of(other))
    assert kept
    assert kept.set_by == other.user
    assert await home.store.players.forget(other)
    kept = await home.store.dailies.of(channel_of(other))
    assert kept
    assert kept.set_by == ""


@wall("posts.posed_since", "posts.is_posed_by")
async def test_nobody_outside_has_posed_what_was_posed_here(home: Home) -> None:
    new = NewPost(
        replace(HERE, id="other"), "p", asked("q3"), Board.LIVE, Reveal.AT_ONCE, 60, posed_by="ann"
    )
    post = await home.store.posts.claim(new, START, LATER)
    assert post
    assert await home.store.posts.is_posed_by(post.round.id, ANN)
    assert not await home.store.posts.is_posed_by(post.round.id, BOB)
    await by_id(home, home.store.posts.is_posed_by, (post.round.id, home.round), False)
    assert await home.store.posts.posed_since(ANN, START - timedelta(hours=1)) == [START]
    for who in OUTSIDE:
        assert await home.store.posts.posed_since(who, START - timedelta(hours=1)) == []


def test_every_method_that_takes_an_id_has_a_wall_or_needs_none() -> None:
    subjects = inspect.getmembers(Store, lambda each: isinstance(each, property))
    methods = {
        f"{subject}.{name}"
        for subject, each in subjects
        for name, _ in inspect.getmembers(get_type_hints(each.fget)["return"], inspect.isfunction)
        if not name.startswith("_")
    }
    assert WALLED | NO_WALL.keys() == methods
    assert not WALLED & NO_WALL.keys()
