"""Each kind of question: shuffled fairly, read leniently, graded as documented."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.kinds import KINDS, UnreadableAnswer, format_stem, kind_of
from bot.engine.library import IndexedPack
from bot.engine.screens import BAR_EMPTY, BAR_FULL, BAR_WIDTH, Bar, Bars, Match, Pick, Write
from content.model import Option, QuestionBase
from tests.samples import small_pack

PACK = IndexedPack(small_pack())
QUESTIONS: dict[str, Any] = {q.kind: q for q in PACK.questions_in("alpha")}
SHUFFLED = [kind for kind in KINDS if kind not in ("short_answer", "numeric")]


def grade(kind: str, *values: str) -> float:
    """Return the credit for values given to the unshuffled question."""
    question = QUESTIONS[kind]
    handler = kind_of(question)
    layout = tuple(range(len(handler.make_layout(question, Random(1)))))
    return handler.grade(question, handler.read(question, layout, values), PACK.terms)


@given(st.sampled_from(SHUFFLED), st.integers())
def test_a_layout_is_a_permutation_and_the_same_for_the_same_seed(kind: str, seed: int) -> None:
    question = QUESTIONS[kind]
    layout = kind_of(question).make_layout(question, Random(seed))
    assert sorted(layout) == list(range(len(layout)))
    assert layout == kind_of(question).make_layout(question, Random(seed))


@given(st.sampled_from(SHUFFLED), st.integers())
def test_the_key_is_right_however_it_is_shuffled(kind: str, seed: int) -> None:
    question = QUESTIONS[kind]
    handler = kind_of(question)
    layout = handler.make_layout(question, Random(seed))
    values = [str(place) for place, index in enumerate(layout) if is_key(question, index)]
    if kind in ("ordering", "matching"):
        values = [str(layout.index(index)) for index in range(len(layout))]
    given_ = handler.read(question, layout, values)
    assert handler.grade(question, given_, PACK.terms) == 1
    assert handler.explain_mistakes(question, layout, given_) == ()


def is_key(question: Any, index: int) -> bool:
    return bool(question.kind in ("ordering", "matching") or question.options[index].correct)


@given(st.integers())
def test_an_order_or_match_is_never_shown_already_solved(seed: int) -> None:
    for kind in ("ordering", "matching"):
        question = QUESTIONS[kind]
        layout = kind_of(question).make_layout(question, Random(seed))
        assert layout != tuple(range(len(layout)))


@pytest.mark.parametrize(
    ("kind", "values", "credit"),
    [
        ("single", ["1"], 1),
        ("single", ["0"], 0),
        ("true_false", ["0"], 1),
        ("true_false", ["1"], 0),
        ("multiple", ["0", "1"], 1),
        ("multiple", ["0"], 0.5),
        ("multiple", ["0", "1", "2"], 0.5),
        ("multiple", ["0", "2"], 0),
        ("multiple", ["2", "3"], 0),
        ("multiple", ["0", "1", "2", "3"], 0),
        ("ordering", ["0", "1", "2", "3"], 1),
        ("ordering", ["1", "2", "3", "0"], 2 / 3),
        ("ordering", ["3", "2", "1", "0"], 0),
        ("matching", ["0", "1", "2"], 1),
        ("matching", ["0", "2", "1"], 1 / 3),
        ("matching", ["1", "2", "0"], 0),
        ("numeric", ["250"], 1),
        ("numeric", ["0.25 s"], 1),
        ("numeric", ["245.0 ms"], 1),
        ("numeric", ["256"], 0),
        ("numeric", ["250 MB"], 0),
    ],
)
def test_credit_is_what_the_scoring_table_says(kind: str, values: list[str], credit: float) -> None:
    assert grade(kind, *values) == pytest.approx(credit)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("single", []),
        ("single", ["0", "1"]),
        ("single", ["4"]),
        ("single", ["x"]),
        ("single", ["-1"]),
        ("multiple", []),
        ("multiple", ["1", "1"]),
        ("ordering", []),
        ("ordering", ["0", "0"]),
        ("ordering", ["0", "1", "2"]),
        ("matching", ["0"]),
        ("matching", ["0", "0", "1"]),
        ("matching", ["0", "1", "2", "3"]),
        ("short_answer", [""]),
        ("short_answer", [" ?! "]),
        ("numeric", [""]),
        ("numeric", ["many"]),
        ("numeric", ["100 or 200"]),
    ],
)
def test_what_makes_no_answer_is_refused_with_a_hint(kind: str, values: list[str]) -> None:
    with pytest.raises(UnreadableAnswer, match=r"\w"):
        grade(kind, *values)


@pytest.mark.parametrize(
    ("kind", "values", "hint"),
    [
        ("multiple", [], "Pick at least one option."),
        ("multiple", [""], "Pick at least one option."),
        ("single", [""], "Pick one option."),
        ("ordering", [""], "Place all 4 items. Missing: A, B, C, D."),
        ("ordering", ["2", "0"], "Place all 4 items. Missing: B, D."),
        ("ordering", ["2", "", "0", "1"], "Place all 4 items. Missing: D."),
        ("ordering", ["2", "2", "0", "1"], "Use each of the items once. Used twice: C."),
        ("matching", [""], "Match all 3 items. Missing: 1, 2, 3."),
        ("matching", ["1"], "Match all 3 items. Missing: 2, 3."),
        ("matching", ["1", "", "0"], "Match all 3 items. Missing: 2."),
        ("matching", ["", "", "0"], "Match all 3 items. Missing: 1, 2."),
        ("matching", ["1", "0", "0"], "Use each of the right sides once. Used twice: A."),
    ],
)
def test_an_unfinished_answer_is_told_what_is_missing(
    kind: str, values: list[str], hint: str
) -> None:
    with pytest.raises(UnreadableAnswer) as refused:
        grade(kind, *values)
    assert str(refused.value) == hint


def test_several_are_asked_for_with_their_number() -> None:
    question = QUESTIONS["multiple"]
    assert format_stem(question) == (question.stem, "Choose 2.")
    control = kind_of(question).make_control(question, (0, 1, 2, 3), "answer:1:")
    assert isinstance(control, Pick)
    assert control.count == 2
    assert format_stem(QUESTIONS["single"]) == (QUESTIONS["single"].stem,)


KEPT_BACK = {
    "true_false": {"answer", "why"},
    "short_answer": {"accepted", "rejected", "exact"},
    "numeric": {"value", "tolerance", "relative_tolerance", "unit_synonyms"},
}
"""The fields of each kind that members don't see before they answer."""


