"""What a typed line means on the screen at hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bot.engine.commands import COMMANDS, LISTED, opens_form
from bot.engine.events import Call, Press
from bot.engine.lines import parse
from bot.engine.screens import LETTERS, Arrange, Button, Choice, Match, Pick, Screen, Write

QUIT = frozenset({"/quit", "/q", "/exit"})


def asks(screen: Screen) -> bool:
    """Whether the screen waits for an answer."""
    return any(isinstance(each, Pick | Arrange | Match | Write) for each in screen.controls)


def buttons(screen: Screen) -> tuple[Button, ...]:
    """The screen's buttons in order, but for those that lead to a picture."""
    return tuple(
        control for control in screen.controls if isinstance(control, Button) and not control.draws
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
            case Arrange(action=action, choices=choices) | Match(action=action, choices=choices):
                return named.get(line.casefold()) or Press(action, _places(line, choices))
            case _:
                pass
    numbered = dict(enumerate(buttons(screen), 1))
    if line.isdecimal() and int(line) in numbered:
        return Press(numbered[int(line)].action)
    return named.get(line.casefold())


def _places(line: str, choices: Sequence[Choice]) -> tuple[str, ...]:
    """Values of the choices meant by letters, numbers or the beginning of one's text.

    What fits nothing goes on as it is, for the engine to say what would.
    """
    signs = re.findall(r"[^\s,;]", line.upper())
    places = [LETTERS.find(sign) if sign.isalpha() else _number(sign) for sign in signs]
    if places and all(0 <= place < len(choices) for place in places):
        return tuple(choices[place].value for place in places)
    begun = [each.value for each in choices if each.label.casefold().startswith(line.casefold())]
    return tuple(begun) if line and len(begun) == 1 else (line,)


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
        case Pick(choices=choices, several=several):
            span = f"A-{LETTERS[len(choices) - 1]}"
            return f"{span}, several as in AC" if several else span
        case Arrange(choices=choices):
            return f"all letters in order, as in {LETTERS[: len(choices)][::-1]}"
        case Match(lefts=lefts):
            return f"a letter for each of 1-{len(lefts)}, as in {LETTERS[: len(lefts)][::-1]}"
        case Write(label=label):
            return f"{label[:1].lower()}{label[1:]}"
        case _:
            return ""
