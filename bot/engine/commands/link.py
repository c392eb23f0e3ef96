"""`link` and `unlink`: one person on two platforms is one player."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.linking import CODE_LIFETIME, LinkClaimant, LinkOutcome, new_code, normalize_code
from bot.engine.screens import Button, CommandMention, Moment, Reply, Screen, Text, Tone, notice

REFUSED = {
    LinkOutcome.UNKNOWN: "That code doesn't work, or has expired. Get a new one with the "
    "link command on the other platform.",
    LinkOutcome.OWN: "These two are one player already.",
    LinkOutcome.SAME_PLATFORM: "Enter the code on the other platform, where you want to be the "
    "same player.",
    LinkOutcome.TOO_MANY: "Too many wrong codes. Try again in ten minutes.",
}
GONE = "Nobody is waiting to be linked any more. Start again with a new code: "
JOINED: tuple[Text, ...] = (
    "You're one player on both platforms now: what you answer on one counts for your memory and "
    "streak on the other.",
    ("To undo it: ", CommandMention("unlink")),
)


@dataclass(frozen=True, slots=True)
class AllowLink(Action):
    """Let who entered the code become the same player."""

    verb = "allowlink"
    claim: int


@dataclass(frozen=True, slots=True)
class RefuseLink(Action):
    """Don't let who entered the code become the same player."""

    verb = "refuselink"
    claim: int


async def link(context: Context, options: Options) -> Reply:
    """Show a code, or who has entered it; or enter the one that the other platform shows."""
    code = normalize_code(options["code"])
    if code:
        return await _enter(context, code)
    if newcomer := await context.store.linking.claimant(context.member, context.now):
        return Reply(_question(newcomer))
    until = context.now + CODE_LIFETIME
    code = new_code(context.rng)
    await context.store.linking.offer(context.member, context.name, code, until)
    # How the other platform's members type a command is not known here.
    valid = ("Enter it with the link command on the other platform. It expires ", Moment(until))
    return Reply(
        Screen(
            title="Link another platform",
            text=(
                f"Your code: `{code[:4]}-{code[4:]}`",
                valid,
                "I'll ask you here before anybody is linked. After that your points, streak and "
                "memory are one.",
            ),
        )
    )


async def _enter(context: Context, code: str) -> Reply:
    """Ask who was shown the code whether they know who entered it."""
    until = context.now + CODE_LIFETIME
    result, shown_to, claim = await context.store.linking.claim(
        context.member, context.name, code, until, context.now
    )
    if shown_to is None:
        return notice(REFUSED[result])
    there = shown_to.platform.capitalize()
    told = await context.notify(
        shown_to, _question(LinkClaimant(claim, context.member, context.name))
    )
    how = (
        f"I've sent you a message on {there}: allow it there."
        if told
        else f"Type the link command on {there} once more, and allow it there."
    )
    return Reply(Screen(title="Almost linked", text=((f"{how} This expires ", Moment(until)),)))


def _question(newcomer: LinkClaimant) -> Screen:
    """Asks whether somebody may become the same player."""
    where = newcomer.member.platform.capitalize()
    return Screen(
        title=f"Link with {where}?",
        text=(
            f"{newcomer.name} on {where} entered your code and wants to be the same player as you.",
            "Allow it only if that's you: you'll share one memory, one streak and one set of data.",
        ),
        controls=(
            Button("Allow", encode(AllowLink(newcomer.claim)), style="primary"),
            Button("Refuse", encode(RefuseLink(newcomer.claim)), style="danger"),
        ),
    )


async def allow(context: Context, action: AllowLink, _: tuple[str, ...]) -> Reply:
    """Make both one player, and tell the other side."""
    newcomer = await context.store.linking.allow(context.member, action.claim, context.now)
    if newcomer is None:
        return notice((GONE, CommandMention("link")))
    linked = Screen(title="Linked", text=JOINED, tone=Tone.RIGHT)
    await context.notify(newcomer.member, linked)
    return Reply(linked)


async def refuse(context: Context, action: RefuseLink, _: tuple[str, ...]) -> Reply:
    """Let nobody wait any more, and tell the other side."""
    newcomer = await context.store.linking.refuse(context.member, action.claim)
    if newcomer is None:
        return notice((GONE, CommandMention("link")))
    here = context.member.platform.capitalize()
    text = f"Your code was refused on {here}. Nothing was linked."
    await context.notify(newcomer.member, Screen(text=(text,), tone=Tone.PROBLEM))
    return Reply(Screen(title="Refused", text=("Nothing was linked.",)))


async def unlink(context: Context, _: Options) -> Reply:
    """Be a player of one's own again."""
    if not await context.store.linking.unlink(context.member):
        return notice("You aren't linked to another platform.")
    return Reply(
        Screen(
            title="Unlinked",
            text=("You're a player of your own here again, with what you answered here.",),
        )
    )


LINK = Command(
    name="link",
    description="Be the same player on another platform: get a code here, enter it there",
    handler=link,
    options=(Option("code", "The code that the other platform showed"),),
    rest="code",
    examples=({},),
    presses=(
        OnPress(AllowLink, allow, updates=always),
        OnPress(RefuseLink, refuse, updates=always),
    ),
)
UNLINK = Command(
    name="unlink",
    description="Be a player of your own on this platform again",
    handler=unlink,
    takes_away=True,
)
