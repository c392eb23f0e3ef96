"""What every platform's members meet, written once."""

from __future__ import annotations

import dataclasses
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from content.model import Pack
from tests.conformance.chat import SOON, Chat, Named, Shown
from tests.samples import NOW

needs, long = pytest.mark.needs, pytest.mark.long
PNG = b"\x89PNG\r\n\x1a\n"
both = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=long)], indirect=True
)
"""Where it matters what the database does, and not only what the platform does."""
at_any_hour = pytest.mark.parametrize(
    "now",
    [
        pytest.param(NOW, id="noon"),
        pytest.param(datetime(2026, 3, 2, 23, 57, tzinfo=UTC), id="23:57"),
        pytest.param(datetime(2026, 12, 31, 22, 30, tzinfo=UTC), id="31 December", marks=long),
        pytest.param(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), id="March", marks=long),
        pytest.param(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="October", marks=long),
    ],
    indirect=True,
)
"""Where it matters what day it is: in the last two, Europe's clocks change half an hour later."""


async def test_a_drill_walks_through_every_kind_of_question_to_its_summary(chat: Chat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=7)
    kinds = set()
    for step in range(1, 8):
        assert f"Question {step} of 7" in shown.text
        assert shown.private
        question = shown.question(chat.pack)
        assert question is not None
        kinds.add(question.kind)
        shown = await chat.answer(shown)
        assert "Right · 10 points" in shown.text
        assert "The notes on alpha say so" in shown.text
        shown = await chat.press(shown, "Next")
    assert len(kinds) == 7
    assert "Drill finished" in shown.text
    assert "7 of 7 answered" in shown.text


async def test_a_typed_answer_is_read_kindly_and_its_spelling_told(chat: Chat) -> None:
    for topic, typed, told in (
        ("alpha", "I think it's a compute clutser", "It's spelled “compute cluster”"),
        ("beta", "the AmlCompute class", "Right · 10 points"),
        ("gamma", "not a compute cluster", "Wrong · 0 points"),
        ("delta", "compute instances", "That one has a single user."),
    ):
        shown = await chat.call("drill", topic=topic, questions=7)
        while (question := shown.question(chat.pack)) and question.kind != "short_answer":
            shown = await chat.press(await chat.answer(shown), "Next")
        shown = await chat.write(shown, typed)
        assert told in shown.text
        assert ("It's spelled" in shown.text) is ("spelled" in told)


async def test_a_wrong_answer_is_told_the_right_one_and_why(chat: Chat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=7)
    for _ in range(7):
        question = shown.question(chat.pack)
        assert question is not None
        verdict = await chat.answer(shown, rightly=False)
        assert "Right ·" not in verdict.text
        assert "The answer" in verdict.text
        assert question.rationale in verdict.text
        shown = await chat.press(verdict, "Next")
    assert "0 of 7 answered" in shown.text


async def test_a_drill_can_be_stopped_with_its_summary(chat: Chat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=3)
    shown = await chat.press(await chat.answer(shown), "Next")
    shown = await chat.press(shown, "Stop")
    assert "1 of 1 answered" in shown.text


async def skip_to(chat: Chat, kind: str) -> Shown:
    """The question of that kind in a new drill."""
    shown = await chat.call("drill", topic="alpha", questions=7)
    while (question := shown.question(chat.pack)) and question.kind != kind:
        shown = await chat.press(shown, "Skip")
    return shown


async def test_a_skipped_question_comes_back_at_the_end_of_the_drill(chat: Chat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=3)
    skipped = shown.question(chat.pack)
    shown = await chat.press(shown, "Skip")
    for step in (2, 3):
        assert f"Question {step} of 3" in shown.text
        shown = await chat.press(await chat.answer(shown), "Next")
    assert "Question 1 of 3" in shown.text
    assert shown.question(chat.pack) == skipped
    shown = await chat.press(shown, "Skip")
    assert "Drill finished" in shown.text
    assert "2 of 2 answered" in shown.text
    assert "1, left for another drill" in shown.text


async def test_the_word_skip_is_never_graded(chat: Chat) -> None:
    shown = await skip_to(chat, "short_answer")
    other = await chat.write(shown, "skip")
    assert "Wrong" not in other.text
    question = other.question(chat.pack)
    assert question is not None
    assert question.kind != "short_answer"
    shown = await skip_to(chat, "short_answer")
    assert "Right · 10 points" in (await chat.answer(shown)).text


async def test_a_question_with_several_right_options_says_how_many(chat: Chat) -> None:
    shown = await skip_to(chat, "multiple")
    assert "Choose 2" in shown.text
    assert "Right · 10 points" in (await chat.answer(shown)).text


@pytest.mark.parametrize(
    ("kind", "what"), [("ordering", "Place all 4"), ("matching", "Match all 3")]
)
async def test_an_unfinished_order_or_match_is_neither_graded_nor_stored(
    chat: Chat, kind: str, what: str
) -> None:
    shown = await skip_to(chat, kind)
    told = await chat.pick(shown, "A")
    assert "The answer" not in told.text
    if "Submit" in told.labels:
        # A form that stays open until it's complete.
        assert len(told.labels) == int(what[-1]) + 1
    elif what not in told.text:
        # Where one is chosen after the other, the next is asked for, or the last taken back.
        assert any(label.startswith("Choose") and "2" in label for label in told.labels)
        shown = await chat.pick(told, "A")
    assert "Right · 10 points" in (await chat.answer(shown)).text


@both
async def test_a_drill_goes_on_after_the_bot_was_killed(chat: Chat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=2)
    verdict = await chat.answer(shown)
    await chat.restart()
    if "stateless" in chat.can:
        shown = await chat.press(verdict, "Next")
        assert "Question 2 of 2" in shown.text
        shown = await chat.press(await chat.answer(shown), "Next")
        assert "2 of 2 answered" in shown.text
    stats = await chat.call("stats")
    assert "Right" in stats.text


async def test_explain_answers_from_the_notes_and_leads_on(chat: Chat) -> None:
    shown = await chat.call("explain", topic="hpo")
    assert "About beta" in shown.text
    assert "Fact 1 of" in shown.text
    more = await chat.press(shown, "More")
    assert "Fact 10 of" in more.text
    shown = await chat.call("explain", topic="hpo")
    drill = await chat.press(shown, "Practice this")
    assert "Question 1 of" in drill.text


async def test_explain_says_when_there_is_nothing(chat: Chat) -> None:
    shown = await chat.call("explain", topic="how to bake bread")
    assert "Nothing about that" in shown.text


@at_any_hour
async def test_numbers_and_board_follow_the_answers(chat: Chat) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    stats = await chat.call("stats")
    assert "1 (100%)" in stats.text
    board = await chat.call("leaderboard", window="today")
    assert "(you)" in board.text
    assert "10" in board.text


