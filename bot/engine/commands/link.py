"""`link` and `unlink`: one person on two platforms is one player."""

from __future__ import annotations

from bot.engine.commands.base import Command, Context, Option, Options
from bot.engine.linking import VALID, Linked, new_code, tidied
from bot.engine.screens import Moment, Reply, Say, Screen, Tone, notice

REFUSED = {
    Linked.UNKNOWN: "That code doesn't work, or has expired. Get a new one with the link command "
    "on the other platform.",
    Linked.OWN: "These two are one player already.",
    Linked.SAME_PLATFORM: "Enter the code on the other platform, where you want to be the same "
    "player.",
    Linked.TOO_MANY: "That were too many wrong codes. Try again in ten minutes.",
}


async def link(context: Context, options: Options) -> Reply:
    """Show a code, or enter the one that was shown on the other platform."""
    code = tidied(options["code"])
    if not code:
        until = context.now + VALID
        code = new_code(context.rng)
        await context.store.offer_link(context.member, context.name, code, until)
        shown = f"{code[:4]}-{code[4:]}"
        # How the other platform's members type a command is not known here.
        valid = ("Enter it with the link command on the other platform. It expires ", Moment(until))
        return Reply(
            Screen(
                title="Link another platform",
                text=(
                    f"Your code: `{shown}`",
                    valid,
                    "Your points, streak and memory are then one. Give the code to nobody else.",
                ),
            )
        )
    match await context.store.link(context.member, context.name, code, context.now):
        case Linked.DONE:
            return Reply(
                Screen(
                    title="Linked",
                    text=(
                        (
                            "You are one player on both platforms now: what you answer on one "
                            "counts for your memory and streak on the other. To undo it: ",
                            Say("unlink"),
                        ),
                    ),
                    tone=Tone.RIGHT,
                )
            )
        case refused:
            return notice(REFUSED[refused])


async def unlink(context: Context, _: Options) -> Reply:
    """Be a player of one's own again."""
    if not await context.store.unlink(context.member):
        return notice("You are not linked to another platform.")
    return Reply(
        Screen(
            title="Unlinked",
            text=("You are a player of your own here again, with what you answered here.",),
        )
    )


LINK = Command(
    name="link",
    description="Be the same player on another platform: get a code here, enter it there",
    handler=link,
    options=(Option("code", "The code that the other platform showed"),),
    rest="code",
    examples=({},),
)
UNLINK = Command(
    name="unlink",
    description="Be a player of your own on this platform again",
    handler=unlink,
)
