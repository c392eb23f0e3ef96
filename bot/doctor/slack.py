"""Slack: the app behind the tokens, its scopes, the way events come, and channels with a daily."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWSTimeout, WSMsgType
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from yarl import URL

from adapters.slack.app import APP_LOGIN_REJECTED, BOT_LOGIN_REJECTED, TOKEN_ERRORS, UNREACHABLE
from adapters.slack.people import Profiles, error_code
from adapters.slack.poster import SlackPoster
from adapters.slack.workspaces import API, EVENTS, OPTIONAL_SCOPES, SCOPES, Credentials
from bot.app import open_installations, read_slack_credentials
from bot.doctor.base import (
    SHARED_SECONDS,
    Case,
    Check,
    Finding,
    broken,
    ok,
    split_advice,
    warning,
)
from bot.engine.dailies import Daily
from bot.engine.platform import LoginFailed, Misconfigured, Unpostable, Unreachable
from content.language.plural import count

COSTS = {
    "commands": "nobody can use /quiz or the shortcuts",
    "chat:write": "nothing can be posted",
    "users:read": "names, time zones and admins aren't known",
    "im:write": "no direct messages can be sent",
    "files:read": "files that admins upload can't be read",
    "files:write": "charts come as text, without their picture",
    "usergroups:read": "user groups can't be notified, manage, or be teams",
    "channels:history": "an interrupted question may be posted twice in public channels",
    "groups:history": "an interrupted question may be posted twice in private channels",
    "channels:read": "problems of public channels are only seen once posting fails there",
    "groups:read": "problems of private channels are only seen once posting fails there",
    "im:history": "messages to the app aren't read as commands",
}
"""What a missing scope costs."""

MOST_CHANNELS = 40
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
SOON, VERY_SOON = timedelta(days=21), timedelta(days=3)
"""Until a certificate expires: those that are renewed on their own are renewed a month before."""

_APP_OF_TOKEN = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")
REINSTALL = "On your app's page, under OAuth & Permissions, add it and reinstall the app."
CONNECT_SECONDS = 4.0


def _read(case: Case) -> Credentials:
    """The credentials. Raises LoginFailed if the settings' check reports them."""
    try:
        credentials = read_slack_credentials(case.settings)
    except Misconfigured as problem:
        raise LoginFailed(str(problem)) from None
    if credentials is None:
        raise LoginFailed("Slack isn't set up.")
    return credentials


def _client(case: Case, token: str, session: ClientSession) -> AsyncWebClient:
    """A client without retries: the doctor has little time, and changes nothing."""
    base_url = case.settings.slack_api_base or API
    return AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=[])


async def _session(case: Case) -> ClientSession:
    async def open_session() -> ClientSession:
        session = ClientSession(timeout=ClientTimeout(total=SHARED_SECONDS))
        case.to_close(session.close)
        return session

    return await case.once("slack session", open_session)


async def _workspaces(case: Case) -> Mapping[str, AsyncWebClient]:
    """The clients of the workspaces, by team id: of the one token, or of all with a daily that
    installed the app. Raises LoginFailed."""
    session, credentials = await _session(case), _read(case)
    if not credentials.client_id:
        identity = await _identify(case)
        return {str(identity["team_id"]): _client(case, credentials.bot_token, session)}
    try:
        installations = await asyncio.to_thread(
            open_installations, case.settings, case.require_store()
        )
    except Misconfigured as problem:
        raise LoginFailed(str(problem)) from None
    teams = dict.fromkeys(each.channel.community for each in case.dailies_on("slack"))
    tokens = {team: await installations.token(team) for team in teams}
    return {team: _client(case, token, session) for team, token in tokens.items() if token}


async def _identify(case: Case) -> AsyncSlackResponse:
    """What Slack says about the bot token. Raises LoginFailed."""

    async def ask() -> AsyncSlackResponse:
        client = _client(case, _read(case).bot_token, await _session(case))
        try:
            return await client.auth_test()
        except SlackApiError as problem:
            error = error_code(problem)
            if error in TOKEN_ERRORS:
                raise LoginFailed(BOT_LOGIN_REJECTED) from None
            raise Unreachable(f"{UNREACHABLE}: {error}") from None
        except (SlackClientError, ClientError, OSError) as problem:
            raise Unreachable(f"{UNREACHABLE}: {str(problem) or type(problem).__name__}") from None

    return await case.once("slack identity", ask)


