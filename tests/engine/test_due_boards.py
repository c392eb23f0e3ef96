"""Posted leaderboards: weekly, at a season's end and by a button, and what can go wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.engine.actions import OpenBoard, encode
from bot.engine.commands.leaderboard import DAY_BASED
from bot.engine.commands.times import NotUnderstood, parse_weekly
from bot.engine.due.weekly import format_weekly
from bot.engine.events import Channel
from bot.engine.platform import Presence, Unpostable
from bot.engine.schedules import Weekly
from bot.engine.screens import CommandMention, Moment, Person, Reply, Screen, Table
from bot.engine.standings import Window
from tests.engine.test_boards import Boards, labels
from tests.engine.test_channel_rounds import words
from tests.engine.test_desk import button

HERE = Channel("terminal", "local", "general")
MONDAY = datetime(2026, 3, 9, 9, tzinfo=UTC)
"""The first one after the clock begins, at the hour that the channel chooses."""


class Posted(Boards):
    """Boards, with what was posted in their channel."""

    @property
    def posts(self) -> list[Screen]:
        return list(self.poster.screens.values())

    async def weekly(self, at: str = "mon 09:00") -> Reply:
        return await self.call("settings", weekly=at)

    async def until(self, then: datetime) -> None:
        """Run what's due every hour until then."""
        while self.clock.now < then:
            self.clock.now = min(then, self.clock.now + timedelta(hours=1))
            await self.desk.clockwork.run_due()


def tables(screen: Screen) -> list[list[tuple[Any, ...]]]:
    return [list(part.rows[1:]) for part in screen.text if isinstance(part, Table)]


def list_names(screen: Screen) -> list[str]:
    """List the members in a screen's first table."""
    return [cell[0].user for row in tables(screen)[0] if isinstance((cell := row[1])[0], Person)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mon 09:00", "mon 09:00"),
        ("Monday 9am", "mon 09:00"),
        ("Mondays at 9", "mon 09:00"),
        ("every friday, 5 p.m.", "fri 17:00"),
        ("on Sun 17:30", "sun 17:30"),
        ("9am Tuesday", "tue 09:00"),
        ("noon on Wed", "wed 12:00"),
    ],
)
def test_a_weekday_and_a_time_are_read_as_people_type_them(text: str, meant: str) -> None:
    weekly = parse_weekly(text)
    assert isinstance(weekly, Weekly)
    assert format_weekly(weekly) == meant
    assert parse_weekly(format_weekly(weekly)) == weekly


@pytest.mark.parametrize(
    "text",
    ["mon", "09:00", "mon-fri 09:00", "monday 25:00", "mon 9 Berlin", "t 9:00", "9 t", ",", ""],
)
def test_anything_else_is_not_understood(text: str) -> None:
    assert isinstance(parse_weekly(text), NotUnderstood)


async def test_last_weeks_board_is_posted_once_with_members_and_teams_and_a_picture() -> None:
    boards = Posted()
    shown = await boards.weekly("Monday 9am")
    field = dict(shown.screen.fields)["Last week's leaderboard"]
    assert field == ("posted here every Monday at 09:00, next ", Moment(MONDAY))
    await boards.call("team create", "bob", name="Owls")
    await boards.call("preferences", "dan", boards="hidden")
    for user in ("bob", "cid", "dan"):
        await boards.drilled(user)
    await boards.until(MONDAY - timedelta(seconds=1))
    assert boards.posts == []
    await boards.until(MONDAY + timedelta(days=1))
    (post,) = boards.posts
    assert post.title == "Last week's leaderboard · Drills"
    assert post.text[0] == "2 March to 8 March 2026."
    members, teams = tables(post)
    assert [(row[0], row[2]) for row in members] == [("1", "10"), ("1", "10")]
    assert list_names(post) == ["bob", "cid"], "who is hidden stays so"
    assert [row[1:3] for row in teams] == [("Owls", "13")]
    assert post.picture
    assert [bar.note for bar in post.picture.bars] == ["10 points", "10 points"]
    assert not any("you" in str(row) for row in (*members, *teams))
    assert "in UTC" in words(Screen(text=(post.note,)))
    assert labels(Reply(post)) == ["See your place"]
    own = await boards.press(button(post, "See your place"), user="dan")
    assert own.data["own"]["user"] == "dan"
    assert own.screen.title == "Leaderboard · Drills, 2 March to 8 March 2026"
    await boards.until(MONDAY + timedelta(days=7))
    assert len(boards.posts) == 1, "nobody played"
    await boards.drilled("bob")
    await boards.until(MONDAY + timedelta(days=14))
    assert len(boards.posts) == 2


