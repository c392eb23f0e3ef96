"""What would go wrong with a daily question, said before it is due."""

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
    """Why no question could come, and what else wouldn't be as chosen; each says what to do."""

    blocking: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()

    @property
    def lines(self) -> tuple[Text, ...]:
        """All of it."""
        return (*self.blocking, *self.warnings)

    @property
    def text(self) -> Text:
        """All of it in one."""
        return join_texts(self.lines, " ")

    @property
    def tone(self) -> Tone:
        """How a screen with these lines is meant."""
        return Tone.PROBLEM if self.blocking else Tone.PLAIN


async def refused(context: Context) -> Reply | None:
    """Why nothing can be posted where the member is; None if it can, or that can't be found out."""
    try:
        await context.dailies.check_postable(context.channel, "", context.member.user)
    except Unpostable as problem:
        return notice(f"{problem} Nothing was saved.")
    return None


async def foresee(
    context: Context, channel: Channel, schedule: Schedule, *, asker: str = "", then: Text = ""
) -> Foreseen:
    """Look ahead at the questions of a schedule. `then` is what to do once the bot may post, and
    `asker` who may be shown a line in the channel to find out whether it may."""
    blocking: list[Text] = []
    warnings: list[Text] = []
    try:
        if unnotified := await context.dailies.check_postable(channel, schedule.role, asker):
            warnings.append(unnotified)
    except Unpostable as problem:
        blocking.append((f"{problem} ", *to_spans(then)) if then else str(problem))
    settings = await context.store.communities.channel_settings(channel)
    pack = context.library.get(settings.pack)
    if pack is None:
        other = CommandMention("settings", {"pack": context.library.ids[0]})
        blocking.append((f"The pack {settings.pack} isn't here anymore. To ask another: ", other))
        return Foreseen(tuple(blocking), tuple(warnings))
    gone = [each for each in schedule.chapters if not pack.topics_in(each)]
    if gone:
        names = "; ".join(title_of(context.library, pack, each) for each in gone)
        warnings.append(f"Not in {pack.pack.title} anymore, so not asked about: {names}.")
    if not questions_of(pack, schedule.chapters):
        blocking.append(
            (
                "There are no questions in the chosen chapters. To choose others: ",
                CommandMention("daily set"),
            )
        )
    return Foreseen(tuple(blocking), tuple(warnings))


def title_of(library: Library, pack: IndexedPack, scope: str) -> str:
    """The title of a chapter, unit or topic that the pack may have no more."""
    packs = (pack, *(library.get(each) for each in library.ids))
    titles = (each.title_of(scope) for each in packs if each and each.topics_in(scope))
    return next(titles, f"`{scope}`")
