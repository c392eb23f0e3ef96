"""Managers: who may do what admins may, and how that is known."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest

from bot.engine.communities import Managers
from bot.engine.events import Call, Mention, Role
from bot.engine.managers import CACHE_LIFETIME, TRY_AGAIN
from bot.engine.screens import Person, Screen, Tone
from tests.engine.test_channel_rounds import words
from tests.engine.test_desk import button
from tests.engine.test_team_commands import School

ADMINS_ONLY = "Only admins and managers can do that."
BOB, CID = Mention("bob", "Bob"), Mention("cid", "Cid")


class Lectures(School):
    """A community whose events carry roles, or, after `hide_roles`, don't."""

    def hide_roles(self, *owls: str) -> None:
        self.poster.given = {Role("1", "Owl"): owls}

    async def appoint(self, *said: Mention | str) -> str:
        return words((await self.call("settings", managers=said)).screen)

    async def chosen(self) -> Managers:
        return (await self.store.communities.settings("terminal", "local")).managers

    async def is_manager(self, user: str) -> bool:
        said = await self.says("withdraw", user)
        assert said in (ADMINS_ONLY, TRY_AGAIN) or "withdraw" in said
        return "withdraw" in said


@pytest.fixture
def lectures() -> Lectures:
    return Lectures()


async def test_whoever_has_the_role_manages_until_it_is_taken_away(lectures: Lectures) -> None:
    lectures.roles = {"bob": ("1",), "cid": ("2",)}
    assert not await lectures.is_manager("bob")
    assert "everyone with Owl" in await lectures.appoint("@owl")
    assert await lectures.is_manager("bob")
    assert not await lectures.is_manager("cid")
    assert await lectures.is_manager("ann")
    lectures.roles = {"cid": ("1",)}
    assert not await lectures.is_manager("bob")
    assert await lectures.is_manager("cid")
    assert "admins only" in await lectures.appoint("none")
    assert not await lectures.is_manager("cid")


async def test_whoever_is_named_manages_until_others_are(lectures: Lectures) -> None:
    await lectures.appoint(BOB, "and", CID)
    assert await lectures.chosen() == Managers(users=("bob", "cid"))
    assert await lectures.is_manager("bob")
    assert await lectures.is_manager("cid")
    assert not await lectures.is_manager("dan")
    await lectures.appoint(CID, ", @Lark and ")
    assert await lectures.chosen() == Managers("2", ("cid",))
    assert not await lectures.is_manager("bob")


async def test_a_manager_can_name_others(lectures: Lectures) -> None:
    await lectures.appoint(BOB)
    shown = (await lectures.call("settings", "bob", managers=(BOB, CID))).screen
    assert dict(shown.fields)["Managers (all channels)"] == (
        "admins",
        ", ",
        Person("bob", "bob"),
        ", ",
        Person("cid", "cid"),
    )


async def test_who_cannot_be_a_manager_is_said_and_nothing_is_saved(lectures: Lectures) -> None:
    await lectures.appoint(BOB)
    robot = Mention("robot", "Robot", plays=False)
    assert "Apps and people from elsewhere" in await lectures.appoint(CID, robot)
    for said in (("Eagle",), ("Owl", BOB, "Lark"), (BOB, "none"), ("",)):
        unknown = await lectures.appoint(*said)
        assert "I don't know" in unknown
        assert "Roles here: Owl; Lark." in unknown
    lectures.poster.given = {}
    assert (await lectures.appoint("@cid")).endswith("mention people, like @ann.")
    assert await lectures.chosen() == Managers(users=("bob",))


async def test_a_role_that_was_deleted_is_shown_as_such(lectures: Lectures) -> None:
    await lectures.appoint("Owl")
    lectures.poster.given = {Role("2", "Lark"): None}
    assert "everyone with a deleted role" in await lectures.says("settings")


async def test_nobody_manages_where_there_is_no_community(lectures: Lectures) -> None:
    await lectures.appoint(BOB)
    for user in ("ann", "bob"):
        asked = lectures.event(Call("help", {}), user)
        direct = replace(asked, place=replace(asked.place, community="", private=True))
        assert "For admins" not in words((await lectures.desk.handle(direct)).screen)