async def test_the_first_board_with_lines_is_posted() -> None:
    boards = Posted()
    await boards.weekly()
    await boards.drilled("bob")
    await boards.call("question", topic="alpha")
    await boards.answer(boards.shown, rightly=True, user="cid")
    await boards.until(MONDAY)
    assert boards.posts[-1].title == "Last week's leaderboard · Live questions"
    assert list_names(boards.posts[-1]) == ["cid"]


async def test_what_counts_only_at_a_close_is_said_to_come() -> None:
    boards = Posted()
    await boards.weekly()
    await boards.drilled("bob")
    await boards.call("settings", reveal="at-close")
    await boards.until(MONDAY - timedelta(hours=10))
    await boards.call("question", topic="alpha", minutes=1440)
    await boards.answer(boards.shown, rightly=True, user="cid")
    await boards.until(MONDAY)
    post = boards.posts[-1]
    assert post.title == "Last week's leaderboard · Drills"
    assert "still open count once they close" in words(Screen(text=(post.note,)))


async def test_no_weekly_board_is_posted_once_it_is_off() -> None:
    boards = Posted()
    await boards.weekly()
    assert "not posted here" in words((await boards.weekly("off")).screen)
    await boards.drilled("bob")
    await boards.until(MONDAY + timedelta(days=1))
    assert boards.posts == []
    assert await boards.store.due.of_community("terminal", "local") == []
    for wrong in ("someday", "mon", "mon-wed 9am"):
        refused = await boards.weekly(wrong)
        assert "Use a format like mon 09:00" in words(refused.screen)


@pytest.mark.parametrize(("late", "posts"), [(timedelta(hours=23), 1), (timedelta(hours=25), 0)])
async def test_a_board_is_posted_up_to_a_day_late(late: timedelta, posts: int) -> None:
    boards = Posted()
    await boards.weekly()
    await boards.drilled("bob")
    boards.clock.now = MONDAY + late
    await boards.desk.clockwork.run_due()
    assert len(boards.posts) == posts
    await boards.drilled("cid")
    await boards.until(MONDAY + timedelta(days=7))
    assert len(boards.posts) == posts + 1


async def test_a_board_whose_confirmation_was_lost_is_not_posted_again() -> None:
    boards = Posted()
    await boards.weekly()
    await boards.drilled("bob")
    boards.clock.now = MONDAY
    boards.poster.lost = ConnectionError("no answer came")
    await boards.desk.clockwork.run_due()
    boards.poster.lost = None
    await boards.until(MONDAY + timedelta(hours=2))
    assert len(boards.posts) == 1
    (row,) = await boards.store.due.of_community("terminal", "local")
    assert row.at == MONDAY + timedelta(days=7)


async def test_what_will_be_refused_is_said_at_once_and_not_saved() -> None:
    boards = Posted()
    boards.poster.foreseen = Unpostable("I may not write in this channel.")
    for refused in (
        await boards.weekly(),
        await boards.call("season start", name="Spring", ends="20 Mar"),
    ):
        assert words(refused.screen) == "I may not write in this channel. Nothing was saved."
    assert await boards.store.due.of_community("terminal", "local") == []
    assert (await boards.store.communities.settings("terminal", "local")).season is None


