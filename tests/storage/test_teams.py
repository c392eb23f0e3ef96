"""Teams, on every kind of store."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.engine.communities import CommunitySettings
from bot.engine.events import Member
from bot.engine.ports import Store
from bot.engine.rounds import Board
from bot.engine.standings import ALL_TIME
from bot.engine.teams import JoinOutcome, Team, TeamCandidate
from storage.store import SqlStore
from tests.samples import START
from tests.storage.steps import ANN, BOB, EVE, accept, accepted_answer, names_and_sizes, start


async def test_teams_gather_members_and_what_was_earned_stays(any_store: Store) -> None:
    owls = await any_store.teams.create(ANN, "Ann", "Owls")
    assert owls is not None
    assert await any_store.teams.create(BOB, "Bob", "OWLS") is None
    assert await any_store.teams.join(BOB, "Bob", owls) is JoinOutcome.DONE
    assert await any_store.teams.all(BOB) == [Team(owls, "Owls", 2, mine=True)]
    for member, credit in ((ANN, 1), (BOB, 0.5)):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, accepted_answer(round_, member, credit=credit))
    assert await any_store.teams.leave(BOB)
    assert not await any_store.teams.leave(BOB)
    larks = await any_store.teams.create(BOB, "Bob", "Larks")
    (round_,) = await start(any_store, BOB, "q2")
    await accept(any_store, accepted_answer(round_, BOB, question="q2", credit=0.2))
    standings = await any_store.boards.team_standings(BOB, Board.DRILL, ALL_TIME, limit=9, offset=0)
    assert [(t.rank, t.name, t.points, t.active, t.members) for t in standings.lines] == [
        (1, "Owls", 9, 2, 2),
        (2, "Larks", 3, 1, 1),
    ]
    assert standings.own is not None
    assert standings.own.team == larks
    assert await any_store.teams.all(Member("terminal", "elsewhere", "x")) == []


async def test_a_team_takes_no_more_members_than_the_cap_and_those_in_it_stay(
    any_store: Store,
) -> None:
    assert await any_store.teams.cap(ANN) is None
    owls = await any_store.teams.create(ANN, "Ann", "Owls")
    assert owls is not None
    assert await any_store.teams.join(BOB, "Bob", owls) is JoinOutcome.DONE
    await any_store.communities.set_settings("terminal", "local", CommunitySettings(team_cap=1))
    assert await any_store.teams.cap(EVE) == 1
    assert await any_store.teams.cap(Member("terminal", "elsewhere", "ann")) is None
    assert await any_store.teams.join(EVE, "Eve", owls) is JoinOutcome.FULL
    assert await any_store.teams.join(BOB, "Bob", owls) is JoinOutcome.DONE
    assert await any_store.teams.join(EVE, "Eve", 99) is JoinOutcome.UNKNOWN
    assert await names_and_sizes(any_store) == {"Owls": 2}
    await any_store.communities.set_settings("terminal", "local", CommunitySettings(team_cap=None))
    assert await any_store.teams.join(EVE, "Eve", owls) is JoinOutcome.DONE


async def test_a_team_of_another_community_cannot_be_joined_or_renamed(any_store: Store) -> None:
    owls = await any_store.teams.create(ANN, "Ann", "Owls")
    assert owls is not None
    stranger = Member("terminal", "elsewhere", "ann")
    assert await any_store.teams.join(stranger, "Ann", owls) is JoinOutcome.UNKNOWN


@pytest.mark.parametrize("cap", [1, 3])
async def test_of_many_who_join_at_once_no_more_than_the_cap_get_in(store: Store, cap: int) -> None:
    owls = await store.teams.create(ANN, "Ann", "Owls")
    assert owls is not None
    await store.communities.set_settings("terminal", "local", CommunitySettings(team_cap=cap + 1))
    crowd = [Member("terminal", "local", f"member-{number}") for number in range(8)]
    outcomes = await asyncio.gather(*(store.teams.join(who, who.user, owls) for who in crowd))
    assert outcomes.count(JoinOutcome.DONE) == cap
    assert outcomes.count(JoinOutcome.FULL) == len(crowd) - cap
    assert await names_and_sizes(store) == {"Owls": cap + 1}


async def test_members_who_swap_teams_at_once_all_get_in(store: Store) -> None:
    owls = await store.teams.create(ANN, "Ann", "Owls")
    larks = await store.teams.create(BOB, "Bob", "Larks")
    assert owls is not None
    assert larks is not None
    (round_,) = await start(store, ANN, "q1")
    await accept(store, accepted_answer(round_))
    await asyncio.gather(store.teams.join(ANN, "Ann", larks), store.teams.join(BOB, "Bob", owls))
    assert sum((await names_and_sizes(store)).values()) == 2


async def test_a_team_gets_another_name_unless_it_is_taken(any_store: Store) -> None:
    owls = await any_store.teams.create(ANN, "Ann", "Owls")
    await any_store.teams.create(BOB, "Bob", "Larks")
    assert owls is not None
    assert not await any_store.teams.rename(ANN, owls, "LARKS")
    assert await any_store.teams.rename(ANN, owls, "OWLS")
    assert await names_and_sizes(any_store) == {"Larks": 1, "OWLS": 1}


async def test_members_are_regrouped_at_once_and_history_stays(any_store: Store) -> None:
    owls = await any_store.teams.create(ANN, "Ann", "Owls")
    await any_store.teams.create(BOB, "Bob", "Larks")
    for member in (ANN, EVE):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, accepted_answer(round_, member))
    await any_store.teams.regroup(ANN, {"Finches": ["ann", "nobody"], "larks": ["bob", "eve"]})
    assert await names_and_sizes(any_store) == {"Finches": 1, "Larks": 2, "Owls": 0}
    assert owls in [team.id for team in await any_store.teams.all(ANN)]
    await any_store.teams.regroup(ANN, {"Owls": ["ann", "bob", "eve"]})
    assert await names_and_sizes(any_store) == {"Owls": 3}


async def test_team_candidates_are_team_members_and_recent_players(any_store: Store) -> None:
    await any_store.teams.create(BOB, "Bob", "Larks")
    for member, credit, days in ((ANN, 1, 0), (ANN, 0.5, 9), (EVE, 1, 0)):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, accepted_answer(round_, member, credit=credit, days=days))
    lately = await any_store.teams.candidates(ANN, START + timedelta(days=5))
    assert {*lately} == {TeamCandidate("ann", "ANN", 5), TeamCandidate("bob", "Bob", 0)}
    assert {
        (candidate.user, candidate.points) for candidate in await any_store.teams.candidates(BOB)
    } == {
        ("ann", 15),
        ("bob", 0),
        ("eve", 10),
    }
    assert await any_store.teams.candidates(Member("terminal", "elsewhere", "ann")) == []


async def test_a_role_defines_one_team_whose_members_follow_it(any_store: Store) -> None:
    await any_store.teams.create(ANN, "Ann", "Owls")
    await any_store.communities.set_settings("terminal", "local", CommunitySettings(team_cap=1))
    await any_store.teams.bind_role(ANN, "OWLS", "r1")
    (owls,) = await any_store.teams.all(BOB)
    assert (owls.name, owls.role) == ("Owls", "r1")
    await any_store.teams.follow_role(BOB, "Bob", owls.id)
    assert await names_and_sizes(any_store) == {"Owls": 2}
    for member in (ANN, BOB):
        await any_store.teams.follow_role(member, member.user, None)
    await any_store.teams.follow_role(EVE, "Eve", None)
    assert await names_and_sizes(any_store) == {"Owls": 0}
    await any_store.teams.bind_role(ANN, "Larks", "r1")
    assert [(team.name, team.role) for team in await any_store.teams.all(BOB)] == [("Larks", "r1")]
    await any_store.teams.create(EVE, "Eve", "Finches")
    await any_store.teams.follow_role(EVE, "Eve", None)
    assert await names_and_sizes(any_store) == {"Finches": 1, "Larks": 0}
    (larks,) = [team.id for team in await any_store.teams.all(ANN) if team.role]
    await any_store.teams.unbind_role(Member("terminal", "elsewhere", "ann"), larks)
    assert await names_and_sizes(any_store) == {"Finches": 1, "Larks": 0}
    await any_store.teams.unbind_role(ANN, larks)
    assert await names_and_sizes(any_store) == {"Finches": 1}


async def test_everyone_with_a_role_is_placed_and_others_are_taken_out(any_store: Store) -> None:
    owls = await any_store.teams.create(ANN, "Ann", "Owls")
    larks = await any_store.teams.create(BOB, "Bob", "Larks")
    assert owls and larks  # noqa: PT018
    await any_store.teams.join(EVE, "Eve", owls)
    await any_store.communities.set_settings("terminal", "local", CommunitySettings(team_cap=1))
    await any_store.teams.bind_role(ANN, "Owls", "r1")
    names = {"bob": "Robert", "new": "Newt", "newer": "Newton"}
    await any_store.teams.place(ANN, owls, names, {*names, "eve", "unknown"})
    assert await names_and_sizes(any_store) == {"Owls": 4}
    candidates = await any_store.teams.candidates(ANN, START)
    assert {(each.user, each.name) for each in candidates} == {
        ("bob", "Bob"),
        ("eve", "Eve"),
        ("new", "Newt"),
        ("newer", "Newton"),
    }
    await any_store.teams.place(ANN, owls, {}, [])
    assert await names_and_sizes(any_store) == {"Owls": 0}


async def test_members_who_did_nothing_count_in_their_teams_score(any_store: Store) -> None:
    await any_store.teams.bind_role(ANN, "Owls", "r1")
    (owls,) = await any_store.teams.all(ANN)
    await any_store.teams.place(ANN, owls.id, {"ann": "Ann"}, ["ann"])
    (round_,) = await start(any_store, ANN, "q1")
    await accept(any_store, accepted_answer(round_, ANN))
    for names, points in (
        ({"ann": "Ann"}, 13),
        ({"ann": "Ann", "bob": "Bob"}, 6),
        ({"ann": "Ann", "bob": "Bob", "eve": "Eve", "gus": "Gus"}, 4),
    ):
        await any_store.teams.place(ANN, owls.id, names, [*names])
        standings = await any_store.boards.team_standings(
            BOB, Board.DRILL, ALL_TIME, limit=9, offset=0
        )
        assert [(t.points, t.active, t.members) for t in standings.lines] == [
            (points, 1, len(names))
        ]


async def test_groups_that_share_people_can_be_placed_at_once(store: Store) -> None:
    for role in ("r1", "r2"):
        await store.teams.bind_role(ANN, role, role)
    teams = [team.id for team in await store.teams.all(ANN)]
    names = {f"m{number}": f"Member {number}" for number in range(30)}
    followed = Member("terminal", "local", "m7")
    await asyncio.gather(
        *(store.teams.place(ANN, team, names, [*names]) for team in teams),
        store.teams.follow_role(followed, "Member 7", teams[0]),
    )
    assert sum((await names_and_sizes(store)).values()) == len(names)


async def test_a_team_goes_with_its_last_members_data(any_store: Store) -> None:
    """Others' points keep it, as when its last member leaves; a role does, too."""
    owls = await any_store.teams.create(ANN, "Ann", "Owls")
    assert owls is not None
    await any_store.teams.join(BOB, "Bob", owls)
    await any_store.teams.create(EVE, "Eve", "Larks")
    for member in (ANN, BOB, EVE):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, accepted_answer(round_, member))
    assert await any_store.players.forget(EVE)
    assert await names_and_sizes(any_store) == {"Owls": 2}
    await any_store.teams.leave(BOB)
    assert await any_store.players.forget(ANN)
    assert await names_and_sizes(any_store) == {"Owls": 0}
    page = await any_store.boards.team_standings(BOB, Board.DRILL, ALL_TIME, limit=9, offset=0)
    assert [(line.name, line.active) for line in page.lines] == [("Owls", 1)]
    assert await any_store.players.forget(BOB)
    assert await names_and_sizes(any_store) == {}
    await any_store.teams.bind_role(ANN, "Tutors", "r1")
    (tutors,) = await any_store.teams.all(ANN)
    await any_store.teams.follow_role(EVE, "Eve", tutors.id)
    assert await any_store.players.forget(EVE)
    assert await names_and_sizes(any_store) == {"Tutors": 0}
    assert await any_store.teams.create(ANN, "Ann", "Larks")


async def test_a_team_that_somebody_joins_while_its_last_member_is_forgotten_stays(
    store: SqlStore,
) -> None:
    for number in range(5):
        owls = await store.teams.create(ANN, "Ann", f"Owls {number}")
        assert owls is not None
        joined, _ = await asyncio.gather(
            store.teams.join(BOB, "Bob", owls), store.players.forget(ANN)
        )
        sizes = await names_and_sizes(store)
        assert sizes == ({f"Owls {number}": 1} if joined is JoinOutcome.DONE else {})
        await store.players.forget(BOB)
