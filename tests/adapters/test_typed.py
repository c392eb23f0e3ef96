"""Reading typed lines in the context of a screen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.typed import (
    complete_line,
    format_hints,
    list_buttons,
    read_line,
    read_number,
    read_yes_no,
    says,
    starts_drill,
)
from bot.engine.commands import COMMANDS, LISTED
from bot.engine.events import Call, Press
from bot.engine.screens import (
    PROMPT_WORDS,
    Arrange,
    Button,
    Choice,
    Match,
    Menu,
    Pick,
    Screen,
    Write,
)

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


def test_thousands_of_digits_are_no_number_of_anything() -> None:
    digits = "9" * 5000
    assert read_line(digits, MENU, ()) is None
    assert read_line(digits, ONE, ()) == Press("answer:1:", (digits,))
    assert [read_number(text) for text in (digits, "12", "١", "-1", "²")] == [-1, 12, 1, -1, -1]


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
    asked: list[tuple[str, str, str]] = []

    def complete(command: str, option: str, text: str) -> list[Choice]:
        asked.append((command, option, text))
        return [Choice("Beta", value, "2 questions") for value in ("beta-1", "beta-2")]

    def lines(line: str) -> list[str]:
        return [each.value for each in complete_line(line, complete)]

    assert lines("/ex") == ["/explain "]
    assert complete_line("/ex", complete)[0].note == COMMANDS["explain"].description
    assert lines("/explain be") == ["/explain beta-1", "/explain beta-2"]
    assert complete_line("/explain be", complete)[0] == Choice(
        "Beta", "/explain beta-1", "2 questions"
    )
    assert lines("hpo") == ["beta-1", "beta-2"]
    assert asked[-1] == ("drill", "topic", "hpo")
    assert lines("/team") == [f"/{name} " for name in LISTED if name.startswith("team ")]
    assert lines("/stats x") == []
    assert lines("/ho") == []
    assert lines("/nothing x") == []


def test_only_commands_that_work_are_completed() -> None:
    def no_values(command: str, option: str, text: str) -> list[Choice]:
        return []

    here = [COMMANDS["stats"], COMMANDS["drill"]]
    assert [each.value for each in complete_line("/", no_values, here)] == ["/stats ", "/drill "]
    assert complete_line("/season", no_values, here) == []


def test_true_and_false_have_other_words_too() -> None:
    for line, value in {"yes": "0", "Y": "0", "no.": "1", "n": "1"}.items():
        assert read_line(line, TRUTH, ()) == Press("answer:1:", (value,))
    assert read_line("no", ONE, ()) == Press("answer:1:", ("no",))


@pytest.mark.parametrize("screen", [ONE, SEVERAL, TRUTH, ORDER, PAIRS, TEXT, MENU])
def test_words_of_the_prompt_are_no_answers(screen: Screen) -> None:
    for line in ("?", "help", " Help ", "/help", "/?"):
        assert read_line(line, screen, (SKIP,)) == Call("help", {})
    for line in ("next", "/next"):
        assert read_line(line, screen, (SKIP,)) == Press("skip:1:1")
    assert says("again", "Again", screen)
    assert not says("again", "against", screen)


@pytest.mark.parametrize("word", PROMPT_WORDS)
def test_a_word_of_the_prompt_is_an_answer_where_it_is_right(word: str) -> None:
    screen = Screen(controls=(Write("answer:1:", "Your answer", (word,)), SKIP))
    assert read_line(word, screen, ()) == Press("answer:1:", (word,))
    assert not says(word, word, screen)
    assert says(word, f"/{word}", screen)


def test_next_turns_a_page_before_it_skips() -> None:
    more = Button("More", "explain:p:t:1")
    page = Screen(controls=(more, EXPLAIN))
    assert read_line("next", page, (SKIP,)) == Press("explain:p:t:1")
    assert read_line("more", page, (SKIP,)) == Press("explain:p:t:1")
    assert read_line("next", ONE, (more, SKIP)) == Press("skip:1:1")
    assert read_line("next", Screen(controls=(EXPLAIN,)), ()) is None


def test_a_word_of_the_screen_comes_before_the_same_word_beside_it() -> None:
    beside = Button("Another topic", "x")
    assert read_line("another", MENU, (beside,)) == Press("practise:p:")


def test_a_yes_is_told_from_a_no() -> None:
    assert [read_yes_no(line) for line in ("yes", "Y", "no", "N.", "b", "")] == [
        True,
        True,
        False,
        False,
        None,
        None,
    ]


def test_what_starts_a_drill_is_known() -> None:
    assert starts_drill(Call("drill", {}))
    assert starts_drill(Press("practise:p:a"))
    assert not starts_drill(Call("stats", {}))
    assert not starts_drill(Press("skip:1:1"))


SCREENS = st.sampled_from([ONE, SEVERAL, TRUTH, ORDER, PAIRS, NUMBERS])


@settings(deadline=None)
@given(st.text(max_size=20), SCREENS)
def test_any_line_can_be_read_on_any_question(line: str, screen: Screen) -> None:
    what = read_line(line, screen, (SKIP, EXPLAIN))
    assert isinstance(what, Call | Press)
    if isinstance(what, Press) and what.action == "answer:1:":
        assert what.values


@settings(deadline=None)
@given(st.text(max_size=20))
def test_no_line_answers_from_a_list(line: str) -> None:
    what = read_line(line, MENU, (SKIP, STOP, EXPLAIN))
    assert not (isinstance(what, Press) and what.action.startswith("answer"))


@settings(deadline=None)
@given(st.permutations("ABCD"), st.sampled_from(["", " ", ", ", " > ", " then "]))
def test_an_order_is_read_however_it_is_written(letters: list[str], between: str) -> None:
    press = read_line(between.join(letters), ORDER, ())
    assert press == Press("answer:1:", tuple(str("ABCD".index(letter)) for letter in letters))


def test_a_menu_is_a_list_of_numbered_buttons_that_say_what_they_have_in_common() -> None:
    menu = Menu(
        "See also", (Button("Sweep job", "explain:p:s:0"), Button("Cluster", "explain:p:c:0"))
    )
    screen = Screen(controls=(Button("More", "explain:p:t:1"), menu))
    labels = ["More", "See also: Sweep job", "See also: Cluster"]
    assert [button.label for button in list_buttons(screen)] == labels
    assert read_line("3", screen, ()) == Press("explain:p:c:0")
