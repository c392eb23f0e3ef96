"""`team`: create, join, leave, rename and list teams."""

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
from content.language.plural import count

MAX_NAME_CHARS = 40
"""The longest team name: it has to fit a button and a line of the leaderboard."""

BAD_NAME = f"Give the team a name of at most {MAX_NAME_CHARS} characters."

NO_TEAM = ("You're not in a team. See all teams: ", CommandMention("team list"))

NIGHT_OWLS = {"name": "Night Owls"}
"""The team in examples."""

MAX_JOIN_BUTTONS = 20
"""The most teams with a button to join; others are joined by name."""


TO_BOARD = Button("Leaderboard", encode(ShowBoard(Window.WEEK, RankBy.TEAMS, "")), style="primary")
"""Opens the teams' leaderboard: the first one with points."""


@dataclass(frozen=True, slots=True)
class Join(Action):
    """Join a team."""

    verb = "join"
    team: int


async def _is_own_team(context: Context, options: Mapping[str, Value]) -> bool:
    """True for an unknown team, too: the handler explains that."""
    teams = await context.store.teams.all(context.member)
    team = find_team(teams, str(options.get("team", "")))
    return team is None or team.mine or await context.manages()


OWN_TEAM_OR_MANAGER = Right(
    _is_own_team, "Only the team's members, admins and managers can do that."
)


async def create(context: Context, options: Options) -> Reply:
    """Create a team and join it."""
    if follow_roles(await context.store.teams.all(context.member)):
        return notice(say_roles_decide(context))
    name = parse_name(options["name"])
    if not name:
        return notice(BAD_NAME)
    if await context.store.teams.create(context.member, context.name, name) is None:
        join_it = CommandMention("team join", {"name": name})
        return notice(("There's already a team with that name. Join it: ", join_it))
    return confirm(f"You're in {name}. Others can join it now.")


async def join(context: Context, options: Options) -> Reply:
    """Join a team by its name."""
    teams = await context.store.teams.all(context.member)
    if follow_roles(teams):
        return notice(say_roles_decide(context))
    team = find_team(teams, options["name"])
    return await _join(context, team.id) if team else no_such_team(teams, options["name"])


async def press_join(context: Context, action: Join, _: tuple[str, ...]) -> Reply:
    """Join a team from the list."""
    if follow_roles(await context.store.teams.all(context.member)):
        return notice(say_roles_decide(context))
    return await _join(context, action.team)


async def leave(context: Context, _: Options) -> Reply:
    """Leave one's team, which keeps its points."""
    teams = await context.store.teams.all(context.member)
    if follow_roles(team for team in teams if team.mine):
        return notice(say_roles_decide(context))
    if not await context.store.teams.leave(context.member):
        return notice(NO_TEAM)
    return confirm("You've left your team. It keeps the points you earned for it.")


async def rename(context: Context, options: Options) -> Reply:
    """Rename one's own team; managers can rename any team."""
    name = parse_name(options["name"])
    if not name:
        return notice(BAD_NAME)
    teams = await context.store.teams.all(context.member)
    team = next((each for each in teams if each.mine), None)
    if options["team"]:
        team = find_team(teams, options["team"])
        if team is None:
            return no_such_team(teams, options["team"])
    if team is None:
        return notice(NO_TEAM)
    if not await context.store.teams.rename(context.member, team.id, name):
        return notice("There's already a team with that name. Choose another name.")
    return confirm(f"{team.name} is now called {name}.")


async def show(context: Context, _: Options) -> Reply:
    """List the community's teams, with buttons to join."""
    teams = await context.store.teams.all(context.member)
    if not teams:
        first = (
            "There are no teams yet. Create the first: ",
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
                        *(_format_row(place, t, cap) for place, t in enumerate(teams, 1)),
                    )
                ),
            ),
            controls=(
                *(
                    Button(f"Join {team.name}", encode(Join(team.id)))
                    for team in teams[:MAX_JOIN_BUTTONS]
                    if not follow and not team.mine and has_room(team, cap)
                ),
                TO_BOARD,
            ),
            note=say_roles_decide(context) if follow else "",
        )
    )


