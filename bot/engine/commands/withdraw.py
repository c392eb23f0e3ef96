"""`withdraw`: take back a question that was asked in this channel, and all that it earned."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.engine.actions import Action, encode
from bot.engine.commands.base import Command, Context, OnPress, Options, always
from bot.engine.commands.rights import MANAGER
from bot.engine.due.timing import LEASE
from bot.engine.posts import Post
from bot.engine.question_screens import TITLES
from bot.engine.rounds import Reveal
from bot.engine.screens import Button, Moment, Reply, Screen, Tone, notice

log = logging.getLogger(__name__)

LATEST = 5
"""Questions that are offered: as many as there are buttons in a row."""

MAX_STEM = 150
"""Characters that tell questions apart."""

NOTHING = "There's no question in this channel to withdraw."
NOT_NOW = "This question was withdrawn already."


@dataclass(frozen=True, slots=True)
class Withdraw(Action):
    """Withdraw a round of a channel, once the admin is `sure`."""

    verb = "withdraw"
    round: int
    sure: int = 0


async def offer(context: Context, _: Options) -> Reply:
    """The channel's latest questions, each with a button."""
    posts = await context.store.posts.last_in(context.channel, LATEST)
    if not posts:
        return notice(NOTHING)
    return Reply(
        Screen(
            title="Withdraw a question",
            text=(
                "Which one? You'll see what it takes back before anything happens.",
                *(
                    (
                        f"{number}. {_cut(_stem(context, post))} · {TITLES[post.round.board]}, ",
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
    """Take it all back, after asking once more."""
    post = await context.store.posts.in_community(action.round, context.member)
    if post is None or post.round.withdrawn:
        return notice(NOT_NOW)
    if not action.sure:
        return await _ask(context, post)
    show_at = context.now + LEASE
    if not await context.store.posts.withdraw(action.round, context.member, context.now, show_at):
        return notice(NOT_NOW)
    done = "Its points are taken back, and it isn't counted any more."
    try:
        await context.rounds.show_withdrawn(post)
    except Exception as problem:
        log.warning("round %s can't be shown to be withdrawn yet: %s", action.round, problem)
        done += " Its message can't be changed right now. I'll try again for a day."
    return Reply(Screen(title="Withdrawn", text=(done,), tone=Tone.RIGHT))


def withdraw_button(round_id: int) -> Button:
    """Leads to what withdrawing a round would take back."""
    return Button("Withdraw it", encode(Withdraw(round_id)), "danger")


async def _ask(context: Context, post: Post) -> Reply:
    givens = await context.store.answers.of_round(post.round.id)
    points = _many(sum(given.answer.points for given in givens), "point")
    if post.round.reveal is Reveal.AT_CLOSE and not post.round.closed:
        points = "all points for it"  # an admin who plays isn't told before others either
    taken = (
        f"{_many(len(givens), 'answer')} won't count any more, and {points} will be taken back, "
        "from teams too. Streaks stay."
        if givens
        else "Nobody has answered it yet."
    )
    return Reply(
        Screen(
            title="Withdraw this question?",
            text=(
                _stem(context, post),
                taken,
                "Its message will say that it was withdrawn. Nobody is notified. You can't undo "
                "this.",
            ),
            controls=(Button("Yes, withdraw it", encode(Withdraw(post.round.id, 1)), "danger"),),
            tone=Tone.PROBLEM,
        )
    )


def _stem(context: Context, post: Post) -> str:
    asked = context.library.find_question(post.round)
    return asked[1].stem if asked else "A question that has changed since"


def _cut(text: str) -> str:
    line = " ".join(text.replace("`", "").split())
    return line if len(line) <= MAX_STEM else f"{line[:MAX_STEM].rstrip()}…"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


WITHDRAW = Command(
    name="withdraw",
    description="Take back a question that was asked here, and the points for it",
    handler=offer,
    presses=(OnPress(Withdraw, withdraw, right=MANAGER, updates=always),),
    needs="channel",
    right=MANAGER,
)
