"""Discord: the app, its settings and commands, and the channels with a daily question.

Only REST is asked: a session at the gateway would use up one of the bot's starts, and events of a
running bot would go there, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord.app_commands import CommandTree

from adapters.discord import tree
from adapters.discord.invite import LOGIN_REJECTED, log_in
from adapters.discord.poster import check_mention, check_permissions
from bot.credentials import read_discord
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

FEW_SESSIONS = 100
"""Discord allows 1,000 a day, and resets the token of a bot that starts more."""

MOST_CHANNELS = 40
"""How many channels are looked at; each takes a request or two."""

MOST_LISTED = 5
PORTAL = "On your app's page (discord.com/developers/applications)"
COMPARED = frozenset(
    {"name", "description", "type", "options", "choices", "required", "autocomplete", "value"}
    | {"min_value", "max_value", "contexts"}
)
"""What a command looks like to members."""


async def _log_in(case: Case) -> discord.Client:
    """A client that's logged in over REST. Raises LoginFailed."""

    async def log_in_once() -> discord.Client:
        client = discord.Client(intents=discord.Intents(guilds=True))
        case.to_close(client.close)
        try:
            await log_in(client, read_discord(settings), settings.discord_api_base)
        except Misconfigured as problem:
            raise LoginFailed(str(problem)) from None
        return client

    settings = case.settings
    try:
        return await case.once("discord", log_in_once)
    except TimeoutError:
        raise Unreachable(f"Discord didn't answer within {SHARED_SECONDS:.0f} seconds") from None


async def _ask_app(case: Case) -> discord.AppInfo:
    """What Discord says about the app. Raises LoginFailed."""
    client = await _log_in(case)
    return await case.once("discord app", client.application_info)


async def check_login(case: Case) -> Sequence[Finding]:
    """Whether Discord accepts the token, and whose app it is."""
    try:
        info = await _ask_app(case)
    except Unreachable as problem:
        return [broken(f"{problem}.", "Check this machine's network, and discordstatus.com.")]
    except LoginFailed as problem:
        text, what_to_do = split_advice(problem)
        return [broken(text, what_to_do or LOGIN_REJECTED)]
    owner = f"the team {info.team.name}" if info.team else info.owner.name
    return [ok(f"The token is for {info.name} (app {info.id}), owned by {owner}.")]


async def check_code_grant(case: Case) -> Sequence[Finding]:
    """Whether the bot can be added to servers with a link."""
    if not (await _ask_app(case)).bot_require_code_grant:
        return [ok("Servers can add the bot with its invite link.")]
    return [
        broken(
            "No server can add the bot: it requires an OAuth2 code grant.",
            f"{PORTAL}, under Bot, turn off “Requires OAuth2 Code Grant”.",
        )
    ]


async def check_endpoint(case: Case) -> Sequence[Finding]:
    """Whether commands and presses come to the bot."""
    if not (await _ask_app(case)).interactions_endpoint_url:
        return [ok("Commands and buttons reach the bot through the gateway.")]
    return [
        broken(
            "Commands and buttons don't reach the bot: Discord sends them to a web address.",
            f"{PORTAL}, under General Information, clear “Interactions Endpoint URL”.",
        )
    ]


async def check_sessions(case: Case) -> Sequence[Finding]:
    """How often the bot may still start today."""
    _, limit = await _ask_gateway(case)
    left, total = limit["remaining"], limit["total"]
    hours = limit["reset_after"] / 3_600_000
    text = f"{left} of {total} starts are left; they're renewed in {hours:.0f} hours."
    if not left:
        return [broken(text, "Wait until then: more starts would reset the token.")]
    if left < FEW_SESSIONS:
        return [warning(text, "Find out from the bot's log why it restarts so often.")]
    return [ok(text)]


async def check_shards(case: Case) -> Sequence[Finding]:
    """Whether the running processes serve all servers."""
    recommended, _ = await _ask_gateway(case)
    text = f"Discord recommends {count(recommended, 'shard')}."
    parts = [each.shards.split(" of ") for each in case.alive if each.shards]
    totals = {int(total) for _, total in parts}
    if not totals:
        return [ok(text)]
    total, run = max(totals), {int(each) for ids, _ in parts for each in ids.split(",")}
    if missing := sorted({*range(total)} - run):
        named = ", ".join(map(str, missing))
        return [
            broken(
                f"No process runs shard {named} of {total}.",
                f"Start a process with --shards {total} --shard-ids {named}.",
            )
        ]
    if len(totals) > 1 or total < recommended:
        return [
            warning(
                f"{text} The running processes use {' and '.join(map(str, sorted(totals)))}.",
                f"Restart them all with --shards {max(total, recommended)}.",
            )
        ]
    return [ok(f"{text} All {total} are running.")]


