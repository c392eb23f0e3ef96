"""Leaderboards as members see them: windows, seasons, hidden members and the rules in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.engine.actions import UnknownAction, pack_text, unpack_text
from bot.engine.commands.scoring import explain_team_score
from bot.engine.events import Call, Event, Press
from bot.engine.kinds import KINDS
from bot.engine.platform import Presence
from bot.engine.rounds import POINTS
from bot.engine.screens import Button, Person, Reply
from bot.engine.standings import TEAM_BEST, TEAM_BONUS, Window
from bot.engine.streaks import FREEZE_DAYS, MAX_FREEZES
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_desk import button, rows_of
from tests.engine.test_teams import team_score

DOCS = Path(__file__).parents[2] / "docs"


class Boards(Channel):
    """A channel whose members drill, with time zones in their platform profiles, if any."""

    zone = ""

    def event(self, what: Call | Press, user: str) -> Event:
        event = super().event(what, user)
        return replace(event, actor=replace(event.actor, zone=self.zone))

    async def drilled(self, user: str = "ann", *, rightly: bool = True) -> None:
        reply = await self.call("drill", user, topic="alpha", questions=1)
        await self.answer(reply.screen, rightly=rightly, user=user)

    async def names(self, user: str = "ann", **options: str) -> list[str]:
        """List the members on a page."""
        screen = (await self.call("leaderboard", user, **options)).screen
        rows = rows_of(screen)[1:]
        return [cell[0].user for row in rows if isinstance((cell := row[1])[0], Person)]


def labels(reply: Reply) -> list[str]:
    return [control.label for control in reply.screen.controls if isinstance(control, Button)]


async def test_the_board_shown_is_the_first_that_has_lines_in_the_window() -> None:
    boards = Boards()
    assert (await boards.call("leaderboard")).data["board"] == "drill"
    await boards.drilled()
    boards.clock.pass_days(1)
    await boards.call("question", topic="alpha")
    await boards.answer(boards.shown, rightly=True, user="bob")
    assert (await boards.call("leaderboard", window="today")).data["board"] == "live"
    assert (await boards.call("leaderboard", board="drill")).data["total"] == 1


async def test_the_teams_board_shown_is_the_first_on_which_teams_have_lines() -> None:
    boards = Boards()
    listed = await boards.call("team create", "bob", name="Owls")
    await boards.call("question", topic="alpha")
    await boards.answer(boards.shown, rightly=True, user="ann")
    await boards.drilled("bob")
    for reply in (
        await boards.call("leaderboard", by="teams"),
        await boards.press(button(listed.screen, "Leaderboard")),
    ):
        assert (reply.data["board"], reply.data["total"]) == ("drill", 1)
    assert (await boards.call("leaderboard")).data["board"] == "live"
    await boards.answer(boards.shown, rightly=True, user="bob")
    live = await boards.press(button(listed.screen, "Leaderboard"))
    assert (live.data["by"], live.data["board"], live.data["total"]) == ("teams", "live", 1)


async def test_windows_are_cut_at_midnight_in_the_communitys_zone() -> None:
    """Noon in UTC is past midnight on Kiritimati."""
    boards = Boards()
    assert "no time zone" in words((await boards.call("settings", zone="Narnia")).screen)
    shown = await boards.choose_zone("settings", "kiritimati")
    assert "at midnight in Kiritimati (Pacific/Kiritimati)" in words(shown.screen)
    await boards.drilled()
    boards.clock.now -= timedelta(hours=3)
    assert (await boards.call("leaderboard", window="today")).data["total"] == 0
    boards.clock.now += timedelta(hours=24)
    board = await boards.call("leaderboard", window="today")
    assert board.data["total"] == 1
    assert board.screen.note == "Days end at midnight in Kiritimati (Pacific/Kiritimati)"
    assert (await boards.call("leaderboard", window="all")).screen.note == ""


@pytest.mark.parametrize("window", Window)
async def test_a_board_says_when_days_end_if_its_window_moves_with_the_date(window: Window) -> None:
    boards = Boards()
    await boards.call("season start", name="Autumn")
    await boards.drilled()
    note = (await boards.call("leaderboard", window=window.value)).screen.note
    moves = window.period(date(2026, 3, 2), 1) != window.period(date(2027, 6, 15), 1)
    assert ("midnight" in str(note)) is moves, (
        f"`{window}` belongs in DAY_BASED (bot/engine/commands/leaderboard.py) if it ends "
        "at midnight, "
        "and only then"
    )


async def test_a_season_is_started_by_admins_and_shown_by_its_name() -> None:
    boards = Boards()
    assert "No season is running" in words(
        (await boards.call("leaderboard", window="season")).screen
    )
    assert "Season" not in labels(await boards.call("leaderboard"))
    assert "Only admins" in words((await boards.call("season start", "bob", name="Mine")).screen)
    assert "at most" in words((await boards.call("season start", name="ж" * 21)).screen)
    await boards.drilled("bob")
    begun = await boards.call("season start", name=" Spring  2026 ")
    assert begun.screen.title == "Spring 2026 has begun"
    await boards.drilled("cid")
    board = await boards.press(button(begun.screen, "Leaderboard"))
    assert board.screen.title == "Leaderboard · Drills, Spring 2026"
    assert [line["user"] for line in board.data["lines"]] == ["cid"]
    assert set(await boards.names(window="all")) == {"bob", "cid"}
    assert "Season" in labels(await boards.call("leaderboard"))


async def test_a_running_season_is_ended_only_after_asking() -> None:
    boards = Boards()
    await boards.call("season start", name="Spring")
    await boards.drilled()
    asked = await boards.call("season start", name="Été 2026")
    assert asked.screen.title == "End Spring?"
    assert await boards.names(window="season") == ["ann"]
    sure = button(asked.screen, "End it and start Été 2026")
    assert "Only admins" in words((await boards.press(sure, user="bob")).screen)
    assert (await boards.press(sure)).screen.title == "Été 2026 has begun"
    assert await boards.names(window="season") == []
    assert "in the meantime" in words((await boards.press(sure)).screen)


@pytest.mark.parametrize("text", ["", "Spring", "Été 2026", "\N{OWL}" * 10, "a:b"])
def test_any_text_can_be_packed_into_an_action(text: str) -> None:
    assert unpack_text(pack_text(text)) == text


@pytest.mark.parametrize("part", ["1", "a", "____", "777777"])
def test_what_was_not_packed_is_no_action(part: str) -> None:
    with pytest.raises(UnknownAction):
        unpack_text(part)


async def test_hidden_members_vanish_from_boards_and_results_and_see_themselves() -> None:
    boards = Boards()
    hidden = await boards.call("preferences", "bob", boards="hidden")
    assert "you're hidden" in words(hidden.screen)
    await boards.call("question", topic="alpha", minutes=1)
    for user in ("bob", "cid"):
        await boards.answer(boards.shown, rightly=True, user=user)
    assert await boards.names() == ["cid"]
    own = (await boards.call("leaderboard", "bob")).screen
    assert rows_of(own)[-1][1] == (Person("bob", "Bob"), " (you, hidden)")
    assert "only you see your line" in own.note
    await boards.passes(minutes=1)
    result = dict(boards.shown.fields)
    assert result["Right"] == "2 of 2 (100%)"
    assert result["First to get it right"] == (Person("cid", "Cid"),)
    await boards.call("preferences", "bob", boards="shown")
    assert set(await boards.names()) == {"bob", "cid"}


async def test_members_who_left_are_marked_and_deactivated_ones_left_out() -> None:
    boards = Boards()
    for user in ("ann", "bob", "cid", "dan"):
        await boards.drilled(user, rightly=user != "dan")
    boards.poster.gone = {
        "ann": Presence.LEFT,
        "bob": Presence.LEFT,
        "cid": Presence.DEACTIVATED,
    }
    shown = await boards.call("leaderboard")
    rows = rows_of(shown.screen)[1:]
    assert [row[1] for row in rows] == [
        (Person("ann", "Ann"), " (you)"),
        (Person("bob", "Bob"), " (left)"),
        (Person("dan", "Dan"),),
    ]
    assert [row[0] for row in rows] == ["1", "1", "4"], "ranks stay"
    assert "Not shown: 1 deactivated member" in shown.screen.note
    drawn = await boards.press(button(shown.screen, "Chart"))
    assert drawn.screen.picture
    assert [bar.label for bar in drawn.screen.picture.bars] == ["Ann", "Bob (left)", "Dan"]
    boards.poster.gone.clear()
    assert await boards.names() == ["ann", "bob", "cid", "dan"]
    assert "Not shown" not in (await boards.call("leaderboard")).screen.note


async def test_a_hidden_member_still_counts_for_their_team() -> None:
    boards = Boards()
    await boards.call("team create", "bob", name="Owls")
    await boards.call("preferences", "bob", boards="hidden")
    await boards.drilled("bob")
    (line,) = (await boards.call("leaderboard", by="teams")).data["lines"]
    assert (line["name"], line["active"]) == ("Owls", 1)


async def test_a_member_chooses_a_zone_and_sees_when_their_day_ends() -> None:
    boards = Boards()
    shown = words((await boards.call("preferences")).screen)
    assert "UTC, the default here" in shown
    assert "at 00:00 in UTC, in 12 h" in shown
    shown = words((await boards.choose_zone("preferences", "berlin")).screen)
    assert "Berlin (Europe/Berlin), your choice" in shown
    assert "at 00:00 in Berlin (Europe/Berlin), in 11 h" in shown
    boards.clock.now += timedelta(hours=10, minutes=50)
    shown = words((await boards.call("stats")).screen)
    assert "at 00:00 in Berlin (Europe/Berlin), in 10 min" in shown
    assert "no time zone" in words((await boards.call("preferences", zone="Narnia")).screen)
    shown = words((await boards.call("preferences", zone="auto")).screen)
    assert "UTC, the default here" in shown


async def test_a_day_that_starts_late_moves_its_end_and_what_is_due() -> None:
    boards = Boards()
    drill = await boards.call("drill", "bob", questions=1)
    await boards.answer(drill.screen, rightly=False, user="bob")
    boards.clock.now = boards.clock.now.replace(hour=1) + timedelta(days=1)
    assert (await boards.call("stats", "bob")).data["due"] == 1
    moved = words((await boards.call("preferences", "bob", **{"day-starts": "4am"})).screen)
    assert "at 04:00 in UTC" in moved
    assert (await boards.call("stats", "bob")).data["due"] == 0
    for wrong in ("7am", "4:30", "soon"):
        refused = await boards.call("preferences", "bob", **{"day-starts": wrong})
        assert "from midnight to 6am" in words(refused.screen)


async def test_the_zone_that_a_platform_knows_holds_until_another_is_chosen() -> None:
    boards = Boards()
    boards.zone = "Asia/Tokyo"
    shown = words((await boards.call("preferences")).screen)
    assert "Tokyo (Asia/Tokyo), from your profile" in shown


async def test_a_streak_is_counted_by_the_members_own_days() -> None:
    """Both answers are on the second in UTC; in Tokyo one is on the third."""
    boards = Boards()
    await boards.choose_zone("preferences", "Tokyo", "bob")
    for user in ("ann", "bob"):
        await boards.drilled(user)
    boards.clock.now += timedelta(hours=4)
    for user in ("ann", "bob"):
        await boards.drilled(user)
    lines = (await boards.call("leaderboard")).data["lines"]
    assert {line["user"]: line["streak"] for line in lines} == {"ann": 1, "bob": 2}


async def test_a_zone_sent_once_holds_when_the_platform_stops_sending_it() -> None:
    """Shortly before midnight UTC it's the next morning in Tokyo."""
    boards = Boards()
    boards.clock.now = boards.clock.now.replace(hour=23, minute=30)
    for zone in ("Asia/Tokyo", "", "Asia/Tokyo", ""):
        boards.zone = zone
        await boards.drilled("bob")
        boards.clock.pass_days(1)
    (line,) = (await boards.call("leaderboard")).data["lines"]
    assert line["streak"] == 4