async def _join(context: Context, team: int) -> Reply:
    joined = await context.store.teams.join(context.member, context.name, team)
    if joined is not JoinOutcome.DONE:
        return await explain_refusal(context, joined)
    teams = await context.store.teams.all(context.member)
    name = next((each.name for each in teams if each.id == team), "the team")
    return confirm(f"You're in {name}. From now on, you play for it.")


async def explain_refusal(context: Context, joined: JoinOutcome) -> Reply:
    """Say why nobody can join the team, and which teams have room."""
    if joined is JoinOutcome.UNKNOWN:
        return notice("That team no longer exists.")
    cap = await context.store.teams.cap(context.member)
    teams = await context.store.teams.all(context.member)
    open_ = [team.name for team in teams if has_room(team, cap)][:MAX_JOIN_BUTTONS]
    hint = f"Teams with room: {'; '.join(open_)}." if open_ else "No other team has room."
    return notice(f"That team is full. The limit is {count(cap or 0, 'member')}. {hint}")


def follow_roles(teams: Iterable[Team]) -> bool:
    """Whether roles decide who is in which team."""
    return any(team.role for team in teams)


def say_roles_decide(context: Context) -> str:
    """Say why members can't choose their team."""
    return f"Teams follow {context.role_word}s here. To join one, ask an admin."


def has_room(team: Team, cap: int | None) -> bool:
    """Whether the team has room for another member."""
    return cap is None or team.members < cap


def parse_name(name: str) -> str:
    """Clean a team's name for storing; empty if it isn't valid."""
    name = clean_name(name)
    return name if len(name) <= MAX_NAME_CHARS and is_readable(name) else ""


def find_team(teams: Iterable[Team], name: str) -> Team | None:
    """Find a team by its name."""
    wanted = clean_name(name).casefold()
    return next((each for each in teams if each.name.casefold() == wanted), None)


def no_such_team(teams: Iterable[Team], name: str) -> Reply:
    """Say that there's no such team, and suggest similar names."""
    near = process.extract(name[:MAX_NAME_CHARS].casefold(), [each.name for each in teams], limit=3)
    hint = f" Closest matches: {'; '.join(name for name, *_ in near)}." if near else ""
    return notice(f"There's no team with that name.{hint}")


def confirm(text: str) -> Reply:
    """Confirm a change, with a button to the teams' leaderboard."""
    return Reply(Screen(title="Teams", text=(text,), controls=(TO_BOARD,), tone=Tone.RIGHT))


def _format_row(place: int, team: Team, cap: int | None) -> tuple[str, str, str]:
    members = f"{team.members} of {cap}" if cap else str(team.members)
    return str(place), f"{team.name} (yours)" if team.mine else team.name, members


async def complete_team(context: Context, text: str) -> list[Choice]:
    """Suggest teams whose name contains the text."""
    teams = await context.store.teams.all(context.member)
    return [Choice(t.name, t.name) for t in teams if text.casefold() in t.name.casefold()]


_NAME = Option("name", f"Team name, at most {MAX_NAME_CHARS} characters", required=True)
CREATE = Command(
    name="team create",
    description="Create a team and join it",
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
    options=(Option("name", "Team to join", required=True, complete=complete_team),),
    rest="name",
    presses=(OnPress(Join, press_join, updates=always),),
    needs="community",
)
RENAME = Command(
    name="team rename",
    description="Rename your team",
    handler=rename,
    options=(
        _NAME,
        Option(
            "team",
            "Team to rename, for admins and managers (default: yours)",
            complete=complete_team,
        ),
    ),
    rest="name",
    examples=({"name": "Early Birds"},),
    needs="community",
    right=OWN_TEAM_OR_MANAGER,
)
LEAVE = Command(
    name="team leave",
    description="Leave your team; it keeps your points",
    handler=leave,
    needs="community",
    takes_away=True,
)
LIST = Command(
    name="team list",
    description="See the teams here and join one",
    handler=show,
    needs="community",
)
