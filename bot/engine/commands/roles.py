"""The platform's roles and user groups, as options name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.engine.commands.base import Context
from bot.engine.events import Role
from bot.engine.screens import Choice

MAX_NAMED = 20
"""The most roles that are listed."""


async def complete_role(context: Context, text: str) -> list[Choice]:
    """Suggest roles whose name contains the text."""
    wanted = _fold(text)
    roles = await context.role_teams.roles(context.member)
    return [Choice(each.name, each.id) for each in roles if wanted in each.name.casefold()]


def find_role(roles: Iterable[Role], said: str) -> Role | None:
    """Find a role by its id or name."""
    wanted = _fold(said)
    return next((r for r in roles if wanted in (r.id.casefold(), r.name.casefold())), None)


def name_role(roles: Iterable[Role], id_: str, word: str) -> str:
    """Name a role of the community."""
    return next((each.name for each in roles if each.id == id_), f"a deleted {word}")


def list_roles(roles: Sequence[Role], word: str) -> str:
    """List the names of a community's roles; nothing if there are none."""
    names = "; ".join(role.name for role in roles[:MAX_NAMED])
    return f" {word.capitalize()}s here: {names}." if names else ""


def _fold(said: str) -> str:
    return said.strip().removeprefix("@").casefold()
