"""Reads a typed line in the context of the screen it was typed on."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from bot.engine.actions import StartDrill
from bot.engine.commands import COMMANDS, LISTED, Command, opens_form
from bot.engine.events import Call, Press
from bot.engine.lines import parse
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Button,
    Choice,
    Match,
    Menu,
    Pick,
    Screen,
    Text,
    Write,
)

QUIT = frozenset({"/quit", "/q", "/exit"})
MAX_DIGITS = 10
"""More digits than any number to type has: Python refuses to read thousands."""


def awaits_answer(screen: Screen) -> bool:
    """Whether the screen waits for an answer."""
    return any(isinstance(each, Pick | Arrange | Match | Write) for each in screen.controls)


def list_buttons(screen: Screen) -> tuple[Button, ...]:
    """The screen's buttons in order, without those that open a picture."""
    found: list[Button] = []
    for control in screen.all_controls:
        match control:
            case Button(opens_chart=False):
                found.append(control)
            case Menu(label, buttons):
                found += (replace(each, label=f"{label}: {each.label}") for each in buttons)
            case _:
                pass
    return tuple(found)


def list_paragraphs(screen: Screen) -> Iterator[Text]:
    """The screen's paragraphs, without code, tables, lists, bars and entries."""
    return (part for part in screen.text if isinstance(part, str | tuple))


def has_control(screen: Screen, what: Call | Press) -> bool:
    """Whether an event is a press on one of the screen's controls."""
    controls = (*screen.controls, *list_buttons(screen))
    actions = {getattr(control, "action", "") for control in controls}
    return isinstance(what, Press) and what.action in actions


def starts_drill(what: Call | Press) -> bool:
    """Whether an event starts a new drill."""
    match what:
        case Call(command):
            return command == _DRILL.name
        case Press(action):
            return action.startswith(f"{StartDrill.verb}:")


def read_yes_no(line: str) -> bool | None:
    """What a line says to a question that's answered with yes or no; None if it's neither."""
    return {"true": True, "false": False}.get(_TRUTHS.get(_fold(line).strip(" ."), ""))


def opens_shown_form(press: Press, shown: Iterable[Button]) -> bool:
    """Whether the press is on one of the shown buttons and opens a form."""
    return opens_form(press.action) and press.action in {each.action for each in shown}


def buttons_by_word(screen: Screen, side_buttons: Iterable[Button]) -> dict[str, Button]:
    """Buttons by the word that presses them: the label's first word. A word that several of the
    screen's buttons start with is none's; the screen's buttons come before those beside it."""
    own = _by_word(list_buttons(screen))
    return own | _by_word(side_buttons) | own


def _by_word(buttons: Iterable[Button]) -> dict[str, Button]:
    named = [(button.label.split()[0].casefold().rstrip(":,"), button) for button in buttons]
    times = Counter(word for word, _ in named)
    return {word: button for word, button in named if times[word] == 1}


def says(word: str, line: str, screen: Screen) -> bool:
    """Whether a line is this word, with or without a slash, and not a right answer to type."""
    said = _fold(line.strip())
    literal = (word for each in screen.controls if isinstance(each, Write) for word in each.literal)
    return said == f"/{word}" or (said == word and word not in literal)


def read_line(line: str, screen: Screen, side_buttons: Sequence[Button]) -> Call | Press | None:
    """The event that a line stands for, or None. `side_buttons` were shown beside the screen.

    A slash starts a button's word or a command. Without one, the line is an answer if the screen
    awaits one, else the number or the word of a button.
    """
    line = line.strip()
    named = {
        word: Press(button.action) for word, button in buttons_by_word(screen, side_buttons).items()
    }
    if says("?", line, screen) or says("help", line, screen):
        return Call("help", {})
    if says("next", line, screen) and (onward := _find_next(screen, side_buttons)):
        return Press(onward.action)
    if line.startswith("/"):
        return named.get(line[1:].casefold()) or parse(line[1:])
    for control in screen.controls:
        match control:
            case Write(action=action):
                return Press(action, (line,))
            case Pick(action=action, choices=choices):
                return named.get(line.casefold()) or Press(action, _match_choices(line, choices))
            case Arrange(action=action, choices=choices):
                return named.get(line.casefold()) or Press(action, _match_choices(line, choices))
            case Match(action=action, lefts=lefts, choices=choices):
                values = _match_pairs(line, len(lefts), choices) or _match_choices(line, choices)
                return named.get(line.casefold()) or Press(action, values)
            case _:
                pass
    numbered = dict(enumerate(list_buttons(screen), 1))
    if button := numbered.get(read_number(line)):
        return Press(button.action)
    return named.get(line.casefold())


def _find_next(screen: Screen, side_buttons: Iterable[Button]) -> Button | None:
    """What goes on from here: the screen's next page or item, else the next question."""
    own = _by_word(list_buttons(screen))
    turns = (own[word] for word in ("next", "more", "skip") if word in own)
    return next(turns, _by_word(side_buttons).get("skip"))


