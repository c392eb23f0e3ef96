"""The command table, from which every platform declares its commands."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine.actions import Action, UnknownAction, decode
from bot.engine.commands import answer, daily
from bot.engine.commands.base import Command, OnPress
from bot.engine.commands.drill import DRILL
from bot.engine.commands.explain import EXPLAIN
from bot.engine.commands.explain_message import EXPLAIN_MESSAGE
from bot.engine.commands.help import help_for
from bot.engine.commands.home import HOME
from bot.engine.commands.leaderboard import LEADERBOARD
from bot.engine.commands.link import LINK, UNLINK
from bot.engine.commands.preferences import PREFERENCES
from bot.engine.commands.privacy import PRIVACY
from bot.engine.commands.question import QUESTION
from bot.engine.commands.rights import ANYONE
from bot.engine.commands.season import LIST as LIST_SEASONS
from bot.engine.commands.season import START as START_SEASON
from bot.engine.commands.settings import SETTINGS
from bot.engine.commands.setup import SETUP
from bot.engine.commands.stats import STATS
from bot.engine.commands.team import CREATE, JOIN, LEAVE, LIST, RENAME
from bot.engine.commands.team_move import MOVE
from bot.engine.commands.team_roles import FROM_ROLES
from bot.engine.commands.team_shuffle import SHUFFLE
from bot.engine.commands.withdraw import WITHDRAW
from bot.engine.events import Call, Place
from bot.engine.screens import Form

_OTHERS = (
    DRILL,
    QUESTION,
    SETUP,
    daily.SET,
    daily.SHOW,
    daily.PAUSE,
    daily.RESUME,
    daily.SKIP,
    daily.NOW,
    daily.REMOVE,
    WITHDRAW,
    EXPLAIN,
    EXPLAIN_MESSAGE,
    LEADERBOARD,
    STATS,
    HOME,
    CREATE,
    JOIN,
    LEAVE,
    LIST,
    RENAME,
    MOVE,
    SHUFFLE,
    FROM_ROLES,
    START_SEASON,
    LIST_SEASONS,
    SETTINGS,
    PREFERENCES,
    LINK,
    UNLINK,
    PRIVACY,
)

COMMANDS: Mapping[str, Command] = {each.name: each for each in (*_OTHERS, help_for(_OTHERS))}

LISTED: Mapping[str, Command] = {name: each for name, each in COMMANDS.items() if each.listed}
"""The commands shown in menus, in help and while typing."""

PRESSES: Mapping[str, OnPress] = {
    press.action.verb: press
    for presses in (*(command.presses for command in COMMANDS.values()), answer.PRESSES)
    for press in presses
}
_KINDS = {verb: press.action for verb, press in PRESSES.items()}


def press_of(text: str) -> tuple[OnPress, Action]:
    """Decode a control's action, with its declaration. Raises UnknownAction."""
    action = decode(text, _KINDS)
    return PRESSES[action.verb], action


def opens_form(text: str) -> bool:
    """Whether pressing the control opens a form first."""
    try:
        return press_of(text)[0].form is not None
    except UnknownAction:
        return False


def asks_in_form(call: Call, place: Place) -> bool:
    """Whether a call asks for its options in a form, where a platform shows forms of any size."""
    command = COMMANDS.get(call.command)
    if command is None or command.form is None or not command.fits(place):
        return False
    return call.fields is None and not call.options and not call.unread


def fixed_form(text: str) -> Form | None:
    """The form of an action, if it's the same for everyone and open to everyone."""
    try:
        press, _ = press_of(text)
    except UnknownAction:
        return None
    return press.form if isinstance(press.form, Form) and press.right is ANYONE else None


__all__ = [
    "COMMANDS",
    "LISTED",
    "PRESSES",
    "Command",
    "OnPress",
    "asks_in_form",
    "fixed_form",
    "opens_form",
    "press_of",
]
