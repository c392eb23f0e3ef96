"""Commands typed as lines."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.commands import COMMANDS
from bot.engine.lines import MAX_UNKNOWN, format_line, parse
from bot.engine.screens import CommandMention


@pytest.mark.parametrize(
    ("line", "command", "options"),
    [
        ("drill", "drill", {}),
        ("drill compute cluster", "drill", {"topic": "compute cluster"}),
        (" DRILL  mlflow   questions:5 ", "drill", {"topic": "mlflow", "questions": "5"}),
        ("drill topic:alpha", "drill", {"topic": "alpha"}),
        ("explain what: about this?", "explain", {"topic": "what: about this?"}),
        ("leaderboard month", "leaderboard", {"window": "month"}),
        ("stats", "stats", {}),
        ('team create name:"Night Owls"', "team create", {"name": "Night Owls"}),
        ("team move member:ann Night Owls", "team move", {"member": "ann", "team": "Night Owls"}),
        (
            "team move <@U1|ann> Night Owls",
            "team move",
            {"member": "<@U1|ann>", "team": "Night Owls"},
        ),
        ("team move member:<@U1>", "team move", {"member": "<@U1>"}),
        (
            "team rename Early Birds team:“Night Owls”",
            "team rename",
            {"name": "Early Birds", "team": "Night Owls"},
        ),
        ("", "help", {}),
        ("dril", "dril", {}),
    ],
)
def test_words_and_named_values_become_a_call(
    line: str, command: str, options: dict[str, str]
) -> None:
    call = parse(line)
    assert (call.command, call.options) == (command, options)


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("daily set 9am zone: Berlin", {"time": "9am", "zone": "Berlin"}),
        (
            "daily set time:9 am zone:New York days: mon - fri hours:8",
            {
                "time": "9 am",
                "zone": "New York",
                "days": "mon - fri",
                "hours": "8",
            },
        ),
        ("season start name:Autumn 2026", {"name": "Autumn 2026"}),
        ("settings team–size:3", {"team-size": "3"}),
        ("settings Team—Size： 3 zone:Berlin", {"team-size": "3", "zone": "Berlin"}),
        ("preferences day−starts:4 am", {"day-starts": "4 am"}),
        ("team from–roles", {}),
        ('team create "Night Owls"', {"name": "Night Owls"}),
        ("team create “Night Owls”", {"name": "Night Owls"}),
        ("team create „Night Owls“", {"name": "Night Owls"}),
        ("team create ‘Night Owls’", {"name": "Night Owls"}),
        ("team create 'Night Owls'", {"name": "Night Owls"}),
        ("team create «Night Owls»", {"name": "Night Owls"}),
        ("team create 「Night Owls」", {"name": "Night Owls"}),
        ("team create `Night Owls`", {"name": "Night Owls"}),
        ("team create name: 'O'Neill's gang'", {"name": "O'Neill's gang"}),
        ("team create O'Neill's gang", {"name": "O'Neill's gang"}),
        (
            'team rename team:"Night Owls" Early Birds',
            {"team": "Night Owls", "name": "Early Birds"},
        ),
        ('explain "what" and "why"', {"topic": '"what" and "why"'}),
        ('question "alpha minutes:5" minutes:7', {"topic": "alpha minutes:5", "minutes": "7"}),
        ("leaderboard by:teams month", {"by": "teams", "window": "month"}),
        ("team create Team: Rocket", {"name": "Team: Rocket"}),
        ("team move <@U1|Ann Lee> Night Owls", {"member": "<@U1|Ann Lee>", "team": "Night Owls"}),
    ],
)
def test_a_value_goes_as_far_as_it_is_meant_to(line: str, options: dict[str, str]) -> None:
    call = parse(line)
    assert (call.options, call.unread) == (options, "")


@pytest.mark.parametrize(
    ("line", "unread"),
    [
        ("question alpha minutes:1 for 30 minutes please", "for 30 minutes please"),
        ("question please topic:alpha", "please"),
        ("team create name:“Night Owls” now", "now"),
        ("stats please", "please"),
        ("team leave now", "now"),
        ("question alpha minutes:7 minutes:9", "minutes:9"),
        ("daily set 9am zone:", "zone:"),
        ('settings zone:"" team-size:3', 'zone:""'),
    ],
)
def test_what_is_left_over_is_kept_to_be_named(line: str, unread: str) -> None:
    assert parse(line).unread == unread


@pytest.mark.parametrize(
    ("line", "slip"),
    [
        ("question alpha minuts:30", {"minuts": "30"}),
        ("question alpha hours:2", {"hours": "2"}),
        ("settings zone:Berlin team–sise:3", {"team-sise": "3"}),
    ],
)
def test_a_slip_in_an_option_is_no_part_of_a_text(line: str, slip: dict[str, str]) -> None:
    assert slip.items() <= parse(line).options.items()


def test_of_a_line_that_is_no_command_enough_is_kept_for_a_question() -> None:
    call = parse("what is a sweep job?")
    assert (call.command, call.options) == ("what is a sweep job?", {})
    assert len(parse("x" * 40_000).command) == MAX_UNKNOWN


@pytest.mark.parametrize(
    "text", ["x", "' ", "'a ", '"', "minutes:", "minutes: ", "minuts:5 ", 'a " b', "<@U1 "]
)
@pytest.mark.parametrize("command", ["", "question ", "question topic:“", "team move "])
def test_a_long_line_is_read_in_time(command: str, text: str) -> None:
    """What grows with the square of a line's length takes seconds or minutes here."""
    started = process_time()
    parse(command + text * (40_000 // len(text)))
    assert process_time() - started < 0.25


_CHARS = st.sampled_from("ab 0:：-–'\"“”„‘’«»「」<@>|`,.?é漢\n") | st.characters(categories=["L"])
_TEXT = st.lists(
    st.text(_CHARS, min_size=1, max_size=8)
    | st.sampled_from(["minutes:5", "name:", "zone: x", '"a"', "<@U1>", "topic：", "zome:y"]),
    min_size=1,
    max_size=3,
).map(" ".join)


def _wanted(text: str) -> str:
    return " ".join(text.replace("`", "'").split())


@st.composite
def _says(draw: st.DrawFn) -> CommandMention:
    command = draw(st.sampled_from([each for each in COMMANDS.values() if each.options]))
    options = {}
    for option in command.options:
        if draw(st.booleans()):
            options[option.name] = draw(_TEXT.filter(_wanted))
    return CommandMention(command.name, options)


@given(_says())
def test_what_is_written_is_read_back(say: CommandMention) -> None:
    line = format_line(say)
    call = parse(line)
    assert "`" not in line
    assert (call.command, call.unread) == (say.command, "")
    assert call.options == {name: _wanted(value) for name, value in say.options.items()}