async def test_a_freeze_is_earned_shown_and_bridges_a_missed_day() -> None:
    boards = Boards()
    for _ in range(FREEZE_DAYS):
        await boards.drilled()
        boards.clock.pass_days(1)
    assert f"1 of {MAX_FREEZES};" in words((await boards.call("stats")).screen)
    boards.clock.pass_days(1)
    shown = words((await boards.call("stats")).screen)
    assert f"{FREEZE_DAYS} days, longest {FREEZE_DAYS}" in shown
    assert f"0 of {MAX_FREEZES};" in shown
    boards.clock.pass_days(1)
    assert "0 days" in words((await boards.call("stats")).screen)


async def test_boards_are_hidden_where_there_are_members_to_see_them() -> None:
    boards = Boards()
    event = boards.event(Call("preferences", {"boards": "hidden"}), "ann")
    alone = replace(event, place=replace(event.place, community="", private=True))
    assert "belong to a server or workspace" in words((await boards.desk.handle(alone)).screen)


async def test_help_on_scoring_says_the_rules_and_what_was_chosen_here() -> None:
    boards = Boards()
    await boards.choose_zone("settings", "Lima")
    said = words((await boards.call("help", topic="scoring")).screen)
    assert f"{POINTS} points" in said
    assert "in Lima (America/Lima)" in said
    assert all(kind.scoring in said for kind in KINDS.values())
    assert explain_team_score() in said
    assert f"whose best {TEAM_BEST} had theirs first" in said


