"""Results that can't be shown: what members and admins read, and how they're retried."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.engine.due.result import DELETED, PATIENCE
from bot.engine.due.timing import RETRY_SECONDS
from bot.engine.events import Channel as Where
from bot.engine.platform import ChannelGone, MessageGone, Unpostable
from bot.engine.screens import Tone
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_desk import button
from tests.texts import to_plain_text

NO_ENTRY = Unpostable("I may not write in this channel.")
GONE = MessageGone("The message is not there any more.")


class Room(Channel):
    """A channel with an answered question, whose messages can't be edited any longer."""

    async def over(self, trouble: Exception) -> None:
        await self.call("question", user="bob", minutes=1)
        await self.answer(self.shown, rightly=True, user="cid")
        self.poster.uneditable = trouble
        await self.passes(minutes=1)

    @property
    def titles(self) -> list[str]:
        return [screen.title.partition(" ·")[0] for screen in self.poster.screens.values()]


async def test_a_result_is_posted_anew_where_the_question_was_deleted() -> None:
    room = Room()
    await room.over(GONE)
    assert room.titles == ["Question", "Result"]
    assert room.poster.told == []
    assert not room.store.state.due
    assert room.store.state.posts[1].message == [*room.poster.screens][1]
    await room.passes(days=1)
    assert len(room.titles) == 2


async def test_a_question_that_was_deleted_before_anybody_answered_ends_quietly() -> None:
    room = Room()
    posed = await room.call("question", minutes=9)
    room.poster.uneditable = GONE
    closed = await room.press(button(posed.screen, "Close it now"))
    assert DELETED in words(closed.screen)
    assert room.titles == ["Question"]
    assert room.poster.told == []


async def test_a_deleted_question_frees_its_channel() -> None:
    room = Room()
    await room.call("question", minutes=9)
    await room.answer(room.shown, rightly=True, user="cid")
    assert "open here already" in words((await room.call("question")).screen)
    room.poster.uneditable = GONE
    assert (await room.call("question")).screen.title == "Posted"
    assert room.titles == ["Question", "Result", "Question"]


async def test_who_asked_is_told_once_why_a_result_cannot_be_shown() -> None:
    room = Room()
    await room.over(NO_ENTRY)
    for _ in range(9):
        await room.passes(minutes=30)
    ((user, screen),) = room.poster.told
    assert (user, screen.tone) == ("bob", Tone.PROBLEM)
    assert str(NO_ENTRY) in words(screen)
    assert "try again for a day" in to_plain_text(screen.note)
    assert room.store.state.rounds[1].closed, "answers count all the same"
    room.poster.uneditable = None
    await room.passes(hours=1)
    assert room.titles == ["Result"]
    assert not room.store.state.due
    assert not room.store.state.posts[1].trouble


async def test_where_the_channel_is_gone_it_is_not_tried_again() -> None:
    room = Room()
    await room.over(ChannelGone("The channel is not there any more."))
    ((user, screen),) = room.poster.told
    assert user == "bob"
    assert "All answers are kept and counted" in to_plain_text(screen.note)
    assert not room.store.state.due


async def test_a_community_that_lets_the_bot_in_again_sees_its_results_at_once() -> None:
    room = Room()
    await room.over(NO_ENTRY)
    await room.passes(hours=12)
    room.poster.uneditable = None
    await room.desk.rounds.welcome("terminal", "local")
    await room.passes()
    assert room.titles == ["Result"]


async def test_a_community_that_removes_the_bot_sees_its_results_when_it_is_back() -> None:
    room = Room()
    await room.call("question", minutes=9)
    await room.answer(room.shown, rightly=True, user="cid")
    await room.desk.rounds.abandon("terminal", "local")
    assert room.store.state.rounds[1].closed
    await room.passes()
    assert room.titles == ["Question"]
    await room.desk.rounds.welcome("terminal", "local")
    await room.passes()
    assert room.titles == ["Result"]


async def test_after_a_day_a_result_is_given_up() -> None:
    room = Room()
    await room.over(NO_ENTRY)
    for _ in range(30):
        await room.passes(hours=1)
    assert not room.store.state.due
    room.poster.uneditable = None
    await room.passes(days=1)
    assert room.titles == ["Question"]


async def test_who_closes_a_question_is_told_the_truth() -> None:
    room = Room()
    posed = await room.call("question", minutes=9)
    await room.answer(room.shown, rightly=True, user="cid")
    room.poster.uneditable = NO_ENTRY
    closed = await room.press(button(posed.screen, "Close it now"))
    assert "can't be shown now. I may not write in this channel." in words(closed.screen)
    assert closed.screen.tone is Tone.PROBLEM


@pytest.mark.parametrize("tries", range(3))
async def test_what_fails_is_tried_again_soon_and_then_ever_more_seldom(tries: int) -> None:
    room = Room()
    room.poster.trouble = ConnectionError("503")
    await room.call("question", minutes=30)
    for seconds in RETRY_SECONDS[:tries]:
        await room.passes(seconds=seconds)
    room.poster.trouble = None
    await room.passes(seconds=RETRY_SECONDS[tries] - 1)
    assert room.titles == []
    await room.passes(seconds=1)
    assert room.titles == ["Question"]


def test_first_pauses_are_short_and_the_longest_far_below_a_day() -> None:
    assert RETRY_SECONDS[:3] == (2, 5, 10)
    assert [*RETRY_SECONDS] == sorted(RETRY_SECONDS)
    assert timedelta(seconds=RETRY_SECONDS[-1]) < PATIENCE / 10


async def test_one_kind_that_fails_does_not_keep_the_others_waiting() -> None:
    room = Room()
    await room.call("question", minutes=1)

    async def fail(*_: object) -> None:
        raise ConnectionError("no dailies")

    room.store.dailies.due = fail  # type: ignore[assignment]
    with pytest.raises(ConnectionError):
        await room.passes(minutes=1)
    await room.desk.clockwork.drain()
    assert room.titles == ["Result"]
    assert await room.store.posts.live_in(Where("terminal", "local", "general")) is None
