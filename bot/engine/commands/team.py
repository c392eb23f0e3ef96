"""`team`: named groups of members, who play for a common place on the board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process

from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.leaderboard import ShowBoard
from bot.engine.commands.rights import Right
from bot.engine.events import Value
from bot.engine.screens import Button, Choice, CommandMention, Reply, Screen, Table, Tone, notice
from bot.engine.standings import RankBy, Window
from bot.engine.teams import JoinOutcome, Team
from bot.engine.text import clean_name, is_readable

LONGEST = 40
"""Characters of a team's name: it has to fit a button and a line of the board."""

BAD_NAME = f"A team needs a name of at most {LONGEST} characters."

NO_TEAM = ("You're not in a team. See which there are: ", CommandMention("team list"))

FOLLOW = "Teams follow roles here: an admin puts you into one by giving you its role."

NIGHT_OWLS = {"name": "Night Owls"}
"""The example of a team."""

LISTED = 20
"""Teams that can be joined from the list by a button; the others by name."""


TO_BOARD = Button("Leaderboard", encode(ShowBoard(Window.WEEK, RankBy.TEAMS, "")), style="primary")
"""Leads to the teams' board: the first on which they have points."""


@dataclass(frozen=True, slots=True)
class Join(Action):
    """Join a team."""

    verb = "join"
    team: int


async def _own_team(context: Context, options: Mapping[str, Value]) -> bool:
    """A team that is not there is nobody's: the handler says so."""
    teams = await context.store.teams.all(context.member)
    team = called(teams, str(options.get("team", "")))
    return context.manages or team is None or team.mine


OWN_TEAM_OR_MANAGER = Right(_own_team, "Only its members and admins can do that.")


async def create(context: Context, options: Options) -> Reply:
    """Make a team and join it."""
    if follow_roles(await context.store.teams.all(context.member)):
        return notice(FOLLOW)
    name = tidied(options["name"])
    if not name:
        return notice(BAD_NAME)
    if await context.store.teams.create(context.member, context.name, name) is None:
        join_it = CommandMention("team join", {"name": name})
        return notice(("There is a team of that name already. Join it: ", join_it))
    return done(f"You are in {name}. Others can join it now.")


async def join(context: Context, options: Options) -> Reply:
    """Join a team by its name."""
    teams = await context.store.teams.all(context.member)
    if follow_roles(teams):
        return notice(FOLLOW)
    team = called(teams, options["name"])
    return await _join(context, team.id) if team else no_such_team(teams, options["name"])


async def press_join(context: Context, action: Join, _: tuple[str, ...]) -> Reply:
    """Join a team from the list."""
    if follow_roles(await context.store.teams.all(context.member)):
        return notice(FOLLOW)
    return await _join(context, action.team)


async def leave(context: Context, _: Options) -> Reply:
    """Leave one's team; what was earned for it stays with it."""
    teams = await context.store.teams.all(context.member)
    if follow_roles(team for team in teams if team.mine):
        return notice(FOLLOW)
    if not await context.store.teams.leave(context.member):
        return notice(NO_TEAM)
    return done("You have left your team. The points you earned for it stay with it.")


async def rename(context: Context, options: Options) -> Reply:
    """Give one's own team another name; an admin can name any team."""
    name = tidied(options["name"])
    if not name:
        return notice(BAD_NAME)
    teams = await context.store.teams.all(context.member)
    team = next((each for each in teams if each.mine), None)
    if options["team"]:
        team = called(teams, options["team"])
        if team is None:
            return no_such_team(teams, options["team"])
    if team is None:
        return notice(NO_TEAM)
    if not await context.store.teams.rename(context.member, team.id, name):
        return notice("There is a team of that name already. Choose another one.")
    return done(f"{team.name} is called {name} now.")


async def show(context: Context, _: Options) -> Reply:
    """The teams of the community, with a way into each."""
    teams = await context.store.teams.all(context.member)
    if not teams:
        first = (
            "There are no teams yet. Make the first: ",
            CommandMention("team create", NIGHT_OWLS),
        )
        return Reply(Screen(title="Teams", text=(first,)))
    cap, follow = await context.store.teams.cap(context.member), follow_roles(teams)
    return Reply(
        Screen(
            title="Teams",
            text=(
                Table(
                    (
                        ("", "Team", "Members"),
                        *(_line(place, t, cap) for place, t in enumerate(teams, 1)),
                    )
                ),
            ),
            controls=(
                *(
                    Button(f"Join {team.name}", encode(Join(team.id)))
                    for team in teams[:LISTED]
                    if not follow and not team.mine and has_place(team, cap)
                ),
                TO_BOARD,
            ),
            note=FOLLOW if follow else "",
        )
    )


