"""Who may do what: named rules, declared with a command and with each of its presses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.engine.commands.base import Context


@dataclass(frozen=True, slots=True)
class Right:
    """A rule, given what is asked: a command's options as they came, or a press's action. The
    `refusal` says to everybody else who may."""

    allows: Callable[[Context, Any], Awaitable[bool]]
    refusal: str


async def _anyone(_: Context, __: object) -> bool:
    return True


async def _manager(context: Context, _: object) -> bool:
    return context.manages


ANYONE = Right(_anyone, "")
MANAGER = Right(_manager, "Only admins can do that.")
