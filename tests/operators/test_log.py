"""Log lines: JSON or for people, with the id of what they're about, and without values."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from adapters.intake import Intake
from bot.engine.due.clockwork import Clockwork
from bot.engine.due.rows import DueRow
from bot.engine.events import Channel
from bot.engine.screens import Reply
from bot.observe import RepeatFilter, make_formatter
from bot.operators.watch import Watch, WatchedKind
from storage.opening import open_database
from storage.store import SqlStore
from tests.samples import Clock
from tests.stand_ins.memory_poster import MemoryPoster

SENDER = ("C1", "U1")


@contextmanager
def capture(*, as_json: bool) -> Iterator[io.StringIO]:
    """What the program would write to standard error."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RepeatFilter())
    handler.setFormatter(make_formatter(as_json=as_json))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def parse(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def ignore(_: Reply) -> None:
    pass


async def test_lines_about_an_event_have_its_id_and_others_have_none() -> None:
    intake = Intake("tiny")

    async def work(command: str) -> None:
        logging.getLogger("discord.http").info("slow %s", command)
        await asyncio.sleep(0)
        await asyncio.create_task(deeper(command))

    async def deeper(command: str) -> None:
        logging.getLogger("bot.engine.desk").warning("deeper %s", command)

    with capture(as_json=True) as stream:
        for command in ("help", "stats"):
            intake.take("call", command, SENDER, partial(work, command), ignore)
        await intake.drain()
        logging.getLogger("storage").warning("outside")
    *about, outside = parse(stream)
    ids: dict[str, set[str]] = {"help": set(), "stats": set()}
    for line in about:
        command = next(word for word in line["event"].split() if word in ids)
        ids[command].add(line["event_id"])
    assert len(about) == 6
    assert len(ids["help"]) == len(ids["stats"]) == 1
    assert ids["help"] != ids["stats"]
    assert "event_id" not in outside
    assert outside["logger"] == "storage"


async def test_the_reference_of_a_failed_event_leads_to_its_id() -> None:
    intake, told = Intake("tiny"), list[str]()

    async def fail() -> None:
        raise RuntimeError("broken")

    async def respond(reply: Reply) -> None:
        told.append(str(reply.screen.text[0]))

    with capture(as_json=True) as stream:
        intake.take("call", "help", SENDER, fail, respond)
        await intake.drain()
    failed, timed = parse(stream)
    assert failed["event_id"] == timed["event_id"]
    assert failed["event"].split()[-1] in told[0]
    assert "RuntimeError: broken" in failed["exception"]
    assert failed["level"] == "error"


async def test_lines_about_due_work_have_its_kind_and_an_id(database_url: str) -> None:
    class Failing:
        name = "weekly"

        def __init__(self, _: object) -> None:
            self.rows = [
                DueRow(self.name, f"{n}", Channel("tiny", "", ""), Clock()()) for n in "ab"
            ]

        async def claim(self, *_: object) -> list[DueRow]:
            rows, self.rows = self.rows, []
            return rows

        async def do(self, row: DueRow) -> None:
            raise ConnectionError(f"down for {row.key}")

        async def postpone(self, *_: object) -> None:
            pass

        longest_pause = None

    store = SqlStore(open_database(database_url))
    kind = WatchedKind(Watch(store), Failing, None)  # type: ignore[arg-type]
    clockwork = Clockwork([kind], {"tiny": MemoryPoster()}, Clock())
    with capture(as_json=True) as stream:
        await clockwork.run_due("tiny")
    lines = parse(stream)
    assert [line["job"] for line in lines] == ["weekly", "weekly"]
    assert len({line["job_id"] for line in lines}) == 2
    await store.close()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_no_values(*, as_json: bool) -> None:
    with capture(as_json=as_json) as stream:
        try:
            answer = "V-secret"
            assert answer
            raise RuntimeError("broken")
        except RuntimeError:
            logging.getLogger("bot").exception("failed")
    text = stream.getvalue()
    assert "RuntimeError: broken" in text
    assert "test_log.py" in text
    assert "V-secret" not in text.replace('answer = "V-secret"', "")


def test_a_json_line_says_when_who_and_how_bad() -> None:
    with capture(as_json=True) as stream:
        logging.getLogger("adapters.slack.app").warning("naïve: %s", "a\nb")
    (line,) = parse(stream)
    assert line.keys() == {"event", "level", "logger", "timestamp"}
    assert (line["event"], line["level"]) == ("naïve: a\nb", "warning")
    assert line["timestamp"].endswith("Z")
    assert stream.getvalue().isascii()
    assert stream.getvalue().count("\n") == 1


def test_a_line_for_people_is_plain_text() -> None:
    with capture(as_json=False) as stream:
        logging.getLogger("bot.scheduler").warning("late by %d s", 3)
    text = stream.getvalue()
    assert "late by 3 s" in text
    assert "warning" in text
    assert "\x1b" not in text
