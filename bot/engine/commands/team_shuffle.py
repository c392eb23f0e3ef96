"""`team shuffle`: admins divide the members into teams, after a preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from bot.engine.actions import Action, BigNumber, UnknownAction, encode
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.team import TO_BOARD, follow_roles, say_roles_decide
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
from content.language.plural import count

MIN_TEAMS, MAX_TEAMS = 2, 20
"""How many teams a shuffle can make."""

MAX_NAMES = 25
"""The most members of a team that are named."""

POINTS_STAY = "Teams keep the points they've earned."


@dataclass(frozen=True, slots=True)
class Shuffle(Action):
    """Preview how a seed divides the members into teams; or make those teams, if the division is
    still the one that was `shown`."""

    verb = "shuffle"
    way: str
    teams: int
    seed: BigNumber
    shown: str = ""


async def shuffle(context: Context, options: Options) -> Reply:
    """Preview a first division."""
    return await _preview(context, Division(options["by"]), options["teams"])


async def press(context: Context, action: Shuffle, _: tuple[str, ...]) -> Reply:
    """Preview another division, or make the teams of the previewed one."""
    try:
        way = Division(action.way)
    except ValueError:
        raise UnknownAction(action.way) from None
    if not MIN_TEAMS <= action.teams <= MAX_TEAMS:
        raise UnknownAction(str(action.teams))
    if not action.shown:
        return await _preview(context, way, action.teams)
    groups = await _divide(context, way, action.teams, action.seed)
    if isinstance(groups, Reply):
        return groups
    if action.shown != fingerprint(groups):
        changed = "Something has changed since this preview. Here's a new one."
        return await _preview(context, way, action.teams, action.seed, changed)
    users = {
        name: [candidate.user for candidate in candidates] for name, candidates in groups.items()
    }
    await context.store.teams.regroup(context.member, users)
    return Reply(
        Screen(
            title="Teams shuffled",
            text=(*_format_teams(groups), POINTS_STAY),
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
    """Preview how a seed (by default a new one) divides the members."""
    seed = context.rng.getrandbits(32) if seed is None else seed
    groups = await _divide(context, way, teams, seed)
    if isinstance(groups, Reply):
        return groups
    return Reply(
        Screen(
            title="Preview of the teams",
            text=(*((changed,) if changed else ()), *_format_teams(groups)),
            controls=(
                Button("Shuffle again", encode(Shuffle(way, teams, seed))),
                Button(
                    "Make these teams",
                    encode(Shuffle(way, teams, seed, fingerprint(groups))),
                    "primary",
                ),
            ),
            note=f"Points are from the last {LOOKBACK.days} days, on all leaderboards. "
            f"{POINTS_STAY}",
        )
    )


async def _divide(context: Context, way: Division, teams: int, seed: int) -> Groups | Reply:
    """Divide the members into teams, or say why that's not possible."""
    known = await context.store.teams.all(context.member)
    if follow_roles(known):
        return notice(say_roles_decide(context))
    candidates = await context.store.teams.candidates(context.member, context.now - LOOKBACK)
    cap = await context.store.teams.cap(context.member)
    if len(candidates) < teams:
        return notice(
            f"Only {count(len(candidates), 'member')} can be in a team: people who are in one "
            f"already or answered in the last {LOOKBACK.days} days. Choose fewer teams."
        )
    if cap and len(candidates) > cap * teams:
        return notice(
            f"A team can have {count(cap, 'member')} at most. Choose at least "
            f"{ceil(len(candidates) / cap)} teams for {count(len(candidates), 'member')}."
        )
    names = choose_team_names(teams, [team.name for team in known])
    return dict(zip(names, divide(candidates, teams, way, seed), strict=True))


def _format_teams(groups: Groups) -> list[str]:
    return [
        f"{name} · {_format_totals(candidates)}: {_format_names(candidates)}"
        for name, candidates in groups.items()
    ]


def _format_totals(candidates: Sequence[TeamCandidate]) -> str:
    points = sum(candidate.points for candidate in candidates)
    return f"{count(len(candidates), 'member')} · {count(points, 'point')}"


def _format_names(candidates: Sequence[TeamCandidate]) -> str:
    names = sorted((candidate.name for candidate in candidates), key=str.casefold)
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more


SHUFFLE = Command(
    name="team shuffle",
    description="Shuffle players into random or balanced teams, with a preview first",
    handler=shuffle,
    options=(
        Option(
            "teams",
            "Number of teams",
            "integer",
            minimum=MIN_TEAMS,
            maximum=MAX_TEAMS,
            required=True,
        ),
        Option(
            "by",
            "At random, or balanced by points of the last 30 days",
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
