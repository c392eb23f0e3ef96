"""Slack's HTTP mode against strangers: slow, many, large, forged and odd requests, and no
database."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import resource
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import aiohttp
import pytest

from adapters.slack import http_server, installing
from adapters.slack.app import SlackAdapter
from adapters.slack.workspaces import EVENTS, INSTALL, REDIRECT
from tests.adapters.test_outages import capture_log
from tests.adapters.test_slack import install, open_to_all
from tests.conformance.bot import Bot
from tests.conformance.slack import SlackHttpChat
from tests.databases import PostgresqlServer, dump_rows, postgresql_server
from tests.samples import TickingClock, save_pack, small_pack
from tests.stand_ins.slack import SlackServer
from tests.stand_ins.slack.waiting import PATIENCE

HALF_HEADERS = b"POST /slack/events HTTP/1.1\r\nHost: x\r\n"
HALF_BODY = HALF_HEADERS + b"Content-Length: 100\r\n\r\nhalf"
SOON = 0.3
"""A short time limit, in seconds."""


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[SlackHttpChat]:
    async with SlackHttpChat.running(
        small_pack(), tmp_path, f"sqlite:///{tmp_path}/slack.db"
    ) as chat:
        assert isinstance(chat, SlackHttpChat)
        yield chat


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests have to come soon."""
    monkeypatch.setattr(http_server, "FIRST_REQUEST_SECONDS", SOON)
    monkeypatch.setattr(http_server, "NEXT_REQUEST_SECONDS", SOON)


