"""Reading typed lines in the context of a screen."""

from __future__ import annotations

import pytest

from adapters.typed import complete_line, format_hints, read_line
from bot.engine.events import Call, Press
from bot.engine.screens import Arrange, Button, Choice, Match, Pick, Screen, Write

COLOURS = tuple(Choice(text, str(i)) for i, text in enumerate(("red", "green", "blue", "grey")))
STOP = Button("Stop", "stop:1", style="danger")
SKIP = Button("Skip", "skip:1:1")
EXPLAIN = Button("Explain", "explain:p:t:0")
ONE = Screen(controls=(Pick("answer:1:", COLOURS), STOP))
SEVERAL = Screen(controls=(Pick("answer:1:", COLOURS, several=True), STOP))
TRUTH = Screen(controls=(Pick("answer:1:", (Choice("True", "0"), Choice("False", "1"))), STOP))
ORDER = Screen(controls=(Arrange("answer:1:", COLOURS), STOP))
PAIRS = Screen(controls=(Match("answer:1:", ("sky", "grass"), COLOURS), STOP))
NUMBERS = Screen(
    controls=(Pick("answer:1:", tuple(Choice(n, str(i)) for i, n in enumerate("245"))), STOP)
)
TEXT = Screen(controls=(Write("answer:1:", "Your answer"), STOP))
MENU = Screen(controls=(Button("Another drill", "practise:p:"), Button("Drill: A", "practise:p:a")))


@pytest.mark.parametrize(
    ("screen", "line", "values"),
    [
        (ONE, "b", ("1",)),
        (ONE, " B ", ("1",)),
        (ONE, "2", ("1",)),
        (ONE, "grey", ("3",)),
        (ONE, "gre", ("gre",)),
        (ONE, "9", ("9",)),
        (ONE, "²", ("²",)),
        (ONE, "A.", ("0",)),
        (ONE, "(a)", ("0",)),
        (ONE, "a)", ("0",)),
        (ONE, "Ａ", ("0",)),
        (ONE, "（ｂ）", ("1",)),
        (ONE, "option c", ("2",)),
        (ONE, "b. green", ("1",)),
        (ONE, "b. blue", ("b. blue",)),
        (ONE, "３", ("2",)),
        (ONE, "e", ("e",)),
        (ONE, "zebra", ("zebra",)),
        (NUMBERS, "4", ("1",)),
        (NUMBERS, "3", ("2",)),
        (NUMBERS, "c", ("2",)),
        (SEVERAL, "ac", ("0", "2")),
        (SEVERAL, "a and c", ("0", "2")),
        (SEVERAL, "A, C", ("0", "2")),
        (SEVERAL, "A & C.", ("0", "2")),
        (SEVERAL, "options A, B, and D", ("0", "1", "3")),
        (SEVERAL, "1, 3", ("0", "2")),
        (TRUTH, "t", ("0",)),
        (TRUTH, "false", ("1",)),
        (TRUTH, "b", ("1",)),
        (ORDER, "dcba", ("3", "2", "1", "0")),
        (ORDER, "D > C > B > A", ("3", "2", "1", "0")),
        (ORDER, "d, then c, then b, then a", ("3", "2", "1", "0")),
        (PAIRS, "c b", ("2", "1")),
        (PAIRS, "2b 1c", ("2", "1")),
        (PAIRS, "1-C, 2-B", ("2", "1")),
        (PAIRS, "2 = b", ("", "1")),
        (PAIRS, "3b", ("3b",)),
        (TEXT, "compute cluster", ("compute cluster",)),
        (TEXT, "stop", ("stop",)),
        (TEXT, "skip", ("skip",)),
    ],
)
def test_a_line_answers_the_question(screen: Screen, line: str, values: tuple[str, ...]) -> None:
    assert read_line(line, screen, ()) == Press("answer:1:", values)


@pytest.mark.parametrize(
    ("screen", "line", "action"),
    [
        (ONE, "/stop", "stop:1"),
        (ONE, "stop", "stop:1"),
        (ONE, "skip", "skip:1:1"),
        (ORDER, "Skip", "skip:1:1"),
        (TEXT, "/skip", "skip:1:1"),
        (TEXT, "/stop", "stop:1"),
        (TEXT, "/Explain", "explain:p:t:0"),
        (MENU, "2", "practise:p:a"),
        (MENU, "another", "practise:p:"),
    ],
)
def test_a_word_or_number_presses_a_button(screen: Screen, line: str, action: str) -> None:
    assert read_line(line, screen, (SKIP, EXPLAIN)) == Press(action)


def test_a_slash_calls_a_command_of_the_table() -> None:
    assert read_line("/explain sweep job", ONE, (EXPLAIN,)) == Call(
        "explain", {"topic": "sweep job"}
    )
    assert read_line("/stats", MENU, ()) == Call("stats", {})
    assert read_line("/stats please", MENU, ()) == Call("stats", {}, "please")
    assert read_line("/what is hpo?", MENU, ()) == Call("what is hpo?", {})


def test_meaningless_lines_on_a_menu_are_ignored() -> None:
    assert read_line("9", MENU, ()) is None
    assert read_line("zebra", MENU, ()) is None


def test_a_word_that_two_buttons_share_presses_neither() -> None:
    screen = Screen(controls=(Button("Drill: A", "a"), Button("Drill: B", "b")))
    assert read_line("drill", screen, ()) is None


def test_hints_name_what_can_be_typed() -> None:
    assert format_hints(ONE, (EXPLAIN,)) == "Type A-D, /stop, /explain, /help, /quit"
    assert format_hints(SEVERAL, ()).startswith("Type A-D, several as in AC, /stop")
    three = Screen(controls=(Pick("answer:1:", COLOURS, several=True, count=3),))
    assert format_hints(three, ()).startswith("Type A-D, 3 of them as in ABC, ")
    assert format_hints(ORDER, ()).startswith("Type all letters in order, as in DCBA")
    assert format_hints(PAIRS, ()).startswith("Type a letter for each of 1-2, as in BA")
    assert format_hints(TEXT, ()).startswith("Type your answer")
    assert format_hints(MENU, ()) == "Type 1-2, /help, /quit"


def test_commands_and_topics_are_completed() -> None:
    def complete(command: str, option: str, text: str) -> list[Choice]:
        return [Choice("", value) for value in (command, "beta-1", "beta-2")]

    assert complete_line("/ex", complete) == ["/explain "]
    assert complete_line("/explain be", complete) == ["/explain beta-1", "/explain beta-2"]
    assert complete_line("hpo", complete) == ["drill"]
    assert complete_line("/stats x", complete) == []
    assert complete_line("/ho", complete) == []
    assert complete_line("/nothing x", complete) == []
