"""A member's home page, on platforms that have one."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bot.engine.actions import encode
from bot.engine.asked import make_round
from bot.engine.commands import COMMANDS
from bot.engine.commands.home import MAX_OPEN, OpenQuestion
from bot.engine.events import Channel as Where
from bot.engine.rounds import Board, NewPost, Reveal
from bot.engine.screens import BAR_WIDTH, Button, ChooseChannel, Entry, Open, Screen, Search
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_dailies import NINE, Room
from tests.engine.test_desk import Table, button, find_answer_action
from tests.texts import to_plain_text


def calls(screen: Screen) -> list[str]:
    """List the commands that the screen's controls call."""
    return [c.command for c in screen.controls if isinstance(c, Open | Search | ChooseChannel)]


async def test_home_has_the_members_figures_and_standing_and_leads_on() -> None:
    channel = Channel()
    assert "not on the board yet" in words((await channel.call("home", "bob")).screen)
    drill = await channel.press(button((await channel.call("home", "bob")).screen, "Start a drill"))
    await channel.answer(drill.screen, rightly=True)
    screen = (await channel.call("home")).screen
    assert "1 of 1 this week" in words(screen)
    assert "1 (100%)" in words(screen)
    assert calls(screen) == ["privacy", "drill", "explain", "settings"]
    await channel.call("preferences", boards="hidden")
    assert "you're hidden" in words((await channel.call("home")).screen)


def entries(screen: Screen, label: str) -> list[str]:
    """List the entries whose button has the label."""
    found = [part for part in screen.text if isinstance(part, Entry) and part.button.label == label]
    return [to_plain_text(part.text) for part in found]


async def pose(table: Table, channel: str, number: int = 0) -> int:
    """Open a live question in a channel."""
    pack = table.desk.library.get("")
    assert pack
    asked = [q for q in pack.pack.questions if q.kind == "single"][number]
    where = Where("terminal", "local", channel)
    round_ = replace(make_round(pack, asked, Random(1)), layout=tuple(range(len(asked.options))))
    new = NewPost(where, pack.pack.id, round_, Board.LIVE, Reveal.AT_ONCE, 600)
    post = await table.desk.rounds.open(new)
    assert post
    return post.round.id


async def test_home_lists_open_questions_of_channels_the_member_knows_until_answered() -> None:
    channel = Channel()
    await channel.call("question")
    home = (await channel.call("home", "bob")).screen
    assert entries(home, "Answer") == [], "Bob may not be in the channel"
    assert "You've answered everything that's open" in words(home)
    await channel.answer(channel.shown, rightly=True, user="bob")
    await channel.passes(minutes=11)
    await channel.call("question")
    home = (await channel.call("home", "bob")).screen
    (entry,) = entries(home, "Answer")
    assert entry.endswith(" in #general, closes <time>")
    shown = (await channel.press(button(home, "Answer"), user="bob")).screen
    assert find_answer_action(shown) == find_answer_action(channel.shown)
    assert ("Channel", "#general") in [(name, to_plain_text(value)) for name, value in shown.fields]
    await channel.answer(shown, rightly=True, user="bob")
    assert entries((await channel.call("home", "bob")).screen, "Answer") == []


async def test_a_question_opens_only_for_those_who_know_its_channel_and_while_its_open() -> None:
    channel = Channel()
    general = await pose(channel, "general")
    first = channel.shown
    private = await pose(channel, "private", 1)

    async def open_(round_: int, user: str = "bob") -> str:
        reply = await channel.press(encode(OpenQuestion(round_)), user=user)
        return reply.screen.title + words(reply.screen)

    for round_ in (general, private, 999):
        assert "You can't answer this question anymore" in await open_(round_)
    await channel.answer(first, rightly=True, user="bob")
    assert "You answered" in await open_(general)
    assert "You can't answer this question anymore" in await open_(private)
    await channel.answer(channel.shown, rightly=False, user="ann")
    await channel.passes(minutes=11)
    again = await pose(channel, "general", 1)
    assert "Question" in await open_(again)
    await channel.passes(minutes=11)
    assert "You can't answer this question anymore" in await open_(again)
    assert "You can't answer this question anymore" in await open_(general, "ann")


async def test_home_says_when_the_next_daily_question_comes() -> None:
    room = Room()
    await room.set()
    assert "Next question" not in words((await room.call("home")).screen)
    await room.at(NINE)
    await room.answer(room.shown, rightly=True)
    assert "Next question in #general: <time>" in words((await room.call("home")).screen)
    await room.call("daily pause")
    assert "Next question in #general: paused" in words((await room.call("home")).screen)


async def test_home_orders_what_to_do_next_and_shows_chapters_as_bars() -> None:
    channel = Channel()
    for number in range(MAX_OPEN + 2):
        await pose(channel, f"c{number}", number % 2)
        await channel.answer(channel.shown, rightly=bool(number % 2))
    await channel.passes(days=1)
    for number in range(MAX_OPEN + 2):
        await pose(channel, f"c{number}", number % 2)
    screen = (await channel.call("home")).screen
    assert len(entries(screen, "Answer")) == MAX_OPEN
    text = words(screen)
    places = [text.index(each) for each in (
        "closes <time>", "2 more questions open", "due for review", "Standing: 1 of 1", "░",
        "Hard for you",
    )]  # fmt: skip
    assert places == sorted(places)
    pack = channel.desk.library.get("")
    assert pack
    for chapter in pack.pack.chapters:
        asked = len(pack.questions_in(chapter.id))
        (line,) = [each for each in text.splitlines() if chapter.title in each and "%" in each]
        bar, share, *_ = line.split()
        right = int(line.split(", ")[-1].split()[0])
        assert (len(bar), line.endswith(f"{right} of {asked}")) == (BAR_WIDTH, True)
        assert share == f"{right / asked:.0%}"
        assert ("█" in bar) is (right > 0)
    review = await channel.press(button(screen, "Start a drill"))
    assert "Question 1" in review.screen.title
    presses = [each.action for each in screen.all_controls if isinstance(each, Button)]
    assert len(presses) == len(set(presses)), "Slack would refuse the whole page"
    drill = await channel.press(button(screen, "Drill"))
    assert "Question 1" in drill.screen.title


async def test_only_admins_choose_a_channel_at_home_and_every_control_means_a_command() -> None:
    channel = Channel()
    assert calls((await channel.call("home", "bob")).screen) == ["privacy", "drill", "explain"]
    for control in (await channel.call("home")).screen.controls:
        match control:
            case Search(command, option):
                assert option in {each.name for each in COMMANDS[command].options}
            case Open(command) | ChooseChannel(command):
                assert command in COMMANDS
            case _:
                pass


async def test_home_is_in_no_help_and_is_not_what_somebody_meant() -> None:
    channel = Channel()
    assert "home" not in dict((await channel.call("help")).screen.fields)
    assert "`home`" not in words((await channel.call("hom")).screen)
