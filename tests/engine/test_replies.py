"""How a channel hears of results, and how members find their question again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.engine.actions import ShowAnswer, encode
from bot.engine.platform import MessageGone, Unpostable
from bot.engine.rounds import Results
from bot.engine.screens import Button, Screen, WebLink
from tests.engine import test_dailies as dailies
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_dailies import NINE
from tests.engine.test_desk import button
from tests.texts import to_plain_text

CHAT = "https://chat.example/"
NO_REPLIES = Unpostable("I can't reply in this channel.")
DAY = timedelta(days=1)


class Room(Channel):
    """A channel whose questions Bob poses, Cid gets right and Dan gets wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.poster.address = CHAT

    async def over(self) -> None:
        """Pose a question and close it."""
        await self.call("question", user="bob", minutes=1, topic="alpha")
        await self.answer(self.shown, rightly=True, user="cid")
        await self.answer(self.shown, rightly=False, user="dan")
        await self.passes(minutes=1)

    @property
    def replies(self) -> list[tuple[str, str, str]]:
        """Each reply's message, words, and the name of its discussion."""
        return [(to, words(screen), name) for to, screen, name in self.poster.replies.values()]

    @property
    def titles(self) -> list[str]:
        return [screen.title.partition(" ·")[0] for screen in self.poster.screens.values()]


async def test_the_reply_names_how_many_got_it_right_and_nobody_in_particular() -> None:
    room = Room()
    await room.over()
    assert room.replies == [("m1", "1 of 2 got it right.", "")]
    ((_, screen, _),) = room.poster.replies.values()
    assert screen == Screen(
        text=("1 of 2 got it right.",),
        controls=(Button("Why?", encode(ShowAnswer(1, reply=1))),),
    )
    assert button(room.shown, "Answer and why") != button(screen, "Why?")
    why = await room.press(button(screen, "Why?"), user="dan")
    assert why.screen.title == "Wrong · 0 points"
    assert not room.store.state.due
    await room.passes(days=1)
    assert len(room.replies) == 1


async def test_a_setting_applies_to_questions_that_are_open_when_it_changes() -> None:
    for results in Results:
        room = Room()
        await room.call("question", user="bob", minutes=9, topic="alpha")
        await room.answer(room.shown, rightly=True, user="cid")
        await room.call("settings", results=results)
        await room.passes(minutes=9)
        assert [name for *_, name in room.replies] == {
            Results.REPLY: [""],
            Results.EDIT: [],
            Results.THREAD: ["About alpha"],
        }[results]
        assert room.titles == ["Result"]


async def test_a_question_that_will_be_discussed_asks_for_no_spoilers_until_then() -> None:
    room = Room()
    await room.call("question", minutes=9)
    assert "spoilers" not in to_plain_text(room.shown.note)
    await room.passes(minutes=9)
    await room.call("settings", results="thread")
    await room.call("question", minutes=9)
    note = to_plain_text(room.shown.note)
    assert note.startswith("Your answer is private.")
    assert "No spoilers, please: the discussion opens in the thread" in note


async def test_a_refused_reply_becomes_a_message_and_its_asker_is_told_once_for_each_reason() -> (
    None
):
    room = Room()
    room.poster.unrepliable = NO_REPLIES
    for _ in range(2):
        await room.over()
    assert room.titles == ["Result", "", "Result", ""]
    assert words(room.shown) == f"1 of 2 got it right.\nSee the result ({CHAT}general/m3)"
    ((user, told),) = room.poster.told
    assert user == "bob"
    assert str(NO_REPLIES) in words(told)
    assert "`settings results:edit`" in to_plain_text(told.note)
    assert not room.store.state.due
    assert not room.store.state.posts[1].trouble, "a result that is shown is no trouble"
    room.poster.unrepliable = Unpostable("Threads are closed here.")
    await room.over()
    assert len(room.poster.told) == 2


async def test_where_nothing_can_be_posted_the_result_stands_and_it_is_done() -> None:
    room = Room()
    posed = await room.call("question", user="bob", minutes=9)
    await room.answer(room.shown, rightly=True, user="cid")
    room.poster.unrepliable = NO_REPLIES
    before = room.poster.post

    async def refuse(*_: object, **__: object) -> str:
        raise NO_REPLIES

    room.poster.post = refuse  # type: ignore[method-assign]
    closed = await room.press(button(posed.screen, "Close it now"), user="bob")
    assert words(closed.screen) == "The result is in the channel."
    assert room.titles == ["Result"]
    assert len(room.poster.told) == 1
    room.poster.post, room.poster.unrepliable = before, None  # type: ignore[method-assign]
    await room.passes(days=1)
    assert room.replies == []