async def _join(context: Context, team: int) -> Reply:
    joined = await context.store.teams.join(context.member, context.name, team)
    if joined is not JoinOutcome.DONE:
        return await refused(context, joined)
    teams = await context.store.teams.all(context.member)
    name = next((each.name for each in teams if each.id == team), "the team")
    return done(f"You are in {name}. From now on you play for it.")


async def refused(context: Context, joined: JoinOutcome) -> Reply:
    """Says why nobody can join a team, and which ones have a place left."""
    if joined is JoinOutcome.UNKNOWN:
        return notice("That team is not there any more.")
    cap = await context.store.teams.cap(context.member)
    teams = await context.store.teams.all(context.member)
    open_ = [team.name for team in teams if has_place(team, cap)][:LISTED]
    hint = f"There are places in: {'; '.join(open_)}." if open_ else "All others are full, too."
    return notice(f"That team is full: at most {cap} can be in one. {hint}")


def follow_roles(teams: Iterable[Team]) -> bool:
    """Whether roles say who is in which team."""
    return any(team.role for team in teams)


def has_place(team: Team, cap: int | None) -> bool:
    """Whether somebody can join a team."""
    return cap is None or team.members < cap


def tidied(name: str) -> str:
    """A team's name as it is kept; empty where it is none."""
    name = clean_name(name)
    return name if len(name) <= LONGEST and is_readable(name) else ""


def called(teams: Iterable[Team], name: str) -> Team | None:
    """The team of that name."""
    wanted = clean_name(name).casefold()
    return next((each for each in teams if each.name.casefold() == wanted), None)


def no_such_team(teams: Iterable[Team], name: str) -> Reply:
    """Says which teams are called about so."""
    near = process.extract(name[:LONGEST].casefold(), [each.name for each in teams], limit=3)
    hint = f" The nearest are: {'; '.join(name for name, *_ in near)}." if near else ""
    return notice(f"There is no team of that name.{hint}")


def done(text: str) -> Reply:
    """Says what is done, with a way to the teams' board."""
    return Reply(Screen(title="Teams", text=(text,), controls=(TO_BOARD,), tone=Tone.RIGHT))


def _line(place: int, team: Team, cap: int | None) -> tuple[str, str, str]:
    members = f"{team.members} of {cap}" if cap else str(team.members)
    return str(place), f"{team.name} (yours)" if team.mine else team.name, members


async def complete_team(context: Context, text: str) -> list[Choice]:
    """Teams whose name has the text."""
    teams = await context.store.teams.all(context.member)
    return [Choice(t.name, t.name) for t in teams if text.casefold() in t.name.casefold()]


_NAME = Option("name", f"The team's name, at most {LONGEST} characters", required=True)
CREATE = Command(
    name="team create",
    description="Make a team, and join it",
    handler=create,
    options=(_NAME,),
    rest="name",
    examples=(NIGHT_OWLS,),
    needs="community",
)
JOIN = Command(
    name="team join",
    description="Join a team",
    handler=join,
    options=(Option("name", "Which team", required=True, complete=complete_team),),
    rest="name",
    presses=(OnPress(Join, press_join, updates=always),),
    needs="community",
)
RENAME = Command(
    name="team rename",
    description="Give your team another name",
    handler=rename,
    options=(
        _NAME,
        Option("team", "Which team, for admins; yours if left out", complete=complete_team),
    ),
    rest="name",
    examples=({"name": "Early Birds"},),
    needs="community",
    right=OWN_TEAM_OR_MANAGER,
)
LEAVE = Command(
    name="team leave",
    description="Leave your team; its points stay with it",
    handler=leave,
    needs="community",
    takes_away=True,
)
LIST = Command(
    name="team list",
    description="The teams here, with a button to join each",
    handler=show,
    needs="community",
)
