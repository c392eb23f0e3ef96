"""Team commands: naming teams, capping them, and admins who fill them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import pytest

from bot.engine.actions import encode
from bot.engine.commands.team import Join
from bot.engine.desk import Desk
from bot.engine.events import Call, Event, Member, Mention, Press, Role
from bot.engine.role_teams import CACHE_LIFETIME
from bot.engine.screens import Button, Screen
from bot.engine.teams import Team, TeamCandidate
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_desk import button, rows_of


class Club(Channel):
    """A channel whose admin, `ann`, isn't in a team; `bob` and `cid` are Owls, `dan` is a Lark."""

    @classmethod
    async def of_two_teams(cls) -> Club:
        club = cls()
        await club.call("team create", "bob", name="Owls")
        await club.call("team join", "cid", name="Owls")
        await club.call("team create", "dan", name="Larks")
        return club

    async def says(self, command: str, user: str = "ann", **options: str | int) -> str:
        return words((await self.call(command, user, **options)).screen)

    async def move(self, who: Mention | str, team: str = "", user: str = "ann") -> str:
        reply = await self.desk.handle(
            self.event(Call("team move", {"member": who, "team": team}), user)
        )
        return words(reply.screen)

    async def sizes(self) -> dict[str, int]:
        teams = await self.store.teams.all(self.event(Call("", {}), "ann").member)
        return {team.name: team.members for team in teams}


def size(most: int) -> dict[str, Any]:
    """Pass an option whose name has a hyphen, which a keyword can't have."""
    return {"team-size": most}


async def test_a_team_is_renamed_by_its_members_and_any_by_an_admin() -> None:
    club = await Club.of_two_teams()
    assert "Owls is now called Night Owls" in await club.says(
        "team rename", "cid", name="Night Owls"
    )
    assert "already" in await club.says("team rename", "cid", name="LARKS")
    assert "at most 40" in await club.says("team rename", "cid", name="x" * 41)
    assert "Only the team's members" in await club.says(
        "team rename", "cid", name="X", team="Larks"
    )
    assert "not in a team" in await club.says("team rename", name="X")
    assert "Closest matches" in await club.says("team rename", name="X", team="Lark")
    assert "Larks is now called Finches" in await club.says(
        "team rename", name="Finches", team="larks"
    )
    assert await club.sizes() == {"Finches": 1, "Night Owls": 2}


async def test_admins_put_anybody_who_plays_into_a_team() -> None:
    club = await Club.of_two_teams()
    assert "Only admins" in await club.move(Mention("eve", "Eve"), "Owls", user="bob")
    assert "Eve is now in Owls" in await club.move(Mention("eve", "Eve"), "owls")
    assert "Dan is now in Owls" in await club.move("@dan", "Owls")
    assert "Bob is no longer in a team" in await club.move("Bob")
    assert "Bob isn't in a team. Choose" in await club.move("Bob")
    assert "Apps" in await club.move(Mention("app", "App", plays=False), "Owls")
    assert "Closest matches: Cid" in await club.move("cyd", "Owls")
    assert "no team with that name" in await club.move("Cid", "Eagles")
    assert await club.sizes() == {"Owls": 3}


async def test_of_two_with_one_name_none_is_moved() -> None:
    club = await Club.of_two_teams()
    await club.move(Mention("other", "Cid"), "Larks")
    assert "Several people have that name" in await club.move("Cid")


async def test_a_full_team_cannot_be_joined_and_says_where_there_is_a_place() -> None:
    club = await Club.of_two_teams()
    assert "at most 2" in await club.says("settings", **size(2))
    full = await club.says("team join", "eve", name="Owls")
    assert "The limit is 2 members. Teams with room: Larks." in full
    listed = (await club.call("team list", "eve")).screen
    assert rows_of(listed)[1:] == (("1", "Larks", "1 of 2"), ("2", "Owls", "2 of 2"))
    assert labels(listed) == ["Join Larks", "Leaderboard"]
    assert "That team is full" in await club.move("Dan", "Owls")
    await club.says("settings", **size(1))
    assert "No other team has room" in words((await club.press(encode(Join(1)), user="eve")).screen)
    assert await club.sizes() == {"Larks": 1, "Owls": 2}
    await club.says("settings", **size(0))
    await club.press(button((await club.call("team list", "eve")).screen, "Join Owls"), user="eve")
    assert await club.sizes() == {"Larks": 1, "Owls": 3}


