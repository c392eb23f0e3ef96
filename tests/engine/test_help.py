"""Help: the commands a reader may use, and everything about one of them."""

from __future__ import annotations

from time import process_time

import pytest

from bot.engine.commands import LISTED
from bot.engine.commands.rights import MANAGER
from bot.engine.events import Call
from bot.engine.lines import parse
from bot.engine.screens import CommandMention, Tone, list_texts
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_desk import Table
from tests.texts import to_plain_text


async def paragraphs(channel: Table, user: str = "ann", **options: str) -> list[list[str]]:
    screen = (await channel.call("help", user, **options)).screen
    return [to_plain_text(text).splitlines() for text in screen.text]


def list_commands(lines: list[str]) -> list[str]:
    """List the commands that the lines begin with."""
    return [line.split("`")[1] for line in lines if line.startswith("`")]


async def test_an_admin_in_a_channel_is_told_of_everything_after_six_examples() -> None:
    examples, commands, for_admins = await paragraphs(Channel())
    assert examples == [
        "Try one of these:",
        "`drill`",
        "`question`",
        "`daily set 09:00 zone:Europe/Berlin days:mon-fri`",
        "`explain About beta`",
        "`leaderboard`",
        "`stats`",
    ]
    assert {*list_commands(commands), *list_commands(for_admins)} == set(LISTED)
    assert "`team join`: Join a team" in commands
    assert set(list_commands(for_admins)) == {
        name for name, each in LISTED.items() if each.right is MANAGER
    }


async def test_a_member_is_told_of_nothing_that_is_for_admins() -> None:
    examples, commands = await paragraphs(Channel(), "bob")
    assert len(examples) == 1 + 6
    assert "daily set" not in " ".join(examples)
    assert set(list_commands(commands)) == {
        name for name, each in LISTED.items() if each.right is not MANAGER
    }


async def test_in_direct_messages_only_what_works_there_is_named() -> None:
    examples, commands = await paragraphs(Table(), "bob")
    assert not {"question", "daily show"} & set(list_commands(examples + commands))
    assert "`explain About beta`" in examples


async def test_every_example_is_a_call_that_is_declared() -> None:
    for command in LISTED.values():
        for options in command.examples:
            assert set(options) <= {option.name for option in command.options}
            assert {o.name for o in command.options if o.required} <= set(options)


async def test_a_command_is_explained_with_its_options() -> None:
    used, example = await paragraphs(Channel(), topic="daily set")
    assert used[0] == (
        "`daily set`: Post a question in this channel every day for everyone to answer in "
        "private. Admins and managers only. Only in channels."
    )
    assert "• `time`: Time of day, like 09:00 or 9am. Required." in used
    hours = next(line for line in used if line.startswith("• `hours`"))
    assert hours.endswith("From 1 to 168. Default: 12.")
    assert len(used) == 1 + len(LISTED["daily set"].options)
    assert example[1] == "`daily set 09:00 zone:Europe/Berlin days:mon-fri`"


@pytest.mark.parametrize("topic", ["/team create", " TEAM  Create "])
async def test_a_command_is_found_however_it_is_typed(topic: str) -> None:
    assert list_commands((await paragraphs(Channel(), topic=topic))[0]) == ["team create"]


@pytest.mark.parametrize("family", ["daily", "team", "season"])
async def test_a_family_alone_is_explained_by_its_commands(family: str) -> None:
    channel = Channel()
    reply = await channel.call(family, "bob")
    assert reply.screen.tone is Tone.PLAIN
    assert reply.screen == (await channel.call("help", "bob", topic=family)).screen
    listed = list_commands(words(reply.screen).splitlines())
    assert set(listed) >= {name for name in LISTED if name.startswith(f"{family} ")}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dril", CommandMention("drill")),
        ("dril compute cluster", CommandMention("drill")),
        ("team creat Night Owls", CommandMention("team create")),
        ("taem list", CommandMention("team list")),
        ("leaderbord", CommandMention("leaderboard")),
        ("scorring", CommandMention("help", {"topic": "scoring"})),
        ("teams", CommandMention("help", {"topic": "team"})),
        ("xyzzy", CommandMention("help")),
    ],
)
async def test_a_slip_of_the_finger_is_told_the_nearest(typed: str, meant: CommandMention) -> None:
    call = parse(typed)
    for each in (call, Call("help", {"topic": call.command})):
        reply = await Channel().call(each.command, "bob", **each.options)
        assert reply.screen.tone is Tone.PROBLEM
        assert meant in next(list_texts(reply.screen.text[0]))


async def test_nobody_is_led_to_what_is_not_for_them() -> None:
    (text,) = (await Channel().call("daily paus", "bob")).screen.text
    assert CommandMention("daily pause") not in next(list_texts(text))
    (text,) = (await Channel().call("daily paus", "ann")).screen.text
    assert CommandMention("daily pause") in next(list_texts(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("team delete", CommandMention("help", {"topic": "team"})),
        ("team leav", CommandMention("help", {"topic": "team leave"})),
        ("unlnk", CommandMention("help", {"topic": "unlink"})),
        ("quit", CommandMention("help")),
        ("delete everything", CommandMention("help")),
    ],
)
async def test_a_slip_leads_to_nothing_that_is_far_off_or_takes_something_away(
    typed: str, meant: CommandMention
) -> None:
    (text,) = (await Channel().call(typed, "bob")).screen.text
    assert [span for span in next(list_texts(text)) if isinstance(span, CommandMention)] == [meant]


async def test_a_slip_leads_to_nothing_that_is_not_there() -> None:
    (text,) = (await Table().call("questoin")).screen.text
    assert [span for span in next(list_texts(text)) if isinstance(span, CommandMention)] == [
        CommandMention("help")
    ]


@pytest.mark.parametrize(
    "line",
    [
        "what is hpo",
        "What’s HPO?",
        "how does beta work",
        "hpo and beta?",
        "explain: hpo?",
        "help what is hpo?",
    ],
)
async def test_a_question_is_explained(line: str) -> None:
    call = parse(line)
    reply = await Channel().call(call.command, "bob", **call.options)
    assert reply.screen.title == "About beta"


@pytest.mark.parametrize(
    ("line", "command"),
    [("team leave?", "team leave"), ("explain…?", "explain"), ("stats!", "stats")],
)
async def test_a_command_with_a_question_mark_is_explained_and_not_called(
    line: str, command: str
) -> None:
    call = parse(line)
    reply = await Channel().call(call.command, "bob", **call.options)
    assert reply.screen.title == "How to use it"
    assert words(reply.screen).startswith(f"`{command}`")


@pytest.mark.parametrize("text", ["x", "dril ", "what is ", "?"])
async def test_long_unknown_words_hold_nobody_up(text: str) -> None:
    channel, line = Channel(), text * (40_000 // len(text))
    started = process_time()
    for call in (parse(line), Call("help", {"topic": line}), Call("explain", {"topic": line})):
        reply = await channel.call(call.command, "bob", **call.options)
        assert len(words(reply.screen)) < 2000
    assert process_time() - started < 0.25


async def test_what_there_is_help_about_completes() -> None:
    channel = Channel()
    event = channel.event(Call("help", {}), "bob")
    offered = [each.value for each in await channel.desk.complete(event, "topic", "team")]
    assert offered[:2] == ["team", "team create"]
    assert "team shuffle" not in offered
    assert "scoring" in [each.value for each in await channel.desk.complete(event, "topic", "")]
