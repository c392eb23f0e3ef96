"""Many communities press at once while a replica is killed and the database restarts.

A local stand-in plays Slack, a load balancer and everyone in 1,000 workspaces. Two replicas of the
real bot, in their own processes, take its signed requests over HTTP and share PostgreSQL. A member
who doesn't see a verdict presses again, as people do.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

import aiohttp
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import func, select

from adapters.slack.workspaces import EVENTS
from benchmarks.figures import Figure
from bot.engine.actions import AnswerRound
from bot.engine.commands import press_of
from storage.installations import Installations
from storage.opening import open_database
from storage.tables import answer, member, person, round_, standing
from tests.databases import PostgresqlServer, postgresql_server
from tests.samples import save_pack, small_pack
from tests.stand_ins.slack import Channel, Message, Person, SlackServer
from tests.stand_ins.slack.http_delivery import HttpDelivery

PATIENCE_SECONDS, PAUSE_SECONDS, MAX_TRIES = 3.0, 1.0, 30
"""How long a member waits for a verdict, how long until they press again, and how often."""

TWICE_EVERY, PROBE_EVERY = 10, 10
"""Every tenth press is delivered twice at once. Beside every tenth, a signed request is sent that
Bolt answers itself, as a floor."""

DEAD_SECONDS = 10.0
"""How long the balancer leaves out a replica that refused a connection (nginx's `fail_timeout`)."""

RESTART_SECONDS = 10.0
"""How long a killed replica stays away."""

TOGETHER = 20
"""How many questions are posted at once."""


@dataclass(frozen=True)
class Scale:
    """How much happens: `seconds` are three equal parts, before, during and after the faults."""

    communities: int = 1000
    presses_a_minute: int = 10_000
    seconds: int = 180

    @property
    def rate(self) -> float:
        """Presses a second."""
        return self.presses_a_minute / 60

    @property
    def presses(self) -> int:
        """How many members press, each once."""
        return round(self.rate * self.seconds)


@dataclass(frozen=True)
class Verdict:
    """What a member was told: which answer to which round, and after how long."""

    user: str
    round: int
    choice: int
    began: float
    seconds: float


@dataclass
class Outcome:
    """What came of all presses."""

    verdicts: list[Verdict] = field(default_factory=list)
    probes: list[tuple[float, float]] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    """Why members pressed again, and how often."""
    faults: list[str] = field(default_factory=list)


class Balancer(HttpDelivery):
    """Brings each request to the next replica. One that refuses connections is left out for a
    while, and the request goes to the other one; a request that was cut off isn't repeated."""

    def __init__(self, urls: Iterable[str], signing_secret: str) -> None:
        self._urls = [*urls]
        super().__init__(self._urls[0], signing_secret)
        self._dead_until = dict.fromkeys(self._urls, 0.0)
        self._turn = 0

    async def post(
        self, body: str, headers: dict[str, str], deadline: float
    ) -> tuple[int, str, aiohttp.typedefs.LooseHeaders]:
        """Post a signed body to a replica that takes it."""
        self._turn += 1
        for n in range(len(self._urls)):
            url = self._urls[(self._turn + n) % len(self._urls)]
            if self._dead_until[url] > perf_counter() and n + 1 < len(self._urls):
                continue
            try:
                self.url = url  # read before anything else gets a turn
                return await super().post(body, headers, deadline)
            except aiohttp.ClientConnectorError:
                self._dead_until[url] = perf_counter() + DEAD_SECONDS
        raise aiohttp.ClientConnectionError("no replica takes connections")


class Replica:
    """One process of the bot."""

    def __init__(self, env: dict[str, str], pack: Path, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}{EVENTS}"
        self._env = os.environ | env | {"STUDYHALL_SLACK_PORT": str(self.port)}
        self._pack, self._log = pack, log
        self._process: asyncio.subprocess.Process

    async def start(self) -> None:
        """Start, and wait until it takes requests."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "slack", "--pack", str(self._pack)),
                env=self._env,
                stderr=log,
            )
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                assert self._process.returncode is None, self._log.read_text()
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return

    async def end(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal, and wait until it's gone."""
        self._process.send_signal(sign)
        await self._process.wait()


def measure(scale: Scale = Scale()) -> Iterator[Figure]:
    """Run the load and check that nothing is lost or doubled."""
    # The stand-in keeps what's shown; its garbage collector's pauses aren't the bot's.
    gc.disable()
    try:
        with (
            TemporaryDirectory() as folder,
            TemporaryDirectory() as data,
            postgresql_server(Path(data), durable=True) as database,
        ):
            outcome, began = asyncio.run(_run(scale, Path(folder), database))
    finally:
        gc.enable()
    third = scale.seconds / 3
    floors = [1000 * seconds for at, seconds in outcome.probes if at < began + third]
    for number, part in enumerate(("before", "during", "after")):
        start = began + number * third
        taken = [
            1000 * each.seconds for each in outcome.verdicts if start <= each.began < start + third
        ]
        name = f"press to verdict {part} the faults, two replicas on postgresql"
        yield Figure(f"{name}: median", median(taken), median(floors), "ms")
        yield Figure(f"{name}: p99", _p99(taken), _p99(floors), "ms")


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


async def _run(scale: Scale, folder: Path, database: PostgresqlServer) -> tuple[Outcome, float]:
    with database.new() as url:
        async with SlackServer(keep=False, deadline=PATIENCE_SECONDS) as server:
            channels = await _install(server, url, scale.communities)
            async with _replicas(server, url, folder) as replicas:
                questions = await _ask(channels)
                outcome, began = Outcome(), perf_counter()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_press_all(server, questions, scale, outcome))
                    tasks.create_task(_break(replicas, database, scale, outcome))
            assert not server.violations, next(iter(server.violations))
            _check(url, scale, outcome)
    return outcome, began


