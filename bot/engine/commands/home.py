"""`home`: a member's own page, on platforms that have one, such as Slack.

What to do next comes first. It isn't listed, because all it shows has a command, too, except for
questions that are open: those are in their channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.engine.actions import Action, ShowAnswer, StartDrill, encode
from bot.engine.asked import find_asked
from bot.engine.commands.answer import why
from bot.engine.commands.base import Command, Context, OnPress, Options
from bot.engine.commands.drill import CatchUp
from bot.engine.commands.leaderboard import ShowBoard, show_page
from bot.engine.commands.preferences import streak_fields
from bot.engine.commands.stats import NO_PACK, DrawProgress, Progress, format_totals, measure
from bot.engine.dailies import Daily
from bot.engine.library import IndexedPack
from bot.engine.posts import Post
from bot.engine.question_screens import draw_open
from bot.engine.screens import (
    Bar,
    Button,
    ChannelMention,
    ChooseChannel,
    CommandMention,
    Control,
    Entry,
    Moment,
    Open,
    Part,
    Reply,
    Screen,
    Search,
    Text,
    join_texts,
    notice,
    to_spans,
)
from bot.engine.standings import RankBy, Window
from content.language.plural import count

MAX_OPEN, MAX_DAILIES, MAX_CHAPTERS = 5, 5, 12
"""How many open questions, dailies and chapters are listed."""

NOTHING_OPEN = "You've answered everything that's open."
NOTHING_DUE = "Nothing is due for review."
NOT_OPEN = "You can't answer this question anymore: it has closed, or it's in a channel of others."
WHERE_FROM = "Questions of a channel appear here once you've answered one in it."


@dataclass(frozen=True, slots=True)
class OpenQuestion(Action):
    """Show a channel's open question outside of the channel."""

    verb = "openquestion"
    round: int


async def home(context: Context, _: Options) -> Reply:
    """Show what to answer next, the member's progress and shortcuts; to managers also the channel
    settings."""
    pack = context.library.get("")
    if pack is None:
        return notice(NO_PACK)
    progress = await measure(context, pack)
    week = ShowBoard(Window.WEEK, RankBy.MEMBERS, "")
    board = (await show_page(context, week, ())).data
    posts = await context.store.posts.unanswered(context.member, context.now)
    text: list[Part] = [
        *_list_open(posts),
        *_list_coming(await context.store.dailies.known_to(context.member)),
        _offer_drill(progress, first=not posts),
        _format_figures(context, progress, _format_standing(board["own"], board["total"])),
        _format_chapters(progress.chapters),
        *_list_weakest(pack, progress),
    ]
    controls: tuple[Control, ...] = (
        Button("Catch up", encode(CatchUp())),
        Button("Leaderboard", encode(week)),
        Button("Chart", encode(DrawProgress()), opens_chart=True),
        Open("privacy", "Privacy"),
        Search("drill", "topic", "Drill a topic"),
        Search("explain", "topic", "Explain a topic"),
    )
    if await context.manages():
        controls += (ChooseChannel("settings", "Settings of a channel"),)
    return Reply(Screen("Today", tuple(text), controls=controls, note=WHERE_FROM))


async def open_question(context: Context, action: OpenQuestion, _: tuple[str, ...]) -> Reply:
    """Show an open question of a channel that the member knows, or what they answered."""
    posts = await context.store.posts.unanswered(context.member, context.now)
    post = next((each for each in posts if each.round.id == action.round), None)
    asked = find_asked(post.round) if post else None
    if post and asked and post.round.closes_at:
        screen = draw_open(asked, post, post.round.closes_at)
        where: tuple[str, Text] = ("Channel", (ChannelMention(post.channel.id),))
        return Reply(replace(screen, fields=(where, *screen.fields)))
    view = await context.store.answers.view(action.round, context.member)
    if view and view.answer:
        return await why(context, ShowAnswer(action.round), ())
    return notice(NOT_OPEN)


def _list_open(posts: Sequence[Post]) -> Iterator[Part]:
    """The open questions, the first to close first."""
    found = ((post, find_asked(post.round)) for post in posts)
    known = [(post, asked) for post, asked in found if asked]
    for post, asked in known[:MAX_OPEN]:
        closes = (", closes ", Moment(post.round.closes_at)) if post.round.closes_at else ()
        yield Entry(
            (f"{asked.chapter} in ", ChannelMention(post.channel.id), *closes),
            Button("Answer", encode(OpenQuestion(post.round.id)), "primary"),
        )
    if len(known) > MAX_OPEN:
        yield f"{count(len(known) - MAX_OPEN, 'more question')} open in your channels."
    if not known:
        yield NOTHING_OPEN


def _list_coming(dailies: Sequence[Daily]) -> Iterator[Part]:
    """When the next daily questions come, in one paragraph."""
    lines = [
        (
            "Next question in ",
            ChannelMention(daily.channel.id),
            *((": ", Moment(daily.next_due)) if daily.next_due else (": paused",)),
        )
        for daily in dailies[:MAX_DAILIES]
    ]
    if lines:
        yield join_texts(lines, "\n")


def _offer_drill(progress: Progress, *, first: bool) -> Entry:
    """What's due for review, with a drill: the `first` thing to do if no question is open."""
    due = f"{count(progress.due, 'question')} due for review." if progress.due else NOTHING_DUE
    style: Literal["primary", "plain"] = "primary" if first else "plain"
    return Entry(due, Button("Start a drill", encode(StartDrill("", "")), style))


def _format_figures(context: Context, progress: Progress, standing: str) -> Text:
    """Standing, totals and streak in one line."""
    streak, _, day_ends = streak_fields(context, progress.totals)
    figures = (("Standing", standing), *format_totals(progress.totals), streak, day_ends)
    return join_texts(((f"{name}: ", *to_spans(value)) for name, value in figures), " · ")


def _format_standing(own: Mapping[str, Any] | None, total: int) -> str:
    if own is None:
        return "not on the board yet"
    return "you're hidden" if own["hidden"] else f"{own['rank']} of {total} this week"


def _format_chapters(chapters: Sequence[Mapping[str, Any]]) -> Text:
    """A bar for each chapter, with its figures in words."""
    lines: list[Text] = ["Right when last asked, by chapter:"]
    for each in chapters[:MAX_CHAPTERS]:
        right, questions = each["right"], each["questions"]
        share = right / questions if questions else 0
        bar = Bar(each["title"], (right,), questions, f"{right} of {questions}")
        lines.append(f"{bar.draw()} {share:.0%} {bar.label}, {bar.note}")
    if len(chapters) > MAX_CHAPTERS:
        lines.append(("All of them: ", CommandMention("stats")))
    return join_texts(lines, "\n")


def _list_weakest(pack: IndexedPack, progress: Progress) -> Iterator[Part]:
    for topic in progress.weakest:
        drill = Button("Drill", encode(StartDrill(pack.pack.id, topic)))
        yield Entry(f"Hard for you: {pack.topics[topic].topic.title}", drill)


HOME = Command(
    name="home",
    description="Your own page: open questions, standing, progress and shortcuts",
    handler=home,
    presses=(OnPress(OpenQuestion, open_question),),
    needs="community",
    listed=False,
)