@at_any_hour
async def test_a_streak_grows_by_the_day_and_is_over_after_two_days_without_an_answer(
    chat: Chat,
) -> None:
    for days in ("1 day,", "2 days,", "3 days,"):
        await chat.until(12)
        await chat.answer(await chat.call("drill", topic="alpha", questions=1))
        assert days in (await chat.call("stats")).text
    await chat.until(12)
    assert "3 days," in (await chat.call("stats")).text
    await chat.until(12)
    assert "0 days, longest 3" in " ".join((await chat.call("stats")).text.split())


@needs("pictures")
async def test_a_board_can_be_looked_at_with_its_text_beside_it(chat: Chat) -> None:
    for user in ("bob", "@everyone"):
        shown = await chat.call("drill", user=user, topic="alpha", questions=1)
        await chat.answer(shown, user=user)
    board = await chat.call("leaderboard", user="bob")
    picture = await chat.press(board, "Chart", user="bob")
    assert picture.private
    assert picture.file is not None
    assert picture.file.startswith(PNG)
    assert "1. bob (you), 10 points; 1. @everyone, 10 points" in picture.alt
    assert "(you)" in picture.text
    assert "10 points" in picture.text


@needs("pictures")
async def test_progress_can_be_looked_at_with_its_text_beside_it(chat: Chat) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    picture = await chat.press(await chat.call("stats"), "Chart")
    assert picture.private
    assert picture.file is not None
    assert picture.file.startswith(PNG)
    assert "1 of " in picture.alt
    assert "1 right when last asked" in picture.alt
    assert "questions seen, 1 right" in picture.text


@needs("pictures")
async def test_where_no_picture_can_be_sent_the_text_stands(chat: Chat) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    chat.refuse_files()
    shown = await chat.press(await chat.call("leaderboard"), "Chart")
    assert shown.file is None
    assert "(you)" in shown.text
    assert "Couldn't show the picture" in shown.text


async def test_help_names_the_commands(chat: Chat) -> None:
    shown = await chat.call("help")
    for command in ("drill", "explain", "leaderboard", "stats", "privacy"):
        assert command in shown.text


async def test_help_opens_with_examples_that_can_be_called_as_they_stand(chat: Chat) -> None:
    shown = await chat.call("help")
    examples, _, _ = shown.text.partition("Commands:")
    opening = dataclasses.replace(shown, text=examples)
    assert "drill" in chat.named(opening)
    assert len(chat.named(opening)) <= 6
    assert "About beta" in (await chat.follow(opening, "explain")).text


async def test_help_explains_one_command_and_those_that_belong_together(chat: Chat) -> None:
    shown = await chat.call("help", topic="preferences")
    assert "`zone`: " in shown.text
    assert "`boards`: " in shown.text
    assert "you're hidden" in (await chat.follow(shown, "preferences boards")).text
    named = chat.named(await chat.call("help", topic="team"))
    assert {"team join", "team list", "team create Night Owls"} <= {
        line.replace("name:", "") for line in named
    }


@needs("lines")
async def test_the_first_word_of_commands_alone_shows_them(chat: Chat) -> None:
    shown = await chat.type_line("team")
    assert {"team join", "team leave"} <= set(chat.named(shown))
    assert "You're in Night Owls" in (await chat.follow(shown, "team create Night")).text


async def test_a_slip_of_the_finger_leads_to_the_command_that_was_meant(chat: Chat) -> None:
    shown = await chat.call("help", topic="dril")
    assert chat.named(shown) == ["drill"]
    assert "Question 1 of 10" in (await chat.follow(shown, "drill")).text


@needs("lines")
async def test_a_command_with_a_slip_of_the_finger_does_too(chat: Chat) -> None:
    shown = await chat.type_line("leaderbord month")
    assert "No answers yet" in (await chat.follow(shown, "leaderboard")).text


@needs("lines")
async def test_a_question_is_explained(chat: Chat) -> None:
    assert "About beta" in (await chat.type_line("what is hpo?")).text


@needs("lines")
async def test_values_are_typed_as_people_type_them(chat: Chat) -> None:
    assert "You're in Night Owls" in (await chat.type_line("team create “Night Owls”")).text
    renamed = await chat.type_line("team rename name: Early Birds team:'Night Owls'")
    assert "Night Owls is now called Early Birds" in renamed.text
    hidden = await chat.type_line("preferences day–starts: 4 am boards:hidden")
    assert "you're hidden" in hidden.text
    assert "04:00" in hidden.text


@needs("lines")
async def test_words_that_are_not_understood_are_named_and_nothing_happens(chat: Chat) -> None:
    await chat.type_line("team create Night Owls")
    for line, named in {
        "team leave please": "please",
        "team rename name:'Early Birds' now": "now",
        "team rename Early Birds team:": "team:",
        "team rename Early Birds naem:x": "naem",
    }.items():
        shown = await chat.type_line(line)
        assert shown.private
        assert f"`{named}`" in shown.text
    teams = (await chat.type_line("team list")).text
    assert "Night Owls (yours)" in teams


@needs("channels", "lines")
async def test_nothing_is_posted_for_a_line_that_is_not_understood(chat: Chat) -> None:
    for line, named in {
        "question alpha minutes:1 for 30 minutes please": "for 30 minutes please",
        "question minutes:1 for 30 minutes please": "for 30 minutes please",
        "question alpha minuts:30": "minuts",
    }.items():
        shown = await chat.type_line(line)
        assert shown.private
        assert f"`{named}`" in shown.text
    assert await chat.posted() == 0


@needs("lines")
async def test_a_slip_never_leads_to_what_takes_something_away(chat: Chat) -> None:
    for line in ("team delete", "team leav"):
        assert all(each.startswith("help") for each in chat.named(await chat.type_line(line)))


@needs("channels")
async def test_where_no_daily_is_set_the_text_says_how_and_that_works(chat: Chat) -> None:
    shown = await chat.call("daily show")
    preview = await chat.follow(shown, "daily set")
    assert "every day at 09:00" in preview.text
    assert "Saved" in (await chat.press(preview, "Save")).text


@needs("channels")
async def test_small_print_names_commands_that_work(chat: Chat) -> None:
    shown = await chat.call("settings")
    assert "when the question closes" not in shown.text
    assert "when the question closes" in (await chat.follow(shown, "settings reveal")).text
    hidden = await chat.follow(await chat.call("preferences"), "preferences boards")
    assert "you're hidden" in hidden.text


async def test_a_report_is_kept(chat: Chat) -> None:
    verdict = await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    shown = await chat.press(verdict, "Report", text="The key looks wrong")
    assert "Report sent" in shown.text