async def test_a_reply_that_fails_for_now_is_tried_again_and_the_result_is_there() -> None:
    room = Room()
    room.poster.unrepliable = ConnectionError("503")
    await room.over()
    assert room.titles == ["Result"]
    assert room.replies == []
    room.poster.unrepliable = None
    await room.passes(seconds=2)
    assert len(room.replies) == 1
    assert room.poster.told == []


async def test_a_result_posted_anew_is_not_replied_to_but_opens_a_discussion() -> None:
    for results, count in ((Results.REPLY, 0), (Results.THREAD, 1)):
        room = Room()
        await room.call("settings", results=results)
        await room.call("question", user="bob", minutes=1)
        await room.answer(room.shown, rightly=True, user="cid")
        room.poster.uneditable = MessageGone("The message was deleted.")
        await room.passes(minutes=1)
        assert room.titles == ["Question", "Result"]
        assert [to for to, *_ in room.replies] == ["m2"] * count


@pytest.mark.parametrize("results", ["reply", "thread"])
async def test_a_setting_that_the_channel_would_refuse_says_so(results: str) -> None:
    room = Room()
    room.poster.refuses_replies = "I can't reply in this channel. Give me the permission."
    shown = await room.call("settings", results=results)
    assert "Give me the permission" in words(shown.screen)
    assert "Give me" not in words((await room.call("settings", results="edit")).screen)
    assert "Give me" not in words((await room.call("settings")).screen)


@pytest.mark.parametrize("address", [CHAT, ""])
async def test_a_receipt_links_to_the_question_if_its_address_is_known(address: str) -> None:
    room = Room()
    room.poster.address = address
    await room.call("settings", reveal="at-close")
    await room.call("question", minutes=9)
    receipt = await room.answer(room.shown, rightly=True, user="cid")
    assert receipt.screen.title == "Recorded"
    link = f" · Go to the question ({CHAT}general/m1)" if address else ""
    assert words(receipt.screen).splitlines()[1:] == [
        f"You'll see the result when the question closes, <time>{link}"
    ]


class DailyRoom(dailies.Room):
    """A channel with a daily question at nine."""

    def last_time(self) -> str:
        """What today's question says about the last one."""
        field = dict(self.shown.fields).get("Last time", "")
        return to_plain_text(field)


async def test_a_daily_question_says_how_the_last_one_went() -> None:
    room = DailyRoom()
    room.poster.address = CHAT
    await room.set(hours=24)
    await room.at(NINE)
    assert room.last_time() == ""
    await room.answer(room.shown, rightly=True, user="bob")
    await room.answer(room.shown, rightly=False, user="cid")
    # The one of the day before closes at the very moment when the next is due.
    await room.at(NINE + DAY)
    asked = room.posts[1]
    went = dict(asked.fields)["Last time"]
    assert went == ("1 of 2 got it right. ", WebLink("See the result", f"{CHAT}general/m1"))
    await room.answer(asked, rightly=True, user="bob")
    await room.passes(seconds=5)
    assert dict(room.posts[1].fields)["Answered"] == "1"
    assert dict(room.posts[1].fields)["Last time"] == went
    await room.at(NINE + DAY * 2)
    assert "1 of 1 got it right." in to_plain_text(dict(room.posts[2].fields)["Last time"])
    await room.at(NINE + DAY * 3)
    assert "Last time" not in dict(room.posts[3].fields), "nobody answered"


async def test_what_is_still_open_or_withdrawn_is_not_told() -> None:
    room = DailyRoom()
    await room.set(hours=48)
    await room.at(NINE)
    await room.answer(room.shown, rightly=True, user="bob")
    await room.at(NINE + DAY)
    assert room.last_time() == ""
    room = DailyRoom()
    await room.set(hours=2)
    await room.at(NINE)
    await room.answer(room.shown, rightly=True, user="bob")
    await room.at(NINE + timedelta(hours=2))
    rounds = room.store.state.rounds
    rounds[1] = replace(rounds[1], withdrawn=True)
    await room.at(NINE + DAY)
    assert room.last_time() == ""


async def test_a_question_of_another_kind_says_nothing_about_the_last_daily() -> None:
    room = DailyRoom()
    await room.set(hours=2)
    await room.at(NINE)
    await room.answer(room.shown, rightly=True, user="bob")
    await room.at(NINE + timedelta(hours=2))
    await room.call("question")
    assert room.last_time() == ""