async def check_login(case: Case) -> Sequence[Finding]:
    """Whether Slack accepts the bot token, and of which workspace it is."""
    if _read(case).client_id:
        try:
            found = await _workspaces(case)
        except LoginFailed as problem:
            text, what_to_do = split_advice(problem)
            return [broken(text, what_to_do or "Set STUDYHALL_SECRET_KEY as it was.")]
        return [ok(f"Workspaces with a daily question that have the app: {len(found)}.")]
    try:
        identity = await _identify(case)
    except Unreachable as problem:
        return [broken(f"{problem}.", "Check this machine's network, and slack-status.com.")]
    except LoginFailed as problem:
        return [broken(*split_advice(problem))]
    return [ok(f"The bot token is for the workspace {identity['team']}.")]


async def check_app(case: Case) -> Sequence[Finding]:
    """Whether both tokens are of the same app."""
    credentials = _read(case)
    named = _APP_OF_TOKEN.match(credentials.app_token)
    if not named:
        return []
    identity = await _identify(case)
    client = _client(case, credentials.bot_token, await _session(case))
    try:
        bot: Any = (await client.bots_info(bot=identity["bot_id"]))["bot"]
    except SlackApiError:
        return []
    if bot["app_id"] == named[1]:
        return [ok(f"Both tokens are of the app {bot['app_id']}.")]
    return [
        broken(
            f"The tokens are of two apps: the bot token of {bot['app_id']}, the app-level token of "
            f"{named[1]}.",
            "Copy both from the page of one app.",
        )
    ]


async def check_scopes(case: Case) -> Sequence[Finding]:
    """Whether the app may do what it needs, in each workspace."""
    findings = []
    for team, client in (await _workspaces(case)).items():
        named = (await client.auth_test()).headers.get("x-oauth-scopes")
        if named is None:
            continue
        granted = {each.strip() for each in named.split(",")}
        where = f" in {team}" if _read(case).client_id else ""
        for scope in (*SCOPES, *OPTIONAL_SCOPES):
            if scope not in granted:
                make = warning if scope in OPTIONAL_SCOPES else broken
                findings.append(
                    make(f"The scope {scope} is missing{where}: {COSTS[scope]}.", REINSTALL)
                )
    return findings or [ok("The app has all scopes.")]


async def check_socket(case: Case) -> Sequence[Finding]:
    """Whether a socket opens. While the bot runs, none is: Slack would send events to either."""
    credentials = _read(case)
    if not credentials.app_token:
        return []
    session = await _session(case)
    client = _client(case, credentials.app_token, session)
    try:
        opened = await client.apps_connections_open(app_token=credentials.app_token)
    except SlackApiError as problem:
        error = error_code(problem)
        if error not in TOKEN_ERRORS:
            return [warning(f"Slack opens no socket now: {error}.", "Try again in a minute.")]
        return [broken(*split_advice(APP_LOGIN_REJECTED))]
    if case.alive or case.store is None:
        return [ok("Slack offers a socket; it wasn't opened, so as not to take the bot's events.")]
    brief = ClientWSTimeout(ws_receive=CONNECT_SECONDS, ws_close=1)
    async with session.ws_connect(opened["url"], timeout=brief) as socket:
        hello = await socket.receive()
    if hello.type is not WSMsgType.TEXT:
        return [warning("Slack's socket closed at once.", "Try again in a minute.")]
    others = int(hello.json().get("num_connections", 1)) - 1
    if others > 0:
        return [
            warning(
                f"The socket opens, but {others} more {'is' if others == 1 else 'are'} open with "
                "this app-level token: Slack sends events to any of them.",
                "Stop other bots that use this token, or give them an app of their own.",
            )
        ]
    return [ok("The socket opens.")]


async def check_channels(case: Case) -> Sequence[Finding]:
    """Whether the bot may post in channels with a daily question, and notify its user group."""
    dailies, workspaces = case.dailies_on("slack"), await _workspaces(case)
    if not dailies:
        return []

    async def find_client(team: str) -> AsyncWebClient:
        if team not in workspaces:
            raise Unpostable("Studyhall isn't installed in this workspace. Install it again.")
        return workspaces[team]

    poster, looked_at = SlackPoster(find_client, Profiles()), dailies[:MOST_CHANNELS]
    found = await asyncio.gather(*(_check_channel(poster, find_client, each) for each in looked_at))
    findings = [finding for each in found for finding in each]
    asked = count(len(looked_at), "daily question")
    return findings or [ok(f"The bot may post where it should ({asked} of {len(dailies)}).")]