def texts_of(value: object) -> Iterator[str]:
    """The texts in a field that members read; an option's reason comes later."""
    match value:
        case Option():
            yield value.text
        case list():
            for each in value:
                yield from texts_of(each)
        case _:
            yield str(value)


@pytest.mark.parametrize("kind", KINDS)
def test_members_see_every_part_of_a_question_before_they_answer(kind: str) -> None:
    question = QUESTIONS[kind]
    layout = kind_of(question).make_layout(question, Random(1))
    shown = (
        f"{format_stem(question)} {kind_of(question).make_control(question, layout, 'answer:1:')}"
    )
    fields = type(question).model_fields.keys() - QuestionBase.model_fields.keys() - {"kind"}
    for field in {"stem", *fields} - KEPT_BACK.get(kind, set()):
        for text in texts_of(getattr(question, field)):
            assert text in shown, (
                f"members don't see `{field}` of a `{kind}` question: give it a case in `wording` "
                "(bot/engine/kinds/__init__.py), or name it in KEPT_BACK here if it's the answer"
            )


def with_options(kind: str, *texts: str, pinned: tuple[int, ...] = ()) -> Any:
    """Return the sample question of a kind with other options; the first one is right."""
    question = QUESTIONS[kind]
    options = [
        Option(
            text=text,
            correct=place < (2 if kind == "multiple" else 1),
            why="It is not.",
            pinned="last" if place in pinned else None,
        )
        for place, text in enumerate(texts)
    ]
    return question.model_copy(update={"options": options})


def layouts(question: Any) -> set[tuple[int, ...]]:
    return {kind_of(question).make_layout(question, Random(seed)) for seed in range(200)}


@pytest.mark.parametrize("kind", ["single", "multiple"])
def test_a_pinned_option_stays_last_and_the_others_are_shuffled(kind: str) -> None:
    found = layouts(with_options(kind, "red", "it depends", "blue", "grey", pinned=(1,)))
    assert {layout[-1] for layout in found} == {1}
    assert len(found) == 6


@pytest.mark.parametrize("text", ["All of the above", "none of these", "Any of the above."])
def test_what_speaks_of_all_others_stays_last_though_nobody_pinned_it(text: str) -> None:
    found = layouts(with_options("single", "red", "green", "blue", text))
    assert {layout[-1] for layout in found} == {3}
    assert len(found) == 6


