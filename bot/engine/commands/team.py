"""`team`: named groups of members, who play for a common place on the board."""

from __future__ import annotations

from rapidfuzz import process

from bot.engine.actions import Board as ShowBoard
from bot.engine.actions import Join, encode
from bot.engine.commands.base import Command, Context, Option, Options
from bot.engine.ports import Team
from bot.engine.rounds import Board
from bot.engine.screens import Button, Choice, Reply, Screen, Table, Tone, Visibility, notice
from bot.engine.standings import By, Window

LONGEST = 40
"""Characters of a team's name: it has to fit a button and a line of the board."""

LISTED = 20
"""Teams that can be joined from the list by a button; the others by name."""


async def create(context: Context, options: Options) -> Reply:
    """Make a team and join it."""
    name = " ".join(options["name"].split())
    if not name or len(name) > LONGEST or not name.isprintable():
        return notice(f"A team needs a name of at most {LONGEST} characters.")
    if await context.store.create_team(context.member, context.name, name) is None:
        return notice("There is a team of that name already. Join it, or choose another name.")
    return _done(f"You are in {name}. Others can join it now.")


async def join(context: Context, options: Options) -> Reply:
    """Join a team by its name."""
    teams = await context.store.teams(context.member)
    wanted = " ".join(options["name"].split()).casefold()
    team = next((each for each in teams if each.name.casefold() == wanted), None)
    if team is None:
        near = process.extract(wanted, [each.name for each in teams], limit=3)
        hint = f" The nearest are: {'; '.join(name for name, *_ in near)}." if near else ""
        return notice(f"There is no team of that name.{hint}")
    return await _join(context, team.id)


async def press_join(context: Context, action: Join, _: tuple[str, ...]) -> Reply:
    """Join a team from the list."""
    return await _join(context, action.team)


async def leave(context: Context, _: Options) -> Reply:
    """Leave one's team; what was earned for it stays with it."""
    if not await context.store.leave_team(context.member):
        return notice("You are in no team.")
    return _done("You have left your team. The points you earned for it stay with it.")


async def show(context: Context, _: Options) -> Reply:
    """The teams of the community, with a way into each."""
    teams = await context.store.teams(context.member)
    if not teams:
        return Reply(Screen(title="Teams", text=("There are no teams yet: create the first one.",)))
    return Reply(
        Screen(
            title="Teams",
            table=Table(
                (("", "Team", "Members"), *(_line(place, t) for place, t in enumerate(teams, 1)))
            ),
            controls=(
                *(
                    Button(f"Join {team.name}", encode(Join(team.id)))
                    for team in teams[:LISTED]
                    if not team.mine
                ),
                Button(
                    "Leaderboard",
                    encode(ShowBoard(Window.WEEK, By.TEAMS, Board.DRILL)),
                    style="primary",
                ),
            ),
        )
    )


async def _join(context: Context, team: int) -> Reply:
    if not await context.store.join_team(context.member, context.name, team):
        return notice("That team is not there any more.")
    teams = await context.store.teams(context.member)
    name = next((each.name for each in teams if each.id == team), "the team")
    return _done(f"You are in {name}. From now on you play for it.")


def _done(text: str) -> Reply:
    board = Button("Leaderboard", encode(ShowBoard(Window.WEEK, By.TEAMS, Board.DRILL)))
    return Reply(
        Screen(title="Teams", text=(text,), controls=(board,), tone=Tone.RIGHT), Visibility.UPDATE
    )


def _line(place: int, team: Team) -> tuple[str, str, str]:
    return str(place), f"{team.name} (yours)" if team.mine else team.name, str(team.members)


async def complete_team(context: Context, text: str) -> list[Choice]:
    """Teams whose name has the text."""
    teams = await context.store.teams(context.member)
    return [Choice(t.name, t.name) for t in teams if text.casefold() in t.name.casefold()]


_NAME = Option("name", f"The team's name, at most {LONGEST} characters", required=True)
CREATE = Command(
    name="team create",
    description="Make a team, and join it",
    handler=create,
    options=(_NAME,),
    rest="name",
    examples=("team create Night Owls",),
    needs="community",
)
JOIN = Command(
    name="team join",
    description="Join a team",
    handler=join,
    options=(Option("name", "Which team", required=True, complete=complete_team),),
    rest="name",
    presses={Join: press_join},
    needs="community",
)
LEAVE = Command(
    name="team leave",
    description="Leave your team; its points stay with it",
    handler=leave,
    needs="community",
)
LIST = Command(
    name="team list",
    description="The teams here, with a button to join each",
    handler=show,
    needs="community",
)
