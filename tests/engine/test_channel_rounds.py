"""Rounds in channels: posted once, counted, closed with their result, whatever goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bot.engine import screens
from bot.engine.actions import AnswerRound, ShowAnswer, encode
from bot.engine.asked import make_round
from bot.engine.commands.question import Close
from bot.engine.due.posting import GIVE_UP_LIVE_AFTER
from bot.engine.due.timing import LEASE
from bot.engine.events import Actor, Call, Event, Member, Place, Press
from bot.engine.events import Channel as Where
from bot.engine.library import Library
from bot.engine.platform import Unpostable
from bot.engine.rounds import Board, NewPost, Reveal
from bot.engine.screens import Button, Moment, Person, Pick, Reply, Screen, Tone
from tests.engine.test_desk import Table, button, find_answer_action
from tests.samples import questions_about, small_pack
from tests.texts import to_plain_text

GENERAL = Place("terminal", "local", "general", private=False)
TALK = Where("terminal", "local", "talk")


class Channel(Table):
    """A table in a channel; `ann` is the admin."""

    async def call(self, command: str, user: str = "ann", **options: Any) -> Reply:
        return await self.desk.handle(self.event(Call(command, options), user))

    async def press(self, action: str, *values: str, user: str = "ann") -> Reply:
        return await self.desk.handle(self.event(Press(action, values), user))

    async def choose_zone(self, command: str, zone: str, user: str = "ann") -> Reply:
        """Save a zone with `settings` or `preferences` after its preview."""
        shown = await self.call(command, user, zone=zone)
        return await self.press(button(shown.screen, "Save"), user=user)

    async def choose(self, **settings: Any) -> Reply:
        """Choose settings by name, with underscores for hyphens."""
        chosen = {name.replace("_", "-"): value for name, value in settings.items()}
        return await self.desk.handle(self.event(Call("settings", chosen), "ann"))

    def event(self, what: Call | Press, user: str) -> Event:
        return Event(Actor(user, user.capitalize(), admin=user == "ann"), GENERAL, what)

    @property
    def shown(self) -> Screen:
        """Return the screen of the channel's last message."""
        return list(self.poster.screens.values())[-1]

    async def passes(self, **time: int) -> None:
        self.clock.now += timedelta(**time)
        await self.desk.clockwork.run_due()
        await self.desk.rounds.count()


def words(screen: Screen) -> str:
    """Return a screen's text outside of tables, with people as ids."""
    parts = (part for part in screen.text if not isinstance(part, screens.Table))
    return "\n".join(map(to_plain_text, (*parts, *(value for _, value in screen.fields))))


async def test_a_question_is_posted_with_its_clock_and_answered_in_private() -> None:
    channel = Channel()
    reply = await channel.call("question", minutes=5)
    assert reply.screen.title == "Posted"
    closes = channel.clock.now + timedelta(minutes=5)
    assert dict(channel.shown.fields)["Closes"] == (Moment(closes),)
    verdict = await channel.answer(channel.shown, rightly=True, user="bob")
    assert verdict.screen.tone is Tone.RIGHT
    labels = [c.label for c in verdict.screen.controls if isinstance(c, Button)]
    assert labels == ["Explain", "Drill this topic", "Report"]


async def test_the_count_follows_the_answers_without_saying_what_they_were() -> None:
    channel = Channel()
    await channel.call("question")
    await channel.answer(channel.shown, rightly=True, user="bob")
    await channel.passes(seconds=5)
    assert dict(channel.shown.fields)["Answered"] == "1"
    edits = channel.poster.edits
    await channel.passes(seconds=5)
    assert channel.poster.edits == edits


