"""`team move`: admins move a member to a team, or out of theirs."""

from __future__ import annotations

from dataclasses import replace

from rapidfuzz import process

from bot.engine.commands.base import Command, Context, Option, Options
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.team import (
    complete_team,
    confirm,
    explain_refusal,
    find_team,
    follow_roles,
    no_such_team,
    say_roles_decide,
)
from bot.engine.events import Member, Mention
from bot.engine.screens import Reply, notice
from bot.engine.teams import JoinOutcome


async def move(context: Context, options: Options) -> Reply:
    """Move a member to a team; without a team, out of theirs."""
    teams = await context.store.teams.all(context.member)
    if follow_roles(teams):
        return notice(say_roles_decide(context))
    who = await _find_member(context, options["member"])
    if isinstance(who, Reply):
        return who
    if not who.plays:
        return notice("Apps and people from other servers can't join teams.")
    member: Member = replace(context.member, user=who.user)
    if not options["team"]:
        if not await context.store.teams.leave(member):
            return notice(f"{who.name} isn't in a team. Choose the team to move them to.")
        return confirm(f"{who.name} is no longer in a team. The team keeps the points they earned.")
    team = find_team(teams, options["team"])
    if team is None:
        return no_such_team(teams, options["team"])
    joined = await context.store.teams.join(member, who.name, team.id)
    if joined is not JoinOutcome.DONE:
        return await explain_refusal(context, joined)
    return confirm(
        f"{who.name} is now in {team.name}. Points they earned before stay where they are."
    )


async def _find_member(context: Context, said: Mention | str) -> Mention | Reply:
    """Find the member by mention, or by name on platforms without mentions."""
    if isinstance(said, Mention):
        return said
    wanted = said.strip().removeprefix("@").casefold()
    candidates = await context.store.teams.candidates(context.member)
    found = [candidate for candidate in candidates if candidate.name.casefold() == wanted]
    match found:
        case [candidate]:
            return Mention(candidate.user, candidate.name)
        case []:
            near = process.extract(wanted, [candidate.name for candidate in candidates], limit=3)
            hint = f" Closest matches: {'; '.join(name for name, *_ in near)}." if near else ""
            return notice(f"Nobody with that name has played here.{hint}")
        case _:
            return notice("Several people have that name, so I can't tell who you mean.")


MOVE = Command(
    name="team move",
    description="Move a member to a team, or out of theirs",
    handler=move,
    options=(
        Option("member", "Member to move", "member", required=True),
        Option("team", "Team to move them to (default: none)", complete=complete_team),
    ),
    rest="team",
    needs="community",
    right=MANAGER,
)
