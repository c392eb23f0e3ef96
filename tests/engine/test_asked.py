"""Questions as they were asked: whatever happens to a pack, its rounds go on as they began."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from bot.engine.actions import ContinueDrill, ReadCase, encode
from bot.engine.asked import (
    NEWER,
    explain_unknown,
    find_asked,
    keep_current,
    make_round,
    read_document,
    take_question,
    write_document,
)
from bot.engine.library import IndexedPack, Library
from bot.engine.rounds import Round
from bot.engine.screens import Code, Match, Reply
from bot.engine.typed_answers.verdict import judge
from content import loader
from content.model import SCHEMA_VERSION, Pack, ShortAnswer
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_desk import Table, button, find_answer_action
from tests.samples import questions_about, small_pack, values_of

PACK = IndexedPack(small_pack())
EDITS: dict[str, Library] = {
    "gone": Library([]),
    "without it": Library([small_pack(questions=questions_about("delta"))]),
    "edited": Library(
        [
            small_pack(
                questions=[q | {"stem": f"New: {q['stem']}"} for q in questions_about("alpha")]
            )
        ]
    ),
}


async def begun(topic: str = "alpha") -> tuple[Table, Reply]:
    table = Table()
    return table, await table.call("drill", topic=topic, questions=7)


@pytest.mark.parametrize("edit", EDITS)
async def test_a_drill_goes_on_whatever_happens_to_its_pack(edit: str) -> None:
    table, reply = await begun()
    table.desk.library = EDITS[edit]
    for step in range(1, 8):
        assert reply.screen.title.startswith(f"Question {step} of 7")
        asked = find_asked(table.store.state.rounds[step])
        assert asked
        assert asked.question.stem in words(reply.screen)
        rightly = step % 2 == 1
        values = values_of(asked.question, table.store.state.rounds[step].layout, rightly=rightly)
        verdict = await table.press(find_answer_action(reply.screen), *values)
        assert verdict.screen.title.startswith("Right") is rightly
        assert asked.question.rationale in words(verdict.screen)
        reply = await table.press(encode(ContinueDrill(1)))
    assert "Drill finished" in reply.screen.title
    assert "4 of 7 answered" in words(reply.screen)


@pytest.mark.parametrize("edit", EDITS)
async def test_a_channels_question_is_answered_and_revealed_as_it_was_asked(edit: str) -> None:
    channel = Channel()
    await channel.call("question", topic="alpha", minutes=30)
    stem = words(channel.shown)
    asked = find_asked(channel.store.state.rounds[1])
    assert asked
    assert asked.question.stem in stem
    channel.desk.library = EDITS[edit]
    values = values_of(asked.question, channel.store.state.rounds[1].layout, rightly=True)
    right = await channel.press(find_answer_action(channel.shown), *values, user="bob")
    assert right.screen.title == "Right · 10 points"
    await channel.passes(minutes=31)
    assert channel.shown.title == "Result · Sample"
    assert asked.question.stem in words(channel.shown)
    why = await channel.press(button(channel.shown, "Answer and why"), user="eve")
    assert asked.question.rationale in words(why.screen)


def round_of(document: str) -> Round:
    return Round(1, "sample", "alpha-q1", "v", (), Table().clock.now, document=document)


def test_what_a_newer_program_kept_is_not_misread() -> None:
    document: dict[str, Any] = json.loads(write_document(PACK, PACK.questions["alpha-q1"]))
    assert read_document(json.dumps(document)) == take_question(PACK, PACK.questions["alpha-q1"])
    newer = document | {"schema_version": SCHEMA_VERSION + 1}
    stranger = document | {"question": document["question"] | {"shape": "round"}}
    for each in (newer, stranger):
        asked = round_of(json.dumps(each))
        assert find_asked(asked) is None
        assert explain_unknown(asked) == NEWER
    assert find_asked(round_of("")) is None
    assert "has changed" in explain_unknown(round_of(""))


async def test_what_an_earlier_program_asked_is_kept_as_far_as_packs_have_it() -> None:
    table, _ = await begun()
    rounds = table.store.state.rounds
    for number in rounds:
        rounds[number] = replace(rounds[number], document="")
    rounds[1] = replace(rounds[1], version="older")
    await keep_current(table.desk.library, table.store.questions)
    assert find_asked(rounds[1]) is None
    for number in range(2, 8):
        asked = find_asked(rounds[number])
        assert asked
        assert asked.question == PACK.questions[rounds[number].question]
    assert len(await table.store.questions.list_unknown()) == 1


def test_only_terms_that_could_be_taken_for_an_answer_are_kept_and_no_verdict_differs() -> None:
    pack = IndexedPack(loader.load(loader.find_pack("dp100"), cache=None))
    rng = Random(1)
    short = [q for q in pack.pack.questions if isinstance(q, ShortAnswer) and not q.exact]
    terms = sorted(pack.terms)
    for question in rng.sample(short, 12):
        kept = take_question(pack, question).terms
        assert len(kept) < len(terms) / 2
        texts = [*question.accepted, *(wrong.text for wrong in question.rejected)]
        typed = [_misspell(text, rng) for text in texts for _ in range(10)]
        for text in (*typed, *texts, *rng.sample(terms, 40), *sorted(kept)[:60]):
            one, other = judge(question, text, kept), judge(question, text, pack.terms)
            assert (one.credit, one.rejected, one.spelled) == (
                other.credit,
                other.rejected,
                other.spelled,
            ), (question.id, text)


def _misspell(text: str, rng: Random) -> str:
    place, letter = rng.randrange(len(text)), rng.choice("aeiorstn")
    return rng.choice(
        [
            text[:place] + text[place + 1 :],
            text[:place] + letter + text[place:],
            text[:place] + letter + text[place + 1 :],
        ]
    )


LONG_CASE = " ".join(f"Sentence {number} of the case." for number in range(100))


def pack_with(kind: str, **parts: Any) -> Pack:
    question = next(q for q in questions_about("alpha") if q["kind"] == kind)
    return small_pack(questions=[question | parts])


async def test_a_questions_code_and_case_are_shown_and_a_long_case_is_read_by_its_button() -> None:
    code = {"lang": "python", "text": "print(1)\n```\n@everyone"}
    pack = pack_with("single", code=code, case={"id": "shop", "text": LONG_CASE})
    table = Table(pack=pack)
    shown = (await table.call("drill")).screen
    case, stem, block = shown.text
    assert isinstance(case, str)
    assert case.startswith("Case: Sentence 0 of the case.")
    assert len(case) < 310
    assert (stem, block) == ("Question 1 about alpha?", Code(code["text"], "python"))
    whole = await table.press(button(shown, "Read the case"))
    assert whole.screen.text == (LONG_CASE,)
    assert not whole.updates
    stranger = await table.press(encode(ReadCase(1)), user="eve")
    assert "Sentence" not in words(stranger.screen)
    short = Table(pack=pack_with("single", case={"id": "shop", "text": "A shop."}))
    shown = (await short.call("drill")).screen
    assert shown.text == ("Case: A shop.", "Question 1 about alpha?")
    assert "Read the case" not in [getattr(each, "label", "") for each in shown.controls]


async def test_spares_are_shown_never_right_and_revealed() -> None:
    table = Table(pack=pack_with("matching", spares=["sings", "roars"]))
    shown = (await table.call("drill")).screen
    assert shown.text[-1] == "2 letters are left over."
    control = shown.controls[0]
    assert isinstance(control, Match)
    places = {choice.label: choice.value for choice in control.choices}
    assert sorted(places) == ["barks", "meows", "moos", "roars", "sings"]
    given = [places[each] for each in ("meows", "sings", "moos")]
    too_many = await table.press(control.action, *given, places["roars"])
    assert "Match 3 items, with one letter each." in words(too_many.screen)
    verdict = await table.press(control.action, *given)
    assert verdict.screen.title == "Partly right · 6 points"
    assert "cat – meows\ndog – barks\ncow – moos\nLeft over: sings; roars" in words(verdict.screen)


async def test_a_question_without_explanations_says_so_and_where_it_is_from() -> None:
    wrong = [{"text": "red"}, {"text": "blue"}]
    question = {
        "id": "alpha-q1",
        "kind": "single",
        "topic": "alpha",
        "origin": "imported",
        "source": "https://example.org/bank",
        "stem": "Which?",
        "options": [*wrong, {"text": "green", "correct": True}],
    }
    table = Table(pack=small_pack(questions=[question]))
    reply = await table.call("drill")
    verdict = await table.answer(reply.screen, rightly=False)
    assert "No explanation yet." in words(verdict.screen)
    assert "Source" in words(verdict.screen)
    answered = [part for part in verdict.screen.text if isinstance(part, str)]
    assert not any(part.endswith(": ") for part in answered)


def test_a_round_keeps_its_question() -> None:
    new = make_round(PACK, PACK.questions["alpha-q6"], Random(1))
    kept = read_document(new.document)
    assert kept == take_question(PACK, PACK.questions["alpha-q6"])
    assert (kept.pack_title, kept.chapter, kept.topic) == ("Sample", "Chapter one", "About alpha")