async def test_the_result_shows_who_was_right_first_and_keeps_the_answer_behind_a_press() -> None:
    channel = Channel()
    await channel.call("question", topic="alpha", minutes=1)
    for user, rightly in (("bob", False), ("cid", True), ("dan", True)):
        await channel.answer(channel.shown, rightly=rightly, user=user)
        channel.clock.now += timedelta(seconds=1)
    await channel.passes(minutes=1)
    result = channel.shown
    fields = dict(result.fields)
    assert result.title == "Result · Sample"
    assert fields["Answered"] == "3"
    assert fields["Right"] == "2 of 3 (67%)"
    assert fields["First to get it right"] == (Person("cid", "Cid"), ", ", Person("dan", "Dan"))
    assert result.spoiler[0].startswith("The answer:")
    late = await channel.press(button(result, "Answer and why"), user="eve")
    assert "The notes on alpha say so" in words(late.screen)
    own = await channel.press(button(result, "Answer and why"), user="cid")
    assert own.screen.title == "Right · 10 points"


async def test_a_long_streak_is_worth_a_mention() -> None:
    channel = Channel()
    for _ in range(8):
        reply = await channel.call("drill", "bob", questions=1)
        await channel.answer(reply.screen, rightly=True, user="bob")
        channel.clock.pass_days(1)
    await channel.call("question", minutes=1)
    await channel.answer(channel.shown, rightly=True, user="bob")
    await channel.passes(minutes=1)
    assert dict(channel.shown.fields)["Streaks"] == (Person("bob", "Bob"), " 9 days")


async def test_with_reveal_at_close_an_answer_is_only_said_to_be_recorded() -> None:
    channel = Channel()
    await channel.call("settings", reveal="at-close")
    await channel.call("question", minutes=1)
    action = find_answer_action(channel.shown)
    reply = await channel.answer(channel.shown, rightly=True, user="bob")
    assert reply.screen.title == "Recorded"
    assert "points" not in words(reply.screen)
    channel.clock.now += timedelta(seconds=1)
    again = await channel.press(action, "0", user="bob")
    assert "first answer counts" in words(again.screen)
    assert again.screen.title == "Recorded"
    await channel.passes(minutes=1)
    verdict = await channel.press(button(channel.shown, "Answer and why"), user="bob")
    assert verdict.screen.title == "Right · 10 points"


async def test_nobody_sees_the_answer_of_an_open_question() -> None:
    channel = Channel()
    await channel.call("question")
    reply = await channel.press(encode(ShowAnswer(1)), user="bob")
    assert "still open" in words(reply.screen)


async def test_a_late_press_gets_a_kind_answer_and_counts_for_nothing() -> None:
    channel = Channel()
    await channel.call("question", minutes=1)
    before = channel.shown
    await channel.passes(minutes=1)
    late = await channel.answer(before, rightly=True, user="bob")
    assert "is closed" in words(late.screen)
    assert button(late.screen, "Answer and why")
    assert not channel.store.state.answers


async def test_one_question_at_a_time_which_an_admin_may_close() -> None:
    channel = Channel()
    await channel.call("question")
    for user, may in (("ann", True), ("bob", False)):
        reply = await channel.call("question", user)
        assert "already open here" in words(reply.screen)
        assert bool(reply.screen.controls) is may
    refused = await channel.press(encode(Close(1)), user="bob")
    assert "Only admins, managers and whoever posted the question" in words(refused.screen)
    await channel.press(encode(Close(1)))
    assert channel.shown.title.startswith("Result")
    assert (await channel.call("question")).screen.title == "Posted"


async def test_who_posed_a_question_may_close_it_and_no_other_member() -> None:
    channel = Channel()
    posted = await channel.call("question", "bob")
    again = await channel.call("question", "bob")
    assert button(again.screen, "Close it now") == button(posted.screen, "Close it now")
    assert not (await channel.call("question", "eve")).screen.controls
    refused = await channel.press(button(posted.screen, "Close it now"), user="eve")
    assert "Only admins, managers and whoever posted" in words(refused.screen)
    closed = await channel.press(button(posted.screen, "Close it now"), user="bob")
    assert closed.screen.title == "Closed"
    assert channel.shown.title.startswith("Result")