def _match_choices(line: str, choices: Sequence[Choice]) -> tuple[str, ...]:
    """Values of the choices that the line names by text, start of text, letters, or numbers.

    A line that matches nothing is passed on unchanged: the engine says what would have matched.
    """
    typed, labels = _fold(line), [_fold(choice.label) for choice in choices]
    if labels == ["true", "false"]:
        typed = _TRUTHS.get(typed.strip(" ."), typed)
    # A number may be an option's text, but a letter always means the option shown under it.
    if typed in labels and typed.upper() not in OPTION_LETTERS:
        return (choices[labels.index(typed)].value,)
    words = _split_words(typed)
    for letter, choice, label in zip(OPTION_LETTERS, choices, labels, strict=False):
        if words == [letter.casefold(), *_split_words(label)]:
            return (choice.value,)
    signs = "".join(word for word in words if word not in _FILLERS).upper()
    places = [
        OPTION_LETTERS.find(sign) if sign.isalpha() else read_number(sign) - 1 for sign in signs
    ]
    same_kind = signs.isalpha() or signs.isdecimal()
    if same_kind and all(0 <= place < len(choices) for place in places):
        return tuple(choices[place].value for place in places)
    matches = [place for place, label in enumerate(labels) if label.startswith(typed)]
    return (choices[matches[0]].value,) if typed and len(matches) == 1 else (line,)


def _match_pairs(line: str, lefts: int, choices: Sequence[Choice]) -> tuple[str, ...]:
    """Values in the order of the left sides, from pairs like `1B 2A`. A side left out is empty.
    Returns nothing if the line isn't made of pairs."""
    typed = _fold(line).upper()
    if not re.fullmatch(r"(?:[\W_]*[1-8][\W_]*[A-H])+[\W_]*", typed):
        return ()
    pairs = re.findall(r"([1-8])[\W_]*([A-H])", typed)
    letters = {int(left) - 1: OPTION_LETTERS.find(letter) for left, letter in pairs}
    fits = len(letters) == len(pairs) and max(letters) < lefts
    if not fits or max(letters.values()) >= len(choices):
        return ()
    return tuple(choices[letters[left]].value if left in letters else "" for left in range(lefts))


_TRUTHS = {"yes": "true", "y": "true", "no": "false", "n": "false"}

_FILLERS = frozenset(
    ["and", "then", "or", "option", "options", "answer", "answers", "letter", "letters"]
)
"""Words that people write around letters, as in `options a and c`."""


def _fold(text: str) -> str:
    """The text with case and width folded. Superscript and circled digits stay, so that they don't
    count as digits."""
    return "".join(
        char if char.isdigit() and not char.isdecimal() else unicodedata.normalize("NFKC", char)
        for char in text
    ).casefold()


def _split_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def read_number(text: str) -> int:
    """A typed whole number; -1 if it's none, or has more digits than anything here counts."""
    return int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else -1


def complete_line(
    line: str,
    complete: Callable[[str, str, str], Iterable[Choice]],
    commands: Iterable[Command] = tuple(LISTED.values()),
) -> list[Choice]:
    """What a half-typed line can become, with full lines as values: one of the `commands`, or a
    command with its plain words. Without a slash, they're the words of a drill."""
    slash = line[:1] == "/"
    typed = line.removeprefix("/")
    named = {each.name: each for each in commands}
    name = max((n for n in named if f"{typed} ".startswith(f"{n} ")), key=len, default="")
    if slash and (not name or typed == name):
        return [
            Choice(f"/{each.name}", f"/{each.name} ", each.description)
            for each in named.values()
            if each.name.startswith(typed)
        ]
    command, words = (named[name], typed[len(name) :].lstrip()) if slash else (_DRILL, line)
    before = f"/{name} " if slash else ""
    if not command.rest:
        return []
    return [
        replace(each, value=f"{before}{each.value}")
        for each in complete(command.name, command.rest, words)
    ]


_DRILL = COMMANDS["drill"]


def format_hints(screen: Screen, side_buttons: Iterable[Button]) -> str:
    """One line that says what you can type."""
    parts = [hint for control in screen.controls if (hint := _format_hint(control))]
    if awaits_answer(screen):
        parts += [f"/{word}" for word in buttons_by_word(screen, side_buttons)]
    elif shown := list_buttons(screen):
        parts.append(f"1-{len(shown)}" if len(shown) > 1 else "1")
    return "Type " + ", ".join([*parts, "/help", "/quit"])


def _format_hint(control: object) -> str:
    match control:
        case Pick(choices=choices, several=several, count=count):
            span = f"A-{OPTION_LETTERS[len(choices) - 1]}"
            if count:
                return f"{span}, {count} of them as in {OPTION_LETTERS[:count]}"
            return f"{span}, several as in AC" if several else span
        case Arrange(choices=choices):
            return f"all letters in order, as in {OPTION_LETTERS[: len(choices)][::-1]}"
        case Match(lefts=lefts):
            return (
                f"a letter for each of 1-{len(lefts)}, as in {OPTION_LETTERS[: len(lefts)][::-1]}"
            )
        case Write(label=label):
            return f"{label[:1].lower()}{label[1:]}"
        case _:
            return ""
