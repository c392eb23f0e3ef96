"""The desk: what members get for what they do."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bot.engine import screens
from bot.engine.actions import AnswerRound, ContinueDrill, StartDrill, StopDrill, encode
from bot.engine.commands import press_of
from bot.engine.commands.explain import NOTES_PER_PAGE
from bot.engine.desk import MAX_COMPLETIONS, Desk
from bot.engine.events import Actor, Call, Member, Press
from bot.engine.library import IndexedPack, Library
from bot.engine.lines import parse
from bot.engine.players import PlayerTotals
from bot.engine.screens import (
    Arrange,
    Button,
    Match,
    Person,
    Pick,
    Reply,
    Screen,
    Tone,
    Write,
)
from content.model import Pack
from tests.samples import Clock, event, questions_about, small_pack, values_of
from tests.stand_ins.memory_poster import MemoryPoster
from tests.stand_ins.memory_store import MemoryStore
from tests.texts import to_plain_text

ANN = Member("terminal", "local", "ann")


class Table:
    """A desk with the store and the clock behind it."""

    def __init__(self, seed: int = 1, pack: Pack | None = None) -> None:
        self.store, self.clock = MemoryStore(), Clock()
        self.poster = MemoryPoster()
        posters = {"terminal": self.poster}
        packs = [pack or small_pack()]
        self.desk = Desk(Library(packs), self.store, self.clock, Random(seed), posters)

    async def call(self, command: str, user: str = "ann", **options: str | int) -> Reply:
        return await self.desk.handle(event(Call(command, options), user))

    async def press(self, action: str, *values: str, user: str = "ann") -> Reply:
        return await self.desk.handle(event(Press(action, values), user))

    async def answer(self, screen: Screen, *, rightly: bool, user: str = "ann") -> Reply:
        """Answer the question on a screen."""
        action = find_answer_action(screen)
        _, round_ = press_of(action)
        assert isinstance(round_, AnswerRound)
        pack = self.desk.library.get("")
        assert pack is not None
        question: Any = pack.questions[self.store.state.rounds[round_.round].question]
        layout = self.store.state.rounds[round_.round].layout
        values = values_of(question, layout, rightly=rightly)
        return await self.press(action, *values, user=user)


def find_answer_action(screen: Screen) -> str:
    """Find the action that answers the screen's question."""
    questions = (c for c in screen.controls if isinstance(c, Pick | Arrange | Match | Write))
    return next(question.action for question in questions)


def button(screen: Screen, label: str) -> str:
    return next(
        control.action
        for control in screen.all_controls
        if isinstance(control, Button) and control.label.startswith(label)
    )


def rows_of(screen: Screen) -> tuple[Any, ...]:
    """Return the rows of the screen's table; none if it has no table."""
    return next((part.rows for part in screen.text if isinstance(part, screens.Table)), ())


async def test_a_drill_walks_from_question_to_verdict_to_the_summary() -> None:
    table = Table()
    reply = await table.call("drill", questions=3)
    for step in (1, 2, 3):
        assert reply.screen.title.startswith(f"Question {step} of 3")
        verdict = await table.answer(reply.screen, rightly=True)
        assert verdict.screen.tone is Tone.RIGHT
        assert verdict.screen.title == "Right · 10 points"
        reply = await table.press(button(verdict.screen, "Next"))
    assert reply.screen.title.startswith("Drill finished")
    assert ("Right", "3 of 3 answered") in reply.screen.fields
    assert ("Points", "30") in reply.screen.fields
    assert ("Streak", "1 day") in reply.screen.fields


async def test_a_drill_outside_of_communities_says_at_its_end_that_no_board_counts_it() -> None:
    table = Table()

    async def directly(what: Call | Press) -> Screen:
        place = replace(event(what).place, community="", private=True)
        return (await table.desk.handle(event(what, place=place))).screen

    shown = await directly(Call("drill", {"questions": 1}))
    assert not shown.note
    ended = await directly(Press(button(shown, "Stop")))
    assert "not toward a leaderboard" in to_plain_text(ended.note)
    here = (await table.call("drill", questions=1)).screen
    assert not (await table.press(button(here, "Stop"))).screen.note


