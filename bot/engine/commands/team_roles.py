"""`team from-roles`: admins let the platform's roles fill teams."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.roles import complete_role, find_role, list_roles, name_role
from bot.engine.commands.team import BAD_NAME, MAX_JOIN_BUTTONS, complete_team, confirm, parse_name
from bot.engine.role_teams import CACHE_LIFETIME, Placement
from bot.engine.screens import Button, CommandMention, Reply, Screen, notice
from content.language.plural import count

SOON = f"within {CACHE_LIFETIME.seconds // 60} minute"


@dataclass(frozen=True, slots=True)
class Release(Action):
    """Stop filling a team from its role."""

    verb = "release"
    team: int


async def from_roles(context: Context, options: Options) -> Reply:
    """Fill a team from a role; without a role, list the teams that follow roles."""
    if not options["role"].strip():
        return await _list_role_teams(context)
    roles = await context.role_teams.roles(context.member)
    role = find_role(roles, options["role"])
    word = context.role_word
    if role is None:
        return notice(
            f"There's no {word} with that name.{list_roles(roles, word)}"
            if roles
            else f"There are no {word}s here, or I'm not allowed to see them."
        )
    name = parse_name(options["team"] or role.name)
    if not name:
        return notice(BAD_NAME)
    placed = await context.role_teams.bind(context.member, name, role.id)
    return confirm(
        f"{_say_placed(placed, f'{word} {role.name}', name)} "
        f"Teams follow {word}s now, so members can't join or leave on their own."
    )


def _say_placed(placed: Placement | None, role: str, team: str) -> str:
    """Say who is in the team now, and when the others are."""
    soon = "with their next command or answer"
    match placed:
        case None:
            return (
                f"Everyone with the {role} is in {team} from their next command or answer on, "
                f"{SOON}."
            )
        case Placement(listed=False):
            return (
                f"{team} follows the {role}, but I couldn't find out who's in it. Its members "
                f"join {soon}. To try again, repeat the command."
            )
        case Placement(people, missing):
            later = (
                f" {missing} more couldn't be looked up and will join {soon}." if missing else ""
            )
            return (
                f"{team} follows the {role}: {count(people, 'member')} placed.{later} "
                f"Anyone who comes or goes later changes teams {soon}, {SOON}."
            )


async def release(context: Context, action: Release, _: tuple[str, ...]) -> Reply:
    """Stop filling a team from its role."""
    await context.role_teams.unbind(context.member, action.team)
    return await _list_role_teams(context)


async def _list_role_teams(context: Context) -> Reply:
    word = context.role_word
    roles = await context.role_teams.roles(context.member)
    teams = [team for team in await context.store.teams.all(context.member) if team.role]
    if not teams:
        nothing = (
            f"No team follows a {word} yet. Choose a {word}: ",
            CommandMention("team from-roles", {"role": "NAME"}),
        )
        return Reply(Screen(title=f"Teams from {word}s", text=(nothing,)))
    return Reply(
        Screen(
            title=f"Teams from {word}s",
            fields=tuple((team.name, name_role(roles, team.role, word)) for team in teams),
            controls=tuple(
                Button(f"Release {team.name}", encode(Release(team.id)), "danger")
                for team in teams[:MAX_JOIN_BUTTONS]
            ),
            note="If you release a team, its members stay and can leave on their own.",
        )
    )


FROM_ROLES = Command(
    name="team from-roles",
    description="Fill a team from a {role}, or list the teams that follow {role}s",
    handler=from_roles,
    options=(
        Option("role", "{role} that fills the team", complete=complete_role),
        Option("team", "Team to fill (default: named after the {role})", complete=complete_team),
    ),
    rest="role",
    presses=(OnPress(Release, release, right=MANAGER, updates=always),),
    needs="community",
    right=MANAGER,
)