async def _ask_gateway(case: Case) -> tuple[int, Mapping[str, Any]]:
    """How many shards Discord recommends, and what it says about starts."""
    client = await _log_in(case)
    shards, _, limit = await case.once("discord gateway", client.http.get_bot_gateway)
    return shards, dict(limit)


async def check_commands(case: Case) -> Sequence[Finding]:
    """Whether members see the commands of this version."""
    client = await _log_in(case)
    theirs: Any = await client.http.get_global_commands((await _ask_app(case)).id)
    known = {(each["type"], each["name"]): each for each in theirs}
    ours: CommandTree[Any] = CommandTree(client)
    tree.add_commands(ours, _never, _never)
    declared = [command.to_dict(ours) for command in ours.get_commands()]
    missing = [each["name"] for each in declared if (each["type"], each["name"]) not in known]
    changed = [
        each["name"]
        for each in declared
        if (each["type"], each["name"]) in known
        and not _includes(known[each["type"], each["name"]], each)
    ]
    todo = "Restart the bot: it registers them at start."
    if missing:
        return [broken(f"Commands aren't registered: {', '.join(missing)}.", todo)]
    if changed:
        return [warning(f"Commands differ from this version's: {', '.join(changed)}.", todo)]
    return [ok(f"All {len(declared)} commands are registered.")]


async def _never(*_: Any) -> Any:
    """The commands are only compared, never called."""
    raise NotImplementedError


def _includes(theirs: Any, ours: Any) -> bool:
    """Whether Discord has all that we declare; it adds more, and leaves defaults out."""
    match ours:
        case dict():
            return isinstance(theirs, dict) and all(
                _includes(theirs.get(key), value)
                for key, value in ours.items()
                if key in COMPARED and value
            )
        case list():
            return (
                isinstance(theirs, list)
                and len(theirs) == len(ours)
                and all(map(_includes, theirs, ours))
            )
        case _:
            return bool(theirs == ours)


async def check_servers(case: Case) -> Sequence[Finding]:
    """Whether the bot is in a server."""
    found = await _list_servers(case)
    if not found:
        return [
            warning("The bot isn't in a server yet.", "Open its link: studyhall discord invite.")
        ]
    most, more = [*found.values()][:MOST_LISTED], len(found) - MOST_LISTED
    return [ok(f"Servers: {', '.join([*most, *([f'{more} more'] if more > 0 else ())])}.")]


async def _list_servers(case: Case) -> Mapping[str, str]:
    """The servers' names by id, as many as Discord lists at once."""
    client = await _log_in(case)

    async def ask() -> dict[str, str]:
        return {str(each["id"]): each["name"] for each in await client.http.get_guilds(200)}

    return await case.once("discord servers", ask)


async def check_channels(case: Case) -> Sequence[Finding]:
    """Whether the bot may post in channels with a daily question, and mention its role."""
    client = await _log_in(case)
    dailies = case.dailies_on("discord")
    if not dailies:
        return []
    looked_at = dailies[:MOST_CHANNELS]
    found = await asyncio.gather(*(_check_channel(case, client, each) for each in looked_at))
    findings = [finding for each in found for finding in each]
    asked = count(len(looked_at), "daily question")
    return findings or [ok(f"The bot may post where it should ({asked} of {len(dailies)}).")]


async def _check_channel(case: Case, client: discord.Client, daily: Daily) -> Sequence[Finding]:
    number = int(daily.channel.community)
    where = f"{daily.channel.id} of server {number}"

    async def fetch() -> tuple[discord.Guild, discord.Member]:
        guild = await client.fetch_guild(number, with_counts=False)
        return guild, await guild.fetch_member(client.user.id if client.user else 0)

    try:
        guild, me = await case.once(f"discord server {number}", fetch)
        where = f"{daily.channel.id} of {guild.name}"
        channel = holder = await guild.fetch_channel(int(daily.channel.id))
        where = f"#{channel.name} of {guild.name}"
        if isinstance(channel, discord.Thread):
            # It has its channel's permissions.
            holder = await guild.fetch_channel(channel.parent_id)
        allowed = holder.permissions_for(me)
        check_permissions(allowed, in_thread=isinstance(channel, discord.Thread))
        unheard = check_mention(daily.schedule.role, guild, allowed)
    except discord.NotFound:
        return [broken(f"The channel {where} is gone.", "Set its daily question elsewhere.")]
    except discord.Forbidden:
        return [
            broken(
                f"The bot can't see the channel {where}.",
                "Add the bot to the server, or give it the View Channel permission there.",
            )
        ]
    except Unpostable as problem:
        return [broken(*split_advice(problem, where))]
    return [warning(*split_advice(unheard, where))] if unheard else []


CHECKS: dict[str, Check] = {
    "login": check_login,
    "code grant": check_code_grant,
    "interactions": check_endpoint,
    "starts": check_sessions,
    "shards": check_shards,
    "commands": check_commands,
    "servers": check_servers,
    "channels": check_channels,
}
