"""Look ahead for what would go wrong with a daily question, before it's due."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.commands.base import Context
from bot.engine.daily_planner import questions_of
from bot.engine.events import Channel
from bot.engine.library import IndexedPack, Library
from bot.engine.platform import Unpostable
from bot.engine.schedules import Schedule
from bot.engine.screens import CommandMention, Reply, Text, Tone, join_texts, notice, to_spans


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Problems that would keep a question from being posted, and warnings; each says what to do."""

    blocking: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()

    @property
    def lines(self) -> tuple[Text, ...]:
        """All problems and warnings."""
        return (*self.blocking, *self.warnings)

    @property
    def text(self) -> Text:
        """All problems and warnings as one text."""
        return join_texts(self.lines, "\n")

    @property
    def tone(self) -> Tone:
        """The tone of a screen with these lines."""
        return Tone.PROBLEM if self.blocking else Tone.PLAIN


async def check_can_post(context: Context) -> Reply | None:
    """Say why the bot can't post in this channel; None if it can, or if we can't tell."""
    try:
        await context.dailies.check_postable(context.channel, "", context.member.user)
    except Unpostable as problem:
        return notice(f"{problem} Nothing was saved.")
    return None


async def foresee(
    context: Context,
    channel: Channel,
    schedule: Schedule,
    *,
    asker: str = "",
    then: Text = "",
    pack: str = "",
) -> Foreseen:
    """Check the coming questions of a schedule, by default from the channel's pack. `then` says
    what to do once the bot can post; `asker` may see a test line in the channel."""
    blocking: list[Text] = []
    warnings: list[Text] = []
    try:
        if unnotified := await context.dailies.check_postable(channel, schedule.role, asker):
            warnings.append(unnotified)
    except Unpostable as problem:
        blocking.append((f"{problem} ", *to_spans(then)) if then else str(problem))
    settings = await context.store.communities.channel_settings(channel)
    chosen = pack or settings.pack
    found = context.library.get(chosen)
    if found is None:
        other = CommandMention("settings", {"pack": context.library.ids[0]})
        blocking.append((f"The pack {chosen} is no longer available. To choose another: ", other))
        return Foreseen(tuple(blocking), tuple(warnings))
    gone = [each for each in schedule.chapters if not found.topics_in(each)]
    if gone:
        names = "; ".join(title_of(context.library, found, each) for each in gone)
        warnings.append(f"No longer in {found.pack.title}, so no questions about: {names}.")
    if not questions_of(found, schedule.chapters):
        blocking.append(
            (
                "There are no questions in the chosen chapters. To choose others: ",
                CommandMention("daily set"),
            )
        )
    return Foreseen(tuple(blocking), tuple(warnings))


def title_of(library: Library, pack: IndexedPack, scope: str) -> str:
    """The title of a chapter, unit or topic, even one that is no longer in the pack."""
    packs = (pack, *library.packs)
    titles = (each.title_of(scope) for each in packs if each.topics_in(scope))
    return next(titles, f"`{scope}`")