async def test_a_shuffle_is_looked_at_first_and_then_made_as_it_was_shown() -> None:
    club = await Club.of_two_teams()
    shown = (await club.call("team shuffle", teams=3)).screen
    assert await club.sizes() == {"Larks": 1, "Owls": 2}
    other = shown
    while other.text == shown.text:
        other = (await club.press(button(other, "Shuffle again"))).screen
    made = (await club.press(button(other, "Make these teams"))).screen
    assert made.title == "Teams shuffled"
    assert made.text[:-1] == other.text
    assert await club.sizes() == {"Larks": 1, "Owls": 1, "Team 1": 1}
    await club.press(button((await club.call("team shuffle", teams=2)).screen, "Make"))
    assert set((await club.sizes()).values()) == {1, 2}
    assert [*await club.sizes()] == ["Larks", "Owls"]


async def test_a_balanced_shuffle_counts_the_points_of_the_last_days() -> None:
    club = await Club.of_two_teams()
    for user, questions in (("bob", 4), ("cid", 3), ("dan", 1), ("eve", 2)):
        reply = await club.call("drill", user, questions=questions)
        for _ in range(questions):
            verdict = await club.answer(reply.screen, rightly=True, user=user)
            reply = await club.press(button(verdict.screen, "Next"), user=user)
    text = await club.says("team shuffle", teams=2, by="balanced")
    assert text.count("2 members · 50 points") == 2
    assert {line.split(": ")[1] for line in text.splitlines()} == {"Bob, Dan", "Cid, Eve"}
    club.clock.pass_days(31)
    assert "Eve" not in await club.says("team shuffle", teams=2, by="balanced")


async def test_teams_are_shown_again_where_somebody_has_come_since() -> None:
    club = await Club.of_two_teams()
    shown = (await club.call("team shuffle", teams=2)).screen
    await club.call("team join", "eve", name="Larks")
    again = (await club.press(button(shown, "Make"))).screen
    assert "Something has changed" in words(again)
    assert "Eve" in words(again)
    assert await club.sizes() == {"Larks": 2, "Owls": 2}
    made = (await club.press(button(again, "Make"))).screen
    assert "Eve" in words(made)


async def test_a_shuffle_says_what_keeps_it_from_being_made() -> None:
    club = await Club.of_two_teams()
    assert "Only admins" in await club.says("team shuffle", "bob", teams=2)
    assert "Only 3 members can be in a team" in await club.says("team shuffle", teams=4)
    await club.says("settings", **size(1))
    assert "at least 3 teams for 3 members" in await club.says("team shuffle", teams=2)
    shown = (await club.call("team shuffle", teams=3)).screen
    refused = await club.press(button(shown, "Make"), user="bob")
    assert "Only admins" in words(refused.screen)
    assert await club.sizes() == {"Larks": 1, "Owls": 2}


class School(Club):
    """A community with the roles `Owl` and `Lark`, which events carry."""

    def __init__(self) -> None:
        super().__init__()
        self.roles: dict[str, tuple[str, ...]] = {}
        self.poster.given = {Role("1", "Owl"): None, Role("2", "Lark"): None}

    def event(self, what: Call | Press, user: str) -> Event:
        event = super().event(what, user)
        return replace(event, actor=replace(event.actor, roles=self.roles.get(user, ())))

    async def comes(self, user: str) -> None:
        """Let a member do something some time later."""
        self.clock.now += CACHE_LIFETIME
        await self.call("leaderboard", user)


async def test_who_has_a_role_is_in_its_team_and_leaves_with_it() -> None:
    school = School()
    school.roles = {"bob": ("1", "2"), "cid": ("1",)}
    assert "There's no role with that name. Roles here: Owl; Lark." in await school.says(
        "team from-roles", role="Eagle"
    )
    assert "Owl is in Night Owls" in await school.says(
        "team from-roles", role="owl", team="Night Owls"
    )
    await school.says("team from-roles", role="2")
    assert await school.sizes() == {"Lark": 0, "Night Owls": 0}
    for user in ("bob", "cid", "dan"):
        await school.comes(user)
    assert await school.sizes() == {"Lark": 1, "Night Owls": 1}
    school.roles = {"bob": ("1",), "dan": ("2",)}
    for user in ("bob", "cid", "dan"):
        await school.comes(user)
    assert await school.sizes() == {"Lark": 1, "Night Owls": 1}
    reply = await school.call("drill", "bob", questions=1)
    await school.answer(reply.screen, rightly=True, user="bob")
    assert school.store.state.earned_for == [1]


async def test_a_press_is_enough_to_follow_a_role_and_counts_for_its_team() -> None:
    school = School()
    await school.call("team from-roles", role="Owl")
    await school.call("question")
    school.clock.now += CACHE_LIFETIME
    school.roles = {"bob": ("1",)}
    await school.answer(school.shown, rightly=True, user="bob")
    assert school.store.state.earned_for == [1]