@both
async def test_members_get_a_copy_of_their_data_and_have_it_deleted(chat: Chat) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    shown = await chat.call("privacy")
    copy = await chat.press(shown, "Get a copy")
    assert copy.file is not None
    assert json.loads(copy.file)["answers"][0]["points"] == 10
    sure = await chat.press(await chat.call("privacy"), "Delete everything")
    assert "can't undo it" in sure.text
    assert "We've deleted everything" in (await chat.press(sure, "Yes, delete")).text
    assert "We don't store anything" in (await chat.call("privacy")).text


async def test_a_bad_option_is_told_what_would_be_right(chat: Chat) -> None:
    shown = await chat.call("drill", pack="nowhere")
    assert "no pack with that name" in shown.text


@needs("completion")
async def test_topics_are_offered_while_typing(chat: Chat) -> None:
    assert await chat.suggested("drill", "topic", "") == ["Chapter one", "Chapter two"]
    assert (await chat.suggested("explain", "topic", "abuot gamm"))[0] == "About gamma"


@both
@needs("stateless")
async def test_a_second_press_is_told_what_was_recorded(chat: Chat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=7)
    while (question := shown.question(chat.pack)) and question.kind != "single":
        shown = await chat.press(await chat.answer(shown), "Next")
    await chat.answer(shown)
    again = await chat.answer(shown, rightly=False)
    assert "first answer counts" in again.text
    assert "Right · 10 points" in again.text


@needs("stateless")
@pytest.mark.parametrize(
    "action",
    [
        "oldverb:7f3a:2",
        "step|x",
        "step|",
        "shuffle:random:0:5:",
        "answer:2147483648:0",
        f"answer:{'9' * 80}:0",
        "skip:-1:0",
        "board:week:members::4294967296",
    ],
)
async def test_a_button_of_a_version_long_gone_gets_a_kind_answer(
    chat: Chat, caplog: pytest.LogCaptureFixture, action: str
) -> None:
    shown = await chat.press_stale(action)
    assert "older version" in shown.text
    assert shown.private
    assert [each for each in caplog.records if each.levelno > logging.INFO] == []


