"""Screens as text: complete without color, and harmless whatever they contain."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from rich.console import Console

from adapters.terminal.render import render, supports_links
from bot.engine.screens import (
    Bar,
    Bars,
    Bullets,
    Button,
    Choice,
    Code,
    CommandMention,
    Grid,
    Link,
    Match,
    Meter,
    Moment,
    Pick,
    Screen,
    Table,
    Tone,
    WebLink,
)

QUESTION = Screen(
    title="Question 1 of 2",
    text=("Which class is it: `AmlCompute` or [red]another[/red]?",),
    fields=(("Chapter", "One"), ("Kind", "Single choice")),
    controls=(Pick("answer:1:", (Choice("`A.b`", "0"), Choice("no", "1"))), Button("Stop", "s")),
)


def render_text(
    screen: Screen, *, color: bool = False, width: int = 60, plain: bool = False
) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=color, color_system="truecolor" if color else None
    )
    console.print(render(screen, console, plain=plain), crop=False)
    return out.getvalue()


def test_a_question_shows_its_parts_in_order_and_keeps_markup_literal() -> None:
    lines = [line.rstrip() for line in render_text(QUESTION).splitlines() if line.strip()]
    assert lines == [
        "Question 1 of 2",
        "One · Single choice",
        "Which class is it: `AmlCompute` or [red]another[/red]?",
        "  A) `A.b`",
        "  B) no",
    ]


def test_color_marks_code_and_without_it_the_backticks_stay() -> None:
    assert "\x1b[" in render_text(QUESTION, color=True)
    assert "`" not in render_text(QUESTION, color=True)
    assert "\x1b" not in render_text(QUESTION)


def test_commands_are_shown_as_typed() -> None:
    say = CommandMention("team create", {"name": "Night Owls"})
    screen = Screen(text=(("Make one: ", say),), fields=(("Or", (say,)),), note=("Do: ", say))
    assert [line.strip() for line in render_text(screen).splitlines()] == [
        "Make one: `/team create Night Owls`",
        "Or: `/team create Night Owls`",
        "Do: `/team create Night Owls`",
    ]


@pytest.mark.parametrize("tone", [Tone.RIGHT, Tone.PARTLY, Tone.WRONG, Tone.PROBLEM])
def test_a_tone_has_a_sign_too_never_color_alone(tone: Tone) -> None:
    plain = render_text(Screen(title="Verdict", tone=Tone.PLAIN))
    assert render_text(Screen(title="Verdict", tone=tone)) != plain


def test_control_characters_do_not_reach_the_terminal() -> None:
    hostile = Screen(title="\x1b]0;owned\x07", text=("\x1b[2Jgone\r",), tone=Tone.RIGHT)
    assert "\x1b" not in render_text(hostile)
    assert "\x07" not in render_text(hostile)
    assert "\r" not in render_text(hostile)


def test_code_keeps_its_columns_and_is_never_wrapped_or_parsed() -> None:
    code = Code("def f():\n\treturn '[bold]' \x1b[2J :x:\n\n" + "x" * 90, "python")
    lines = render_text(Screen(text=("before", code, "after"))).splitlines()
    assert [line.rstrip() for line in lines] == [
        "before",
        "    def f():",
        "        return '[bold]' [2J :x:",
        "",
        "    " + "x" * 90,
        "after",
    ]


def test_a_table_keeps_its_place_among_paragraphs() -> None:
    text = render_text(Screen(text=("before", Table((("Rank", "Name"), ("1", "Ann"))), "after")))
    assert text.index("before") < text.index("Ann") < text.index("after")


def test_a_long_url_is_never_wrapped() -> None:
    url = "https://learn.microsoft.com/" + "a" * 150
    assert url in render_text(Screen(controls=(Link("Learn", url),)))


def test_picture_buttons_are_not_offered() -> None:
    screen = Screen(
        text=("Board",), controls=(Button("Today", "a"), Button("Picture", "b", opens_chart=True))
    )
    assert "Today" in render_text(screen)
    assert "Picture" not in render_text(screen)


def test_pairs_tables_and_buttons_are_listed() -> None:
    text = render_text(
        Screen(
            text=(Table((("Rank", "Name"), ("1", "Ann [bold]"))),),
            controls=(Match("m", ("cat", "dog"), (Choice("barks", "0"), Choice("meows", "1"))),),
        )
    )
    assert "1) cat" in text
    assert "B) meows" in text
    assert "Ann [bold]" in text
    assert "2) Second" in render_text(
        Screen(controls=(Button("First", "a"), Button("Second", "b")))
    )


def test_lists_and_bars_are_indented_below_what_they_belong_to() -> None:
    bars = Bars((Bar("`x`", (1,), 2, "1 of 2 (50%)", "A"), Bar("no", (0,), 2, "0 of 2 (0%)")))
    points = Bullets("Points", ("one two three four five", "six"))
    lines = render_text(Screen(text=(points, bars)), width=25)
    assert [line.rstrip() for line in lines.splitlines()] == [
        "Points:",
        *("  • one two three four", "    five", "  • six"),
        *("  A) `x` · 1 of 2 (50%)", f"     {'█' * 10}{'░' * 10}"),
        *("  no · 0 of 2 (0%)", f"  {'░' * 20}"),
    ]
    assert render_text(Screen(text=(points, bars)), plain=True).splitlines() == [
        "Points:",
        *("• one two three four five", "• six"),
        *("A) `x`, 1 of 2 (50%)", "no, 0 of 2 (0%)"),
    ]


def test_a_link_is_followed_by_its_address() -> None:
    url = "https://chat.example/7"
    assert f"See it ({url})" in render_text(Screen(text=((WebLink("See it", url),),)))


STATS = Screen(
    title="Stats · all",
    fields=(
        ("Points", "3"),
        ("A chapter", (Meter((2, 1), 4), "3 of 4 seen")),
        ("Another chapter", (Meter((0, 0), 0), "0 of 0 seen")),
        ("A name that is too long to stand beside its value", "x"),
    ),
)


def test_meters_are_bars_below_their_names() -> None:
    assert render_text(STATS).splitlines() == [
        "Stats · all",
        "  Points: 3",
        "  A chapter",
        f"  {'█' * 10}{'▒' * 5}{'░' * 5} 3 of 4 seen",
        "  Another chapter",
        f"  {'░' * 20} 0 of 0 seen",
        "  A name that is too long to stand beside its value",
        "  x",
    ]


def test_plain_screens_are_words_only() -> None:
    verdict = Screen(title="Right · 10 points", tone=Tone.RIGHT, text=("Yes.",))
    assert render_text(verdict, plain=True).splitlines() == ["Right, 10 points", "Yes."]
    problem = Screen(text=("There's no such thing.",), tone=Tone.PROBLEM)
    assert render_text(problem, plain=True) == "Problem: There's no such thing.\n"
    assert render_text(STATS, plain=True).splitlines()[1:3] == [
        "Points: 3",
        "A chapter: 3 of 4 seen",
    ]
    rows = (("Rank", "Name", "Points"), ("1", "Ann", "20"))
    board = Screen(text=(Table(rows), Code("x = 1")), controls=(Button("More", "a"),))
    assert render_text(board, plain=True).splitlines() == [
        "1. Ann, 20 points",
        "Code:",
        "x = 1",
        "End of code.",
        "1) More",
    ]


def test_further_lines_stand_below_the_first() -> None:
    screen = Screen(controls=(Pick("a", (Choice("one two three four", "0"),)),))
    assert render_text(screen, width=30).splitlines()[-1] == "  A) one two three four"
    assert [line for line in render_text(screen, width=26).splitlines() if line.strip()] == [
        "  A) one two three four"
    ]
    long = Screen(fields=(("Name", "word " * 12),))
    lines = render_text(long, width=30).splitlines()
    assert lines[0].startswith("  Name: word")
    assert all(line.startswith("        word") for line in lines[1:])
    assert all(line == line.rstrip() and len(line) <= 30 for line in lines)


def test_a_date_is_short() -> None:
    at = datetime(2026, 9, 30, 12, tzinfo=UTC)
    text = render_text(Screen(text=(("It closes ", Moment(at), "."),)))
    assert re.fullmatch(r"It closes (Wed 30 Sep|Thu 01 Oct|Tue 29 Sep), \d\d:\d\d\.\n", text)


@pytest.mark.parametrize(
    ("env", "linked"),
    [
        ({}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"VTE_VERSION": "4999"}, False),
        ({"VTE_VERSION": "7600"}, True),
        ({"WT_SESSION": "x"}, True),
        ({"WT_SESSION": "x", "STY": "1"}, False),
        ({"WT_SESSION": "x", "FORCE_HYPERLINK": "0"}, False),
    ],
)
def test_terminals_with_links_are_known(env: dict[str, str], linked: bool) -> None:
    out = io.StringIO()
    color = Console(file=out, force_terminal=True, color_system="truecolor", _environ={})
    assert supports_links(color, env) is linked
    assert not supports_links(Console(file=out, color_system=None), env)


def test_a_table_of_notes_is_read_by_its_headings_and_code_keeps_its_tabs() -> None:
    grid = Grid(("Dog", ""), (("`cat`", "gato"), ("cow", "")))
    screen = Screen(text=(grid, Code("if x:\n\treturn a · b", "python")))
    assert render_text(screen, plain=True).splitlines() == [
        "Dog: `cat`, gato",
        "Dog: cow",
        "Code in python:",
        "if x:",
        "    return a · b",
        "End of code.",
    ]
    assert render_text(screen).splitlines() == [
        "Dog          ",
        "`cat`  gato  ",
        "cow          ",
        "    if x:",
        "        return a · b",
    ]
