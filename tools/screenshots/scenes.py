"""Scenes of a study group on Discord and Slack, played with the bundled pack against the stand-ins
and saved as the messages that the bot really sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from content import loader
from tests.conformance.chat import Chat, Shown
from tests.conformance.discord import DiscordChat
from tests.conformance.slack import Look, SlackChat

Scene = tuple[str, str, list[dict[str, Any]]]
"""A file name, the image's alt text, and the messages."""

PEOPLE = ("ann", "ben", "chika", "dana", "emil")


async def play(folder: Path) -> None:
    """Play all scenes on each platform, and save the messages with people's names."""
    pack = loader.load(loader.find_pack("dp100"), cache=None)
    async with DiscordChat.running(pack, folder, f"sqlite:///{folder}/discord.db") as discord:
        scenes = [scene async for scene in _scenes(discord)]
        names = {each.id: each.name.capitalize() for each in discord.server.people.values()}
        places = {each.id: each.name for each in discord.guild.channels}
        _save(folder, "discord", scenes, names | places)
    async with SlackChat.running(pack, folder, f"sqlite:///{folder}/slack.db") as slack:
        scenes = [scene async for scene in _scenes(slack)]
        scenes += [scene async for scene in _slack_scenes(slack)]
        people = slack.server.team.people.values()
        names = {each.id: each.name.capitalize() for each in people}
        channels = {each.id: each.name for each in slack.server.team.channels.values()}
        _save(folder, "slack", scenes, names | channels)


def _save(folder: Path, platform: str, scenes: list[Scene], names: dict[str, str]) -> None:
    for name, alt, messages in scenes:
        data = {"messages": messages, "names": names, "width": 640, "title": alt}
        file = folder / f"{name}.{platform}.json"
        file.write_text(json.dumps(data), encoding="utf-8")


async def _scenes(chat: Chat) -> AsyncIterator[Scene]:
    question = await _post_question(chat, "single")
    rightly = (True, False, True, True)
    for person, right in zip(PEOPLE, rightly, strict=False):
        verdict = await chat.answer(question, rightly=right, user=person)
        if not right:
            wrong = verdict
    await chat.passes(5)
    opened = _export(chat, await chat.channel())
    yield "question", "A question in a channel, with buttons A to D", [opened]
    yield "verdict", "The private verdict with its reason", [_export(chat, wrong)]
    await chat.passes(600)
    result, *replies = await chat.channel(), *await chat.replies()
    shown = [_export(chat, each) for each in (result, *replies[-1:])]
    yield "result", "The same question once it has closed, and the reply to it", shown
    drill = await chat.call("drill", topic="mlflow")
    while (asked := drill.question(chat.pack)) and asked.kind != "ordering":
        drill = await chat.press(await chat.answer(drill), "Next")
        if "Drill finished" in drill.text:
            drill = await chat.call("drill", questions=50)
    yield "drill", "A drill: putting steps into order", [_export(chat, drill, "drill")]
    for number, person in enumerate(PEOPLE):
        step = await chat.call("drill", user=person, questions=6 - number)
        for _ in range(6 - number):
            verdict = await chat.answer(step, user=person, rightly=number % 2 == 0)
            step = await chat.press(verdict, "Next", user=person)
    board = await chat.call("leaderboard")
    yield "leaderboard", "The leaderboard of the week", [_export(chat, board, "leaderboard")]
    menus = await chat.call("setup")
    yield "setup", "A daily question is set up with menus", [_export(chat, menus, "setup")]
    explained = await chat.call("explain", topic="blue green")
    yield "explain", "What the notes say about blue green", [_export(chat, explained, "explain")]


async def _slack_scenes(slack: SlackChat) -> AsyncIterator[Scene]:
    """What only Slack has: Home and modals."""
    ann = slack._person("ann")
    await slack.press(await slack.call("daily set", time="09:00", zone="Berlin"), "Save")
    await _post_question(slack, "single")
    await ann.open_home()
    home = {"user_id": ann.id, "view": (await ann.next_home()).shown()}
    yield "home", "The Home tab, with what to do next, numbers and chapters", [home]
    for name, line, title in (
        ("daily", "daily set", "A daily question in a modal"),
        ("settings", "settings", "A channel's settings in a modal"),
        ("post", "question", "Posting a question from a modal"),
    ):
        await ann.command(slack.general, "/quiz", line)
        yield name, title, [(await ann.next_form()).shown()]
    await slack.passes(600)
    for kind, button in (("ordering", "Put in order"), ("matching", "Match")):
        await slack._touched(await _post_question(slack, kind), button, "ann")
        yield kind, f"{button}, in a modal", [(await ann.next_form()).shown()]
        await slack.passes(600)


async def _post_question(chat: Chat, kind: str) -> Shown:
    """Post questions to the channel until one is of this kind."""
    while True:
        await chat.call("question", topic="sweep" if kind == "single" else "all")
        shown = await chat.channel()
        question = shown.question(chat.pack)
        if question is not None and question.kind == kind:
            return shown
        await chat.passes(600)


def _export(chat: Chat, shown: Shown, command: str = "") -> dict[str, Any]:
    """The message as sent; on Discord with the command it answers."""
    now = chat.clock()
    if isinstance(shown.source, Look):
        sent = shown.source.message.shown()
        private = {"user": "U0", "response_type": "ephemeral"} if shown.private else {}
        blocks = {key: sent[key] for key in ("text", "blocks", "root") if key in sent}
        return {"channel": "C0", **blocks, **private, "ts": f"{now.timestamp():.6f}"}
    payload: dict[str, Any] = shown.source.payload()
    payload["timestamp"] = now.isoformat()
    if command:
        payload["interaction"] = {"name": command, "user": {"username": "ann"}}
    return payload


def main(out: Path) -> None:
    """Play the scenes and take their screenshots."""
    from tools.screenshots.chat import render

    with TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))
        render(Path(folder), out)
