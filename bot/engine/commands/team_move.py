"""`team move`: admins put a member into a team, or take them out of theirs."""

from __future__ import annotations

from dataclasses import replace

from rapidfuzz import process

from bot.engine.commands.base import Command, Context, Option, Options
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.team import (
    FOLLOW,
    called,
    complete_team,
    done,
    follow_roles,
    no_such_team,
    refused,
)
from bot.engine.events import Member, Mention
from bot.engine.screens import Reply, notice
from bot.engine.teams import JoinOutcome


async def move(context: Context, options: Options) -> Reply:
    """Put a member into a team; without one, take them out of theirs."""
    teams = await context.store.teams.all(context.member)
    if follow_roles(teams):
        return notice(FOLLOW)
    who = await _meant(context, options["member"])
    if isinstance(who, Reply):
        return who
    if not who.plays:
        return notice("Apps, and people who are not in this community, can be in no team.")
    member: Member = replace(context.member, user=who.user)
    if not options["team"]:
        if not await context.store.teams.leave(member):
            return notice(f"{who.name} is in no team. Name the team to put them into.")
        return done(f"{who.name} is in no team now. The points earned for it stay with it.")
    team = called(teams, options["team"])
    if team is None:
        return no_such_team(teams, options["team"])
    joined = await context.store.teams.join(member, who.name, team.id)
    if joined is not JoinOutcome.DONE:
        return await refused(context, joined)
    return done(f"{who.name} is in {team.name} now. What they earned before stays where it is.")


async def _meant(context: Context, said: Mention | str) -> Mention | Reply:
    """Who is meant; by their name where the platform does not say it better."""
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
            hint = f" The nearest are: {'; '.join(name for name, *_ in near)}." if near else ""
            return notice(f"Nobody of that name has played here.{hint}")
        case _:
            return notice("There are several of that name.")


MOVE = Command(
    name="team move",
    description="Put a member into a team, or take them out of theirs",
    handler=move,
    options=(
        Option("member", "Who", "member", required=True),
        Option("team", "Into which team; left out, into none", complete=complete_team),
    ),
    rest="team",
    needs="community",
    right=MANAGER,
)
