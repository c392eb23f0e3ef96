"""`privacy`: see what we store about a member, get a copy, or delete it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Options, always
from bot.engine.screens import Button, CommandMention, File, Reply, Screen, Tone, notice

HERE_ONLY = 2
NOTHING_STORED = "We don't store anything about you."


@dataclass(frozen=True, slots=True)
class Export(Action):
    """Get a copy of everything we store about the member."""

    verb = "export"


@dataclass(frozen=True, slots=True)
class Forget(Action):
    """Delete everything we store about the member, once they are `sure`. HERE_ONLY keeps the data
    of the platforms they are linked with."""

    verb = "forget"
    sure: int = 0


async def show(context: Context, _: Options) -> Reply:
    """Show what we store, with buttons to copy or delete it."""
    everything = await context.store.players.export(context.member)
    if everything is None:
        return Reply(Screen(title="Your data", text=(NOTHING_STORED,)), data={})
    return Reply(
        Screen(
            title="Your data",
            text=(
                "We store your ID and name in this chat, your team and time zone, whether you were "
                "named a manager, what you answered and when, your points and streak, and how well "
                "you seem to remember each question. We don't read or keep anything else you "
                "write.",
                (
                    "On the leaderboard, other members see your name, points, right answers and "
                    "streak. They never see what you answered. To hide your line: ",
                    CommandMention("preferences", {"boards": "hidden"}),
                ),
                "If you delete everything while a question you answered is still open, we keep a "
                "pseudonym until it closes, so nobody can answer twice.",
            ),
            fields=tuple((name, str(count)) for name, count in _count_rows(everything).items()),
            controls=(
                Button("Get a copy", encode(Export())),
                Button("Delete everything", encode(Forget()), style="danger"),
            ),
        ),
        data=everything,
    )


async def export(context: Context, _: Export, __: tuple[str, ...]) -> Reply:
    """Send a copy of everything as a file."""
    everything = await context.store.players.export(context.member)
    if everything is None:
        return notice(NOTHING_STORED)
    content = json.dumps(everything, ensure_ascii=False, indent=2, default=str)
    return Reply(
        Screen(title="Your data", text=("Here's a copy of everything we store about you.",)),
        file=File("studyhall-my-data.json", content.encode()),
    )


async def forget(context: Context, action: Forget, _: tuple[str, ...]) -> Reply:
    """Delete everything, after a confirmation."""
    if not action.sure:
        if others := await context.store.linking.platforms(context.member):
            names = sorted(each.capitalize() for each in others)
            return Reply(_ask_which_side(" and ".join(names)))
        return Reply(
            Screen(
                title="Delete everything?",
                text=(
                    "This deletes your answers, points, streak, team and reviews right away, in "
                    "every server and workspace. You can't undo it.",
                ),
                controls=(Button("Yes, delete it all", encode(Forget(1)), style="danger"),),
                tone=Tone.PROBLEM,
            )
        )
    if action.sure == HERE_ONLY:
        await context.store.linking.unlink(context.member)
    if not await context.store.players.forget(context.member):
        return notice(NOTHING_STORED)
    return Reply(Screen(title="Deleted", text=("We've deleted everything we stored about you.",)))


def _ask_which_side(others: str) -> Screen:
    """Ask whether to delete the data of linked platforms, too."""
    return Screen(
        title=f"Delete on {others} too?",
        text=(
            f"You're linked, so you're one player here and on {others}. This deletes your answers, "
            "points, streak, team and reviews right away, in every server and workspace. You can't "
            "undo it.",
        ),
        controls=(
            Button(f"Delete it all, on {others} too", encode(Forget(1)), style="danger"),
            Button("Only here", encode(Forget(HERE_ONLY)), style="danger"),
        ),
        tone=Tone.PROBLEM,
    )


def _count_rows(everything: Mapping[str, Any]) -> dict[str, int]:
    return {
        name.capitalize(): len(rows) for name, rows in everything.items() if isinstance(rows, list)
    }


PRIVACY = Command(
    name="privacy",
    description="See what we store about you, get a copy, or delete it",
    handler=show,
    examples=({},),
    presses=(
        OnPress(Export, export, traceless=True),
        OnPress(Forget, forget, updates=always, traceless=True),
    ),
)