async def test_a_wrong_answer_is_told_what_is_right_and_why_with_the_source() -> None:
    table = Table()
    reply = await table.call("drill", topic="alpha", questions=7)
    verdict = await table.answer(reply.screen, rightly=False)
    words = " ".join(str(line) for line in verdict.screen.text)
    assert verdict.screen.tone in (Tone.WRONG, Tone.PARTLY)
    assert "The answer:" in words
    assert "The notes on alpha say so" in words
    assert any(getattr(c, "url", "") for c in verdict.screen.controls)


async def test_a_second_press_changes_nothing_and_shows_the_first_answer() -> None:
    table = Table()
    reply = await table.call("drill", questions=1)
    first = await table.answer(reply.screen, rightly=False)
    table.clock.now += timedelta(seconds=1)
    again = await table.answer(reply.screen, rightly=True)
    assert "first answer counts" in to_plain_text(again.screen.text[0])
    assert again.screen.title == first.screen.title
    assert len(table.store.state.answers) == 1


async def test_a_press_that_lost_a_race_is_told_what_was_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = Table()
    reply = await table.call("drill", questions=1)
    view = table.store.answers.view

    async def stale(round_id: int, member: Member) -> object:
        """Return what a replica sees that read just before the other one wrote."""
        found = await view(round_id, member)
        return found and replace(found, answer=None)

    await table.answer(reply.screen, rightly=False)
    monkeypatch.setattr(table.store.answers, "view", stale)
    second = await table.answer(reply.screen, rightly=True)
    assert "first answer counts" in to_plain_text(second.screen.text[0])
    assert second.screen.tone is not Tone.RIGHT


async def test_nobody_answers_or_sees_anothers_drill() -> None:
    table = Table()
    reply = await table.call("drill", questions=2)
    for action in (
        find_answer_action(reply.screen),
        encode(ContinueDrill(1)),
        encode(StopDrill(1)),
    ):
        refused = await table.press(action, "0", user="bob")
        assert "someone else" in to_plain_text(refused.screen.text[0])
    assert not table.store.state.answers


async def test_a_drill_goes_on_where_it_was_after_a_restart() -> None:
    table = Table()
    reply = await table.call("drill", questions=3)
    await table.answer(reply.screen, rightly=True)
    restarted = Table(seed=99)
    restarted.store, restarted.desk._store = table.store, table.store
    resumed = await restarted.press(encode(ContinueDrill(1)))
    assert resumed.screen.title.startswith("Question 2 of 3")


async def test_a_skipped_question_comes_back_at_the_end_of_the_drill() -> None:
    table = Table()
    reply = await table.call("drill", questions=4)
    for step in (2, 3):
        reply = await table.press(button(reply.screen, "Skip"))
        assert reply.screen.title.startswith(f"Question {step} of 4")
        assert reply.updates
    assert not table.store.state.answers
    for step in (4, 1, 2):
        table.clock.now += timedelta(seconds=1)
        verdict = await table.answer(reply.screen, rightly=True)
        reply = await table.press(button(verdict.screen, "Next"))
        assert reply.screen.title.startswith(f"Question {step} of 4")
    reply = await table.press(button(reply.screen, "Skip"))
    assert ("Right", "3 of 3 answered") in reply.screen.fields
    assert ("Not answered", "1, left for another drill") in reply.screen.fields


async def test_what_was_skipped_in_one_drill_is_asked_in_a_later_one() -> None:
    table = Table()
    reply = await table.call("drill", topic="alpha", questions=7)
    skipped = reply.screen.text[0]
    reply = await table.press(button(reply.screen, "Skip"))
    for _ in range(6):
        verdict = await table.answer(reply.screen, rightly=True)
        reply = await table.press(button(verdict.screen, "Next"))
    assert reply.screen.text[0] == skipped
    reply = await table.press(button(reply.screen, "Skip"))
    assert reply.screen.title.startswith("Drill finished")
    later = await table.call("drill", topic="alpha", questions=1)
    assert later.screen.text[0] == skipped


@pytest.mark.parametrize("word", ["skip", " SKIP ", "/skip", "skip!", "ｓｋｉｐ"])
async def test_the_typed_word_skips_and_is_never_graded(word: str) -> None:
    table = Table()
    reply = await table.call("drill", topic="alpha", questions=7)
    seen = []
    for _ in range(7):
        seen.append(reply.screen.text[0])
        reply = await table.press(find_answer_action(reply.screen), word)
        assert reply.updates
        assert reply.screen.title.startswith("Question")
    assert len(set(seen)) == 7
    assert reply.screen.text[0] == seen[0]
    assert not table.store.state.answers


