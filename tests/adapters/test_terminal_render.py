"""Screens as text: complete without color, and harmless whatever they contain."""

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
    WebLink,
)

QUESTION = Screen(
    title="Question 1 of 2",
    text=("Which class is it: `AmlCompute` or [red]another[/red]?",),
    fields=(("Chapter", "One"), ("Kind", "Single choice")),
    controls=(Pick("answer:1:", (Choice("`A.b`", "0"), Choice("no", "1"))), Button("Stop", "s")),
)


def render_text(screen: Screen, *, color: bool = False, width: int = 60) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=color, color_system="truecolor" if color else None
    )
    console.print(render(screen, console), crop=False)
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


def test_a_link_is_followed_by_its_address() -> None:
    url = "https://chat.example/7"
    assert f"See it ({url})" in render_text(Screen(text=((WebLink("See it", url),),)))
