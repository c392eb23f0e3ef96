"""`team shuffle`: admins divide the members into teams, and look at the division first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from bot.engine.actions import Action, UnknownAction, encode
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.team import FOLLOW, TO_BOARD, follow_roles
from bot.engine.screens import Button, Reply, Screen, Tone, notice
from bot.engine.teams import RECENT, Groups, Mate, Way, divided, fingerprint, names_for
from content.language.plural import count

MAX_TEAMS = 20
"""Teams that can be made at once."""

MAX_NAMES = 25
"""Members of a team that are named before the rest are counted."""

STAYS = "Teams keep the points they've earned."


@dataclass(frozen=True, slots=True)
class Shuffle(Action):
    """Show how a seed divides the members into so many teams; or make those teams, where it is
    still the division that was `shown`."""

    verb = "shuffle"
    way: str
    teams: int
    seed: int
    shown: str = ""


async def shuffle(context: Context, options: Options) -> Reply:
    """A first division to look at."""
    return await _preview(context, Way(options["by"]), options["teams"])


async def press(context: Context, action: Shuffle, _: tuple[str, ...]) -> Reply:
    """Another division, or making the teams of the one that was looked at."""
    try:
        way = Way(action.way)
    except ValueError:
        raise UnknownAction(action.way) from None
    if not action.shown:
        return await _preview(context, way, action.teams)
    groups = await _divided(context, way, action.teams, action.seed)
    if isinstance(groups, Reply):
        return groups
    if action.shown != fingerprint(groups):
        changed = "Something has changed since this preview. Here's a new one."
        return await _preview(context, way, action.teams, action.seed, changed)
    users = {name: [mate.user for mate in mates] for name, mates in groups.items()}
    await context.store.regroup(context.member, users)
    return Reply(
        Screen(
            title="Teams shuffled",
            text=(*_lines(groups), STAYS),
            controls=(TO_BOARD,),
            tone=Tone.RIGHT,
        )
    )


async def _preview(
    context: Context,
    way: Way,
    teams: int,
    seed: int | None = None,
    changed: str = "",
) -> Reply:
    """How a seed, a new one where none is given, would divide the members."""
    seed = context.rng.getrandbits(32) if seed is None else seed
    groups = await _divided(context, way, teams, seed)
    if isinstance(groups, Reply):
        return groups
    return Reply(
        Screen(
            title="Preview of the teams",
            text=(*((changed,) if changed else ()), *_lines(groups)),
            controls=(
                Button("Shuffle again", encode(Shuffle(way, teams, seed))),
                Button(
                    "Make these teams",
                    encode(Shuffle(way, teams, seed, fingerprint(groups))),
                    "primary",
                ),
            ),
            note=f"Points are from the last {RECENT.days} days, on all leaderboards. {STAYS}",
        )
    )


async def _divided(context: Context, way: Way, teams: int, seed: int) -> Groups | Reply:
    """Who would be in which team; or what keeps them from being made."""
    known = await context.store.teams(context.member)
    if follow_roles(known):
        return notice(FOLLOW)
    mates = await context.store.mates(context.member, context.now - RECENT)
    cap = await context.store.team_cap(context.member)
    if len(mates) < teams:
        return notice(
            f"Only {count(len(mates), 'member')} can be in a team: people who are in one already "
            f"or answered in the last {RECENT.days} days. Choose fewer teams."
        )
    if cap and len(mates) > cap * teams:
        return notice(
            f"A team can have {count(cap, 'member')} at most. Choose at least "
            f"{ceil(len(mates) / cap)} teams for {count(len(mates), 'member')}."
        )
    names = names_for(teams, [team.name for team in known])
    return dict(zip(names, divided(mates, teams, way, seed), strict=True))


def _lines(groups: Groups) -> list[str]:
    return [f"{name} · {_sums(mates)}: {_names(mates)}" for name, mates in groups.items()]


def _sums(mates: Sequence[Mate]) -> str:
    points = sum(mate.points for mate in mates)
    return f"{count(len(mates), 'member')} · {count(points, 'point')}"


def _names(mates: Sequence[Mate]) -> str:
    names = sorted((mate.name for mate in mates), key=str.casefold)
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more


SHUFFLE = Command(
    name="team shuffle",
    description="Shuffle players into random or balanced teams, with a preview first",
    handler=shuffle,
    options=(
        Option("teams", "Number of teams", "integer", minimum=2, maximum=MAX_TEAMS, required=True),
        Option(
            "by",
            "At random, or balanced by points of the last 30 days",
            default=Way.RANDOM.value,
            choices=tuple(way.value for way in Way),
        ),
    ),
    rest="teams",
    examples=({"teams": "3", "by": Way.BALANCED},),
    presses=(OnPress(Shuffle, press, right=MANAGER, updates=always),),
    needs="community",
    right=MANAGER,
)
