"""`season`: a named stretch of time with boards of its own, started by those who look after a
community."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.actions import Action, encode, packed, unpacked
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.leaderboard import ShowBoard
from bot.engine.commands.rights import MANAGER
from bot.engine.screens import Button, Moment, Reply, Screen, Tone, notice
from bot.engine.standings import RankBy, Season, Window
from bot.engine.text import can_be_read, cleaned

LONGEST = 40
"""Bytes of a season's name: it has to fit a button that carries it."""

BAD_NAME = f"A season needs a name of at most {LONGEST} letters, fewer where they are not Latin."


@dataclass(frozen=True, slots=True)
class NewSeason(Action):
    """End a season and start the next one, whose `name` is packed."""

    verb = "newseason"
    ending: int
    name: str


async def start(context: Context, options: Options) -> Reply:
    """Start a season; where one runs, ask before it is ended."""
    name = cleaned(options["name"])
    if len(name.encode()) > LONGEST or not can_be_read(name):
        return notice(BAD_NAME)
    running = await _running(context)
    if running is None:
        return await _start(context, name)
    return Reply(
        Screen(
            title=f"End {running.name}?",
            text=(
                (f"{running.name} has run since ", Moment(running.started_at), "."),
                f"Starting {name} ends it for good: from then on its board is not shown any more, "
                "and everybody starts from nothing on the new one. The other boards go on.",
            ),
            controls=(
                Button(
                    f"End it and start {name}",
                    encode(NewSeason(running.id, packed(name))),
                    style="danger",
                ),
            ),
        )
    )


async def press_start(context: Context, action: NewSeason, _: tuple[str, ...]) -> Reply:
    """End the season that was asked about and start the next one."""
    running = await _running(context)
    if running is None or running.id != action.ending:
        return notice("Another season has been started meanwhile.")
    return await _start(context, unpacked(action.name))


async def _running(context: Context) -> Season | None:
    place = context.event.place
    return (await context.store.communities.settings(place.platform, place.community)).season


async def _start(context: Context, name: str) -> Reply:
    place = context.event.place
    await context.store.communities.start_season(place.platform, place.community, name, context.now)
    board = Button("Leaderboard", encode(ShowBoard(Window.SEASON, RankBy.MEMBERS, "")), "primary")
    return Reply(
        Screen(
            title=f"{name} has begun",
            text=(
                "Every answer counts for its board from now on, until another season is started.",
            ),
            controls=(board,),
            tone=Tone.RIGHT,
        )
    )


START = Command(
    name="season start",
    description="Start a season: a leaderboard of its own, until the next one starts",
    handler=start,
    options=(Option("name", "What the season is called", required=True),),
    rest="name",
    examples=({"name": "Autumn 2026"},),
    presses=(OnPress(NewSeason, press_start, right=MANAGER, updates=always),),
    needs="community",
    right=MANAGER,
)