@pytest.mark.parametrize("text", ["Both A and B", "options 1 and 3", "A, B and C", "Only B"])
def test_where_one_names_others_by_their_place_all_keep_theirs(text: str) -> None:
    question = with_options("single", "First thing", "Second thing", text, "None of these")
    assert layouts(question) == {(0, 1, 2, 3)}


@pytest.mark.parametrize(
    "text",
    [
        "compute cluster",
        "Compute-Cluster",
        "the  compute_cluster.",
        "computecluster",
        "compute clusters",
        "compute clutser",
        "compute custer",
        "amlcompute",
        "AML Compute",
    ],
)
def test_a_short_answer_forgives_form_and_small_slips(text: str) -> None:
    assert grade("short_answer", text) == 1


@pytest.mark.parametrize(
    "text",
    ["compute instance", "compute instances", "cluster", "compute", "red", "amlcompute2", "clstr"],
)
def test_a_short_answer_is_never_taken_for_another_term(text: str) -> None:
    assert grade("short_answer", text) == 0


def test_a_typo_nearer_to_a_rejected_term_is_that_term() -> None:
    question = QUESTIONS["short_answer"].model_copy(
        update={"accepted": ["log_metric"], "rejected": []}
    )
    handler = kind_of(question)
    assert handler.grade(question, "log_metrik", PACK.terms) == 1
    # A call with an s added is a different call, and a term of the pack is that term.
    assert handler.grade(question, "log_metrics", frozenset({"logmetrics"})) == 0
    near_miss = type(QUESTIONS["short_answer"].rejected[0])(text="log_metrics", why="Many.")
    question = question.model_copy(update={"rejected": [near_miss]})
    assert handler.grade(question, "log_metrics", PACK.terms) == 0
    assert handler.explain_mistakes(question, (), "log_metrics") == ("Many.",)


def test_another_questions_term_is_not_a_typo_of_this_one() -> None:
    question = QUESTIONS["short_answer"].model_copy(
        update={"accepted": ["uniform"], "rejected": []}
    )
    handler = kind_of(question)
    assert handler.grade(question, "uniforn", frozenset()) == 1
    assert handler.grade(question, "quniform", frozenset({"quniform"})) == 0


def test_each_kind_has_a_control_that_fits_it() -> None:
    controls = {
        kind: kind_of(question).make_control(
            question, kind_of(question).make_layout(question, Random(3)), "answer:1:"
        )
        for kind, question in QUESTIONS.items()
    }
    assert isinstance(controls["short_answer"], Write)
    assert controls["numeric"] == Write("answer:1:", "Your answer in ms")
    assert isinstance(controls["matching"], Match)
    assert controls["matching"].lefts == ("cat", "dog", "cow")
    single, several = controls["single"], controls["multiple"]
    assert isinstance(single, Pick)
    assert not single.several
    assert isinstance(several, Pick)
    assert several.several
    assert {choice.label for choice in single.choices} == {"red", "green", "blue", "grey"}


def test_a_wrong_pick_is_told_why_with_the_letter_it_was_shown_under() -> None:
    question = QUESTIONS["single"]
    handler = kind_of(question)
    assert handler.explain_mistakes(question, (2, 0, 1, 3), (0,)) == ("B: Red is for stop.",)
    assert handler.format_answer(question, (2, 0, 1, 3), (0,)) == "B: red"
    assert handler.format_key(question, (2, 0, 1, 3)) == ("C: green",)


def test_a_result_splits_the_answers_in_the_places_the_options_had() -> None:
    question = QUESTIONS["single"]
    (bars,) = kind_of(question).tally(question, (2, 0, 1, 3), [(0,), (0,), (2,), (0,)])
    assert isinstance(bars, Bars)
    assert [(bar.place, bar.label) for bar in bars.bars] == [
        (letter, question.options[i].text) for letter, i in zip("ABCD", (2, 0, 1, 3), strict=True)
    ]
    assert [bar.note for bar in bars.bars] == [
        "1 of 4 (25%)",
        "3 of 4 (75%)",
        "0 of 4 (0%)",
        "0 of 4 (0%)",
    ]


@given(st.integers(1, 2000), st.data())
def test_only_nothing_draws_an_empty_bar_and_only_everybody_a_full_one(
    total: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, total))
    drawn = Bar("x", (part,), total, "").draw()
    assert len(drawn) == BAR_WIDTH
    assert (BAR_FULL in drawn) is (part > 0)
    assert (BAR_EMPTY in drawn) is (part < total)
    assert Bar("x", (0,), 0, "").draw() == BAR_EMPTY * BAR_WIDTH