async def test_a_refused_board_is_switched_off_and_who_wanted_it_is_told() -> None:
    boards = Posted()
    await boards.weekly()
    await boards.drilled("bob")
    boards.poster.trouble = Unpostable("I may not write in this channel.")
    await boards.until(MONDAY)
    ((user, told),) = boards.poster.told
    assert user == "ann"
    assert "I may not write in this channel." in words(told)
    assert CommandMention("settings", {"weekly": "mon 09:00"}) in told.note
    boards.poster.trouble = None
    await boards.until(MONDAY + timedelta(days=8))
    assert boards.posts == []
    assert "not posted here" in words((await boards.call("settings")).screen)


async def test_a_community_that_removes_the_bot_has_no_weekly_board_any_more() -> None:
    boards = Posted()
    await boards.weekly()
    await boards.drilled("bob")
    await boards.desk.rounds.abandon("terminal", "local")
    await boards.until(MONDAY + timedelta(days=1))
    assert boards.posts == []
    assert "not posted here" in words((await boards.call("settings")).screen)


async def test_another_zone_moves_what_is_due_to_its_own_hour_of_the_same_date() -> None:
    """Kiritimati's clocks are 14 hours ahead."""
    boards = Posted()
    await boards.weekly()
    await boards.call("season start", name="Spring", ends="20 March")
    await boards.choose_zone("settings", "kiritimati")
    rows = {row.kind: row.at for row in await boards.store.due.of_community("terminal", "local")}
    assert rows["weekly"] == MONDAY - timedelta(hours=14)
    assert rows["season"] == datetime(2026, 3, 20, 10, tzinfo=UTC)
    await boards.drilled("bob")
    await boards.until(MONDAY - timedelta(hours=14))
    assert len(boards.posts) == 1
    await boards.choose_zone("settings", "UTC")
    await boards.until(MONDAY + timedelta(days=1))
    assert len(boards.posts) == 1, "once for a date, whatever the zone"


@pytest.mark.parametrize("zone", ["Berlin", "New York"])
async def test_a_row_that_missed_a_change_of_zone_is_moved_when_it_is_due(zone: str) -> None:
    boards = Posted()
    boards.clock.pass_days(1)
    await boards.choose_zone("settings", zone)
    await boards.weekly()
    (row,) = await boards.store.due.of_community("terminal", "local")
    await boards.store.due.set("weekly", HERE.id, HERE, row.at - timedelta(hours=3))
    await boards.drilled("bob")
    await boards.until(row.at - timedelta(hours=1))
    assert boards.posts == []
    await boards.until(row.at)
    assert len(boards.posts) == 1


async def test_each_date_has_one_board_while_clocks_change() -> None:
    """In Berlin, 02:30 is skipped on 29 March 2026, a Sunday, and comes twice on 25 October."""
    boards = Posted()
    await boards.choose_zone("settings", "berlin")
    await boards.weekly("sun 02:30")
    times = []
    while boards.clock.now < datetime(2026, 11, 9, tzinfo=UTC):
        before = len(boards.posts)
        await boards.desk.clockwork.run_due()
        times += [boards.clock.now] * (len(boards.posts) - before)
        if boards.clock.now.minute == 0 and boards.clock.now.hour == 12:
            await boards.drilled("bob")
        boards.clock.now += timedelta(minutes=30)
    days = {at.date() for at in times}
    assert len(times) == len(days) == 35
    assert datetime(2026, 3, 29, 1, 0, tzinfo=UTC) in times
    assert datetime(2026, 10, 25, 0, 30, tzinfo=UTC) in times