async def _check_channel(poster: SlackPoster, find_client: Any, daily: Daily) -> Sequence[Finding]:
    where = daily.channel.id
    with suppress(SlackApiError, Unpostable):
        client = await find_client(daily.channel.community)
        where = f"#{(await client.conversations_info(channel=where))['channel']['name']}"
    try:
        unheard = await poster.check_postable(daily.channel, daily.schedule.role)
    except Unpostable as problem:
        return [broken(*split_advice(problem, where))]
    return [warning(*split_advice(unheard, where))] if unheard else []


# HTTP


def _listens(case: Case) -> bool:
    return not _read(case).app_token


def check_address(case: Case) -> Sequence[Finding]:
    """Whether the address to listen on can be reached from outside a container."""
    host = _read(case).host
    if not _listens(case) or not any(each.exists() for each in CONTAINER_MARKS):
        return []
    if not _is_loopback(host):
        return [ok(f"The bot listens on {host}, which can be reached from outside its container.")]
    return [
        broken(
            f"The bot listens on {host}, which nobody reaches from outside this container.",
            "Set STUDYHALL_SLACK_HOST to 0.0.0.0.",
        )
    ]


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def check_port(case: Case) -> Sequence[Finding]:
    """Whether the port is free, or the bot listens there."""
    if not _listens(case):
        return []
    credentials = _read(case)
    host = "127.0.0.1" if credentials.host == "0.0.0.0" else credentials.host  # noqa: S104
    taken = await _connects(host, credentials.port)
    running = any("slack" in each.tokens for each in case.alive)
    match running, taken:
        case True, True:
            return [ok(f"The bot listens on port {credentials.port}.")]
        case True, False:
            return [
                broken(
                    f"The bot runs, but nobody listens on port {credentials.port}.",
                    "Run the doctor where the bot runs, or restart the bot and read its log.",
                )
            ]
        case False, True:
            return [
                broken(
                    f"Another program listens on port {credentials.port}.",
                    "Stop it, or set STUDYHALL_SLACK_PORT to another port.",
                )
            ]
        case _:
            return [ok(f"Port {credentials.port} is free.")]


async def _connects(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def check_url(case: Case) -> Sequence[Finding]:
    """Whether the public URL leads to the bot."""
    if not _listens(case) or not case.url:
        return []
    url = f"{case.url.rstrip('/')}{EVENTS}"
    try:
        # Events come as POST, so our server refuses a GET; others don't know the path.
        async with (await _session(case)).get(url, allow_redirects=False) as response:
            status = response.status
    except (ClientError, OSError) as problem:
        return [
            broken(
                f"{url} can't be reached: {str(problem) or type(problem).__name__}.",
                "Check the domain's address, the firewall, and the proxy in front of the bot.",
            )
        ]
    if status == REFUSES_GET:
        return [ok(f"{url} leads to the bot.")]
    return [
        broken(
            f"{url} doesn't lead to the bot: it answers {status}.",
            f"Start the bot, and let the proxy pass {EVENTS} on to its port unchanged.",
        )
    ]


REFUSES_GET = 405


async def check_certificate(case: Case) -> Sequence[Finding]:
    """Whether the public URL's certificate is good, and for how long."""
    url = URL(case.url)
    if not _listens(case) or url.scheme != "https" or not url.host:
        return []
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(url.host, url.port, ssl=True)
    except ssl.SSLCertVerificationError as problem:
        return [
            broken(
                f"Slack won't accept the certificate of {url.host}: {problem.verify_message}.",
                "Get a certificate of a public authority, for example Let's Encrypt's, and serve "
                "its whole chain.",
            )
        ]
    except (OSError, TimeoutError):
        # The URL's own check says that it can't be reached.
        return []
    certificate: Any = writer.get_extra_info("peercert")
    writer.close()
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    text = f"The certificate of {url.host} is good until {expires:%Y-%m-%d}."
    if (left := expires - case.now) > SOON:
        return [ok(text)]
    return [(broken if left < VERY_SOON else warning)(text, "Renew it.")]


CHECKS: dict[str, Check] = {
    "login": check_login,
    "app": check_app,
    "scopes": check_scopes,
    "socket": check_socket,
    "channels": check_channels,
    "address": check_address,
    "port": check_port,
    "public URL": check_url,
    "certificate": check_certificate,
}
