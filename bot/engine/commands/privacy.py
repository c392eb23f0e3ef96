"""`privacy`: what is stored of a member, as a copy, or gone for good."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Options, always
from bot.engine.screens import Button, CommandMention, File, Reply, Screen, Tone, notice

HERE_ONLY = 2
NOTHING = "Nothing is stored of you."


@dataclass(frozen=True, slots=True)
class Export(Action):
    """Get a copy of everything that is stored of the member."""

    verb = "export"


@dataclass(frozen=True, slots=True)
class Forget(Action):
    """Delete everything that is stored of the member, once they are `sure`; HERE_ONLY leaves what
    is of other platforms' side, with which it is linked."""

    verb = "forget"
    sure: int = 0


async def show(context: Context, _: Options) -> Reply:
    """What is stored, and what can be done about it."""
    everything = await context.store.players.export(context.member)
    if everything is None:
        return Reply(Screen(title="Your data", text=(NOTHING,)), data={})
    return Reply(
        Screen(
            title="Your data",
            text=(
                "Stored of you: the ids and names by which the chat knows you, your team and time "
                "zone, what you answered and when, your points and streak, and how well you seem "
                "to remember each question. Nothing else that you write is read or kept.",
                (
                    "Members of your community see your name, points, right answers and streak on "
                    "the leaderboard. They never see what you answered. To hide your line: ",
                    CommandMention("preferences", {"boards": "hidden"}),
                ),
                "If you delete everything while a question that you answered is open, a pseudonym "
                "of yours is kept until it closes, so that nobody answers twice.",
            ),
            fields=tuple((name, str(count)) for name, count in _counts(everything).items()),
            controls=(
                Button("Get a copy", encode(Export())),
                Button("Delete everything", encode(Forget()), style="danger"),
            ),
        ),
        data=everything,
    )


async def export(context: Context, _: Export, __: tuple[str, ...]) -> Reply:
    """A copy of everything, as a file."""
    everything = await context.store.players.export(context.member)
    if everything is None:
        return notice(NOTHING)
    content = json.dumps(everything, ensure_ascii=False, indent=2, default=str)
    return Reply(
        Screen(title="Your data", text=("Here is a copy of everything that is stored of you.",)),
        file=File("studyhall-my-data.json", content.encode()),
    )


async def forget(context: Context, action: Forget, _: tuple[str, ...]) -> Reply:
    """Delete everything, after asking once more."""
    if not action.sure:
        if others := await context.store.linking.platforms(context.member):
            names = sorted(each.capitalize() for each in others)
            return Reply(_on_which_side(" and ".join(names)))
        return Reply(
            Screen(
                title="Delete everything?",
                text=(
                    "Your answers, points, streak, team and memory are deleted at once, in every "
                    "community. This cannot be undone.",
                ),
                controls=(Button("Yes, delete it all", encode(Forget(1)), style="danger"),),
                tone=Tone.PROBLEM,
            )
        )
    if action.sure == HERE_ONLY:
        await context.store.linking.unlink(context.member)
    if not await context.store.players.forget(context.member):
        return notice(NOTHING)
    return Reply(Screen(title="Deleted", text=("Everything that was stored of you is gone.",)))


def _on_which_side(others: str) -> Screen:
    """Asks whether the data of the other platforms' side is to go, too."""
    return Screen(
        title=f"Delete on {others}, too?",
        text=(
            f"You're linked: here and on {others} you're one player. Your answers, points, streak, "
            "team and memory are deleted at once, in every community. This can't be undone.",
        ),
        controls=(
            Button(f"Delete it all, on {others} too", encode(Forget(1)), style="danger"),
            Button("Only here", encode(Forget(HERE_ONLY)), style="danger"),
        ),
        tone=Tone.PROBLEM,
    )


def _counts(everything: Mapping[str, Any]) -> dict[str, int]:
    return {
        name.capitalize(): len(rows) for name, rows in everything.items() if isinstance(rows, list)
    }


PRIVACY = Command(
    name="privacy",
    description="What is stored of you: see it, get a copy, delete it",
    handler=show,
    examples=({},),
    presses=(
        OnPress(Export, export, traceless=True),
        OnPress(Forget, forget, updates=always, traceless=True),
    ),
)