async def test_skip_is_an_answer_where_it_is_the_right_one() -> None:
    questions = [
        each | {"accepted": ["skip"]} if each["kind"] == "short_answer" else each
        for each in questions_about("alpha")
    ]
    table = Table(pack=small_pack(questions=questions))
    reply = await table.call("drill", topic="alpha", questions=7)
    (stem,) = (each["stem"] for each in questions if each["kind"] == "short_answer")
    while reply.screen.text[0] != stem:
        reply = await table.press(button(reply.screen, "Skip"))
    verdict = await table.press(find_answer_action(reply.screen), "skip")
    assert verdict.screen.title == "Right · 10 points"


async def test_an_unfinished_answer_is_neither_graded_nor_stored() -> None:
    table = Table()
    reply = await table.call("drill", topic="alpha", questions=7)
    told = []
    for _ in range(7):
        for values in ((), ("0",)):
            refused = await table.press(find_answer_action(reply.screen), *values)
            if refused.screen.tone is Tone.PROBLEM:
                assert refused.keeps_message
                assert not table.store.state.answers
                told.append(refused.screen.text[0])
        table.store.state.answers.clear()
        reply = await table.press(button(reply.screen, "Skip"))
    assert "Place all 4 items. Missing: B, C, D." in told
    assert "Match all 3 items. Missing: 2, 3." in told
    assert "Pick at least one option." in told


async def test_stopping_early_sums_up_what_was_answered() -> None:
    table = Table()
    reply = await table.call("drill", questions=5)
    await table.answer(reply.screen, rightly=False)
    summary = await table.press(button(reply.screen, "Stop"))
    assert ("Right", "0 of 1 answered") in summary.screen.fields
    assert any(name == "Review these" for name, _ in summary.screen.fields)
    assert button(summary.screen, "Drill: ")


async def test_repeating_a_question_that_is_not_due_earns_nothing() -> None:
    table = Table()
    for expected in ("10 points", "0 points"):
        reply = await table.call("drill", topic="alpha", questions=7)
        for _ in range(7):
            verdict = await table.answer(reply.screen, rightly=True)
            assert verdict.screen.title == f"Right · {expected}"
            reply = await table.press(button(verdict.screen, "Next"))
    table.clock.pass_days(60)
    reply = await table.call("drill", topic="alpha", questions=1)
    verdict = await table.answer(reply.screen, rightly=True)
    assert verdict.screen.title == "Right · 10 points"


async def test_a_question_that_is_not_known_takes_no_answers_and_is_passed_over() -> None:
    table = Table()
    reply = await table.call("drill", questions=2)
    action = find_answer_action(reply.screen)
    first = table.store.state.rounds[1]
    table.store.state.rounds[1] = replace(first, document="")
    refused = await table.press(action, "0")
    assert "has changed" in to_plain_text(refused.screen.text[0])
    resumed = await table.press(encode(ContinueDrill(1)))
    assert resumed.screen.title.startswith("Question 2 of 2")


async def test_a_closed_round_takes_no_answers() -> None:
    table = Table()
    reply = await table.call("drill", questions=1)
    table.store.state.rounds[1] = replace(table.store.state.rounds[1], closes_at=table.clock.now)
    refused = await table.answer(reply.screen, rightly=True)
    assert "closed" in to_plain_text(refused.screen.text[0])
    assert not table.store.state.answers


async def test_an_unreadable_answer_is_refused_and_can_be_given_again() -> None:
    table = Table()
    reply = await table.call("drill", topic="alpha", questions=7)
    while not isinstance(reply.screen.controls[0], Pick):
        verdict = await table.answer(reply.screen, rightly=True)
        reply = await table.press(button(verdict.screen, "Next"))
    before = len(table.store.state.answers)
    refused = await table.press(find_answer_action(reply.screen), "9")
    assert refused.screen.tone is Tone.PROBLEM
    assert len(table.store.state.answers) == before
    assert (await table.answer(reply.screen, rightly=True)).screen.tone is Tone.RIGHT


