"""`team from-roles`: admins let the platform's roles fill teams."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.roles import complete_role, find_role, list_roles, name_role
from bot.engine.commands.team import BAD_NAME, MAX_JOIN_BUTTONS, complete_team, confirm, parse_name
from bot.engine.role_teams import CACHE_LIFETIME
from bot.engine.screens import Button, CommandMention, Reply, Screen, notice

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
    if role is None:
        return notice(
            f"There's no role with that name.{list_roles(roles)}"
            if roles
            else "There are no roles here, or I'm not allowed to see them."
        )
    name = parse_name(options["team"] or role.name)
    if not name:
        return notice(BAD_NAME)
    await context.store.teams.bind_role(context.member, name, role.id)
    return confirm(
        f"Everyone with the role {role.name} is in {name} from their next command or answer on, "
        f"{SOON}. Teams follow roles now, so members can't join or leave on their own."
    )


async def release(context: Context, action: Release, _: tuple[str, ...]) -> Reply:
    """Stop filling a team from its role."""
    await context.store.teams.unbind_role(context.member, action.team)
    return await _list_role_teams(context)


async def _list_role_teams(context: Context) -> Reply:
    roles = await context.role_teams.roles(context.member)
    teams = [team for team in await context.store.teams.all(context.member) if team.role]
    if not teams:
        nothing = (
            "No team follows a role yet. Choose a role: ",
            CommandMention("team from-roles", {"role": "NAME"}),
        )
        return Reply(Screen(title="Teams from roles", text=(nothing,)))
    return Reply(
        Screen(
            title="Teams from roles",
            fields=tuple((team.name, name_role(roles, team.role)) for team in teams),
            controls=tuple(
                Button(f"Release {team.name}", encode(Release(team.id)), "danger")
                for team in teams[:MAX_JOIN_BUTTONS]
            ),
            note="If you release a team, its members stay and can leave on their own.",
        )
    )


FROM_ROLES = Command(
    name="team from-roles",
    description="Fill a team from a role, or list the teams that follow roles",
    handler=from_roles,
    options=(
        Option("role", "Role or user group", complete=complete_role),
        Option("team", "Team to fill (default: named after the role)", complete=complete_team),
    ),
    rest="role",
    presses=(OnPress(Release, release, right=MANAGER, updates=always),),
    needs="community",
    right=MANAGER,
)
