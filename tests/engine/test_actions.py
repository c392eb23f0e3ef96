"""Actions survive the way to a platform and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.actions import (
    LIMIT,
    Action,
    Answer,
    Board,
    Close,
    Continue,
    Explain,
    Export,
    Forget,
    Join,
    Practise,
    Release,
    Report,
    Shuffle,
    Stop,
    UnknownAction,
    Why,
    chosen,
    decode,
    encode,
)

ids = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True).filter(lambda text: len(text) <= 40)
numbers = st.integers(0, 2**53)
actions = st.one_of(
    st.builds(Answer, numbers, st.integers(0, 7).map(str) | st.just("")),
    st.builds(Continue, numbers),
    st.builds(Stop, numbers),
    st.builds(Practise, ids, ids | st.just("")),
    st.builds(Explain, ids, ids, st.integers(0, 99)),
    st.builds(
        Board,
        st.sampled_from(["today", "week", "month", "all"]),
        st.sampled_from(["members", "teams"]),
        st.sampled_from(["daily", "live", "drill"]),
        st.integers(0, 9999),
    ),
    st.builds(Why, numbers),
    st.builds(Close, numbers),
    st.builds(Report, numbers),
    st.builds(Join, numbers),
    st.builds(Release, numbers),
    st.builds(
        Shuffle, st.sampled_from(["random", "balanced"]), numbers, numbers, ids | st.just("")
    ),
    st.builds(Export),
    st.builds(Forget, st.integers(0, 1)),
)


@given(actions)
def test_every_action_comes_back_as_it_was_within_the_limit(action: Action) -> None:
    text = encode(action)
    assert decode(text) == action
    assert len(text.encode()) <= LIMIT


@given(st.text(max_size=120))
def test_any_other_text_is_refused_and_never_half_understood(text: str) -> None:
    try:
        action = decode(text)
    except UnknownAction:
        return
    assert encode(action) == text


@pytest.mark.parametrize(
    "text",
    ["", "answer", "answer:1", "answer:x:2", "answer:-1:2", "answer:01:2", "fly:1", "stop:²"],
)
def test_a_stale_or_foreign_action_is_unknown(text: str) -> None:
    with pytest.raises(UnknownAction):
        decode(text)


def test_an_action_carries_ids_and_numbers_only() -> None:
    with pytest.raises(ValueError, match="ids and numbers"):
        encode(Practise("dp100", "a:b"))
    with pytest.raises(ValueError, match="at most"):
        encode(Practise("a" * 60, "b" * 60))


def test_each_choice_of_a_pick_can_be_a_button_of_its_own() -> None:
    assert decode(chosen(encode(Answer(7)), "2")) == Answer(7, "2")