async def test_where_teams_follow_roles_nobody_is_moved_by_hand_until_they_are_released() -> None:
    school = School()
    await school.call("team create", "dan", name="Finches")
    await school.call("team from-roles", role="Owl")
    for command, options in (
        ("team create", {"name": "Larks"}),
        ("team join", {"name": "Owl"}),
        ("team move", {"member": "Dan"}),
        ("team shuffle", {"teams": 2}),
    ):
        assert "Teams follow roles here" in await school.says(command, **options)
    listed = (await school.call("team list")).screen
    assert "Teams follow roles here" in listed.note
    assert labels(listed) == ["Leaderboard"]
    shown = (await school.call("team from-roles")).screen
    assert shown.fields == (("Owl", "Owl"),)
    assert "Only admins" in words((await school.press(button(shown, "Release"), user="bob")).screen)
    released = (await school.press(button(shown, "Release"))).screen
    assert "No team follows a role" in words(released)
    assert "You're in Finches" in await school.says("team join", name="Finches")


async def test_a_team_that_no_role_defines_can_be_left_at_any_time() -> None:
    school = School()
    school.roles = {"bob": ("1",)}
    await school.call("team create", "dan", name="Finches")
    await school.call("team from-roles", role="Owl")
    await school.comes("bob")
    assert "Teams follow roles here" in await school.says("team leave", "bob")
    assert "left your team" in await school.says("team leave", "dan")
    assert await school.sizes() == {"Owl": 1}


async def test_who_has_a_role_is_asked_of_platforms_whose_events_do_not_say() -> None:
    school = School()
    school.poster.given = {Role("1", "Owl"): ["bob"]}
    await school.call("team from-roles", role="Owl")
    await school.comes("bob")
    await school.comes("cid")
    assert await school.sizes() == {"Owl": 1}
    school.poster.trouble = ConnectionError("the platform is away")
    await school.comes("bob")
    assert await school.sizes() == {"Owl": 1}


def people(*users: str, plays: bool = True) -> dict[str, Mention]:
    return {user: Mention(user, user.title(), plays=plays) for user in users}


async def test_everyone_with_a_role_is_placed_at_once_where_the_platform_lists_them() -> None:
    school = School()
    await school.call("leaderboard", "dan")
    school.poster.given = {Role("1", "Owl"): ["bob", "cid", "dan", "bot"]}
    school.poster.people = people("bob", "dan") | people("bot", plays=False)
    said = await school.says("team from-roles", role="Owl", team="Night Owls")
    assert "Night Owls follows the role Owl: 2 members placed. 1 more couldn't be looked" in said
    assert await school.sizes() == {"Night Owls": 2}
    assert {each.user: each.name for each in await candidates(school)} == {
        "bob": "Bob",
        "dan": "Dan",
    }
    await school.call("leaderboard", "cid")
    assert await school.sizes() == {"Night Owls": 3}
    school.poster.given = {Role("1", "Owl"): ["bob"]}
    await school.comes("dan")
    assert await school.sizes() == {"Night Owls": 2}


async def candidates(school: School) -> Sequence[TeamCandidate]:
    member = school.event(Call("stats", {}), "ann").member
    return await school.store.teams.candidates(member, school.clock.now)


async def test_a_role_that_is_bound_again_is_right_at_once() -> None:
    school = School()
    school.poster.given = {Role("1", "Owl"): ["bob", "cid"], Role("2", "Lark"): ["bob"]}
    school.poster.people = people("bob", "cid")
    await school.call("team create", "dan", name="Night Owls")
    await school.call("team from-roles", role="Owl", team="Night Owls")
    assert await school.sizes() == {"Night Owls": 2}
    await school.call("team from-roles", role="Lark")
    assert await school.sizes() == {"Lark": 1, "Night Owls": 1}
    assert "1 member placed" in await school.says("team from-roles", role="Owl", team="Night Owls")
    assert await school.sizes() == {"Lark": 1, "Night Owls": 1}
    for user in ("bob", "cid"):
        await school.call("leaderboard", user)
    assert await school.sizes() == {"Lark": 1, "Night Owls": 1}
    school.poster.given[Role("1", "Owl")] = ["cid"]
    await school.call("team from-roles", role="Owl")
    assert await school.sizes() == {"Lark": 1, "Owl": 1}
    await school.call("leaderboard", "cid")
    shown = (await school.call("team from-roles")).screen
    await school.press(button(shown, "Release Owl"))
    await school.call("leaderboard", "cid")
    shown = (await school.press(button(shown, "Release Lark"))).screen
    assert "left your team" in await school.says("team leave", "cid")
    await school.call("leaderboard", "cid")
    assert await school.sizes() == {"Lark": 1}