async def _install(server: SlackServer, url: str, communities: int) -> list[Channel]:
    """Workspaces that have installed the app, each with a channel."""
    engine = open_database(url)
    store = Installations(server.client_id, engine).store
    teams = [server.add_team(f"Team {n}") for n in range(communities)]
    for team in teams:
        await store.async_save(
            Installation(
                app_id=server.app_id,
                team_id=team.id,
                user_id=team.bot_user,
                bot_token=team.bot_token,
                bot_id=team.bot_id,
                bot_user_id=team.bot_user,
            )
        )
    engine.dispose()
    return [team.add_channel("general") for team in teams]


@asynccontextmanager
async def _replicas(server: SlackServer, url: str, folder: Path) -> AsyncIterator[list[Replica]]:
    """Two replicas, and a balancer before them."""
    env = {
        "STUDYHALL_SLACK_CLIENT_ID": server.client_id,
        "STUDYHALL_SLACK_CLIENT_SECRET": server.client_secret,
        "STUDYHALL_SLACK_SIGNING_SECRET": server.signing_secret,
        "STUDYHALL_SLACK_API_BASE": server.base_url,
        "STUDYHALL_DATABASE_URL": url,
    }
    pack = small_pack()
    single = [question for question in pack.questions if question.kind == "single"]
    saved = save_pack(pack.model_copy(update={"questions": single}), folder / "pack")
    replicas = [Replica(env, saved, folder / f"replica-{n}.log") for n in range(2)]
    for each in replicas:
        await each.start()
    server.http = Balancer((each.url for each in replicas), server.signing_secret)
    server._courier.carrier = server.http
    try:
        yield replicas
    finally:
        for each in replicas:
            await each.end()


async def _ask(channels: list[Channel]) -> list[Message]:
    """A question in each channel."""
    turns = asyncio.Semaphore(TOGETHER)

    async def ask(channel: Channel) -> Message:
        admin = channel.team.add_person("Admin", admin=True)
        async with turns:
            await admin.command(channel, "/quiz", "question minutes:1440")
            while True:
                message = await admin.next_message(channel)
                if message.visible_to is None:
                    return message

    return await asyncio.gather(*map(ask, channels))


async def _press_all(
    server: SlackServer, questions: list[Message], scale: Scale, outcome: Outcome
) -> None:
    """Let a member of each community in turn answer its question, at the given rate."""
    began = perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for n in range(scale.presses):
            await asyncio.sleep(max(0.0, began + n / scale.rate - perf_counter()))
            question = questions[n % len(questions)]
            tasks.create_task(_press(server, question, n, outcome))
            if n % PROBE_EVERY == 0:
                tasks.create_task(_probe(server, outcome))


