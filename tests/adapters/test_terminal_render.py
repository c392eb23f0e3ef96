"""Screens as text: whole without colour, harmless whatever they say."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from adapters.terminal.render import render
from bot.engine.screens import (
    Button,
    Choice,
    Code,
    CommandMention,
    Link,
    Match,
    Pick,
    Screen,
    Table,
    Tone,
)

QUESTION = Screen(
    title="Question 1 of 2",
    text=("Which class is it: `AmlCompute` or [red]another[/red]?",),
    fields=(("Chapter", "One"), ("Kind", "Single choice")),
    controls=(Pick("answer:1:", (Choice("`A.b`", "0"), Choice("no", "1"))), Button("Stop", "s")),
)


def shown(screen: Screen, *, colour: bool = False, width: int = 60) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, color_system="truecolor" if colour else None
    )
    console.print(render(screen, console), crop=False)
    return out.getvalue()


def test_a_question_shows_its_parts_in_order_and_keeps_markup_literal() -> None:
    lines = [line.rstrip() for line in shown(QUESTION).splitlines() if line.strip()]
    assert lines == [
        "Question 1 of 2",
        "One · Single choice",
        "Which class is it: `AmlCompute` or [red]another[/red]?",
        "  A) `A.b`",
        "  B) no",
    ]


def test_colour_marks_code_and_without_it_the_backticks_stay() -> None:
    assert "\x1b[" in shown(QUESTION, colour=True)
    assert "`" not in shown(QUESTION, colour=True)
    assert "\x1b" not in shown(QUESTION)


def test_commands_are_shown_as_they_are_typed() -> None:
    say = CommandMention("team create", {"name": "Night Owls"})
    screen = Screen(text=(("Make one: ", say),), fields=(("Or", (say,)),), note=("Do: ", say))
    assert [line.strip() for line in shown(screen).splitlines()] == [
        "Make one: `/team create Night Owls`",
        "Or: `/team create Night Owls`",
        "Do: `/team create Night Owls`",
    ]


@pytest.mark.parametrize("tone", [Tone.RIGHT, Tone.PARTLY, Tone.WRONG, Tone.PROBLEM])
def test_a_tone_is_said_by_a_sign_too_never_by_colour_alone(tone: Tone) -> None:
    plain = shown(Screen(title="Verdict", tone=Tone.PLAIN))
    assert shown(Screen(title="Verdict", tone=tone)) != plain


def test_control_characters_do_not_reach_the_terminal() -> None:
    hostile = Screen(title="\x1b]0;owned\x07", text=("\x1b[2Jgone\r",), tone=Tone.RIGHT)
    assert "\x1b" not in shown(hostile)
    assert "\x07" not in shown(hostile)
    assert "\r" not in shown(hostile)


def test_code_keeps_its_columns_and_is_never_broken_or_read() -> None:
    code = Code("def f():\n\treturn '[bold]' \x1b[2J :x:\n\n" + "x" * 90, "python")
    lines = shown(Screen(text=("before", code, "after"))).splitlines()
    assert [line.rstrip() for line in lines] == [
        "before",
        "    def f():",
        "        return '[bold]' [2J :x:",
        "",
        "    " + "x" * 90,
        "after",
    ]


def test_a_table_stands_among_paragraphs() -> None:
    text = shown(Screen(text=("before", Table((("Rank", "Name"), ("1", "Ann"))), "after")))
    assert text.index("before") < text.index("Ann") < text.index("after")


def test_a_long_address_is_never_broken() -> None:
    url = "https://learn.microsoft.com/" + "a" * 150
    assert url in shown(Screen(controls=(Link("Learn", url),)))


def test_a_way_to_a_picture_is_not_offered_where_none_can_be_shown() -> None:
    screen = Screen(
        text=("Board",), controls=(Button("Today", "a"), Button("Picture", "b", opens_chart=True))
    )
    assert "Today" in shown(screen)
    assert "Picture" not in shown(screen)


def test_pairs_tables_and_buttons_are_listed() -> None:
    text = shown(
        Screen(
            text=(Table((("Rank", "Name"), ("1", "Ann [bold]"))),),
            controls=(Match("m", ("cat", "dog"), (Choice("barks", "0"), Choice("meows", "1"))),),
        )
    )
    assert "1) cat" in text
    assert "B) meows" in text
    assert "Ann [bold]" in text
    assert "2) Second" in shown(Screen(controls=(Button("First", "a"), Button("Second", "b"))))