async def test_a_season_ends_by_itself_with_its_podium_and_the_next_one_begins() -> None:
    boards = Posted()
    begun = await boards.call("season start", name="Spring", ends="20 Mar", next="Summer")
    assert "until 20 March 2026 ends. Then Summer begins." in words(begun.screen)
    await boards.call("team create", "bob", name="Owls")
    for number in range(2):
        for user in ("bob", "cid", "dan", "eve", "fay")[number:]:
            await boards.drilled(user)
        boards.clock.pass_days(1)
    end = datetime(2026, 3, 21, tzinfo=UTC)
    await boards.until(end - timedelta(seconds=1))
    assert boards.posts == []
    assert await boards.names(window="season")
    await boards.until(end + timedelta(days=2))
    (post,) = boards.posts
    assert post.title == "Spring is over"
    assert list_names(post) == ["cid", "dan", "eve", "fay"], "equal points share a rank"
    assert [row[1] for row in tables(post)[1]] == ["Owls"]
    assert "Summer has begun" in str(post.text[-1])
    assert post.picture
    assert await boards.names(window="season") == []
    assert (await boards.call("leaderboard", window="season")).data["season"] == "Summer"
    old = await boards.press(button(post, "See your place"), user="bob")
    assert old.screen.title == "Leaderboard · Drills, Spring"
    assert old.data["own"]["points"] == 10


async def test_posted_boards_know_who_is_gone() -> None:
    boards = Posted()
    await boards.weekly()
    await boards.call("season start", name="Spring", ends="20 Mar")
    for user in ("bob", "cid", "dan"):
        await boards.drilled(user)
    boards.poster.gone = {"bob": Presence.LEFT, "cid": Presence.DEACTIVATED}
    await boards.until(datetime(2026, 3, 21, 1, tzinfo=UTC))
    week, podium = boards.posts
    for post in (week, podium):
        assert list_names(post) == ["bob", "dan"]
        assert tables(post)[0][0][1] == (Person("bob", "Bob"), " (left)")
        assert "Not shown: 1 deactivated member" in words(Screen(text=(post.note,)))
        assert post.picture
        assert [bar.label for bar in post.picture.bars] == ["Bob (left)", "Dan"]


async def test_without_a_next_one_no_season_runs_afterwards() -> None:
    boards = Posted()
    await boards.call("season start", name="Spring", ends="today")
    await boards.until(boards.clock.now + timedelta(days=1))
    (post,) = boards.posts
    assert "Nobody answered anything" in words(post)
    none = await boards.call("leaderboard", window="season")
    assert "No season is running" in words(none.screen)


async def test_a_podium_waits_for_questions_that_are_open_at_the_end() -> None:
    boards = Posted()
    await boards.call("settings", reveal="at-close")
    await boards.call("season start", name="Spring", ends="today")
    await boards.until(boards.clock.now + timedelta(hours=11))
    await boards.call("question", topic="alpha", minutes=120)
    await boards.answer(boards.shown, rightly=True, user="bob")
    await boards.until(datetime(2026, 3, 3, 0, 30, tzinfo=UTC))
    assert len(boards.posts) == 1, "the question"
    assert "No season is running" in words(
        (await boards.call("leaderboard", window="season")).screen
    )
    await boards.until(datetime(2026, 3, 3, 3, tzinfo=UTC))
    assert boards.posts[-1].title == "Spring is over"
    assert list_names(boards.posts[-1]) == ["bob"]


async def test_a_season_that_another_one_ended_has_no_podium() -> None:
    boards = Posted()
    await boards.call("season start", name="Spring", ends="20 Mar", next="Summer")
    asked = await boards.call("season start", name="Other", ends="30 Mar", next="Then")
    await boards.press(button(asked.screen, "End it and start Other"))
    (row,) = await boards.store.due.of_community("terminal", "local")
    assert row.at == datetime(2026, 3, 31, tzinfo=UTC)
    await boards.until(datetime(2026, 3, 22, tzinfo=UTC))
    assert boards.posts == []
    await boards.until(row.at)
    assert [post.title for post in boards.posts] == ["Other is over"]
    assert (await boards.call("leaderboard", window="season")).data["season"] == "Then"