@pytest.mark.parametrize(
    ("topic", "title"),
    [("", "Sample"), ("all", "Sample"), ("two", "Chapter two"), ("chapter one", "Chapter one"),
     ("beta", "About beta"), ("hpo", "About beta"), ("About delta", "About delta")],
)  # fmt: skip
async def test_a_drill_finds_its_scope_by_id_title_or_words(topic: str, title: str) -> None:
    reply = await Table().call("drill", topic=topic)
    assert reply.screen.title.endswith(f"· {title}")


async def test_an_unknown_topic_offers_the_nearest() -> None:
    reply = await Table().call("drill", topic="quantum zebras")
    assert reply.screen.tone is Tone.PROBLEM
    assert "Closest matches" in to_plain_text(reply.screen.text[0])


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"questions": 0}, "at least 1"),
        ({"questions": 51}, "at most 50"),
        ({"questions": "many"}, "whole number"),
        ({"colour": "red"}, "no option `colour`"),
        ({"pack": "none"}, "no pack with that name"),
    ],
)
async def test_a_bad_option_is_answered_with_what_would_be_right(
    options: dict[str, Any], hint: str
) -> None:
    reply = await Table().call("drill", **options)
    assert hint in to_plain_text(reply.screen.text[0])


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("drill alpha questions:3 of the `hard` ones", "`of the 'hard' ones` in `drill`"),
        ("stats please", "`please` in `stats`, so I did nothing. It has no options."),
        ("drill questions:3 questions:4", "`questions:4`"),
        ("drill pack:", "`pack:`"),
        ("drill questons:3", "no option `questons`"),
        ("team shuffle by:balancd", "`by` must be one of: random, balanced; not `balancd`"),
        ("team shuffle 3 teams", "`teams` must be a whole number, not `3 teams`"),
        ("team shuffle by:balanced", "needs `teams`"),
        ("drill for 30 minutes", "No topic matches `for 30 minutes`"),
    ],
)
async def test_a_line_that_is_not_understood_is_told_what_was_not(line: str, hint: str) -> None:
    table = Table()
    typed = replace(event(parse(line), "ann"), actor=Actor("ann", "Ann", admin=True))
    reply = await table.desk.handle(typed)
    assert hint in to_plain_text(reply.screen.text[0])
    assert reply.screen.tone is Tone.PROBLEM
    assert not table.store.state.rounds


async def test_an_unknown_command_is_told_the_nearest() -> None:
    reply = await Table().call("dril")
    assert "Did you mean `drill`?" in to_plain_text(reply.screen.text[0])


async def test_a_stale_button_gets_a_kind_answer() -> None:
    reply = await Table().press("oldverb:7f3a:2")
    assert "older version" in to_plain_text(reply.screen.text[0])
    gone = await Table().press(encode(StartDrill("gone", "")))
    assert gone.screen.tone is Tone.PROBLEM
    unknown = await Table().press(encode(AnswerRound(999, "0")))
    assert unknown.screen.tone is Tone.PROBLEM


async def test_a_failure_is_one_polite_line_with_a_reference_that_is_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table()

    async def broken(_: Member) -> PlayerTotals:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(table.store.players, "totals", broken)
    with caplog.at_level(logging.ERROR):
        reply = await table.call("stats")
    text = str(reply.screen.text[0])
    assert "disk" not in text
    assert text.rstrip(".").split()[-1] in caplog.text
    assert "the disk is full" in caplog.text


async def test_stats_count_what_was_answered() -> None:
    table = Table()
    assert (await table.call("stats")).data["answered"] == 0
    reply = await table.call("drill", topic="alpha", questions=2)
    verdict = await table.answer(reply.screen, rightly=True)
    reply = await table.press(button(verdict.screen, "Next"))
    await table.answer(reply.screen, rightly=False)
    data = (await table.call("stats")).data
    assert data["answered"] == 2
    assert data["right"] == 1
    assert data["weakest"] == ["alpha"]
    assert data["streak"] == 1
    (chapter, *_) = data["chapters"]
    assert (chapter["seen"], chapter["right"], chapter["questions"]) == (2, 1, 14)


async def test_a_picture_comes_in_a_message_of_its_own_with_the_same_text() -> None:
    table = Table()
    reply = await table.call("drill", topic="alpha", questions=1)
    await table.answer(reply.screen, rightly=True)
    for command in ("leaderboard", "stats"):
        screen = (await table.call(command)).screen
        drawn = await table.press(button(screen, "Chart"))
        assert not drawn.updates
        assert drawn.screen.picture is not None
        assert drawn.screen == replace(screen, controls=(), picture=drawn.screen.picture)