async def _press(server: SlackServer, question: Message, n: int, outcome: Outcome) -> None:
    """Let a new member press a button until they're told that their answer is saved."""
    who = question.channel.team.add_person(f"Member {n}")
    buttons = [id_ for id_ in question.buttons().values() if id_.startswith("answer:")]
    chosen = buttons[n % len(buttons)]
    _, action = press_of(chosen)
    assert isinstance(action, AnswerRound)
    began = perf_counter()
    for _ in range(MAX_TRIES):
        if n % TWICE_EVERY == 0:
            server.duplicate_next()
        trouble = await _press_once(who, question, chosen)
        if not trouble:
            seconds = perf_counter() - began
            outcome.verdicts.append(
                Verdict(who.id, action.round, int(action.choice), began, seconds)
            )
            return
        outcome.troubles[trouble] += 1
        await asyncio.sleep(PAUSE_SECONDS)


async def _press_once(who: Person, question: Message, chosen: str) -> str:
    """Press, and say what kept the member from seeing a verdict, if anything."""
    channel = question.channel
    who.catch_up(channel)
    sent = await who.press(question, chosen)
    if sent.failed:
        return f"no acknowledgment: {sent.copies[-1].problem}"
    try:
        while (told := await who.next_message(channel, PATIENCE_SECONDS)).visible_to is None:
            pass
    except AssertionError:
        return "no verdict in time"
    return "" if "answered" in told.words else told.words.partition("reference")[0]


async def _probe(server: SlackServer, outcome: Outcome) -> None:
    """Send a request that Bolt answers itself."""
    assert server.http
    began = perf_counter()
    try:
        await server.http.verify_url(PATIENCE_SECONDS)
    except (aiohttp.ClientError, TimeoutError):
        return
    outcome.probes.append((began, perf_counter() - began))


async def _break(
    replicas: list[Replica], database: PostgresqlServer, scale: Scale, outcome: Outcome
) -> None:
    """Kill a replica and bring it back, and then crash the database and start it again."""
    third = scale.seconds / 3
    await asyncio.sleep(third)
    await replicas[0].end(signal.SIGKILL)
    await asyncio.sleep(min(RESTART_SECONDS, third / 4))
    began = perf_counter()
    await replicas[0].start()
    outcome.faults.append(f"a replica was killed, and took {perf_counter() - began:.1f} s to start")
    await asyncio.sleep(third / 4)
    began = perf_counter()
    await asyncio.to_thread(database.stop)
    await asyncio.to_thread(database.start)
    outcome.faults.append(f"the database was down for {perf_counter() - began:.1f} s")


def _check(url: str, scale: Scale, outcome: Outcome) -> None:
    """Compare what members were told with what was saved, and print both. Raises AssertionError if
    an answer is lost or doubled."""
    engine = open_database(url)
    with engine.connect() as connection:
        rows = connection.execute(
            select(person.c.external_id, round_.c.id, round_.c.layout, answer.c.given)
            .join_from(answer, member, member.c.id == answer.c.member_id)
            .join(person, person.c.id == member.c.person_id)
            .join(round_, round_.c.id == answer.c.round_id)
        ).all()
        scored = connection.execute(
            select(func.sum(standing.c.answered), func.max(standing.c.answered)).where(
                standing.c.period == "all", standing.c.team_id == 0
            )
        ).one()
    engine.dispose()
    saved = {(user, id_): layout.index(given[0]) for user, id_, layout, given in rows}
    lost = [each for each in outcome.verdicts if saved.get((each.user, each.round)) != each.choice]
    doubled = len(rows) - len(saved)
    for fault in outcome.faults:
        print(fault, file=sys.stderr)
    for trouble, times in outcome.troubles.most_common():
        print(f"pressed again {times} times: {trouble}", file=sys.stderr)
    print(
        f"{scale.presses} members pressed; {len(outcome.verdicts)} were told that it counts, "
        f"{scale.presses - len(outcome.verdicts)} gave up after {MAX_TRIES} tries; "
        f"{len(rows)} answers saved, {len(lost)} lost, {doubled} doubled",
        file=sys.stderr,
    )
    assert not lost, lost[:3]
    assert not doubled
    # Everyone answered one question, so nobody's points count twice.
    assert scored == (len(rows), 1), scored
