"""What's measured of a desk on a real database, and how it's labeled."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client.exposition import generate_latest

from bot.engine.actions import AnswerRound, encode
from bot.engine.asked import make_round
from bot.engine.commands import COMMANDS, PRESSES
from bot.engine.events import Actor, Call, Channel, Event, Place, Press
from bot.engine.library import IndexedPack, Library
from bot.engine.platform import Misconfigured, Poster
from bot.engine.rounds import Board, NewPost, Reveal
from bot.operators import asking, port
from bot.operators.metrics import Metrics
from bot.operators.watch import UNKNOWN, VERBS, Watch, WatchedDesk, find_command
from bot.pulse import Pulse
from bot.settings import Settings
from storage.opening import open_database
from storage.store import SqlStore
from storage.waiting import LATE_AFTER
from tests.samples import small_pack
from tests.stand_ins.memory_poster import MemoryPoster
from tools.docs import ROOT

HERE = Place("discord", "C-secret", "R-secret", private=False)
SECONDS = timedelta(seconds=1)


class Operated:
    """A watched desk; its adapter can be disconnected."""

    def __init__(self, url: str) -> None:
        self.store = SqlStore(open_database(url))
        self.watch = Watch(self.store)
        self.pack = small_pack()
        self.poster = MemoryPoster()
        self.posters: dict[str, Poster] = {"discord": self.poster}
        self.pulse = Pulse(self.store.processes, self.now, {})
        means = Library([self.pack]), self.store, self.now, Random(1), self.posters
        self.desk = WatchedDesk(self.watch, self.pulse, *means)
        self.adapter: Any = SimpleNamespace(connected=True, deferred=3)
        self.watch.watch_adapter("discord", lambda: self.adapter)()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def read(self) -> dict[str, float]:
        """All samples, by name and labels."""
        lines = self.text().splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    def text(self) -> str:
        return generate_latest(self.watch.metrics.registry).decode()

    async def press(self, user: str, round_id: int, choice: str) -> None:
        press = Press(encode(AnswerRound(round_id, choice)))
        await self.desk.handle(Event(Actor(user, "N-secret"), HERE, press))

    async def open_round(self, *, posted: bool = True, late: timedelta = timedelta()) -> int:
        question = next(each for each in self.pack.questions if each.kind == "single")
        asked = make_round(IndexedPack(self.pack), question, Random(1))
        at = self.now() - late
        post = await self.store.posts.claim(
            NewPost(
                Channel("discord", "C-secret", "R-secret"),
                self.pack.id, asked, Board.DAILY, Reveal.AT_ONCE, 3600,
                closes_at=self.now() + 3600 * SECONDS,
            ),
            at, at,
        )  # fmt: skip
        assert post
        if posted:
            await self.store.posts.confirm(post.round.id, "1", at)
        return post.round.id


@pytest.fixture
async def operated(database_url: str) -> AsyncIterator[Operated]:
    operated = Operated(database_url)
    with operated.watch.counting_errors():
        yield operated
    await operated.store.close()


async def test_an_answer_is_counted_once_it_is_stored(operated: Operated) -> None:
    number = await operated.open_round()
    for _ in range(2):
        await operated.press("U-secret", number, "0")
    samples = operated.read()
    answers = [v for k, v in samples.items() if k.startswith("studyhall_answers_total")]
    assert answers == [1]
    events = 'studyhall_event_seconds_count{command="answer",kind="press",platform="discord"}'
    assert samples[events] == 2
    assert samples['studyhall_database_seconds_count{kind="write"}'] >= 2
    assert samples['studyhall_database_seconds_sum{kind="write"}'] > 0
    assert samples["studyhall_answer_batch_size_count"] == 2
    assert samples['studyhall_events_running{platform="discord"}'] == 0


async def test_answers_that_share_a_transaction_are_one_batch(operated: Operated) -> None:
    number = await operated.open_round()
    await asyncio.gather(*(operated.press(f"{each}", number, "0") for each in range(50)))
    samples = operated.read()
    assert samples["studyhall_answer_batch_size_sum"] == 50
    assert samples["studyhall_answer_batch_size_count"] < 50
    buckets = [v for k, v in samples.items() if k.startswith("studyhall_answer_batch_size_bucket")]
    assert buckets == sorted(buckets)
    assert buckets[-2:] == [samples["studyhall_answer_batch_size_count"]] * 2
    assert samples["studyhall_answers_waiting"] == 0


async def test_labels_are_words_of_ours_whatever_members_send(operated: Operated) -> None:
    words = ("drill", "W-secret", "W-secret: x", "settings", "help")
    for word in words:
        await operated.desk.handle(
            Event(Actor("U-secret", "N-secret"), HERE, Call(word, {"topic": "T-secret"}))
        )
        await operated.desk.handle(Event(Actor("U-secret", "N-secret"), HERE, Press(word)))
        await operated.desk.form(Event(Actor("U-secret", "N-secret"), HERE, Press(word)))
        await operated.desk.complete(
            Event(Actor("U-secret", "N-secret"), HERE, Call(word, {})), "topic", "T-secret"
        )
    logging.getLogger("discord.client").warning("%s", "L-secret", exc_info=KeyError("K-secret"))
    text = operated.text()
    assert "secret" not in text
    assert set(re.findall('command="([^"]*)"', text)) <= {*COMMANDS, *PRESSES, UNKNOWN}
    assert 'studyhall_errors_total{error="KeyError",level="warning",logger="discord"} 1.0' in text


@pytest.mark.parametrize("verb", PRESSES)
def test_each_press_belongs_to_a_command_or_to_every_question(verb: str) -> None:
    command = find_command(Event(Actor("1", "Ann"), HERE, Press(f"{verb}:1")))
    assert command == VERBS[verb] != UNKNOWN


async def test_due_work_is_counted_as_done_or_failed(
    operated: Operated,
) -> None:
    await operated.open_round(posted=False, late=LATE_AFTER + 5 * SECONDS)
    await operated.watch.count_waiting()
    waiting = operated.read()
    for state in ("due", "late"):
        assert waiting[f'studyhall_due_rows{{kind="post",state="{state}"}}'] == 1
    assert waiting['studyhall_due_rows{kind="daily",state="due"}'] == 0
    await operated.desk.clockwork.run_due()
    await operated.watch.count_waiting()
    samples = operated.read()
    assert samples['studyhall_due_seconds_count{kind="post",outcome="done"}'] == 1
    assert samples['studyhall_due_rows{kind="post",state="due"}'] == 0
    assert 0 <= samples['studyhall_heartbeat_age_seconds{platform="discord"}'] < 60

    await operated.open_round(posted=False)
    operated.poster.post = _fail  # type: ignore[method-assign]
    await operated.desk.clockwork.run_due()
    assert operated.read()['studyhall_due_seconds_count{kind="post",outcome="failed"}'] == 1


async def _fail(*_: object, **__: object) -> str:
    raise ConnectionError("down")


DASHBOARD = json.loads((ROOT / "bot/deploy/grafana.json").read_text())
EXPRESSIONS = [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())
]
OPERATING = (ROOT / "docs/operating.md").read_text()
LEFT_OUT = {"process_virtual_memory_bytes"}
"""What says little: much of it was only reserved."""

SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum"),
    "info": ("_info",),
}
CREATED = "_created"
"""Ends the names of gauges that the library adds."""


def list_families(text: str) -> dict[str, str]:
    """The types of all metrics, by name."""
    found = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE)
    return {name: type_ for name, type_ in found if not name.endswith(CREATED)}


async def test_the_dashboard_names_metrics_that_exist_and_leaves_none_out(
    operated: Operated,
) -> None:
    await operated.press("1", await operated.open_round(), "0")
    await operated.watch.count_waiting()
    text = operated.text()
    families = list_families(text)
    # Counters and info are exposed with their suffix.
    known = {
        name + suffix: name
        for name, type_ in families.items()
        for suffix in (SUFFIXES["histogram"] if type_ == "histogram" else ("",))
    }
    used = set()
    for expression in EXPRESSIONS:
        names = re.findall(r"\b(?:studyhall|process)_\w+", expression)
        assert names, expression
        assert set(names) <= known.keys(), f"{expression} names a metric that doesn't exist"
        used |= {known[name] for name in names}
    assert families.keys() - used == LEFT_OUT, "show it in bot/deploy/grafana.json"
    documented = set(re.findall(r"^\| `(studyhall_\w+)` \|", OPERATING, re.MULTILINE))
    ours = {name for name in families if name.startswith("studyhall_")}
    assert documented == ours, "docs/operating.md has a table of all metrics"


async def test_the_dashboard_groups_by_labels_that_exist(operated: Operated) -> None:
    names = set()
    for family in operated.watch.metrics.registry.collect():
        names |= {*getattr(family, "_labelnames", ())}
    for metric in vars(Metrics()).values():
        names |= {*getattr(metric, "_labelnames", ())}
    names |= {"le", "version", "instance"}
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            groups = re.findall(r"by \(([^)]*)\)", target["expr"])
            labels = {each.strip() for group in groups for each in group.split(",")}
            labels |= set(re.findall(r"(\w+)=", target["expr"]))
            labels |= set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert labels <= names, target


@pytest.fixture
def settings(unused_tcp_port: int) -> Settings:
    return Settings(ops_port=unused_tcp_port)


async def ask(settings: Settings, path: str) -> tuple[int, str]:
    url = f"http://{settings.ops_host}:{settings.ops_port}{path}"
    async with ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def find_problems(settings: Settings) -> list[str]:
    status, text = await ask(settings, port.READY)
    assert status == (503 if json.loads(text)["problems"] else 200)
    # The command says the same.
    problems = await asyncio.to_thread(asking.find_problems, settings)
    assert problems == json.loads(text)["problems"]
    return problems


async def test_a_bot_is_ready_while_all_that_it_needs_works(
    operated: Operated, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()
    async with port.serve(settings, operated.watch, stop):
        assert await find_problems(settings) == ["discord has had no heartbeat yet"]
        await operated.desk.clockwork.run_due()
        assert await find_problems(settings) == []
        operated.adapter.connected = False
        assert await find_problems(settings) == ["discord isn't connected"]
        operated.adapter.connected = True
        operated.watch.heartbeats["discord"] -= 61
        (silent,) = await find_problems(settings)
        assert silent.startswith("discord has had no heartbeat for 61 seconds")
        await operated.desk.clockwork.run_due()
        with operated.store.database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE setting RENAME TO gone")
        (broken,) = await find_problems(settings)
        assert broken.startswith("the database doesn't answer (")
        # Alive all the same; and the other metrics can be read.
        assert (await ask(settings, port.ALIVE))[0] == 200
        stop.set()
        assert await find_problems(settings) == [port.STOPPING]
    assert (await asyncio.to_thread(asking.find_problems, settings))[0].startswith("no bot answers")


async def test_metrics_are_read_while_the_database_is_down(
    operated: Operated, settings: Settings
) -> None:
    async with port.serve(settings, operated.watch, asyncio.Event()):
        status, text = await ask(settings, port.METRICS)
        assert status == 200
        assert 'studyhall_due_rows{kind="post"' in text
        with operated.store.database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE post RENAME TO gone")
        status, text = await ask(settings, port.METRICS)
        assert status == 200
        assert 'studyhall_due_rows{kind="post"' not in text
        assert 'studyhall_connected{platform="discord"} 1.0' in text


async def test_a_port_that_is_taken_is_named(operated: Operated, settings: Settings) -> None:
    async with port.serve(settings, operated.watch, asyncio.Event()):
        with pytest.raises(Misconfigured, match=f"{settings.ops_port}: .*STUDYHALL_OPS_PORT"):
            async with port.serve(settings, operated.watch, asyncio.Event()):
                pass


async def test_without_a_port_there_is_none(operated: Operated) -> None:
    async with port.serve(Settings(), operated.watch, asyncio.Event()):
        with pytest.raises(Misconfigured, match="Set STUDYHALL_OPS_PORT"):
            asking.find_problems(Settings())
