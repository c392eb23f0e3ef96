"""Choosing the next question: pure functions of history, pack and seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.engine import memory, selection
from bot.engine.days import Days
from bot.engine.memory import Card
from bot.engine.rounds import AskedQuestion, Board
from content.model import Question
from tests.samples import START, small_pack

QUESTIONS = small_pack().questions
TOPIC_OF = {question.id: question.topic for question in QUESTIONS}


def card(question: str, credit: float, days_ago: int) -> Card:
    return memory.review(None, question, credit, START - timedelta(days=days_ago))


def drill(cards: dict[str, Card], count: int, seed: int = 1) -> list[Question]:
    return selection.choose_drill(
        QUESTIONS, cards, count, now=START, days=Days(ZoneInfo("UTC")), rng=Random(seed)
    )


@given(
    st.dictionaries(
        st.sampled_from(sorted(TOPIC_OF)),
        st.tuples(st.sampled_from([0.0, 1.0]), st.integers(0, 99)),
    ),
    st.integers(1, 40),
    st.integers(),
)
@settings(max_examples=60)
def test_a_drill_is_as_long_as_asked_and_repeats_nothing(
    history: dict[str, tuple[float, int]], count: int, seed: int
) -> None:
    cards = {question: card(question, *past) for question, past in history.items()}
    chosen = [question.id for question in drill(cards, count, seed)]
    assert len(chosen) == len(set(chosen)) == min(count, len(QUESTIONS))
    assert chosen == [question.id for question in drill(cards, count, seed)]


def test_a_first_drill_goes_over_the_topics_and_begins_with_the_easier_questions() -> None:
    chosen = drill({}, 8)
    assert Counter(question.topic for question in chosen) == dict.fromkeys(TOPIC_OF.values(), 2)
    assert max(question.difficulty or 5 for question in chosen) <= 2
    assert all(before.topic != after.topic for before, after in pairwise(chosen))


@given(st.integers(1, 28), st.integers())
def test_a_drill_never_holds_both_of_two_questions_that_are_kept_apart(
    count: int, seed: int
) -> None:
    apart = {"alpha-q1": ["alpha-q2", "beta-q1"], "gamma-q3": ["delta-q3"]}
    questions = [q.model_copy(update={"apart": apart.get(q.id, [])}) for q in QUESTIONS]
    cards = {each: card(each, 0, 1) for each in ("alpha-q2", "gamma-q3", "delta-q3")}
    days = Days(ZoneInfo("UTC"))
    chosen = selection.choose_drill(questions, cards, count, now=START, days=days, rng=Random(seed))
    ids = {each.id for each in chosen}
    assert len(ids) == len(chosen) >= min(count, 25)
    assert not any(one in ids and ids & {*others} for one, others in apart.items())


def test_missed_and_due_questions_come_back_beside_new_ones() -> None:
    missed = {f"alpha-q{n}": card(f"alpha-q{n}", 0, 1) for n in (1, 2)}
    due = {"beta-q1": card("beta-q1", 1, 60)}
    fresh_in_mind = {"gamma-q1": card("gamma-q1", 1, 0)}
    chosen = {question.id for question in drill(missed | due | fresh_in_mind, 8)}
    assert {"alpha-q1", "alpha-q2", "beta-q1"} < chosen
    assert "gamma-q1" not in chosen


def test_looking_back_leaves_half_of_a_drill_to_what_is_new() -> None:
    missed = {question.id: card(question.id, 0, 1) for question in QUESTIONS[:12]}
    chosen = drill(missed, 8)
    assert sum(question.id in missed for question in chosen) == 4


def test_when_all_is_seen_and_nothing_is_due_a_drill_still_has_questions() -> None:
    known = {question.id: card(question.id, 1, 0) for question in QUESTIONS}
    assert len(drill(known, 5)) == 5


def walk(seed: int, board: Callable[[int], Board]) -> list[str]:
    """Ask as many questions as it takes for each to come three times, once per board."""
    rng, asked = Random(seed), list[AskedQuestion]()
    for number in range(3 * len(QUESTIONS)):
        chosen = selection.choose_daily(QUESTIONS, asked, {}, {}, rng=rng)
        assert chosen is not None
        asked.append(AskedQuestion(chosen.id, board(number), START + timedelta(days=number)))
    return [each.question for each in asked]


@given(st.integers())
@example(39039497)
@settings(max_examples=40)
def test_a_daily_walks_the_whole_pack_before_it_repeats_and_changes_topic_each_day(
    seed: int,
) -> None:
    asked = walk(seed, lambda _: Board.DAILY)
    assert all(TOPIC_OF[one] != TOPIC_OF[two] for one, two in pairwise(asked))
    times = Counter(asked)
    assert set(times) == set(TOPIC_OF)
    assert max(times.values()) - min(times.values()) <= 2


@given(st.integers())
@settings(max_examples=20)
def test_a_live_question_in_between_does_not_bring_a_dailys_topic_back(seed: int) -> None:
    asked = walk(seed, lambda number: Board.LIVE if number % 2 else Board.DAILY)
    topics = [TOPIC_OF[each] for each in asked]
    assert all(one != two for one, two in pairwise(topics[::2]))
    assert all(one != two for one, two in pairwise(topics))


@given(st.integers(), st.sets(st.sampled_from(sorted(TOPIC_OF)), min_size=1))
@settings(max_examples=40)
def test_a_live_question_comes_again_only_once_its_whole_scope_was_asked(
    seed: int, scope: set[str]
) -> None:
    rng, asked = Random(seed), list[AskedQuestion]()
    questions = [question for question in QUESTIONS if question.id in scope]
    for _ in range(3):
        for _ in questions:
            chosen = selection.choose_live(questions, asked, {}, rng=rng)
            assert chosen is not None
            asked.append(AskedQuestion(chosen.id, Board.LIVE, START))
        assert len(set(Counter(each.question for each in asked).values())) == 1
    assert Counter(each.question for each in asked).keys() == scope


def test_a_daily_leans_to_heavier_chapters_and_to_what_is_forgotten() -> None:
    def first_topics(weights: dict[str, float], forgotten: dict[str, float]) -> Counter[str]:
        return Counter(
            chosen.topic
            for seed in range(400)
            if (
                chosen := selection.choose_daily(
                    QUESTIONS, [], weights, forgotten, rng=Random(seed)
                )
            )
        )

    assert first_topics({"alpha": 5}, {})["alpha"] > 200
    assert first_topics({}, {"alpha": 1, "beta": 0, "gamma": 0, "delta": 0})["alpha"] > 150


def test_without_questions_there_is_no_daily() -> None:
    assert selection.choose_daily([], [], {}, {}, rng=Random(1)) is None
    assert selection.choose_live([], [], {}, rng=Random(1)) is None
