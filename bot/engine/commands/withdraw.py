"""`withdraw`: take back a question that was asked in this channel, with its points."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.engine.actions import Action, encode
from bot.engine.asked import find_asked
from bot.engine.commands.base import Command, Context, OnPress, Options, always
from bot.engine.commands.rights import MANAGER
from bot.engine.due.timing import LEASE
from bot.engine.posts import Post
from bot.engine.question_screens import TITLES
from bot.engine.rounds import Reveal
from bot.engine.screens import Button, Moment, Reply, Screen, Tone, notice
from content.language.plural import count

log = logging.getLogger(__name__)

MAX_OFFERED = 5
"""The most questions offered: one row of buttons."""

MAX_STEM_CHARS = 150
"""How much of each question is shown."""

NO_QUESTIONS = "There's no question in this channel to withdraw."
ALREADY_WITHDRAWN = "This question has already been withdrawn."


@dataclass(frozen=True, slots=True)
class Withdraw(Action):
    """Withdraw a channel's round, once the admin is `sure`."""

    verb = "withdraw"
    round: int
    sure: int = 0


async def offer(context: Context, _: Options) -> Reply:
    """List the channel's latest questions, each with a button."""
    posts = await context.store.posts.last_in(context.channel, MAX_OFFERED)
    if not posts:
        return notice(NO_QUESTIONS)
    return Reply(
        Screen(
            title="Withdraw a question",
            text=(
                "Which one? You'll see what changes before anything happens.",
                *(
                    (
                        f"{number}. {_shorten(_stem_of(post))} · {TITLES[post.round.board]}, ",
                        Moment(post.round.opened_at),
                    )
                    for number, post in enumerate(posts, 1)
                ),
            ),
            controls=tuple(
                Button(f"Withdraw {number}", encode(Withdraw(post.round.id)))
                for number, post in enumerate(posts, 1)
            ),
        )
    )


async def withdraw(context: Context, action: Withdraw, _: tuple[str, ...]) -> Reply:
    """Withdraw a question, after a confirmation."""
    post = await context.store.posts.in_community(action.round, context.member)
    if post is None or post.round.withdrawn:
        return notice(ALREADY_WITHDRAWN)
    if not action.sure:
        return await _confirm(context, post)
    show_at = context.now + LEASE
    if not await context.store.posts.withdraw(action.round, context.member, context.now, show_at):
        return notice(ALREADY_WITHDRAWN)
    done = "Its points are taken back, and it no longer counts."
    try:
        await context.rounds.show_withdrawn(post)
    except Exception as problem:
        log.warning("could not mark round %s as withdrawn, will retry: %s", action.round, problem)
        done += " I can't change its message right now. I'll keep trying for a day."
    return Reply(Screen(title="Withdrawn", text=(done,), tone=Tone.RIGHT))


def withdraw_button(round_id: int) -> Button:
    """Opens the confirmation to withdraw a round."""
    return Button("Withdraw it", encode(Withdraw(round_id)), "danger")


async def _confirm(context: Context, post: Post) -> Reply:
    givens = await context.store.answers.of_round(post.round.id)
    points = count(sum(given.answer.points for given in givens), "point")
    if post.round.reveal is Reveal.AT_CLOSE and not post.round.closed:
        points = "all points for it"  # an admin may be playing, too
    taken = (
        f"{count(len(givens), 'answer')} will no longer count, and {points} will be taken back, "
        "from teams too. Streaks stay."
        if givens
        else "Nobody has answered it yet."
    )
    return Reply(
        Screen(
            title="Withdraw this question?",
            text=(
                _stem_of(post),
                taken,
                "Its message will say that it was withdrawn. Nobody is notified. You can't undo "
                "this.",
            ),
            controls=(Button("Yes, withdraw it", encode(Withdraw(post.round.id, 1)), "danger"),),
            tone=Tone.PROBLEM,
        )
    )


def _stem_of(post: Post) -> str:
    asked = find_asked(post.round)
    return asked.question.stem if asked else "A question that has changed since"


def _shorten(text: str) -> str:
    line = " ".join(text.replace("`", "").split())
    return line if len(line) <= MAX_STEM_CHARS else f"{line[:MAX_STEM_CHARS].rstrip()}…"


WITHDRAW = Command(
    name="withdraw",
    description="Take back a question that was asked here, and its points",
    handler=offer,
    presses=(OnPress(Withdraw, withdraw, right=MANAGER, updates=always),),
    needs="channel",
    right=MANAGER,
)
