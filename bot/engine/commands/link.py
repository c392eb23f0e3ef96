"""`link` and `unlink`: be one player on two platforms."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.linking import CODE_LIFETIME, LinkClaimant, LinkOutcome, new_code, normalize_code
from bot.engine.screens import Button, CommandMention, Moment, Reply, Screen, Text, Tone, notice

REFUSALS = {
    LinkOutcome.UNKNOWN: "That code is wrong or has expired. Get a new one with the "
    "link command on the other platform.",
    LinkOutcome.OWN: "These accounts are already linked.",
    LinkOutcome.SAME_PLATFORM: "Enter this code on the other platform, not here.",
    LinkOutcome.TOO_MANY: "Too many wrong codes. Try again in ten minutes.",
}
NO_REQUEST = "This request is no longer open. Start again with a new code: "
LINKED_TEXT: tuple[Text, ...] = (
    "You're one player on both platforms now. What you answer on one counts toward your reviews "
    "and streak on the other.",
    ("To undo it: ", CommandMention("unlink")),
)


@dataclass(frozen=True, slots=True)
class AllowLink(Action):
    """Link with the member who entered the code."""

    verb = "allowlink"
    claim: int


@dataclass(frozen=True, slots=True)
class RefuseLink(Action):
    """Don't link with the member who entered the code."""

    verb = "refuselink"
    claim: int


async def link(context: Context, options: Options) -> Reply:
    """Show a code, or who entered it; or enter the other platform's code."""
    code = normalize_code(options["code"])
    if code:
        return await _enter(context, code)
    if newcomer := await context.store.linking.claimant(context.member, context.now):
        return Reply(_confirm_screen(newcomer))
    until = context.now + CODE_LIFETIME
    code = new_code(context.rng)
    await context.store.linking.offer(context.member, context.name, code, until)
    # We don't know here how the other platform's members type a command.
    valid = ("Enter it with the link command on the other platform. It expires ", Moment(until))
    return Reply(
        Screen(
            title="Link another platform",
            text=(
                f"Your code: `{code[:4]}-{code[4:]}`",
                valid,
                "I'll ask you here before I link anyone. Then both platforms share your points, "
                "streak and reviews.",
            ),
        )
    )


async def _enter(context: Context, code: str) -> Reply:
    """Ask the member who got the code whether they entered it."""
    until = context.now + CODE_LIFETIME
    result, shown_to, claim = await context.store.linking.claim(
        context.member, context.name, code, until, context.now
    )
    if shown_to is None:
        return notice(REFUSALS[result])
    there = shown_to.platform.capitalize()
    told = await context.notify(
        shown_to, _confirm_screen(LinkClaimant(claim, context.member, context.name))
    )
    how = (
        f"I've sent you a message on {there}: allow it there."
        if told
        else f"Run the link command on {there} again, and allow it there."
    )
    return Reply(Screen(title="Almost linked", text=((f"{how} This expires ", Moment(until)),)))


def _confirm_screen(newcomer: LinkClaimant) -> Screen:
    """Ask whether to link with somebody."""
    where = newcomer.member.platform.capitalize()
    return Screen(
        title=f"Link with {where}?",
        text=(
            f"{newcomer.name} on {where} entered your code and wants to link with you.",
            "Allow it only if that's you: both accounts will share one streak and one set of data.",
        ),
        controls=(
            Button("Allow", encode(AllowLink(newcomer.claim)), style="primary"),
            Button("Refuse", encode(RefuseLink(newcomer.claim)), style="danger"),
        ),
    )


async def allow(context: Context, action: AllowLink, _: tuple[str, ...]) -> Reply:
    """Link both, and notify the other side."""
    newcomer = await context.store.linking.allow(context.member, action.claim, context.now)
    if newcomer is None:
        return notice((NO_REQUEST, CommandMention("link")))
    linked = Screen(title="Linked", text=LINKED_TEXT, tone=Tone.RIGHT)
    await context.notify(newcomer.member, linked)
    return Reply(linked)


async def refuse(context: Context, action: RefuseLink, _: tuple[str, ...]) -> Reply:
    """Refuse the link, and notify the other side."""
    newcomer = await context.store.linking.refuse(context.member, action.claim)
    if newcomer is None:
        return notice((NO_REQUEST, CommandMention("link")))
    here = context.member.platform.capitalize()
    text = f"Your code was refused on {here}. Nothing was linked."
    await context.notify(newcomer.member, Screen(text=(text,), tone=Tone.PROBLEM))
    return Reply(Screen(title="Refused", text=("Nothing was linked.",)))


async def unlink(context: Context, _: Options) -> Reply:
    """Become a separate player again."""
    if not await context.store.linking.unlink(context.member):
        return notice("You aren't linked to another platform.")
    return Reply(
        Screen(
            title="Unlinked",
            text=("You're a separate player here again. You keep what you answered here.",),
        )
    )


LINK = Command(
    name="link",
    description="Connect your account on another platform: get a code here, enter it there",
    handler=link,
    options=(Option("code", "Code from the other platform"),),
    rest="code",
    examples=({},),
    presses=(
        OnPress(AllowLink, allow, updates=always),
        OnPress(RefuseLink, refuse, updates=always),
    ),
)
UNLINK = Command(
    name="unlink",
    description="Be a separate player on this platform again",
    handler=unlink,
    takes_away=True,
)
