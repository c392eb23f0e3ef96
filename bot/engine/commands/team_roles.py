"""`team from-roles`: admins let the platform's roles define teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.team import BAD_NAME, LISTED, complete_team, done, tidied
from bot.engine.events import Role
from bot.engine.role_teams import CACHE_LIFETIME
from bot.engine.screens import Button, Choice, CommandMention, Reply, Screen, notice

SOON = f"within {CACHE_LIFETIME.seconds // 60} minute"


@dataclass(frozen=True, slots=True)
class Release(Action):
    """Let a team be defined by no role any more."""

    verb = "release"
    team: int


async def from_roles(context: Context, options: Options) -> Reply:
    """Let a role define a team; without one, list those that do."""
    if not options["role"].strip():
        return await _listed(context)
    roles = await context.role_teams.roles(context.member)
    wanted = options["role"].strip().removeprefix("@").casefold()
    role = next(
        (each for each in roles if wanted in (each.id.casefold(), each.name.casefold())), None
    )
    if role is None:
        return _no_such_role(roles)
    name = tidied(options["team"] or role.name)
    if not name:
        return notice(BAD_NAME)
    await context.store.teams.bind_role(context.member, name, role.id)
    return done(
        f"Who has the role {role.name} is in {name}, as of their next command or answer, and "
        f"{SOON}. All teams follow roles now: nobody joins or leaves by themselves."
    )


async def release(context: Context, action: Release, _: tuple[str, ...]) -> Reply:
    """Let a team be filled by hand again."""
    await context.store.teams.unbind_role(context.member, action.team)
    return await _listed(context)


async def _listed(context: Context) -> Reply:
    names = {role.id: role.name for role in await context.role_teams.roles(context.member)}
    teams = [team for team in await context.store.teams.all(context.member) if team.role]
    if not teams:
        nothing = (
            "No team follows a role. Choose one: ",
            CommandMention("team from-roles", {"role": "NAME"}),
        )
        return Reply(Screen(title="Teams from roles", text=(nothing,)))
    return Reply(
        Screen(
            title="Teams from roles",
            fields=tuple(
                (team.name, names.get(team.role, "a role that is not there any more"))
                for team in teams
            ),
            controls=tuple(
                Button(f"Release {team.name}", encode(Release(team.id)), "danger")
                for team in teams[:LISTED]
            ),
            note="A team that is released keeps its members, who can leave it by themselves.",
        )
    )


def _no_such_role(roles: Sequence[Role]) -> Reply:
    if not roles:
        return notice("There are no roles here, or I may not see them.")
    return notice(
        f"There is no such role. Roles here: {'; '.join(r.name for r in roles[:LISTED])}."
    )


async def complete_role(context: Context, text: str) -> list[Choice]:
    """Roles whose name has the text."""
    roles = await context.role_teams.roles(context.member)
    return [Choice(r.name, r.id) for r in roles if text.casefold() in r.name.casefold()]


FROM_ROLES = Command(
    name="team from-roles",
    description="Let a role define a team: who has it is in the team; or list those that do",
    handler=from_roles,
    options=(
        Option("role", "Which role, or user group", complete=complete_role),
        Option("team", "Which team; called like the role if left out", complete=complete_team),
    ),
    rest="role",
    presses=(OnPress(Release, release, right=MANAGER, updates=always),),
    needs="community",
    right=MANAGER,
)
