"""`leaderboard`: who has how many points, over a window of days."""

from __future__ import annotations

from dataclasses import asdict

from bot.engine.actions import Board, encode
from bot.engine.answering import DRILL_BOARD
from bot.engine.commands.base import Command, Context, Option, Options
from bot.engine.screens import Button, Reply, Screen, Table, Visibility, notice
from bot.engine.standings import Standing, Window

PAGE = 10
HEADINGS = ("Rank", "Name", "Points", "Right", "Streak")


async def leaderboard(context: Context, options: Options) -> Reply:
    """The first page of the board."""
    return await _board(context, Window(options["window"]), 0, Visibility.PRIVATE)


async def turn(context: Context, action: Board, _: tuple[str, ...]) -> Reply:
    """Another page or window, from a control."""
    if action.window not in set(Window):
        return notice("That leaderboard is not there any more. Call up a new one.")
    return await _board(context, Window(action.window), action.page, Visibility.UPDATE)


async def _board(context: Context, window: Window, page: int, visibility: Visibility) -> Reply:
    standings = await context.store.standings(
        context.member,
        DRILL_BOARD,
        window.since(context.today),
        today=context.today,
        limit=PAGE,
        offset=page * PAGE,
    )
    lines = [_line(line) for line in standings.lines]
    own = standings.own
    if own and own not in standings.lines:
        lines.append(_line(own))
    controls = [
        Button(other.label.capitalize(), encode(Board(other)))
        for other in Window
        if other is not window
    ]
    if page:
        controls.append(Button("Previous page", encode(Board(window, page - 1))))
    if standings.total > (page + 1) * PAGE:
        controls.append(Button("Next page", encode(Board(window, page + 1)), style="primary"))
    return Reply(
        Screen(
            title=f"Leaderboard · {window.label}",
            text=() if lines else ("No answers yet. Be the first: start a drill.",),
            table=Table((HEADINGS, *lines)) if lines else None,
            controls=tuple(controls),
            note="" if own or not lines else "You have no answers in this window yet.",
        ),
        visibility,
        data={
            "window": window.value,
            "total": standings.total,
            "lines": [asdict(line) for line in standings.lines],
            "own": asdict(own) if own else None,
        },
    )


def _line(line: Standing) -> tuple[str, ...]:
    return (
        str(line.rank),
        line.name,
        str(line.points),
        f"{line.right} of {line.answered}",
        f"{line.streak} day{'' if line.streak == 1 else 's'}",
    )


LEADERBOARD = Command(
    name="leaderboard",
    description="Points of everybody here, today, this week, this month or of all time",
    handler=leaderboard,
    options=(
        Option(
            "window",
            "How far back",
            default=Window.WEEK.value,
            choices=tuple(window.value for window in Window),
        ),
    ),
    rest="window",
    examples=("leaderboard", "leaderboard month"),
    presses={Board: turn},
)