async def test_a_season_ends_even_if_its_podium_is_refused() -> None:
    boards = Posted()
    await boards.call("season start", name="Spring", ends="today", next="Summer")
    boards.poster.trouble = Unpostable("I may not write in this channel.")
    await boards.until(boards.clock.now + timedelta(days=2))
    ((user, told),) = boards.poster.told
    assert (user, told.title) == ("ann", "Spring is over, but I can't post its podium")
    assert await boards.store.due.of_community("terminal", "local") == []
    assert (await boards.call("leaderboard", window="season")).data["season"] == "Summer"


async def test_a_podium_whose_confirmation_was_lost_is_not_posted_again() -> None:
    boards = Posted()
    await boards.call("season start", name="Spring", ends="today", next="Summer")
    boards.poster.lost = ConnectionError("no answer came")
    boards.clock.pass_days(1)
    await boards.desk.clockwork.run_due()
    boards.poster.lost = None
    await boards.until(boards.clock.now + timedelta(hours=2))
    assert len(boards.posts) == 1
    assert (await boards.call("leaderboard", window="season")).data["season"] == "Summer"


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"ends": "yesterday"}, "Use a date like"),
        ({"ends": "2026-03-01"}, "from today on"),
        ({"ends": "2099-03-01"}, "within three years"),
        ({"ends": "9999-12-31"}, "within three years"),
        ({"ends": "1 Apr, 2 Apr"}, "one last day"),
        ({"next": "Summer"}, "needs to know when this one ends"),
        ({"ends": "20 Mar", "next": "x" * 35}, "together"),
    ],
)
async def test_an_end_that_cannot_be_is_told(options: dict[str, str], hint: str) -> None:
    boards = Posted()
    refused = await boards.call("season start", name="Spring", **options)
    assert hint in words(refused.screen)
    assert (await boards.store.communities.settings("terminal", "local")).season is None


async def test_an_end_that_is_over_when_the_button_is_pressed_is_told() -> None:
    boards = Posted()
    await boards.call("season start", name="Spring")
    asked = await boards.call("season start", name="Summer", ends="20 Mar")
    boards.clock.pass_days(30)
    late = await boards.press(button(asked.screen, "End it"))
    assert "from today on" in words(late.screen)


async def test_names_of_full_length_fit_the_button_that_carries_them() -> None:
    boards = Posted()
    await boards.call("season start", name="Spring")
    asked = await boards.call("season start", name="a" * 21, ends="2026-12-31", next="b" * 19)
    begun = await boards.press(button(asked.screen, "End it"))
    assert begun.screen.title == f"{'a' * 21} has begun"
    season = (await boards.store.communities.settings("terminal", "local")).season
    assert season
    assert season.next == "b" * 19


async def test_past_seasons_are_listed_with_who_won_and_can_be_read() -> None:
    boards = Posted()
    nothing = await boards.call("season list", "bob")
    assert "hasn't been a season" in words(nothing.screen)
    await boards.call("team create", "bob", name="Owls")
    for number in range(7):
        asked = await boards.call("season start", name=f"S{number}")
        if number:
            await boards.press(button(asked.screen, "End it"))
        await boards.drilled("bob" if number % 2 else "cid")
        boards.clock.pass_days(7)
    listed = (await boards.call("season list", "bob")).screen
    said = words(listed)
    assert "S6 has run since 13 April 2026" in said
    assert (
        "S5: 6 April 2026 to 13 April 2026. "
        "Won by <bob> with 10 points and by Owls with 13 points (Drills)." in said
    )
    assert "S4: 30 March 2026 to 6 April 2026. Won by <cid> with 10 points (Drills)." in said
    assert labels(Reply(listed)) == ["S6", "S5", "S4", "S3", "S2", "S1", "Earlier seasons"]
    earlier = await boards.press(button(listed, "Earlier"), user="bob")
    assert labels(earlier) == ["S6", "S0", "Later seasons"]
    board = await boards.press(button(earlier.screen, "S0"), user="bob")
    assert board.screen.title == "Leaderboard · Drills, S0"
    assert [line["user"] for line in board.data["lines"]] == ["cid"]
    assert board.screen.note == ""
    assert {"This week", "All time", "Teams", "Chart"} <= set(labels(board))
    assert "Post to channel" not in labels(board)
    teams = await boards.press(button(board.screen, "Teams"), user="bob")
    assert (teams.data["season"], teams.data["total"]) == ("S0", 0)
    assert "Nobody was on this leaderboard" in words(teams.screen)