async def test_a_picture_of_a_board_that_is_no_more_is_said_to_be_gone() -> None:
    reply = await Table().press("drawboard:fortnight:members:drill:0")
    assert "no longer exists" in str(reply.screen.text)


async def test_the_leaderboard_pages_ranks_ties_alike_and_shows_the_own_line() -> None:
    table = Table()
    for number in range(12):
        user = f"u{number:02}"
        reply = await table.call("drill", user, topic="alpha", questions=1)
        await table.answer(reply.screen, rightly=number < 11, user=user)
    board = (await table.call("leaderboard", "u11")).screen
    rows = rows_of(board)
    assert [row[0] for row in rows[1:]] == ["1"] * 10 + ["12"]
    assert rows[-1][1] == (Person("u11", "U11"), " (you)")
    second = (await table.press(button(board, "Next page"), user="u11")).screen
    assert len(rows_of(second)) == 3
    table.clock.pass_days(40)
    later = (await table.call("leaderboard", "u11", window="month")).screen
    assert rows_of(later) == ()


async def test_explain_shows_notes_source_and_a_way_to_practise_and_pages_the_rest() -> None:
    table = Table()
    screen = (await table.call("explain", topic="hpo")).screen
    assert screen.title == "About beta"
    lines = "\n".join(str(text) for text in screen.text).split("\n")
    assert lines[:2] == ["Fact 1 of `beta`.", "In code:"]
    assert len([line for line in lines if "Fact" in line]) == NOTES_PER_PAGE
    assert any(getattr(c, "url", "").endswith("/beta") for c in screen.controls)
    more = (await table.press(button(screen, "More"))).screen
    assert str(more.text[-1]).split("\n")[-1] == "• Fact 10 of `beta`."
    assert more.note == "Page 2 of 2"
    started = (await table.press(button(screen, "Practice"))).screen
    assert started.title.endswith("About beta")


async def test_explain_says_when_the_notes_have_nothing() -> None:
    reply = await Table().call("explain", topic="how to bake bread")
    assert reply.data["answered"] is False
    assert "Nothing about that" in reply.screen.title
    assert (await Table().call("explain", topic="")).screen.tone is Tone.PROBLEM


async def test_topics_and_chapters_complete_as_they_are_typed() -> None:
    table = Table()

    async def values(command: str, option: str, text: str) -> list[str]:
        call = event(Call(command, {}))
        return [choice.value for choice in await table.desk.complete(call, option, text)]

    assert await values("drill", "topic", "") == ["one", "two"]
    assert (await values("drill", "topic", "bet"))[0] == "beta"
    assert (await values("drill", "topic", "chapter t"))[0] == "two"
    assert (await values("explain", "topic", "abuot gamma"))[0] == "gamma"
    assert (await values("drill", "pack", "sam"))[0] == "sample"
    assert await values("drill", "questions", "1") == []
    assert await values("nothing", "at", "all") == []
    assert len(await values("explain", "topic", "")) <= MAX_COMPLETIONS
    await table.call("team create", name="Owls")
    assert await values("team join", "name", "ow") == ["Owls"]


def test_drafts_are_asked_only_where_the_pack_says_so() -> None:
    pack = small_pack()
    drafted = [question.model_copy(update={"draft": True}) for question in pack.questions]
    quiet = IndexedPack(pack.model_copy(update={"questions": drafted}))
    asked_too = IndexedPack(pack.model_copy(update={"questions": drafted, "drafts": True}))
    assert quiet.questions_in("") == ()
    assert len(asked_too.questions_in("")) == len(drafted)


async def test_an_answer_that_was_kept_though_it_seemed_to_fail_is_told_as_the_first() -> None:
    """The database had committed it, but the confirmation was lost."""
    table = Table()
    first = (await table.call("drill", topic="alpha", questions=1)).screen
    keep = table.store.answers.accept

    async def twice(*args: Any) -> Any:
        await keep(*args)
        return await keep(*args)

    table.store.answers.accept = twice  # type: ignore[method-assign, assignment]
    reply = await table.answer(first, rightly=True)
    assert "before" not in str(reply.screen.text)