async def test_a_channel_walks_through_the_pack_before_it_repeats() -> None:
    channel = Channel()
    for _ in range(20):
        await channel.call("question", minutes=1)
        await channel.passes(minutes=1)
    assert len({round_.question for round_ in channel.store.state.rounds.values()}) == 20


async def test_live_points_are_for_the_live_board_and_for_what_one_has_not_just_seen() -> None:
    channel = Channel()
    for _ in range(2):
        reply = await channel.call("drill", "bob", topic="alpha", questions=7)
        for _ in range(7):
            reply = await channel.press(
                button(
                    (await channel.answer(reply.screen, rightly=True, user="bob")).screen, "Next"
                ),
                user="bob",
            )
    await channel.call("question", topic="alpha")
    verdict = await channel.answer(channel.shown, rightly=True, user="bob")
    assert verdict.screen.title == "Right · 0 points"
    assert "isn't due" in words(verdict.screen)
    verdict = await channel.answer(channel.shown, rightly=True, user="cid")
    assert verdict.screen.title == "Right · 10 points"
    live = await channel.call("leaderboard", board="live")
    assert [line["points"] for line in live.data["lines"]] == [10, 0]


async def pose_and_answer(channel: Channel, board: Board, user: str = "bob") -> int:
    """Ask the same question again, and return what bob earns for a right answer."""
    pack = channel.desk.library.get("")
    assert pack is not None
    question = pack.questions["alpha-q3"]
    new = replace(make_round(pack, question, Random(1)), layout=(0, 1))
    post = await channel.desk.rounds.open(NewPost(TALK, "sample", new, board, Reveal.AT_ONCE, 60))
    assert post is not None
    await channel.press(encode(AnswerRound(post.round.id, "0")), user=user)
    await channel.passes(minutes=2)
    return channel.store.state.answers[post.round.id, Member("terminal", "local", user)].points


async def test_a_live_question_that_one_knows_counts_when_due_or_once_a_week() -> None:
    channel = Channel()
    assert [await pose_and_answer(channel, Board.LIVE) for _ in range(3)] == [10, 0, 0]
    assert [await pose_and_answer(channel, Board.DAILY) for _ in range(2)] == [10, 10]
    for days in (3, 10, 30):  # each time due, so that the next time is far away
        channel.clock.pass_days(days)
        assert await pose_and_answer(channel, Board.LIVE) == 10
    earned = []
    for _ in range(14):
        channel.clock.pass_days(1)
        earned.append(await pose_and_answer(channel, Board.LIVE))
    assert earned == [0, 0, 0, 0, 0, 0, 10] * 2


async def test_nobody_earns_by_posing_the_same_questions_again_and_again() -> None:
    channel = Channel()
    await channel.choose(questions_an_hour=60)
    count = len(questions_about("alpha"))
    for _ in range(2 * count):
        await channel.call("question", "bob", topic="alpha", minutes=1)
        await channel.answer(channel.shown, rightly=True, user="bob")
        await channel.passes(minutes=2)
    board = await channel.call("leaderboard", "bob", board="live")
    assert board.data["own"]["points"] == 10 * count
    assert board.data["own"]["answered"] == 2 * count


async def test_a_question_that_was_asked_here_is_posed_once_all_were_and_said_to_be() -> None:
    channel = Channel()
    replies, count = [], len(questions_about("alpha"))
    for _ in range(count + 1):
        replies.append(words((await channel.call("question", topic="alpha", minutes=1)).screen))
        await channel.passes(minutes=2)
    assert len({post.round.question for post in channel.store.state.posts.values()}) == count
    assert ["was asked" in text for text in replies] == [False] * count + [True]


