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
from bot.engine.teams import (
    LOOKBACK,
    Division,
    Groups,
    TeamCandidate,
    choose_team_names,
    divide,
    fingerprint,
)

MOST = 20
"""Teams that can be made at once."""

NAMED = 25
"""Members of a team that are named before the rest are counted."""

STAYS = "What was earned stays with the team that it was earned for."


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
    return await _preview(context, Division(options["by"]), options["teams"])


async def press(context: Context, action: Shuffle, _: tuple[str, ...]) -> Reply:
    """Another division, or making the teams of the one that was looked at."""
    try:
        way = Division(action.way)
    except ValueError:
        raise UnknownAction(action.way) from None
    if not action.shown:
        return await _preview(context, way, action.teams)
    groups = await _divided(context, way, action.teams, action.seed)
    if isinstance(groups, Reply):
        return groups
    if action.shown != fingerprint(groups):
        changed = "Something has changed since you looked. This is how the teams would be now."
        return await _preview(context, way, action.teams, action.seed, changed)
    users = {
        name: [candidate.user for candidate in candidates] for name, candidates in groups.items()
    }
    await context.store.teams.regroup(context.member, users)
    return Reply(
        Screen(
            title="These are the teams now",
            text=(*_lines(groups), STAYS),
            controls=(TO_BOARD,),
            tone=Tone.RIGHT,
        )
    )


async def _preview(
    context: Context,
    way: Division,
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
            title="How the teams would be",
            text=(*((changed,) if changed else ()), *_lines(groups)),
            controls=(
                Button("Shuffle again", encode(Shuffle(way, teams, seed))),
                Button(
                    "Make these teams",
                    encode(Shuffle(way, teams, seed, fingerprint(groups))),
                    "primary",
                ),
            ),
            note=f"Points are those of the last {LOOKBACK.days} days, on all boards. {STAYS}",
        )
    )


async def _divided(context: Context, way: Division, teams: int, seed: int) -> Groups | Reply:
    """Who would be in which team; or what keeps them from being made."""
    known = await context.store.teams.all(context.member)
    if follow_roles(known):
        return notice(FOLLOW)
    candidates = await context.store.teams.candidates(context.member, context.now - LOOKBACK)
    cap = await context.store.teams.cap(context.member)
    if len(candidates) < teams:
        return notice(
            f"{len(candidates)} members are in a team or have answered in the last "
            f"{LOOKBACK.days} days: too few for {teams} teams."
        )
    if cap and len(candidates) > cap * teams:
        return notice(
            f"At most {cap} can be in a team: {len(candidates)} members need "
            f"{ceil(len(candidates) / cap)} teams."
        )
    names = choose_team_names(teams, [team.name for team in known])
    return dict(zip(names, divide(candidates, teams, way, seed), strict=True))


def _lines(groups: Groups) -> list[str]:
    return [
        f"{name} · {_sums(candidates)}: {_names(candidates)}" for name, candidates in groups.items()
    ]


def _sums(candidates: Sequence[TeamCandidate]) -> str:
    members = f"{len(candidates)} member{'s' if len(candidates) != 1 else ''}"
    return f"{members} · {sum(candidate.points for candidate in candidates)} points"


def _names(candidates: Sequence[TeamCandidate]) -> str:
    names = sorted((candidate.name for candidate in candidates), key=str.casefold)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


SHUFFLE = Command(
    name="team shuffle",
    description="Divide all who play into teams, by chance or equally strong; you see them first",
    handler=shuffle,
    options=(
        Option("teams", "How many teams", "integer", minimum=2, maximum=MOST, required=True),
        Option(
            "by",
            "By chance, or balanced by the points of the last 30 days",
            default=Division.RANDOM.value,
            choices=tuple(way.value for way in Division),
        ),
    ),
    rest="teams",
    examples=({"teams": "3", "by": Division.BALANCED},),
    presses=(OnPress(Shuffle, press, right=MANAGER, updates=always),),
    needs="community",
    right=MANAGER,
)
