"""`question`: post a question in a channel for everyone there, and close it early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.engine import selection
from bot.engine.actions import Action, encode
from bot.engine.asked import make_round
from bot.engine.commands.base import (
    TOPIC_PLACEHOLDER,
    Command,
    CommandForm,
    Context,
    OnPress,
    Option,
    Options,
    complete_scope,
    find_scope,
    no_such_pack,
    no_such_scope,
)
from bot.engine.commands.rights import Right
from bot.engine.commands.withdraw import withdraw_button
from bot.engine.platform import Unpostable
from bot.engine.posts import Post
from bot.engine.rounds import AskedQuestion, Board, NewPost, Posers
from bot.engine.screens import Button, Field, Form, Moment, Reply, Screen, Text, Tone, notice
from content.language.plural import count
from content.model import Question

DEFAULT_MINUTES = 10
HOUR = timedelta(hours=1)
MAX_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Close(Action):
    """Close a channel's round early."""

    verb = "close"
    round: int


async def _is_poser_or_manager(context: Context, asked: object) -> bool:
    return await context.manages() or (
        isinstance(asked, Close)
        and await context.store.posts.is_posed_by(asked.round, context.member)
    )


POSER_OR_MANAGER = Right(
    _is_poser_or_manager, "Only admins, managers and whoever posted the question can do that."
)


async def pose(context: Context, options: Options) -> Reply:
    """Post a question in this channel, unless one is already open."""
    settings = await context.store.communities.channel_settings(context.channel)
    pack = context.library.get(settings.pack)
    if pack is None:
        return no_such_pack(context.library)
    scope = find_scope(pack, options["topic"])
    if scope is None:
        return no_such_scope(pack, options["topic"])
    if refused := await _check_may_post(context, options["minutes"]):
        return refused
    asked = await context.store.posts.asked_in(context.channel, pack.pack.id)
    question = selection.choose_live(pack.questions_in(scope), asked, pack.weights, rng=context.rng)
    if question is None:
        return notice("There are no questions on this yet.")
    new = NewPost(
        channel=context.channel,
        pack=pack.pack.id,
        round=make_round(pack, question, context.rng),
        board=Board.LIVE,
        reveal=settings.reveal,
        seconds=options["minutes"] * 60,
        posed_by=context.member.user,
    )
    try:
        post = await _open_round(context, new)
    except Unpostable as problem:
        return notice(str(problem))
    if post is None:
        return await _already_open(context)
    if post.round.closes_at is None:
        return notice("The question is saved and will be posted here as soon as possible.")
    return Reply(
        Screen(
            title="Posted",
            text=(
                ("It closes ", Moment(post.round.closes_at), ". The result will appear there."),
                *_repeat_note(asked, question),
            ),
            controls=await _round_buttons(context, post),
            tone=Tone.RIGHT,
        )
    )


async def ask(context: Context) -> Form | Reply:
    """Ask what the question is about, and how long it stays open; or say why the member can't post
    one now."""
    if refused := await _check_may_post(context, 0):
        return refused
    place = context.event.place
    chosen = await context.store.communities.settings(place.platform, place.community)
    most = MAX_MINUTES if await context.manages() else chosen.question_minutes
    return Form(
        "Post a question",
        (
            Field("topic", "Topic or chapter", "topic", "Any, if you choose none", required=False),
            Field(
                "minutes",
                "Minutes it stays open",
                "number",
                f"From 1 to {most}",
                initial=(str(min(DEFAULT_MINUTES, most)),),
                minimum=1,
                maximum=most,
            ),
        ),
        submit="Post it",
    )


async def _open_round(context: Context, new: NewPost) -> Post | None:
    """Open a round; None if one is already open and nobody has deleted its message."""
    if post := await context.rounds.open(new):
        return post
    open_ = await context.store.posts.live_in(context.channel)
    if open_ is None or not await context.rounds.is_gone(open_):
        return None
    await context.clockwork.run_due(context.channel.platform)
    return await context.rounds.open(new)


async def _check_may_post(context: Context, minutes: int) -> Reply | None:
    """Say why the member may not post a question now; None if they may."""
    if await context.manages():
        return None
    place = context.event.place
    chosen = await context.store.communities.settings(place.platform, place.community)
    if chosen.posers is Posers.MANAGERS:
        return notice("Only admins and managers can post questions here.")
    if minutes > chosen.question_minutes:
        return notice(
            f"Questions here can stay open for {count(chosen.question_minutes, 'minute')} at most."
        )
    posed = await context.store.posts.posed_since(context.member, context.now - HOUR)
    if len(posed) < chosen.questions_an_hour:
        return None
    next_at = posed[-chosen.questions_an_hour] + HOUR
    questions = count(len(posed), "question")
    return notice(
        (f"You've posted {questions} in the last hour. You can post the next ", Moment(next_at))
    )


def _repeat_note(asked: Sequence[AskedQuestion], question: Question) -> tuple[Text, ...]:
    """Point out that the channel has seen the question, if no new ones were left."""
    at = next((each.at for each in reversed(asked) if each.question == question.id), None)
    if at is None:
        return ()
    return (("Every question on this has been asked here before. This one was asked ", Moment(at)),)


async def close(context: Context, action: Close, _: tuple[str, ...]) -> Reply:
    """Close a round early."""
    if not await context.store.posts.close_early(action.round, context.member, context.now):
        return notice("This question is already closed.")
    await context.clockwork.run_due(context.channel.platform)
    post = await context.store.posts.get(action.round)
    if post and post.trouble and not post.due:
        return Reply(Screen(title="Closed", text=(post.trouble,)))
    if post and post.due:
        return Reply(
            Screen(
                title="Closed",
                text=(
                    "The answers count, but I can't show the result right now. "
                    f"{post.trouble}".strip(),
                ),
                note="I'll keep trying for a day.",
                tone=Tone.PROBLEM,
            )
        )
    return Reply(Screen(title="Closed", text=("The result is in the channel.",)))


async def _round_buttons(context: Context, post: Post) -> tuple[Button, ...]:
    close_it = Button("Close it now", encode(Close(post.round.id)), "danger")
    return (close_it, withdraw_button(post.round.id)) if await context.manages() else (close_it,)


async def _already_open(context: Context) -> Reply:
    post = await context.store.posts.live_in(context.channel)
    if post is None or post.round.closes_at is None:
        return notice("A question is being posted here right now.")
    may_close = await POSER_OR_MANAGER.allows(context, Close(post.round.id))
    return notice(
        ("A question is already open here. It closes ", Moment(post.round.closes_at)),
        controls=await _round_buttons(context, post) if may_close else (),
    )


QUESTION = Command(
    name="question",
    description="Post a question in this channel for everyone to answer in private",
    handler=pose,
    options=(
        Option("topic", "Topic or chapter (default: all)", complete=complete_scope),
        Option(
            "minutes",
            "Minutes it stays open",
            "integer",
            default=DEFAULT_MINUTES,
            minimum=1,
            maximum=MAX_MINUTES,
        ),
    ),
    rest="topic",
    examples=({}, {"topic": TOPIC_PLACEHOLDER, "minutes": "30"}),
    presses=(OnPress(Close, close, right=POSER_OR_MANAGER),),
    form=CommandForm(ask),
    needs="channel",
)
