"""What a typed line means on the screen at hand."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bot.engine.commands import COMMANDS, LISTED, opens_form
from bot.engine.events import Call, Press
from bot.engine.lines import parse
from bot.engine.screens import OPTION_LETTERS, Arrange, Button, Choice, Match, Pick, Screen, Write

QUIT = frozenset({"/quit", "/q", "/exit"})


def asks(screen: Screen) -> bool:
    """Whether the screen waits for an answer."""
    return any(isinstance(each, Pick | Arrange | Match | Write) for each in screen.controls)


def buttons(screen: Screen) -> tuple[Button, ...]:
    """The screen's buttons in order, but for those that lead to a picture."""
    return tuple(
        control
        for control in screen.controls
        if isinstance(control, Button) and not control.opens_chart
    )


def opens(press: Press, shown: Iterable[Button]) -> bool:
    """Whether it is the press of a button that opens a form."""
    return opens_form(press.action) and press.action in {each.action for each in shown}


def words(screen: Screen, aside: Iterable[Button]) -> dict[str, Button]:
    """Buttons by the word that presses them, for all whose first word is theirs alone."""
    named = [(b.label.split()[0].casefold().rstrip(":,"), b) for b in (*buttons(screen), *aside)]
    times = Counter(word for word, _ in named)
    return {word: button for word, button in named if times[word] == 1}


def read(line: str, screen: Screen, aside: Sequence[Button]) -> Call | Press | None:
    """The event that a line makes on a screen, with the buttons shown `aside` before it.

    None where it makes none. A slash begins a button's word or a command; without one, a line is
    an answer where the screen asks, else the number or the word of a button.
    """
    line = line.strip()
    named = {word: Press(button.action) for word, button in words(screen, aside).items()}
    if line.startswith("/"):
        return named.get(line[1:].casefold()) or parse(line[1:])
    for control in screen.controls:
        match control:
            case Write(action=action):
                return Press(action, (line,))
            case Pick(action=action, choices=choices):
                return named.get(line.casefold()) or Press(action, _places(line, choices))
            case Arrange(action=action, choices=choices):
                return named.get(line.casefold()) or Press(action, _places(line, choices))
            case Match(action=action, lefts=lefts, choices=choices):
                values = _pairs(line, len(lefts), choices) or _places(line, choices)
                return named.get(line.casefold()) or Press(action, values)
            case _:
                pass
    numbered = dict(enumerate(buttons(screen), 1))
    if line.isdecimal() and int(line) in numbered:
        return Press(numbered[int(line)].action)
    return named.get(line.casefold())


def _places(line: str, choices: Sequence[Choice]) -> tuple[str, ...]:
    """Values of the choices meant by one's text or its beginning, by letters, or by numbers.

    What fits nothing goes on as it is, for the engine to say what would.
    """
    said, labels = _plain(line), [_plain(choice.label) for choice in choices]
    # A number may be an option's text; a letter means what it was shown under.
    if said in labels and said.upper() not in OPTION_LETTERS:
        return (choices[labels.index(said)].value,)
    words = _words(said)
    for letter, choice, label in zip(OPTION_LETTERS, choices, labels, strict=False):
        if words == [letter.casefold(), *_words(label)]:
            return (choice.value,)
    signs = "".join(word for word in words if word not in _FILLERS).upper()
    places = [OPTION_LETTERS.find(sign) if sign.isalpha() else _number(sign) for sign in signs]
    of_one_kind = signs.isalpha() or signs.isdecimal()
    if of_one_kind and all(0 <= place < len(choices) for place in places):
        return tuple(choices[place].value for place in places)
    begun = [place for place, label in enumerate(labels) if label.startswith(said)]
    return (choices[begun[0]].value,) if said and len(begun) == 1 else (line,)


def _pairs(line: str, lefts: int, choices: Sequence[Choice]) -> tuple[str, ...]:
    """Values for the left sides in their order, from pairs like `1B 2A`, empty for one that is
    left out; none where the line is no pairs."""
    said = _plain(line).upper()
    if not re.fullmatch(r"(?:[\W_]*[1-8][\W_]*[A-H])+[\W_]*", said):
        return ()
    found = re.findall(r"([1-8])[\W_]*([A-H])", said)
    given = {int(left) - 1: OPTION_LETTERS.find(letter) for left, letter in found}
    fits = len(given) == len(found) and max(given) < lefts
    if not fits or max(given.values()) >= len(choices):
        return ()
    return tuple(choices[given[left]].value if left in given else "" for left in range(lefts))


_FILLERS = frozenset(
    ["and", "then", "or", "option", "options", "answer", "answers", "letter", "letters"]
)
"""What people write around letters, as in `options a and c`."""


def _plain(text: str) -> str:
    """The text without case and width; raised and circled figures are none that count."""
    return "".join(
        char if char.isdigit() and not char.isdecimal() else unicodedata.normalize("NFKC", char)
        for char in text
    ).casefold()


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def _number(sign: str) -> int:
    return int(sign) - 1 if sign.isdecimal() else -1


def completions(line: str, complete: Callable[[str, str, str], Iterable[Choice]]) -> list[str]:
    """Whole lines that a half-typed one may become: commands, or ids for a command's words."""
    name, space, rest = line.removeprefix("/").partition(" ")
    if line.startswith("/") and not space:
        return [f"/{command} " for command in LISTED if command.startswith(name)]
    command = COMMANDS.get(name) if line.startswith("/") else COMMANDS["drill"]
    words = rest if line.startswith("/") else line
    before = f"/{name} " if line.startswith("/") else ""
    if command is None or not command.rest:
        return []
    values = [choice.value for choice in complete(command.name, command.rest, words)]
    # A terminal can only go on from what is typed; words that begin no id become the best one.
    begun = [value for value in values if value.startswith(words)] or values[:1]
    return [f"{before}{value}" for value in begun]


def hints(screen: Screen, aside: Iterable[Button]) -> str:
    """One line that says what can be typed."""
    said = [hint for control in screen.controls if (hint := _hint(control))]
    if asks(screen):
        said += [f"/{word}" for word in words(screen, aside)]
    elif shown := buttons(screen):
        said.append(f"1-{len(shown)}" if len(shown) > 1 else "1")
    return "Type " + ", ".join([*said, "/help", "/quit"])


def _hint(control: object) -> str:
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
