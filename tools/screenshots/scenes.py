"""What a study group meets on Discord and Slack, acted out with the bundled pack against the
stand-ins, and kept as the messages that the bot really sent."""

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
"""A file's name, its alternative text, and the messages."""

PEOPLE = ("ann", "ben", "chika", "dana", "emil")


async def act(folder: Path) -> None:
    """Act all scenes on each platform, and keep what was sent with the names of the people."""
    pack = loader.load(loader.find("dp100"), cache=None)
    async with DiscordChat.running(pack, folder, f"sqlite:///{folder}/discord.db") as discord:
        scenes = [scene async for scene in _scenes(discord)]
        names = {each.id: each.name.capitalize() for each in discord.server.people.values()}
        _keep(folder, "discord", scenes, names)
    async with SlackChat.running(pack, folder, f"sqlite:///{folder}/slack.db") as slack:
        scenes = [scene async for scene in _scenes(slack)]
        people = slack.server.team.people.values()
        ann = slack._person("ann")
        await ann.open_home()
        home = {"user_id": ann.id, "view": (await ann.next_home()).shown()}
        scenes.append(("home", "The Home tab, with numbers and ways on", [home]))
        _keep(folder, "slack", scenes, {each.id: each.name.capitalize() for each in people})


def _keep(folder: Path, platform: str, scenes: list[Scene], names: dict[str, str]) -> None:
    for name, alt, messages in scenes:
        data = {"messages": messages, "names": names, "width": 640, "title": alt}
        file = folder / f"{name}.{platform}.json"
        file.write_text(json.dumps(data), encoding="utf-8")


async def _scenes(chat: Chat) -> AsyncIterator[Scene]:
    question = await _posed(chat, "single")
    rightly = (True, False, True, True)
    for person, right in zip(PEOPLE, rightly, strict=False):
        verdict = await chat.answer(question, rightly=right, user=person)
        if not right:
            wrong = verdict
    await chat.passes(5)
    opened = _sent(chat, await chat.channel())
    yield "question", "A question in a channel, with buttons A to D", [opened]
    yield "verdict", "The private verdict with its reason", [_sent(chat, wrong)]
    await chat.passes(600)
    yield "result", "The same question once it has closed", [_sent(chat, await chat.channel())]
    drill = await chat.call("drill", topic="mlflow")
    while (asked := drill.question(chat.pack)) and asked.kind != "ordering":
        drill = await chat.press(await chat.answer(drill), "Next")
        if "Drill finished" in drill.text:
            drill = await chat.call("drill", questions=50)
    yield "drill", "A drill: putting steps into order", [_sent(chat, drill, "drill")]
    for number, person in enumerate(PEOPLE):
        step = await chat.call("drill", user=person, questions=6 - number)
        for _ in range(6 - number):
            told = await chat.answer(step, user=person, rightly=number % 2 == 0)
            step = await chat.press(told, "Next", user=person)
    board = await chat.call("leaderboard")
    yield "leaderboard", "The leaderboard of the week", [_sent(chat, board, "leaderboard")]
    explained = await chat.call("explain", topic="blue green")
    yield "explain", "What the notes say about blue green", [_sent(chat, explained, "explain")]


async def _posed(chat: Chat, kind: str) -> Shown:
    """A question of one kind in the channel."""
    while True:
        await chat.call("question", topic="sweep")
        shown = await chat.channel()
        question = shown.question(chat.pack)
        if question is not None and question.kind == kind:
            return shown
        await chat.passes(600)


def _sent(chat: Chat, shown: Shown, command: str = "") -> dict[str, Any]:
    """The message as the platform has it; on Discord below the command that called it."""
    now = chat.clock()
    if isinstance(shown.source, Look):
        told = shown.source.message.shown()
        private = {"user": "U0", "response_type": "ephemeral"} if shown.private else {}
        blocks = {"text": told["text"], "blocks": told["blocks"]}
        return {"channel": "C0", **blocks, **private, "ts": f"{now.timestamp():.6f}"}
    payload: dict[str, Any] = shown.source.payload()
    payload["timestamp"] = now.isoformat()
    if command:
        payload["interaction"] = {"name": command, "user": {"username": "ann"}}
    return payload


def main(out: Path) -> None:
    """Act the scenes and take their pictures."""
    from tools.screenshots.chat import render

    with TemporaryDirectory() as folder:
        asyncio.run(act(Path(folder)))
        render(Path(folder), out)