def test_the_example_of_a_teams_score_is_worked_out() -> None:
    said = explain_team_score()
    assert said.startswith("The points of the best 3 added up ÷ 3 (in a smaller team: ÷ its")
    example = re.search(
        r"Example: points of ([\d, ]+) in a team of (\d+) make (.+), rounded: (\d+)\.$", said
    )
    assert example
    points, members = [*map(int, example[1].split(", "))], int(example[2])
    worked_out = eval(example[3].replace("×", "*").replace("÷", "/"))
    assert int(example[4]) == round(worked_out) == team_score(points, members)


def test_the_page_on_scoring_says_what_the_rules_are() -> None:
    page = " ".join((DOCS / "scoring.md").read_text().split())
    assert f"**{POINTS} points**" in page
    for kind in KINDS.values():
        assert kind.scoring in page
    assert explain_team_score() in page
    assert f"whose best {TEAM_BEST} had theirs first" in page
    for number in (
        f"{FREEZE_DAYS} active days",
        f"hold {MAX_FREEZES}",
        f"{TEAM_BONUS:g}",
    ):
        assert number in page
    assert all(window.label in page for window in Window)


async def test_a_board_of_another_version_is_said_to_be_gone() -> None:
    boards = Boards()
    event = boards.event(Press("board:week:members:quarterly:0"), "ann")
    assert "no longer exists" in words((await boards.desk.handle(event)).screen)