@needs("stateless")
async def test_nul_and_lone_surrogates_are_stripped_from_what_people_send(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    made = await chat.call("team create", name="N\0ight \ud800Owls\udfff", user="ada")
    assert "You're in Night Owls." in made.text
    explained = await chat.call("explain", topic="al\0pha\ud800")
    assert "About alpha" in explained.text
    assert [each for each in caplog.records if each.levelno > logging.INFO] == []


@both
@needs("channels")
async def test_a_round_in_a_channel_from_question_to_result(chat: Chat) -> None:
    posted = await chat.call("question", topic="alpha", minutes=1)
    assert posted.private
    open_ = await chat.channel()
    assert not open_.private
    right = await chat.answer(open_, user="ann")
    wrong = await chat.answer(open_, user="bob", rightly=False)
    assert right.private
    assert "Right · 10 points" in right.text
    assert "The notes on alpha say so" in wrong.text
    again = await chat.answer(open_, user="bob")
    assert "first answer counts" in again.text
    await chat.passes(5)
    counted = await chat.channel()
    assert counted.source.id == open_.source.id
    assert "Answered" in counted.text
    await chat.passes(60)
    result = await chat.channel()
    assert result.source.id == open_.source.id
    assert "Result" in result.text
    assert "1 of 2 (50%)" in result.text
    assert "First to get it right" in result.text
    late = await chat.press(result, "Answer and why", user="eve")
    assert "The notes on alpha say so" in late.text
    assert late.private
    closed = await chat.answer(open_, user="eve")
    assert "is closed" in closed.text


@needs("channels")
@pytest.mark.parametrize("number", range(1, 8))
async def test_every_kind_can_be_asked_in_a_channel(chat: Chat, number: int) -> None:
    for _ in range(28):
        await chat.call("question", topic="beta", minutes=1)
        open_ = await chat.channel()
        question = open_.question(chat.pack)
        assert question is not None
        if question.id == f"beta-q{number}":
            break
        await chat.passes(60)
    wrong = await chat.answer(open_, user="bob", rightly=False)
    assert "The answer" in wrong.text
    right = await chat.answer(open_, user="ann")
    assert "Right · 10 points" in right.text
    await chat.passes(60)
    assert "1 of 2 (50%)" in (await chat.channel()).text


@needs("channels")
async def test_with_reveal_at_close_nothing_is_told_before(chat: Chat) -> None:
    await chat.call("settings", reveal="at-close")
    await chat.call("question", topic="alpha", minutes=1)
    recorded = await chat.answer(await chat.channel(), user="bob")
    assert "Recorded" in recorded.text
    assert "points" not in recorded.text
    await chat.passes(60)
    told = await chat.press(await chat.channel(), "Answer and why", user="bob")
    assert "Right · 10 points" in told.text


@at_any_hour
@both
@needs("channels")
async def test_a_daily_question_is_set_asked_answered_and_shown_on_its_own_board(
    chat: Chat,
) -> None:
    shown = await chat.call("daily set", time="09:00", zone="Europe/Berlin", hours=24)
    assert "every day at 09:00 in Berlin (Europe/Berlin)" in shown.text
    saved = await chat.press(shown, "Save")
    assert "Saved" in saved.text
    assert await chat.posted() == 0
    await chat.until(9, "Europe/Berlin")
    assert await chat.posted() == 1
    assert "Daily question" in (await chat.channel()).text
    assert "Right · 10 points" in (await chat.answer(await chat.channel(), user="bob")).text
    board = await chat.call("leaderboard", user="bob", board="daily")
    assert "(you)" in board.text
    assert "already been asked" in (await chat.call("daily now")).text
    await chat.until(4, "Europe/Berlin")
    await chat.call("daily now")
    assert "already been asked" in (await chat.call("daily now")).text
    assert await chat.posted() == 2


@at_any_hour
@needs("channels")
async def test_who_missed_a_daily_question_catches_up_in_private(chat: Chat) -> None:
    await chat.press(await chat.call("daily set", time="09:00", hours=1), "Save")
    await chat.call("daily now")
    await chat.passes(3600)
    board = await chat.call("leaderboard", user="bob", board="daily")
    shown = await chat.press(board, "Catch up", user="bob")
    assert "Question 1 of 1" in shown.text
    assert "Right" in (await chat.answer(shown, user="bob")).text
    board = await chat.call("leaderboard", user="bob", board="daily")
    again = await chat.press(board, "Catch up", user="bob")
    assert "haven't missed any daily question" in " ".join(again.text.split())


@at_any_hour
@needs("channels")
async def test_a_daily_whose_channel_is_closed_to_it_is_paused(chat: Chat) -> None:
    await chat.press(await chat.call("daily set", time="09:00", hours=24), "Save")
    chat.forbid_posts()
    await chat.passes(24 * 3600)
    shown = await chat.call("daily show")
    assert "can't post in this channel" in shown.text
    assert chat.named(shown) == ["daily resume"]
    refused = await chat.follow(shown, "daily resume")
    assert "can't post in this channel" in refused.text
    chat.permit_posts()
    assert "Next question" in (await chat.follow(refused, "daily resume")).text
    assert "can't post" not in (await chat.call("daily show")).text


@needs("channels")
async def test_who_sets_a_daily_where_it_cannot_be_posted_is_told_so_until_it_can(
    chat: Chat,
) -> None:
    chat.forbid_posts()
    preview = await chat.call("daily set", time="09:00", hours=24)
    assert "can't post in this channel" in preview.text
    assert "Then press Save." in preview.text
    refused = await chat.press(preview, "Save")
    assert "can't post in this channel" in refused.text
    assert "has no daily question" in (await chat.call("daily show")).text
    chat.permit_posts()
    assert "Saved" in (await chat.press(preview, "Save")).text
    await chat.passes(24 * 3600)
    assert await chat.posted() == 1


@needs("channels")
async def test_a_preview_that_lay_around_says_at_save_what_has_changed_since(chat: Chat) -> None:
    preview = await chat.call("daily set", time="09:00", hours=24)
    assert "can't post" not in preview.text
    await chat.passes(3 * 24 * 3600)
    await chat.restart()
    chat.forbid_posts()
    assert "can't post in this channel" in (await chat.press(preview, "Save")).text
    chat.permit_posts()
    assert "Saved" in (await chat.press(preview, "Save")).text


@needs("channels")
async def test_a_question_is_not_asked_at_once_where_it_cannot_be_posted(chat: Chat) -> None:
    await chat.press(await chat.call("daily set", time="09:00", hours=24), "Save")
    chat.forbid_posts()
    assert "can't post in this channel" in (await chat.call("daily now")).text
    chat.permit_posts()
    assert "Today's question is in the channel" in (await chat.call("daily now")).text
    assert await chat.posted() == 1


def without(pack: Pack, *chapters: str) -> Pack:
    """The pack once it has lost some of its chapters."""
    kept = [each for each in pack.chapters if each.title not in chapters]
    topics = {topic.id for each in kept for unit in each.units for topic in unit.topics}
    questions = [each for each in pack.questions if each.topic in topics]
    return pack.model_copy(update={"chapters": kept, "questions": questions})


@needs("channels")
async def test_chapters_that_the_pack_has_lost_are_named_before_and_after_a_daily_is_saved(
    chat: Chat,
) -> None:
    whole = chat.pack
    chapters = "Chapter one, Chapter two"
    preview = await chat.call("daily set", time="09:00", hours=24, chapters=chapters)
    assert "anymore" not in preview.text
    gone = next(each.id for each in whole.chapters if each.title == "Chapter two")
    chat.pack = without(whole, "Chapter two")
    await chat.restart()
    saved = await chat.press(preview, "Save")
    assert "Saved" in saved.text
    for shown in (saved, await chat.call("daily show")):
        assert f"no questions about: {gone}" in shown.text.replace("`", "")
    chat.pack = whole
    await chat.restart()
    assert "not asked about" not in (await chat.call("daily show")).text


@needs("channels")
async def test_a_daily_without_questions_is_not_saved_but_can_be_once_there_are_some(
    chat: Chat,
) -> None:
    whole = chat.pack
    preview = await chat.call("daily set", time="09:00", hours=24, chapters="Chapter two")
    chat.pack = without(whole, "Chapter two")
    await chat.restart()
    refused = await chat.press(preview, "Save")
    assert "no questions in the chosen chapters" in refused.text
    assert "daily set" in chat.named(refused)
    assert "has no daily question" in (await chat.call("daily show")).text
    chat.pack = whole
    await chat.restart()
    assert "Saved" in (await chat.press(preview, "Save")).text


@needs("shy roles")
async def test_a_role_that_cannot_be_mentioned_is_said_so_and_the_daily_saved(chat: Chat) -> None:
    chat.give_role("learners", "bob")
    chat.hide_role("learners")
    shown = await chat.call("daily set", time=chat.soon(), zone="UTC", hours=1, mention="learners")
    saved = await chat.press(shown, "Save")
    assert "A question will be posted here" in saved.text
    for each in (shown, saved, await chat.call("daily show")):
        assert "No one will be notified: I can't mention the role learners" in each.text
    await chat.passes(SOON)
    assert await chat.posted() == 1
    assert chat.pings() == []


@at_any_hour
@needs("members")
async def test_a_role_that_is_gone_is_said_so_and_the_daily_saved(chat: Chat) -> None:
    chat.give_role("learners", "bob")
    chat.give_role("tutors")
    preview = await chat.call("daily set", time="09:00", mention="learners")
    chat.delete_role("learners")
    await chat.restart()
    saved = await chat.press(preview, "Save")
    assert "A question will be posted here" in saved.text
    for shown in (saved, await chat.call("daily show")):
        assert "No one will be notified" in shown.text
        assert "was deleted" in shown.text


@at_any_hour
@needs("channels")
async def test_a_question_asked_while_an_admins_pause_lasts_leads_to_its_end_by_a_button(
    chat: Chat,
) -> None:
    await chat.press(await chat.call("daily set", time="09:00", hours=24), "Save")
    await chat.call("daily pause")
    asked = await chat.call("daily now")
    assert "still paused" in asked.text
    assert "From now on" not in (await chat.channel()).text
    await chat.passes(24 * 3600)
    assert await chat.posted() == 1
    assert "Next question" in (await chat.press(asked, "Resume")).text
    await chat.passes(24 * 3600)
    assert await chat.posted() == 2


@at_any_hour
@needs("channels")
async def test_a_daily_is_removed_once_an_admin_has_said_so_twice(chat: Chat) -> None:
    await chat.press(await chat.call("daily set", time="09:00"), "Save")
    sure = await chat.call("daily remove")
    assert "Next question" in (await chat.call("daily show")).text
    assert "Daily question removed" in (await chat.press(sure, "Remove it")).text
    assert "has no daily question" in (await chat.call("daily show")).text
    await chat.passes(24 * 3600)
    assert await chat.posted() == 0


@at_any_hour
@needs("channels")
async def test_dates_are_skipped_and_taken_back(chat: Chat) -> None:
    await chat.press(await chat.call("daily set", time="09:00"), "Save")
    skipped = await chat.call("daily skip", dates="2099-12-24")
    assert "2099-12-24" in skipped.text
    back = await chat.press(skipped, "Ask on 2099-12-24")
    assert "2099-12-24" not in back.text
    paused = await chat.call("daily pause")
    assert "An admin paused it." in paused.text
    assert "Next question" in (await chat.call("daily resume")).text


@both
@needs("channels")
async def test_a_question_posted_before_the_bot_was_killed_is_answered_and_closed_after(
    chat: Chat,
) -> None:
    await chat.call("question", topic="alpha", minutes=1)
    open_ = await chat.channel()
    await chat.restart()
    assert "Right · 10 points" in (await chat.answer(open_, user="bob")).text
    await chat.passes(60)
    assert "1 of 1 (100%)" in (await chat.channel()).text


@needs("channels")
async def test_one_question_at_a_time_which_an_admin_can_close(chat: Chat) -> None:
    await chat.call("question", topic="alpha", minutes=30)
    again = await chat.call("question")
    assert "already open here" in again.text
    await chat.press(again, "Close it now")
    assert "Result" in (await chat.channel()).text


@needs("channels")
async def test_who_posed_a_question_can_close_it_and_no_other_member(chat: Chat) -> None:
    posted = await chat.call("question", user="bob", topic="alpha", minutes=30)
    assert "Close it now" in posted.labels
    assert "Close it now" not in (await chat.call("question", user="eve")).labels
    assert "Closed" in (await chat.press(posted, "Close it now", user="bob")).text
    assert "Result" in (await chat.channel()).text


@both
@needs("channels")
@pytest.mark.parametrize("closed", [False, True])
async def test_a_question_that_an_admin_withdraws_counts_for_nothing(
    chat: Chat, closed: bool
) -> None:
    await chat.call("question", topic="alpha", minutes=1)
    open_ = await chat.channel()
    await chat.answer(open_, user="bob")
    if closed:
        await chat.passes(60)
        assert "Result" in (await chat.channel()).text
    offered = await chat.call("withdraw")
    assert offered.private
    assert open_.question(chat.pack) == offered.question(chat.pack)
    sure = await chat.press(offered, "Withdraw 1")
    assert "1 answer will no longer count, and 10 points" in sure.text
    assert "Withdrawn" in (await chat.press(sure, "Yes, withdraw it")).text
    shown = await chat.channel()
    assert shown.source.id == open_.source.id
    assert "An admin withdrew this question" in shown.text
    assert shown.labels == ()
    if not closed:
        assert "withdrew this question" in (await chat.answer(open_, user="eve")).text
    assert "10" not in (await chat.call("leaderboard", user="bob")).text
    await chat.passes(90)
    assert "An admin withdrew this question" in (await chat.channel()).text
    assert "already been withdrawn" in (await chat.press(sure, "Yes, withdraw it")).text
    assert chat.pings() == []
    assert "Posted" in (await chat.call("question", topic="alpha", minutes=1)).text


@at_any_hour
@needs("channels")
async def test_a_daily_question_that_is_withdrawn_was_asked_for_its_date(chat: Chat) -> None:
    await chat.press(await chat.call("daily set", time=chat.soon(), zone="UTC", hours=1), "Save")
    await chat.passes(SOON)
    asked = await chat.channel()
    assert "Daily question" in asked.text
    await chat.answer(asked, user="bob")
    sure = await chat.press(await chat.call("withdraw"), "Withdraw 1")
    await chat.press(sure, "Yes, withdraw it")
    assert "An admin withdrew this question" in (await chat.channel()).text
    assert "already been asked" in (await chat.call("daily now")).text
    before = await chat.posted()
    await chat.passes(3600)
    assert await chat.posted() == before
    assert "An admin withdrew this question" in (await chat.channel()).text


@at_any_hour
@both
@needs("members")
async def test_a_daily_question_is_set_up_with_menus(chat: Chat) -> None:
    chat.give_role("learners", "bob")
    role = f"{chat.role_word.capitalize()} to notify"
    shown = await chat.call("setup")
    while role not in shown.menus:
        shown = await chat.call("setup")  # Discord reports a new role a moment later.
    assert shown.private
    assert shown.menus.keys() == {"Channel", "Time", "Time zone", role}
    assert len(shown.menus["Time"]) == 24
    hour = f"{(chat.clock() + timedelta(hours=2)).hour:02}:00"
    shown = await chat.choose(shown, "Time", "12:00")
    await chat.restart()
    shown = await chat.choose(shown, "Time", hour)
    assert f"every day at {hour}" in shown.text
    shown = await chat.choose(shown, "Time zone", "Asia/Tokyo")
    assert "Tokyo (Asia/Tokyo)" in shown.text
    shown = await chat.fill(shown, "Time zone|Other…", {"City, country or offset": "UTC"})
    assert f"every day at {hour} in UTC" in shown.text
    shown = await chat.choose(shown, role, Named("learners"))
    assert "learners" in shown.text
    assert await chat.posted() == 0
    assert "A question will be posted here" in (await chat.press(shown, "Save")).text
    await chat.until(int(hour[:2]))
    assert "Daily question" in (await chat.channel()).text
    assert len(chat.take_pings()) == 1
    again = await chat.call("setup")
    assert "This replaces the current one" in again.text
    again = await chat.choose(again, role, "")
    assert "Saved" in (await chat.press(again, "Save")).text
    assert "nobody" in (await chat.call("daily show")).text


@needs("channels")
async def test_another_channel_is_set_up_if_the_bot_can_post_there(chat: Chat) -> None:
    chat.add_channel("quiz")
    shown = await chat.choose(await chat.call("setup"), "Channel", Named("quiz"))
    shown = await chat.choose(shown, "Time", f"{(chat.clock().hour + 2) % 24:02}:00")
    assert "posted in" in (await chat.press(shown, "Save")).text
    await chat.until((chat.clock().hour + 2) % 24)
    assert (await chat.posted(), await chat.posted("quiz")) == (0, 1)


@needs("channels")
async def test_a_question_in_a_channel_is_explained_once_it_is_closed(chat: Chat) -> None:
    await chat.call("question", topic="beta", minutes=1)
    early = await chat.explain(await chat.channel(), user="bob")
    assert "Answer it first" in early.text
    assert early.private
    await chat.restart()
    await chat.passes(60)
    assert "About beta" in (await chat.explain(await chat.channel(), user="bob")).text


@needs("members")
async def test_the_board_has_pages_and_always_the_own_line(chat: Chat) -> None:
    for number in range(12):
        shown = await chat.call("drill", user=f"member-{number}", topic="alpha", questions=1)
        await chat.answer(shown, user=f"member-{number}", rightly=number < 11)
    board = await chat.call("leaderboard", user="member-11")
    assert "(you)" in board.text
    assert "Page 1 of 2" in board.text
    second = await chat.press(board, "Next page", user="member-11")
    assert "Page 2 of 2" in second.text


@at_any_hour
@needs("members")
async def test_a_daily_question_notifies_its_role_once(chat: Chat) -> None:
    chat.give_role("learners", "bob")
    shown = await chat.call("daily set", time=chat.soon(), zone="UTC", hours=1, mention="learners")
    assert "learners" in shown.text
    await chat.restart()
    assert "A question will be posted here" in (await chat.press(shown, "Save")).text
    assert chat.pings() == []
    await chat.passes(SOON)
    assert len(chat.take_pings()) == 1
    await chat.answer(await chat.channel(), user="bob")
    await chat.passes(60)
    assert "1" in (await chat.channel()).text
    await chat.passes(3600)
    assert "Result" in (await chat.channel()).text
    assert chat.pings() == []


@at_any_hour
@both
@needs("members")
async def test_a_season_has_a_board_of_its_own(chat: Chat) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    begun = await chat.call("season start", name="Autumn 2026")
    assert "Autumn 2026 has begun" in begun.text
    await chat.answer(await chat.call("drill", user="bob", topic="alpha", questions=1), user="bob")
    board = await chat.call("leaderboard", user="bob", window="season")
    assert "Autumn 2026" in board.text
    assert "(you)" in board.text
    assert "You haven't answered anything" in (await chat.call("leaderboard", window="season")).text
    asked = await chat.call("season start", name="Winter")
    assert "End Autumn 2026?" in asked.text
    assert "Winter has begun" in (await chat.press(asked, "End it and start")).text
    assert "No answers yet" in (await chat.call("leaderboard", window="season")).text


@at_any_hour
@both
@needs("members")
async def test_a_season_ends_by_itself_and_can_be_read_afterwards(chat: Chat) -> None:
    options = {"name": "Autumn 2026", "ends": "tomorrow", "next": "Winter 2026"}
    begun = await chat.call("season start", **options)
    assert "Then Winter 2026 begins" in begun.text
    for user in ("bob", "cid"):
        await chat.answer(await chat.call("drill", user=user, questions=1), user=user)
    before = await chat.posted()
    for _ in range(3):
        await chat.until(1)
    assert await chat.posted() == before + 1
    podium = await chat.channel()
    assert "Autumn 2026 is over" in podium.text
    assert "10 points" in podium.text
    assert "Winter 2026 has begun" in podium.text
    assert chat.pings() == []
    place = await chat.press(podium, "See your place", user="cid")
    assert place.private
    assert "(you)" in place.text
    assert await chat.channel() == podium
    listed = await chat.call("season list", user="dan")
    assert "Winter 2026 has run since" in listed.text
    assert "Won by" in listed.text
    assert "with 10 points" in listed.text
    old = await chat.press(listed, "Autumn 2026", user="dan")
    assert "Leaderboard · Drills, Autumn 2026" in old.text
    assert "Post to channel" not in old.labels


@at_any_hour
@both
@needs("channels", "members")
@pytest.mark.parametrize("zone", ["Berlin", "New York"])
async def test_last_weeks_board_is_posted_once_a_week_while_clocks_change(
    chat: Chat, zone: str
) -> None:
    """From noon on 2 March 2026 on, the clocks of New York change within the first week, and those
    of Berlin in the fourth."""
    await chat.press(await chat.call("settings", zone=zone), "Save")
    shown = await chat.call("settings", weekly="Monday 2:30")
    assert "every Monday at 02:30" in shown.text
    for week in range(1, 6):
        user = f"bob{week}"
        await chat.answer(await chat.call("drill", user=user, questions=1), user=user)
        for _ in range(14):
            await chat.passes(12 * 3600)
        assert await chat.posted() == week
        board = await chat.channel()
        assert "Last week's leaderboard · Drills" in board.text
        assert "10 points" in board.alt
    assert chat.pings() == []
    await chat.call("settings", weekly="off")
    await chat.answer(await chat.call("drill", user="cid", questions=1), user="cid")
    for _ in range(14):
        await chat.passes(12 * 3600)
    assert await chat.posted() == week


@needs("channels", "pictures")
async def test_what_is_posted_in_a_channel_has_a_picture_where_one_can_be_sent(
    chat: Chat,
) -> None:
    await chat.answer(await chat.call("drill", user="bob", questions=1), user="bob")
    board = await chat.call("leaderboard")
    assert "Post to channel" not in (await chat.call("leaderboard", user="bob")).labels
    for _ in range(2):
        assert "Posted" in (await chat.press(board, "Post to channel")).text
    assert await chat.posted() == 1
    post = await chat.channel()
    assert post.file
    assert post.file.startswith(PNG)
    assert "10 points" in post.alt
    assert "10 points" in post.text
    assert "(you" not in post.text
    assert chat.pings() == []
    assert "(you)" in (await chat.press(post, "See your place", user="bob")).text
    chat.refuse_files()
    chat.clock.now += timedelta(minutes=1)
    await chat.press(await chat.call("leaderboard"), "Post to channel")
    assert await chat.posted() == 2
    bare = await chat.channel()
    assert bare.file is None
    assert "10 points" in bare.text
    assert "Couldn't show the picture" in bare.text


@needs("channels")
async def test_who_may_not_write_in_a_channel_is_told_so_by_a_board(chat: Chat) -> None:
    await chat.answer(await chat.call("drill", questions=1))
    board = await chat.call("leaderboard")
    chat.forbid_posts()
    why = "can't post in this channel"
    assert why in (await chat.press(board, "Post to channel")).text
    assert why in (await chat.call("settings", weekly="mon 09:00")).text
    assert why in (await chat.call("season start", name="Autumn", ends="tomorrow")).text
    assert "not posted here" in (await chat.call("settings")).text


@both
@needs("members")
async def test_a_hidden_member_is_on_the_board_for_themselves_alone(chat: Chat) -> None:
    for user in ("ann", "bob"):
        shown = await chat.call("drill", user=user, topic="alpha", questions=1)
        await chat.answer(shown, user=user)
    assert "you're hidden" in (await chat.call("preferences", user="bob", boards="hidden")).text
    board = await chat.call("leaderboard")
    assert "1 of 1" in board.text
    assert "bob" not in board.text.casefold()
    assert "(you, hidden)" in (await chat.call("leaderboard", user="bob")).text


@at_any_hour
async def test_members_choose_where_their_day_ends(chat: Chat) -> None:
    asked = await chat.call("preferences", zone="lima")
    assert "Lima (America/Lima), " in asked.text
    assert "your choice" not in (await chat.call("preferences")).text
    shown = await chat.press(asked, "Save")
    assert "Lima (America/Lima), your choice" in shown.text
    assert "at 00:00 in Lima (America/Lima), in" in (await chat.call("stats")).text
    assert "no time zone" in (await chat.call("preferences", zone="Narnia")).text


@at_any_hour
@needs("channels")
async def test_admins_choose_where_everybodys_days_end(chat: Chat) -> None:
    asked = await chat.call("settings", zone="tokyo")
    assert "Tokyo (Asia/Tokyo), " in asked.text
    assert "(Asia/Tokyo)" not in (await chat.call("leaderboard")).text
    saved = await chat.press(asked, "Save")
    assert "at midnight in Tokyo (Asia/Tokyo)" in saved.text
    assert "Days end at midnight in Tokyo (Asia/Tokyo)" in (await chat.call("leaderboard")).text


@needs("channels")
async def test_a_zone_that_can_be_several_is_chosen_before_it_holds(chat: Chat) -> None:
    asked = await chat.call("settings", zone="CST")
    assert "Chicago (America/Chicago), " in " ".join(asked.labels)
    saved = await chat.press(asked, "Shanghai (Asia/Shanghai), ")
    assert "at midnight in Shanghai (Asia/Shanghai)" in saved.text
    asked = await chat.call("daily set", time="9 p.m. Texas")
    shown = await chat.press(asked, "Chicago (America/Chicago), ")
    assert "every day at 21:00 in Chicago (America/Chicago)" in shown.text
    assert await chat.posted() == 0
    assert "Saved" in (await chat.press(shown, "Save")).text


async def test_help_says_how_points_are_counted(chat: Chat) -> None:
    rules = await chat.call("help", topic="scoring")
    assert "A right answer is worth 10 points" in rules.text
    assert "rounded: 49." in " ".join(rules.text.split())


@both
@needs("channels", "members")
async def test_a_copy_tells_no_verdict_early_and_who_deletes_everything_answers_once(
    chat: Chat,
) -> None:
    await chat.call("settings", reveal="at-close")
    await chat.call("question", topic="alpha")
    open_ = await chat.channel()
    assert "Recorded" in (await chat.answer(open_, user="bob")).text
    copied = await chat.press(await chat.call("privacy", user="bob"), "Get a copy", user="bob")
    assert copied.file is not None
    (answer,) = json.loads(copied.file)["answers"]
    assert (answer["points"], answer["credit"]) == (None, None)
    sure = await chat.press(await chat.call("privacy", user="bob"), "Delete every", user="bob")
    assert "We've deleted everything" in (await chat.press(sure, "Yes, delete", user="bob")).text
    assert "can't answer it again" in (await chat.answer(open_, user="bob")).text
    assert "Recorded" in (await chat.answer(open_, user="eve")).text


@needs("channels", "members")
async def test_admins_say_who_poses_questions_and_how_long_they_stay_open(chat: Chat) -> None:
    assert "open for 60 minutes" in (await chat.call("settings")).text
    assert "60 minutes" in (await chat.call("question", user="bob", minutes=61)).text
    await chat.call("settings", questions="managers")
    assert "Only admins" in (await chat.call("question", user="bob")).text
    assert await chat.posted() == 0
    assert "Posted" in (await chat.call("question", minutes=61)).text


async def test_a_day_can_start_late(chat: Chat) -> None:
    shown = await chat.call("preferences", **starting("4am"))
    assert "at 04:00" in shown.text
    assert "from midnight to 6am" in (await chat.call("preferences", **starting("9am"))).text


def starting(at: str) -> dict[str, Any]:
    """A name with a hyphen can be no keyword."""
    return {"day-starts": at}


@at_any_hour
@both
@needs("members")
async def test_teams_are_made_and_joined(chat: Chat) -> None:
    await chat.call("team create", name="Night Owls")
    listed = await chat.call("team list", user="bob")
    assert "Night Owls" in listed.text
    assert "You're in Night Owls" in (await chat.press(listed, "Join Night", user="bob")).text
    await chat.answer(await chat.call("drill", user="bob", topic="alpha", questions=1), user="bob")
    board = await chat.call("leaderboard", window="week", by="teams")
    assert "Night Owls (yours)" in board.text


@needs("members")
async def test_a_team_is_renamed_by_who_is_in_it_and_members_are_moved_by_admins(
    chat: Chat,
) -> None:
    await chat.call("team create", name="Night Owls", user="bob")
    renamed = await chat.call("team rename", name="Early Birds", user="bob")
    assert "Night Owls is now called Early Birds" in renamed.text
    moved = await chat.call("team move", member="eve", team="Early Birds")
    assert "eve is now in Early Birds" in moved.text
    assert "Early Birds (yours)" in (await chat.call("team list", user="eve")).text
    out = await chat.call("team move", member="eve")
    assert "eve is no longer in a team" in out.text
    assert "isn't in a team. Choose the team" in (await chat.call("team move", member="eve")).text


async def test_a_team_alone_can_be_renamed(chat: Chat) -> None:
    assert "not in a team" in (await chat.call("team rename", name="Larks")).text
    await chat.call("team create", name="Owls")
    assert "Owls is now called Larks" in (await chat.call("team rename", name="Larks")).text


def size(most: int) -> dict[str, Any]:
    """A name with a hyphen can be no keyword."""
    return {"team-size": most}


@both
@needs("channels")
async def test_a_full_team_says_where_there_are_places(chat: Chat) -> None:
    settings = await chat.call("settings", **size(1))
    assert "at most 1" in settings.text
    await chat.call("team create", name="Owls")
    full = await chat.call("team join", name="Owls", user="bob")
    assert "That team is full" in full.text
    await chat.call("team create", name="Larks", user="bob")
    await chat.call("team leave", user="bob")
    assert "1 of 1" in (await chat.call("team list", user="eve")).text
    await chat.call("settings", **size(0))
    assert "You're in Owls" in (await chat.call("team join", name="Owls", user="bob")).text


@both
@needs("members")
async def test_teams_are_shuffled_once_the_admin_has_seen_them(chat: Chat) -> None:
    await chat.call("team create", name="Owls", user="bob")
    await chat.call("team create", name="Larks", user="eve")
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    await chat.call("team join", name="Owls")
    shown = await chat.call("team shuffle", teams=3, by="balanced")
    for name in ("Larks", "Owls", "Team 1"):
        assert f"{name} · 1 member" in shown.text
    assert "10 points" in shown.text
    assert "Team 1" not in (await chat.call("team list")).text
    again = await chat.press(shown, "Shuffle again")
    made = await chat.press(again, "Make these teams")
    assert "Teams shuffled" in made.text
    assert "Team 1" in (await chat.call("team list")).text


async def test_one_person_cannot_be_shuffled(chat: Chat) -> None:
    shown = await chat.call("team shuffle", teams=2)
    assert "Choose fewer teams" in " ".join(shown.text.split())


@needs("members")
async def test_who_has_a_role_is_in_its_team(chat: Chat) -> None:
    await chat.call("stats", user="bob")
    await chat.call("stats", user="eve")
    chat.give_role("night-owls", "bob")
    made = await chat.call("team from-roles", role="night-owls", team="Night Owls")
    assert f"the {chat.role_word} night-owls" in made.text
    assert "Night Owls" in made.text
    if chat.lists_roles:
        assert "1 member placed" in made.text
        assert "Night Owls · 1 member" in (await chat.call("team list")).text
    await chat.passes(60)
    assert "Night Owls (yours)" in (await chat.call("team list", user="bob")).text
    assert "yours" not in (await chat.call("team list", user="eve")).text
    assert f"Teams follow {chat.role_word}s" in (await chat.call("team leave", user="bob")).text
    chat.give_role("night-owls", "eve")
    await chat.passes(60)
    assert "yours" not in (await chat.call("team list", user="bob")).text
    assert "Night Owls (yours)" in (await chat.call("team list", user="eve")).text
    listed = await chat.call("team from-roles")
    assert "night-owls" in listed.text
    released = await chat.press(listed, "Release Night Owls")
    assert f"No team follows a {chat.role_word} yet" in released.text


@needs("members")
async def test_a_role_manages_once_settings_name_it(chat: Chat) -> None:
    await chat.call("team create", name="Owls", user="eve")
    assert "Only admins" in (await chat.call("settings", user="bob")).text
    chat.give_role("tutors", "bob")
    assert "everyone with tutors" in (await chat.call("settings", managers="tutors")).text
    assert (
        "eve is no longer in a team"
        in (await chat.call("team move", user="bob", member="eve")).text
    )
    shown = await chat.call("settings", user="bob", zone="CST")
    assert "midnight in Chicago" in (await chat.press(shown, "Chicago", user="bob")).text
    assert "Only admins" in (await chat.call("settings", user="eve")).text
    assert "admins only" in (await chat.call("settings", user="bob", managers="none")).text
    assert "Only admins" in (await chat.call("settings", user="bob")).text


async def test_without_roles_it_is_said_that_there_are_none(chat: Chat) -> None:
    assert f"no {chat.role_word}s here" in (await chat.call("team from-roles", role="Owls")).text


async def test_roles_are_called_what_the_platform_calls_them(chat: Chat) -> None:
    explained = (await chat.call("help", topic="team from-roles")).text
    assert f"Fill a team from a {chat.role_word}, or list the teams" in explained
    assert f"{chat.role_word.capitalize()} that fills the team" in explained
    assert f"Fill a team from a {chat.role_word}" in (await chat.call("help")).text


@needs("channels")
async def test_a_daily_can_only_notify_a_role_that_is_there(chat: Chat) -> None:
    explained = (await chat.call("help", topic="daily set")).text
    assert f"{chat.role_word.capitalize()} to notify each time" in explained
    refused = await chat.call("daily set", time="09:00", mention="ghosts")
    assert f"There's no {chat.role_word} with that name" in refused.text


@needs("faults")
async def test_a_slow_database_still_gives_every_press_its_answer(chat: Chat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=1)
    chat.slow_down(1.6)
    verdict = await chat.answer(shown)
    assert "Right · 10 points" in verdict.text
    assert chat.missed_deadlines() == 0


@needs("faults")
async def test_a_failure_is_one_polite_line_with_a_reference(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    chat.break_store()
    shown = await chat.call("stats")
    reference = shown.text.strip().rstrip(".").split()[-1]
    assert "Something went wrong" in shown.text
    assert reference in caplog.text


@needs("faults")
async def test_a_dropped_connection_loses_no_answer(chat: Chat) -> None:
    await chat.call("question", topic="alpha", minutes=1)
    open_ = await chat.channel()
    await chat.drop_connection()
    verdict = await chat.answer(open_, user="bob")
    assert "Right · 10 points" in verdict.text


@needs("faults")
@pytest.mark.parametrize("status", [500, 429])
async def test_a_platform_in_trouble_is_asked_again(chat: Chat, status: int) -> None:
    chat.refuse_posts(status)
    await chat.call("question", topic="alpha", minutes=1)
    await chat.passes(1)
    assert "Question" in (await chat.channel()).text
    assert await chat.posted() == 1


@both
@needs("faults")
async def test_a_post_whose_answer_got_lost_appears_once(chat: Chat) -> None:
    chat.lose_post()
    await chat.call("question", topic="alpha", minutes=1)
    await chat.passes(31)
    assert await chat.posted() == 1
    assert "Right · 10 points" in (await chat.answer(await chat.channel())).text


@needs("faults")
async def test_a_channel_that_may_not_be_written_in_is_said_to_be_so(chat: Chat) -> None:
    chat.forbid_posts()
    shown = await chat.call("question")
    assert "can't post in this channel" in shown.text


@needs("faults")
async def test_a_deleted_question_has_its_result_as_a_new_message_and_frees_its_channel(
    chat: Chat,
) -> None:
    await chat.call("question", topic="alpha", minutes=30)
    assert "Right · 10 points" in (await chat.answer(await chat.channel(), user="bob")).text
    chat.delete_last()
    await chat.call("question", topic="beta", minutes=1)
    assert await chat.posted() == 2
    assert "Question" in (await chat.channel()).text
    await chat.passes(60)
    assert await chat.posted() == 2


@needs("faults")
async def test_a_result_that_cannot_be_shown_is_said_and_shown_when_the_bot_is_let_in(
    chat: Chat,
) -> None:
    await chat.call("question", topic="alpha", minutes=30, user="bob")
    assert "Right · 10 points" in (await chat.answer(await chat.channel(), user="bob")).text
    open_ = await chat.call("question")
    chat.forbid_posts()
    closed = await chat.press(open_, "Close it now")
    assert "I can't show the result right now" in closed.text
    assert "can't post in this channel" in closed.text
    assert "I can't show the result of a question" in chat.last_direct_message("bob")
    await chat.passes(60)
    assert "Result" not in (await chat.channel()).text
    chat.permit_posts()
    await chat.passes(3600)
    assert "Result" in (await chat.channel()).text
    assert await chat.posted() == 1


@needs("faults")
async def test_an_outage_of_half_an_hour_delays_what_is_due_and_loses_nothing(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    await chat.press(await chat.call("daily set", time="09:00", zone="UTC", hours=1), "Save")
    await chat.until(8)
    posed = await chat.call("question", topic="alpha", minutes=70)
    assert "Right · 10 points" in (await chat.answer(await chat.channel(), user="bob")).text
    await chat.passes(3600 - 60)
    caplog.clear()
    chat.be_down(down=True)
    for _ in range(31):
        await chat.passes(60)
    assert len(caplog.records) < 60, "an outage writes tens of lines"
    chat.be_down(down=False)
    for _ in range(6):
        await chat.passes(60)
    assert await chat.posted() == 2
    assert "Daily question" in (await chat.channel()).text
    await chat.passes(3600)
    assert await chat.posted() == 2
    assert "Result" in (await chat.channel()).text
    assert "already closed" in (await chat.press(posed, "Close it now")).text


@needs("names")
async def test_names_and_texts_can_neither_ping_nor_become_markup(chat: Chat) -> None:
    await chat.call("team create", user="@everyone", name="<!channel> **[x](https://e.x)** @here")
    await chat.call("question", user="@everyone", topic="alpha", minutes=1)
    await chat.answer(await chat.channel(), user="@everyone")
    listed = await chat.call("team list")
    assert "**[x](https://e.x)**" in listed.text
    await chat.passes(60)
    await chat.call("leaderboard", board="live")
    assert chat.pings() == []