async def test_managers_are_shown_what_is_for_them(lectures: Lectures) -> None:
    await lectures.call("question")
    await lectures.answer(lectures.shown, rightly=True, user="cid")
    before = labels_of((await lectures.call("leaderboard", "bob")).screen)
    await lectures.appoint(BOB)
    after = labels_of((await lectures.call("leaderboard", "bob")).screen)
    assert after == [*before, "Post to channel"]
    assert "For admins and managers:" in await lectures.says("help", "bob")
    assert "For admins and managers:" not in await lectures.says("help", "cid")
    open_ = labels_of((await lectures.call("question", "bob")).screen)
    assert open_ == ["Close it now", "Withdraw it"]
    assert labels_of((await lectures.call("question", "cid")).screen) == []


async def test_a_user_group_is_asked_once_a_minute_and_once_for_all(
    lectures: Lectures, monkeypatch: pytest.MonkeyPatch
) -> None:
    lectures.hide_roles("bob")
    await lectures.appoint("Owl")
    asked: list[str] = []
    members_of = lectures.poster.members_of

    async def counted(community: str, role: str) -> Any:
        asked.append(role)
        await asyncio.sleep(0)
        return await members_of(community, role)

    monkeypatch.setattr(lectures.poster, "members_of", counted)
    users = ("bob", "cid", "bob", "dan")
    assert await asyncio.gather(*map(lectures.is_manager, users)) == [True, False, True, False]
    lectures.hide_roles("cid")
    assert await lectures.is_manager("bob")
    assert asked == ["1"]
    lectures.clock.now += CACHE_LIFETIME
    assert not await lectures.is_manager("bob")
    assert await lectures.is_manager("cid")
    assert asked == ["1", "1"]


async def test_what_cannot_be_looked_up_makes_nobody_a_manager_and_says_so(
    lectures: Lectures, caplog: pytest.LogCaptureFixture
) -> None:
    lectures.hide_roles("bob")
    await lectures.appoint("Owl", CID)
    lectures.poster.trouble = ConnectionError("the platform is away")
    with caplog.at_level(logging.WARNING, "bot.engine.managers"):
        assert await lectures.says("withdraw", "bob") == TRY_AGAIN
    assert "the platform is away" in caplog.text
    assert "For admins" not in await lectures.says("help", "bob")
    assert await lectures.is_manager("cid")
    assert await lectures.is_manager("ann")
    lectures.poster.trouble = None
    assert await lectures.is_manager("bob")


async def test_a_failed_look_up_keeps_nobody_from_what_they_may_do_anyway(
    lectures: Lectures, monkeypatch: pytest.MonkeyPatch
) -> None:
    lectures.hide_roles()
    await lectures.appoint("Owl")
    posted = (await lectures.call("question", "bob")).screen
    await lectures.call("team create", "bob", name="Finches")
    lectures.clock.now += CACHE_LIFETIME
    monkeypatch.setattr(lectures.poster, "members_of", away)
    assert "now called Larks" in await lectures.says("team rename", "bob", name="Larks")
    asked = button(posted, "Close it now")
    assert TRY_AGAIN in words((await lectures.press(asked, user="cid")).screen)
    assert "The result is in" in words((await lectures.press(asked, user="bob")).screen)


async def test_what_everyone_may_press_looks_nothing_up(
    lectures: Lectures, monkeypatch: pytest.MonkeyPatch
) -> None:
    lectures.hide_roles("bob")
    await lectures.appoint("Owl")
    await lectures.call("question")
    lectures.clock.now += CACHE_LIFETIME
    monkeypatch.setattr(lectures.poster, "members_of", unasked)
    monkeypatch.setattr(lectures.store.communities, "settings", unasked)
    verdict = await lectures.answer(lectures.shown, rightly=True, user="bob")
    assert verdict.screen.tone is Tone.RIGHT


async def test_an_event_looks_managers_up_once(
    lectures: Lectures, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lectures.appoint(BOB)
    read: list[str] = []
    settings = lectures.store.communities.settings

    async def counted(platform: str, community: str) -> Any:
        read.append(community)
        return await settings(platform, community)

    monkeypatch.setattr(lectures.store.communities, "settings", counted)
    assert "Did you mean" in await lectures.says("help", "bob", topic="dialy set")
    assert read == ["local"]


async def away(*_: object) -> Any:
    raise ConnectionError("the platform is away")


async def unasked(*_: object) -> Any:
    pytest.fail("nothing is to be looked up")


def labels_of(screen: Screen) -> list[str]:
    return [each.label for each in screen.controls if hasattr(each, "label")]