def address(chat: SlackHttpChat) -> tuple[str, int]:
    host, port = chat._runner.addresses[0]
    return host, port


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Whether the other side closes the connection."""
    try:
        async with asyncio.timeout(PATIENCE):
            await reader.read()
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def sign(secret: str, body: bytes, stamp: str = "") -> dict[str, str]:
    stamp = stamp or str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
        "Content-Type": "application/json",
    }


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("sent", [b"", HALF_HEADERS, HALF_BODY])
async def test_a_request_that_does_not_come_in_time_is_hung_up_on(
    http: SlackHttpChat, sent: bytes
) -> None:
    reader, writer = await asyncio.open_connection(*address(http))
    writer.write(sent)
    assert await is_closed(reader)
    writer.close()
    assert "What you can do" in (await http.call("help")).text


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("then", [b"", HALF_HEADERS])
async def test_a_connection_that_is_no_longer_used_is_closed(
    http: SlackHttpChat, then: bytes
) -> None:
    body = b'{"type": "url_verification", "challenge": "3eZbrw1a", "token": "t"}'
    headers = sign(http.server.signing_secret, body) | {"Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    reader, writer = await asyncio.open_connection(*address(http))
    writer.write(HALF_HEADERS + f"{lines}\r\n".encode() + body)
    head = await reader.readuntil(b"3eZbrw1a")
    assert b"200 OK" in head
    assert b"Connection: close" not in head
    writer.write(then)
    assert await is_closed(reader)
    writer.close()


def count_open_files(pid: int) -> int:
    return len([*Path(f"/proc/{pid}/fd").iterdir()])


async def test_connections_that_hang_do_not_make_the_bot_deaf(tmp_path: Path) -> None:
    saved = save_pack(small_pack(), tmp_path / "pack")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    async with SlackServer() as server:
        env = os.environ | {
            "STUDYHALL_SLACK_BOT_TOKEN": server.bot_token,
            "STUDYHALL_SLACK_SIGNING_SECRET": server.signing_secret,
            "STUDYHALL_SLACK_API_BASE": server.base_url,
            "STUDYHALL_SLACK_PORT": str(port),
            "STUDYHALL_DATABASE_URL": f"sqlite:///{tmp_path}/slack.db",
        }
        with (tmp_path / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "slack", "--pack", str(saved)),
                env=env,
                stderr=log,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)),
            )
        try:
            while b"listening" not in (tmp_path / "log").read_bytes():
                assert process.returncode is None, (tmp_path / "log").read_text()
                await asyncio.sleep(0.05)
            delivery = server.connect_http(f"http://127.0.0.1:{port}{EVENTS}")
            with ExitStack() as held:
                for _ in range(230):
                    half = held.enter_context(socket.create_connection(("127.0.0.1", port)))
                    half.sendall(HALF_HEADERS)
                assert await delivery.verify_url()
                assert count_open_files(process.pid) < 100
        finally:
            process.terminate()
            await process.wait()
    assert (tmp_path / "log").stat().st_size < 10_000


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_large_body_is_refused_before_it_is_read(
    http: SlackHttpChat, chunked: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    host, port = address(http)
    async with aiohttp.ClientSession() as session:
        body = chunks() if chunked else BytesIO(b" " * 2_000_000)
        async with session.post(f"http://{host}:{port}{EVENTS}", data=body) as refused:
            assert refused.status == 413


def refusals(secret: str) -> Iterator[tuple[bytes, Mapping[str, str], int]]:
    """Bodies and headers that aren't Slack's, with the expected status."""
    good = b'{"type": "url_verification", "challenge": "x"}'
    signed = sign(secret, good)
    yield good, {}, 401
    yield good, signed | {"X-Slack-Request-Timestamp": "yesterday"}, 401
    yield good, signed | {"X-Slack-Request-Timestamp": "9" * 400}, 401
    yield good, sign(secret, good, str(int(time.time()) - 301)), 401
    yield good, sign(secret, good, str(int(time.time()) + 302)), 401
    yield good, signed | {"X-Slack-Signature": ""}, 401
    yield good, signed | {"X-Slack-Signature": "v0=ü"}, 401
    yield good, sign("another secret", good), 401
    yield b"{", {}, 401
    yield b"[" * 100_000, {}, 401
    yield b"\xff\xfe", {}, 400
    yield b"payload=" + quote("{").encode(), {}, 401
    for broken in (b"{", b"[1]", b'"x"', b"null", b"[" * 100_000, b'{"a": NaN'):
        yield broken, sign(secret, broken), 400
    form = b"payload=" + quote("{").encode()
    yield form, sign(secret, form) | {"Content-Type": "application/x-www-form-urlencoded"}, 400


async def test_what_slack_did_not_send_is_refused_in_few_lines(http: SlackHttpChat) -> None:
    host, port = address(http)
    url = f"http://{host}:{port}{EVENTS}"
    with capture_log(time.monotonic) as log:
        async with aiohttp.ClientSession() as session:
            for _ in range(5):
                for body, headers, status in refusals(http.server.signing_secret):
                    async with session.post(url, data=body, headers=headers) as refused:
                        assert (refused.status, await refused.text()) == (status, ""), body[:20]
    refused_lines = [line for line in log.lines if "refused a request" in line]
    assert len(refused_lines) == 5  # as many as there are reasons
    assert not [line for line in log.lines if "Traceback" in line]
    assert len(log.lines) == len(refused_lines)


async def test_a_certificate_check_is_answered(http: SlackHttpChat) -> None:
    host, port = address(http)
    async with aiohttp.ClientSession() as session:
        data = {"ssl_check": "1", "token": "t"}
        async with session.post(f"http://{host}:{port}{EVENTS}", data=data) as answer:
            assert (answer.status, await answer.text()) == (200, "")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", EVENTS, 405),
        ("PUT", EVENTS, 405),
        ("POST", "/", 404),
        ("GET", "/metrics", 404),
        ("GET", INSTALL, 404),  # a single workspace's app can't be installed elsewhere
        ("POST", f"{EVENTS}/", 404),
        ("POST", "/%73lack/../slack/event", 404),
    ],
)
async def test_only_our_paths_are_answered(
    http: SlackHttpChat, method: str, path: str, status: int
) -> None:
    host, port = address(http)
    url = f"http://{host}:{port}{path}"
    async with aiohttp.request(method, url) as refused:
        assert refused.status == status
        assert "Traceback" not in await refused.text()


async def start_installing(base: str) -> str:
    """The state of a new installation."""
    async with aiohttp.request("GET", f"{base}{INSTALL}") as page:
        found = re.search(r"state=([0-9a-f-]+)", await page.text())
        assert found
        return found[1]


async def end_installing(base: str, query: dict[str, str], cookie: str) -> tuple[int, str]:
    """The page that Slack leads back to, in a browser with that cookie."""
    headers = {"Cookie": f"slack-app-oauth-state={cookie}"}
    async with aiohttp.request("GET", f"{base}{REDIRECT}", params=query, headers=headers) as page:
        return page.status, await page.text()


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_an_installation_that_cannot_be_completed_says_to_start_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = TickingClock()
    async with SlackServer(clock=clock.timestamp) as server:
        bot = await Bot.start(small_pack(), f"sqlite:///{tmp_path}/slack.db", clock)
        async with open_to_all(server, bot) as (_, base):
            state, other = await start_installing(base), await start_installing(base)
            forged = state[:-1] + ("0" if state[-1] != "0" else "1")
            later = f"9{state}"
            monkeypatch.setattr(installing, "STATE_SECONDS", 0)
            expired = await start_installing(base)
            code = server.issue_code(server.team.add_person("Ann", admin=True))
            for query, cookie, why in (
                ({"code": code, "state": state}, "", "another browser"),
                ({"code": code, "state": state}, other, "another browser"),
                ({"code": code}, state, "another browser"),
                ({"code": code, "state": forged}, forged, "more than ten minutes ago"),
                ({"code": code, "state": later}, later, "more than ten minutes ago"),
                ({"code": code, "state": "-"}, "-", "more than ten minutes ago"),
                ({"code": code, "state": expired}, expired, "more than ten minutes ago"),
                ({"code": "guessed", "state": state}, state, "no longer accepts"),
                ({"state": state}, state, "confirm"),
                ({"error": "access_denied", "state": state}, state, "You canceled"),
                ({"error": "<script>", "state": state}, state, "install Studyhall"),
            ):
                status, page = await end_installing(base, query, cookie)
                assert why in page, query
                assert '<a href="install">Start again</a>' in page
                assert "<script>" not in page
                assert status in (200, 400, 401)
        assert list(server.violations) == []


async def test_strangers_who_start_installations_fill_no_database(tmp_path: Path) -> None:
    clock = TickingClock()
    async with SlackServer(clock=clock.timestamp) as server:
        bot = await Bot.start(small_pack(), f"sqlite:///{tmp_path}/slack.db", clock)
        async with open_to_all(server, bot) as (_, base):
            before = dump_rows(bot.store.database.engine)
            for _ in range(50):
                await start_installing(base)
            assert dump_rows(bot.store.database.engine) == before


@asynccontextmanager
async def installed() -> AsyncIterator[tuple[SlackServer, SlackAdapter, str, PostgresqlServer]]:
    """An app that a workspace has installed, its address, and a database that can be stopped."""
    clock = TickingClock()
    with TemporaryDirectory() as folder, postgresql_server(Path(folder)) as database:
        async with SlackServer(clock=clock.timestamp) as server:
            bot = await Bot.start(small_pack(), database.url("template"), clock)
            async with open_to_all(server, bot) as (slack, base):
                await install(server, base, server.team.add_person("Admin", admin=True))
                yield server, slack, base, database
            assert list(server.violations) == []


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_a_database_that_is_down_does_not_read_as_an_app_that_is_not_installed() -> None:
    async with installed() as (server, slack, base, database):
        general, ann = server.team.add_channel("general"), server.team.add_person("Ann")
        await ann.command(general, "/quiz", "stats")
        shown = await ann.next_message(general)
        button = next(iter(shown.buttons().values()))

        database.stop()
        slack._workspaces._clients.drop(server.team.id)  # as five minutes later
        for act in (
            partial(ann.command, general, "/quiz", "stats"),
            partial(ann.press, shown, button),
        ):
            assert (await act()).status == 200
            told = await ann.next_message(general)
            assert told.visible_to
            assert "Something went wrong. Please try again." in told.words
        opened = {"type": "app_home_opened", "user": ann.id, "tab": "home"}
        assert (await server.event(opened)).status == 503
        state = await start_installing(base)
        query = {"code": server.issue_code(ann), "state": state}
        status, page = await end_installing(base, query, state)
        assert status == 503
        assert "save installations right now" in page
        assert "Traceback" not in page

        database.start()
        await ann.press(shown, button)
        assert "Something went wrong" not in (await ann.next_message(general)).words
        assert "install" not in " ".join(each.words for each in ann.seen(general))


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  # a client that speaks TLS
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nLong: " + b"x" * 10_000 + b"\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_in_few_lines(http: SlackHttpChat, sent: bytes) -> None:
    with capture_log(time.monotonic) as log:
        for _ in range(5):
            reader, writer = await asyncio.open_connection(*address(http))
            writer.write(sent)
            answer = await asyncio.wait_for(reader.read(), PATIENCE)
            writer.close()
            assert b" 400 " in answer.partition(b"\r\n")[0]
            assert b"Traceback" not in answer
    assert len(log.lines) <= 1, log.lines
