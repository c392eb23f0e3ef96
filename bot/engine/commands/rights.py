"""Rights: who may use a command or a press, by named rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.engine.commands.base import Context


@dataclass(frozen=True, slots=True)
class Right:
    """A rule, given a command's raw options or a press's action. The `refusal` tells everyone else
    who may."""

    allows: Callable[[Context, Any], Awaitable[bool]]
    refusal: str


async def _anyone(_: Context, __: object) -> bool:
    return True


async def _manager(context: Context, _: object) -> bool:
    return await context.manages()


ANYONE = Right(_anyone, "")
MANAGER = Right(_manager, "Only admins and managers can do that.")