async def test_members_pose_as_many_questions_and_as_long_ones_as_admins_allow() -> None:
    channel = Channel()

    async def pose(user: str = "bob", **options: int) -> str:
        reply = words((await channel.call("question", user, **options)).screen)
        await channel.passes(minutes=options.get("minutes", 10) + 1)
        return reply

    assert "60 minutes" in await pose(minutes=61)
    assert ["closes" in await pose(minutes=1) for _ in range(3)] == [True] * 3
    assert "You've posted 3 questions in the last hour" in await pose()
    assert "closes" in await pose("cid")
    assert ["closes" in await pose("ann", minutes=1) for _ in range(4)] == [True] * 4
    assert "closes" in await pose("ann", minutes=24 * 60)
    assert "closes" in await pose()
    await channel.choose(questions_an_hour=1, question_minutes=5)
    assert "5 minutes" in await pose("cid", minutes=6)
    assert "closes" in await pose("cid", minutes=5)
    assert "You've posted 1 question in" in await pose("cid", minutes=1)
    shown = words((await channel.call("settings", questions="managers")).screen)
    assert "posted by admins and managers only" in shown
    await channel.passes(hours=2)
    assert "Only admins" in await pose("cid", minutes=1)
    assert "closes" in await pose("ann")


async def test_a_channel_that_takes_no_posts_is_told_why_and_left_alone() -> None:
    channel = Channel()
    channel.poster.trouble = Unpostable("I may not write in this channel.")
    reply = await channel.call("question")
    assert words(reply.screen) == "I may not write in this channel."
    channel.poster.trouble = None
    assert (await channel.call("question")).screen.title == "Posted"


async def test_a_post_whose_confirmation_was_lost_is_taken_up_without_a_second_message() -> None:
    channel = Channel()
    channel.poster.lost = ConnectionError("gone")
    reply = await channel.call("question", minutes=5)
    assert "as soon as" in words(reply.screen)
    answered = await channel.answer(channel.shown, rightly=True, user="bob")
    assert answered.screen.tone is Tone.RIGHT
    channel.poster.lost = None
    await channel.passes(seconds=LEASE.seconds)
    assert len(channel.poster.screens) == 1
    assert channel.store.state.rounds[1].closes_at == channel.clock.now + timedelta(minutes=5)
    assert dict(channel.shown.fields)["Answered"] == "1"


async def test_a_live_question_that_could_not_be_posted_for_long_is_given_up() -> None:
    channel = Channel()
    channel.poster.trouble = ConnectionError("down")
    await channel.call("question")
    channel.poster.trouble = None
    await channel.passes(seconds=GIVE_UP_LIVE_AFTER.seconds + 1)
    assert not channel.poster.screens
    assert (await channel.call("question")).screen.title == "Posted"


async def test_a_close_that_failed_is_tried_again() -> None:
    channel = Channel()
    await channel.call("question", minutes=1)
    channel.poster.trouble = ConnectionError("down")
    await channel.passes(minutes=1)
    assert channel.shown.title.startswith("Question")
    channel.poster.trouble = None
    await channel.passes(seconds=LEASE.seconds)
    assert channel.shown.title.startswith("Result")


async def test_a_message_that_was_deleted_ends_its_round_quietly() -> None:
    channel = Channel()
    await channel.call("question", minutes=1)
    channel.poster.trouble = Unpostable("deleted")
    await channel.passes(minutes=1)
    assert channel.store.state.rounds[1].closed


@pytest.mark.parametrize("command", ["question", "settings"])
async def test_channel_commands_say_where_they_work(command: str) -> None:
    reply = await Table().call(command)
    assert "in a channel" in words(reply.screen)


async def test_settings_are_for_admins_and_show_what_holds() -> None:
    channel = Channel()
    refused = await channel.call("settings", "bob", reveal="at-close")
    assert "Only admins" in words(refused.screen)
    assert "no pack with that name" in words((await channel.call("settings", pack="nope")).screen)
    shown = await channel.call("settings", reveal="at-close", pack="sample")
    assert words(shown.screen) == (
        "when the question closes\na reply to the question says how many got it right\n"
        "Sample\nnot posted here\nat midnight in UTC\nno limit\n"
        "posted by everyone, 3 an hour each, open for 60 minutes at most; no limits for admins "
        "and managers\nadmins only"
    )


