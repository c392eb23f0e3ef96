"""`question`: pose a question to a channel, for everybody there; and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.engine import selection
from bot.engine.actions import Action, encode
from bot.engine.commands.base import (
    A_TOPIC,
    Command,
    Context,
    OnPress,
    Option,
    Options,
    complete_scope,
    no_such_pack,
    no_such_scope,
    scope_of,
)
from bot.engine.commands.rights import Right
from bot.engine.commands.withdraw import withdraw_button
from bot.engine.kinds import kind_of
from bot.engine.platform import Unpostable
from bot.engine.posts import Post
from bot.engine.rounds import AskedQuestion, Board, NewPost, NewRound, Posers
from bot.engine.screens import Button, Moment, Reply, Screen, Text, Tone, notice
from content.model import Question

MINUTES = 10
HOUR = timedelta(hours=1)
LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Close(Action):
    """Close a round of a channel before its time."""

    verb = "close"
    round: int


async def _poser(context: Context, asked: object) -> bool:
    return context.manages or (
        isinstance(asked, Close)
        and await context.store.posts.is_posed_by(asked.round, context.member)
    )


POSER_OR_MANAGER = Right(_poser, "Only the person who posed the question and admins can do that.")


async def pose(context: Context, options: Options) -> Reply:
    """Post a question where the command was called, unless one is open there."""
    settings = await context.store.communities.channel_settings(context.channel)
    pack = context.library.get(settings.pack)
    if pack is None:
        return no_such_pack(context.library)
    scope = scope_of(pack, options["topic"])
    if scope is None:
        return no_such_scope(pack, options["topic"])
    if refused := await _refused(context, options["minutes"]):
        return refused
    asked = await context.store.posts.asked_in(context.channel, pack.pack.id)
    question = selection.choose_live(pack.questions_in(scope), asked, pack.weights, rng=context.rng)
    if question is None:
        return notice("There are no questions on that yet.")
    new = NewPost(
        channel=context.channel,
        pack=pack.pack.id,
        round=NewRound(
            question.id, question.version, kind_of(question).make_layout(question, context.rng)
        ),
        board=Board.LIVE,
        reveal=settings.reveal,
        seconds=options["minutes"] * 60,
        posed_by=context.member.user,
    )
    try:
        post = await _opened(context, new)
    except Unpostable as problem:
        return notice(str(problem))
    if post is None:
        return await _already_open(context)
    if post.round.closes_at is None:
        return notice("The question is kept, and appears here as soon as it can be posted.")
    return Reply(
        Screen(
            title="Posted",
            text=(
                ("It closes ", Moment(post.round.closes_at), "; the result is shown there."),
                *_asked_before(asked, question),
            ),
            controls=_what_can_be_done(context, post),
            tone=Tone.RIGHT,
        )
    )


async def _opened(context: Context, new: NewPost) -> Post | None:
    """The new round; None where one is open already, unless somebody deleted its message."""
    if post := await context.rounds.open(new):
        return post
    open_ = await context.store.posts.live_in(context.channel)
    if open_ is None or not await context.rounds.is_gone(open_):
        return None
    await context.clockwork.run_due(context.channel.platform)
    return await context.rounds.open(new)


async def _refused(context: Context, minutes: int) -> Reply | None:
    """Why the member may not pose a question now, for so long; None if they may."""
    if context.manages:
        return None
    place = context.event.place
    chosen = await context.store.communities.settings(place.platform, place.community)
    if chosen.posers is Posers.MANAGERS:
        return notice("Only admins can pose questions here.")
    if minutes > chosen.question_minutes:
        return notice(f"Here a question can stay open for {chosen.question_minutes} minutes.")
    posed = await context.store.posts.posed_since(context.member, context.now - HOUR)
    if len(posed) < chosen.questions_an_hour:
        return None
    next_at = posed[-chosen.questions_an_hour] + HOUR
    many = f"{len(posed)} question{'' if len(posed) == 1 else 's'}"
    return notice(
        (f"You've posed {many} in the last hour. You can pose the next one ", Moment(next_at))
    )


def _asked_before(asked: Sequence[AskedQuestion], question: Question) -> tuple[Text, ...]:
    """Says that the channel knows the question, where nothing else was left."""
    at = next((each.at for each in reversed(asked) if each.question == question.id), None)
    if at is None:
        return ()
    return (("Everything on this was asked here before. This question was asked ", Moment(at)),)


async def close(context: Context, action: Close, _: tuple[str, ...]) -> Reply:
    """Close a round before its time."""
    if not await context.store.posts.close_early(action.round, context.member, context.now):
        return notice("This question is closed already.")
    await context.clockwork.run_due(context.channel.platform)
    post = await context.store.posts.get(action.round)
    if post and post.trouble and not post.due:
        return Reply(Screen(title="Closed", text=(post.trouble,)))
    if post and post.due:
        return Reply(
            Screen(
                title="Closed",
                text=(
                    "The answers are counted, but the result can't be shown now. "
                    f"{post.trouble}".strip(),
                ),
                note="I'll try again for a day.",
                tone=Tone.PROBLEM,
            )
        )
    return Reply(Screen(title="Closed", text=("The result is shown in the channel.",)))


def _what_can_be_done(context: Context, post: Post) -> tuple[Button, ...]:
    close_it = Button("Close it now", encode(Close(post.round.id)), "danger")
    return (close_it, withdraw_button(post.round.id)) if context.manages else (close_it,)


async def _already_open(context: Context) -> Reply:
    post = await context.store.posts.live_in(context.channel)
    if post is None or post.round.closes_at is None:
        return notice("A question is being posted here at this moment.")
    may_close = await POSER_OR_MANAGER.allows(context, Close(post.round.id))
    return notice(
        ("A question is open here already. It closes ", Moment(post.round.closes_at)),
        controls=_what_can_be_done(context, post) if may_close else (),
    )


QUESTION = Command(
    name="question",
    description="Pose a question to this channel, for everybody to answer in private",
    handler=pose,
    options=(
        Option("topic", "A topic or chapter; leave out for all", complete=complete_scope),
        Option(
            "minutes",
            "How long it stays open",
            "integer",
            default=MINUTES,
            minimum=1,
            maximum=LONGEST_MINUTES,
        ),
    ),
    rest="topic",
    examples=({}, {"topic": A_TOPIC, "minutes": "30"}),
    presses=(OnPress(Close, close, right=POSER_OR_MANAGER),),
    needs="channel",
)
