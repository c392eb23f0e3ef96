"""Whatever is sent in: old buttons, forged ones and strange texts get a notice, never an error."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.engine.commands import COMMANDS, PRESSES
from bot.engine.desk import OUTDATED, Desk
from bot.engine.events import Actor, Call, Event, FieldValue, Place, Press
from bot.engine.library import Library
from bot.engine.screens import Form, Reply
from storage.opening import open_database
from storage.store import SqlStore
from tests.databases import Databases
from tests.samples import Clock, small_pack
from tests.stand_ins.memory_poster import MemoryPoster
from tests.texts import to_plain_text

HOME = Place("terminal", "local", "here", private=False)
FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

numbers = st.sampled_from(
    [0, 1, 2, 7, 99, 10**4, 10**6, 2**31 - 1, 2**31, 2**32, 2**53, 10**17, 10**18]
) | st.integers(0, 2**70)
KNOWN_WORDS = [
    "0",
    "-1",
    "+",
    "all",
    "week",
    "members",
    "teams",
    "live",
    "random",
    "balanced",
    "sample",
    "alpha",
    "one",
    "hour",
    "zone",
    "season-0",
    "season-99999999999999999999",
    "2026-w99",
    "2026-12-24",
    "9999-99-99",
    "ifzwsyjpkrxww6lp",
    "aaaaaaaa",
]
words = st.sampled_from([*KNOWN_WORDS, "", "9" * 5000, "\0", "\ud800", "a\udfff\0b"]) | st.text(
    max_size=200
)
texts = words | st.text(st.characters(), max_size=50)
"""Any text, with lone surrogates and NUL."""


@st.composite
def presses(draw: st.DrawFn) -> str:
    """A known verb, with any fields in its order."""
    kind = PRESSES[draw(st.sampled_from(sorted(PRESSES)))].action
    parts = [str(draw(words if each.type == "str" else numbers)) for each in fields(kind)]
    return ":".join([kind.verb, *parts[: draw(st.integers(0, len(parts)))]])


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A known command, with any values for its options."""
    command = COMMANDS[draw(st.sampled_from(sorted(COMMANDS)))]
    options = {each.name: draw(texts | numbers) for each in command.options if draw(st.booleans())}
    return Call(command.name, options, draw(texts) if draw(st.booleans()) else "")


class FailureLog(logging.Handler):
    """What's logged as a warning or worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.failures.append(logging.Formatter().format(record))


class Door:
    """A desk on a real database, in which one member has a drill, a daily and a team."""

    def __init__(self, url: str, runner: asyncio.Runner) -> None:
        self.runner, self.log = runner, FailureLog()
        self.store = SqlStore(open_database(url))
        library = Library([small_pack()])
        posters = {"terminal": MemoryPoster()}
        self.desk = Desk(library, self.store, Clock(), Random(5), posters)
        for line in (
            Call("drill", {}),
            Call("team create", {"name": "Reds"}),
            Call("team join", {"name": "Reds"}),
            Call("question", {}),
            Call("daily set", {"time": "09:00"}),
            Call("season start", {"name": "Spring"}),
        ):
            self.send(line)

    def send(self, what: Call | Press, fill: dict[str, FieldValue] | None = None) -> Reply:
        """Send something in at every entry of the desk, and expect no failure."""
        actor = Actor("ann", "Ann", admin=True)
        event = Event(actor, HOME, what)
        with self._watch():
            form = self.runner.run(self.desk.form(event))
            reply = self.runner.run(self.desk.handle(event))
            if fill and isinstance(form, Form):
                given = {each.name: next(iter(fill.values())) for each in form.fields}
                filled = replace(event, what=replace(what, fields=given))
                self.runner.run(self.desk.problems(filled))
                self.runner.run(self.desk.handle(filled))
        return reply

    def complete(self, call: Call, option: str, text: str) -> None:
        event = Event(Actor("ann", "Ann", admin=True), HOME, call)
        with self._watch():
            self.runner.run(self.desk.complete(event, option, text))

    @contextmanager
    def _watch(self) -> Iterator[None]:
        self.log.failures.clear()
        root = logging.getLogger()
        root.addHandler(self.log)
        try:
            yield
        finally:
            root.removeHandler(self.log)
        assert self.log.failures == []


@pytest.fixture(scope="module")
def door(databases: Databases) -> Iterator[Door]:
    with databases.new() as url, asyncio.Runner() as runner:
        door = Door(url, runner)
        yield door
        runner.run(door.store.close())


@FUZZ
@given(action=presses() | st.text(max_size=200), values=st.lists(texts, max_size=3), typed=texts)
@example("shuffle:random:0:5:", [], "")
@example("shuffle:balanced:0:5:0123456789abcdef", [], "")
@example("shuffle:random:3000000000:5:", [], "")
@example("step|x", ["0"], "")
@example("answer:2147483648:0", [], "")
@example("answer:1:", ["9" * 5000], "")
@example("answer:3:", ["9" * 5000], "")
@example("answer:1:" + "9" * 5000, [], "")
@example("board:week:members:daily:2147483647", [], "")
@example("board:season-99999999999999999999:members::0", [], "")
@example("openboard:all:members:daily:99999999999999999", [], "")
@example("postboard:week:teams:live:2:99999999999999999", [], "")
@example("report:1", [], "\0 \ud800")
@example("newseason:1:aaaa:2026-99-99:aaaa", [], "9" * 5000)
def test_any_press_and_any_form_get_an_answer(
    door: Door, action: str, values: list[str], typed: str
) -> None:
    door.send(Press(action, tuple(values)), {"": typed})


@FUZZ
@given(call=calls(), typed=texts)
@example(Call("leaderboard", {"page": "9" * 5000}), "")
@example(Call("drill", {"questions": 10**25, "topic": "a\0b\ud800"}), "9" * 5000)
def test_any_command_gets_an_answer(door: Door, call: Call, typed: str) -> None:
    door.send(call, {"": typed})
    for option in COMMANDS[call.command].options:
        door.complete(call, option.name, typed)


@pytest.mark.parametrize(
    "action",
    [
        "shuffle:random:0:5:",
        "shuffle:random:21:5:",
        "step|x",
        "answer:2147483648:0",
        "join:99999999999",
        "withdraw:9223372036854775808:1",
        "board:week:members:daily:2147483647",
        "openboard:all:members:daily:99999999999999999",
        "answer:" + "9" * 5000,
        "",
    ],
)
def test_a_malformed_or_ancient_button_gets_the_usual_notice(door: Door, action: str) -> None:
    assert to_plain_text(door.send(Press(action)).screen.text[0]) == OUTDATED