async def test_nothing_read_before_a_role_was_bound_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    school = School()
    school.poster.given = {Role("1", "Owl"): ["bob"]}
    school.poster.people = people("bob", "cid")
    teams_before = await school.store.teams.all(school.event(Call("stats", {}), "ann").member)
    read, bound = asyncio.Event(), asyncio.Event()

    async def read_slowly(_: Member) -> Sequence[Team]:
        read.set()
        await bound.wait()
        return teams_before

    with monkeypatch.context() as patch:
        patch.setattr(school.store.teams, "all", read_slowly)
        slow = asyncio.create_task(school.call("leaderboard", "cid"))
        await read.wait()
    await school.call("team from-roles", role="Owl")
    bound.set()
    await slow
    school.poster.given = {Role("1", "Owl"): ["bob", "cid"]}
    school.clock.now += CACHE_LIFETIME / 2
    await school.call("leaderboard", "cid")
    assert await school.sizes() == {"Owl": 2}


async def test_a_role_is_bound_though_nobody_can_be_listed() -> None:
    school = School()
    school.poster.given = {Role("1", "Owl"): ["bob"]}
    school.poster.trouble = ConnectionError("the platform is away")
    assert "couldn't find out who's in it" in await school.says("team from-roles", role="Owl")
    school.poster.trouble = None
    await school.comes("bob")
    assert await school.sizes() == {"Owl": 1}


async def test_members_are_looked_up_once_as_long_as_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    school = School()
    school.roles = {"bob": ("1",)}
    await school.call("team from-roles", role="Owl")
    school.clock.now += CACHE_LIFETIME
    asked: list[str] = []

    async def counted(name: str, work: Any, *given: Any) -> Any:
        asked.append(name)
        return await work(*given)

    for name in ("all", "follow_role"):
        work = partial(counted, name, getattr(school.store.teams, name))
        monkeypatch.setattr(school.store.teams, name, work)
    for _ in range(5):
        await school.call("leaderboard", "bob")
    assert asked == ["all", "follow_role"]


async def test_one_role_that_is_not_known_leaves_the_others_and_takes_nobody_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    school = School()
    school.poster.given = {Role("1", "Owl"): ["bob"], Role("2", "Lark"): ["dan"]}
    for role in ("Owl", "Lark"):
        await school.call("team from-roles", role=role)
    school.clock.now += CACHE_LIFETIME
    for user in ("bob", "dan"):
        await school.comes(user)
    members_of = school.poster.members_of

    async def only_owls(community: str, role: str) -> Any:
        if role == "2":
            raise ConnectionError("no such group")
        return await members_of(community, role)

    monkeypatch.setattr(school.poster, "members_of", only_owls)
    school.poster.given[Role("1", "Owl")] = ["bob", "cid"]
    for desk in (
        school.desk,
        Desk(
            school.desk.library, school.store, school.clock, Random(1), {"terminal": school.poster}
        ),
    ):
        school.desk = desk
        school.clock.now += CACHE_LIFETIME
        for user in ("bob", "cid", "dan"):
            await school.comes(user)
        assert await school.sizes() == {"Lark": 1, "Owl": 2}


@pytest.mark.parametrize("name", ["👩‍💻 Devs", "🏳️‍🌈 Pride", "نیم‌فاصله"])
async def test_a_team_may_be_called_by_what_joiners_make(name: str) -> None:
    club = Club()
    await club.call("team create", "bob", name=name)
    assert await club.sizes() == {name: 1}
    for hidden in ("\u200d", "\u202e\u200b", "a\x01b"):
        assert "at most 40" in await club.says("team create", "cid", name=hidden)


@pytest.mark.parametrize(
    "name", ["\u202eNight\nOwls\u202c", "\u200fNight\u200b  Owls\u2069", "Night\u2028\ufeff Owls"]
)
async def test_names_are_kept_without_marks_that_turn_or_hide_them(name: str) -> None:
    club = Club()
    await club.call("team create", "bob", name=name)
    assert await club.sizes() == {"Night Owls": 1}
    assert "You're in Night Owls" in await club.says("team join", "cid", name=name)
    await club.call("team rename", "bob", name=f"{name}\u2066 2")
    assert await club.sizes() == {"Night Owls 2": 2}
    begun = await club.call("season start", name=name)
    assert begun.screen.title == "Night Owls has begun"


async def test_nothing_is_stored_of_who_asks_what_is_stored() -> None:
    school = School()
    school.roles = {"bob": ("1",)}
    await school.call("team from-roles", role="Owl")
    school.clock.now += CACHE_LIFETIME
    assert "We don't store anything" in await school.says("privacy", "bob")
    assert await school.sizes() == {"Owl": 0}


async def test_without_roles_it_is_said_that_there_are_none() -> None:
    assert "no roles here" in await Club().says("team from-roles", role="Owl")


def labels(screen: Screen) -> list[str]:
    return [each.label for each in screen.controls if isinstance(each, Button)]