async def test_a_season_of_another_community_is_not_shown() -> None:
    boards = Posted()
    await boards.store.seasons.start("terminal", "elsewhere", "Theirs", boards.clock.now)
    shown = await boards.press("board:season-1:members::0")
    assert "no longer exists" in words(shown.screen)


@pytest.mark.parametrize("period", ["season-", "season-x", "2026-w99", "2026-13", "fortnight", "-"])
async def test_a_period_that_cannot_be_is_said_to_be_gone(period: str) -> None:
    shown = await Posted().press(f"openboard:{period}:members:daily:1")
    assert "no longer exists" in words(shown.screen)


async def test_an_admin_posts_a_board_for_everybody_once() -> None:
    boards = Posted()
    await boards.call("preferences", "ann", boards="hidden")
    for user in ("ann", "bob"):
        await boards.drilled(user)
    board = await boards.call("leaderboard")
    assert "Post to channel" not in labels(await boards.call("leaderboard", "bob"))
    press = button(board.screen, "Post to channel")
    assert "Only admins" in words((await boards.press(press, user="bob")).screen)
    assert boards.posts == []
    for _ in range(2):
        assert "Posted" in words((await boards.press(press)).screen)
        boards.clock.now += timedelta(seconds=1)
    (post,) = boards.posts
    assert post.title == "Leaderboard · Drills, 2 March to 8 March 2026"
    assert list_names(post) == ["bob"]
    assert "you" not in str(post.text) + str(post.note)
    assert post.picture
    own = await boards.press(button(post, "See your place"), user="bob")
    assert own.data["own"]["user"] == "bob"
    assert own.screen.title == "Leaderboard · Drills, this week"
    again = await boards.call("leaderboard")
    await boards.press(button(again.screen, "Post to channel"))
    assert len(boards.posts) == 2, "another look, another post"


@pytest.mark.parametrize("window", DAY_BASED)
async def test_each_windows_board_is_posted_and_opened_on_a_later_day(window: Window) -> None:
    boards = Posted()
    await boards.drilled("bob")
    board = await boards.call("leaderboard", window=window.value)
    assert [line["user"] for line in board.data["lines"]] == ["bob"]
    await boards.press(button(board.screen, "Post to channel"))
    (post,) = boards.posts
    assert "2026" in post.title
    boards.clock.now += timedelta(days=1)
    own = await boards.press(button(post, "See your place"), user="bob")
    assert own.data["own"]["user"] == "bob"


async def test_a_board_that_cannot_be_posted_is_told_why() -> None:
    boards = Posted()
    await boards.drilled("bob")
    board = await boards.call("leaderboard")
    boards.poster.trouble = Unpostable("I may not write in this channel.")
    told = await boards.press(button(board.screen, "Post to channel"))
    assert words(told.screen) == "I may not write in this channel."
    assert "Post to channel" not in labels(await Posted().call("leaderboard")), "an empty board"


async def test_an_old_board_is_opened_from_its_message_as_it_was() -> None:
    boards = Posted()
    await boards.drilled("bob")
    for period, name in (("2026-03-02", "2 March 2026"), ("2026-03", "March 2026"), ("all", "all")):
        boards.clock.now = datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(days=60)
        opened = await boards.press(encode(OpenBoard(period, "members", "drill", 1)), user="bob")
        assert name in opened.screen.title
        assert [line["user"] for line in opened.data["lines"]] == ["bob"]