async def test_settings_say_that_a_pack_is_asked_which_fails_its_check() -> None:
    channel = Channel()
    channel.desk.library = Library([small_pack()], {"sample": 2})
    shown = dict((await channel.call("settings")).screen.fields)
    assert shown["Pack"] == (
        "Sample (fails its check: 2 findings. `studyhall pack check` lists them)"
    )


async def test_several_are_asked_for_with_their_number_in_a_channel() -> None:
    channel = Channel()
    for _ in range(24):
        await channel.call("question", topic="alpha", minutes=1)
        pick = channel.shown.controls[0]
        if isinstance(pick, Pick) and pick.several:
            break
        await channel.passes(minutes=1)
    assert channel.shown.text[1] == "Choose 2."


async def test_a_question_in_a_channel_cannot_be_skipped() -> None:
    channel = Channel()
    await channel.call("question", topic="alpha", minutes=1)
    told = await channel.press(find_answer_action(channel.shown), "skip", user="bob")
    assert "You can only skip questions in a drill" in words(told.screen)
    assert not channel.store.state.answers


async def test_a_report_is_kept_with_its_reason() -> None:
    channel = Channel()
    await channel.call("question")
    verdict = await channel.answer(channel.shown, rightly=True, user="bob")
    report = button(verdict.screen, "Report")
    assert "few words" in words((await channel.press(report, "  ", user="bob")).screen)
    sent = {"text": " key  is B "}
    thanks = await channel.desk.handle(channel.event(Press(report, fields=sent), "bob"))
    assert thanks.screen.title == "Report sent"
    (kept,) = await channel.store.reports.all()
    assert (kept.reason, kept.question) == ("key is B", channel.store.state.rounds[1].question)


async def test_teams_are_made_joined_and_left_by_command_and_by_button() -> None:
    channel = Channel()
    assert "needs `name`" in words((await channel.call("team create")).screen)
    assert "at most 40" in words((await channel.call("team create", name="x" * 41)).screen)
    assert "You're in Owls" in words((await channel.call("team create", name="Owls")).screen)
    assert "already" in words((await channel.call("team create", "bob", name="OWLS")).screen)
    assert "Closest matches: Owls" in words(
        (await channel.call("team join", "bob", name="Bowls")).screen
    )
    listed = (await channel.call("team list", "bob")).screen
    await channel.press(button(listed, "Join Owls"), user="bob")
    reply = await channel.call("drill", "bob", questions=1)
    await channel.answer(reply.screen, rightly=True, user="bob")
    board = (await channel.call("leaderboard", "bob", by="teams")).data["lines"]
    assert [(line["name"], line["points"], line["active"]) for line in board] == [("Owls", 6, 1)]
    assert "left" in words((await channel.call("team leave", "bob")).screen)
    assert "not in a team" in words((await channel.call("team leave", "bob")).screen)


async def test_privacy_shows_gives_and_deletes_after_asking_again() -> None:
    channel = Channel()
    assert "We don't store anything" in words((await channel.call("privacy", "bob")).screen)
    reply = await channel.call("drill", "bob", questions=1)
    await channel.answer(reply.screen, rightly=True, user="bob")
    shown = (await channel.call("privacy", "bob")).screen
    copy = await channel.press(button(shown, "Get a copy"), user="bob")
    assert copy.file is not None
    assert b'"points": 10' in copy.file.content
    sure = await channel.press(button(shown, "Delete"), user="bob")
    assert (
        await channel.store.players.totals(channel.event(Call("", {}), "bob").member)
    ).answered == 1
    await channel.press(button(sure.screen, "Yes"), user="bob")
    assert "We don't store anything" in words((await channel.call("privacy", "bob")).screen)
