"""Actions survive a round trip through a platform."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.actions import (
    MAX_ACTION_BYTES,
    MAX_ID,
    MAX_NUMBERS,
    Action,
    AnswerRound,
    ArrangeRound,
    ContinueDrill,
    ExplainTopic,
    OpenBoard,
    ReadCase,
    ReportQuestion,
    ShowAnswer,
    SkipStep,
    StartDrill,
    StopDrill,
    UnknownAction,
    add_choice,
    ask_in_form,
    encode,
)
from bot.engine.commands import PRESSES, press_of
from bot.engine.commands.daily import ChooseZone, RemoveDaily, ResumeDaily, SaveDaily, Unskip
from bot.engine.commands.drill import CatchUp
from bot.engine.commands.home import OpenQuestion
from bot.engine.commands.leaderboard import DrawBoard, PostBoard, ShowBoard
from bot.engine.commands.link import AllowLink, RefuseLink
from bot.engine.commands.preferences import SaveZone
from bot.engine.commands.privacy import Export, Forget
from bot.engine.commands.question import Close
from bot.engine.commands.season import ListSeasons, NewSeason
from bot.engine.commands.settings import SaveCommunityZone
from bot.engine.commands.setup import ChangeSetup, FillSetup, SaveSetup
from bot.engine.commands.stats import DrawProgress
from bot.engine.commands.team import Join
from bot.engine.commands.team_roles import Release
from bot.engine.commands.team_shuffle import Shuffle
from bot.engine.commands.withdraw import Withdraw

ids = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True).filter(lambda text: len(text) <= 40)
numbers = st.integers(0, MAX_ID)
big_numbers = st.integers(0, 2**32 - 1)
actions = st.one_of(
    st.builds(AnswerRound, numbers, st.integers(0, 7).map(str) | st.just("")),
    st.builds(ContinueDrill, numbers),
    st.builds(SkipStep, numbers, numbers),
    st.builds(StopDrill, numbers),
    st.builds(StartDrill, ids, ids | st.just("")),
    st.builds(ExplainTopic, ids, ids, st.integers(0, 99)),
    st.builds(
        ShowBoard,
        st.sampled_from(["today", "week", "month", "all"]),
        st.sampled_from(["members", "teams"]),
        st.sampled_from(["daily", "live", "drill"]),
        st.integers(0, 9999),
    ),
    st.builds(ShowAnswer, numbers, st.integers(0, 1)),
    st.builds(Close, numbers),
    st.builds(Withdraw, numbers, st.integers(0, 1)),
    st.builds(ReportQuestion, numbers),
    st.builds(Join, numbers),
    st.builds(Release, numbers),
    st.builds(
        Shuffle, st.sampled_from(["random", "balanced"]), numbers, big_numbers, ids | st.just("")
    ),
    st.builds(
        ChangeSetup,
        numbers,
        numbers,
        ids | st.just(""),
        st.sampled_from(["channel", "hour", "zone", "role"]),
    ),
    st.builds(SaveSetup, numbers, numbers, ids | st.just("")),
    st.builds(Export),
    st.builds(Forget, st.integers(0, 1)),
)


POSTED = {
    "answer:7:2": AnswerRound(7, "2"),
    "answer:7:": AnswerRound(7),
    "why:7:0": ShowAnswer(7),
    "why:7:1": ShowAnswer(7, reply=1),
    "arrange:7": ArrangeRound(7),
    "report:7": ReportQuestion(7),
    "case:7": ReadCase(7),
    "close:7": Close(7),
    "openquestion:7": OpenQuestion(7),
    "continue:12": ContinueDrill(12),
    "skip:12:3": SkipStep(12, 3),
    "stop:12": StopDrill(12),
    "practise:dp100:compute-cluster": StartDrill("dp100", "compute-cluster"),
    "practise::": StartDrill("", ""),
    "catchup": CatchUp(),
    "explain:dp100:compute-cluster:0": ExplainTopic("dp100", "compute-cluster"),
    "explain:dp100:compute-cluster:1": ExplainTopic("dp100", "compute-cluster", 1),
    "board:week:members:daily:0": ShowBoard("week", "members", "daily"),
    "board:season:teams::2": ShowBoard("season", "teams", "", 2),
    "board:season-7:members::0": ShowBoard("season-7", "members", ""),
    "drawboard:all:members:live:1": DrawBoard("all", "members", "live", 1),
    "openboard:2026-w48:members:daily:1764500400": OpenBoard(
        "2026-w48", "members", "daily", 1764500400
    ),
    "postboard:week:teams:live:2:1764500400": PostBoard("week", "teams", "live", 2, 1764500400),
    "drawprogress": DrawProgress(),
    "savedaily:3:5": SaveDaily(3, 5),
    "dailyzone:3:5:ifzwsyjpkrxww6lp": ChooseZone(3, 5, "ifzwsyjpkrxww6lp"),
    "setup:3:5::hour": ChangeSetup(3, 5, "", "hour"),
    "setup:3:5:dp100:role": ChangeSetup(3, 5, "dp100", "role"),
    "setupform:3:5:dp100:zone": FillSetup(3, 5, "dp100", "zone"),
    "savesetup:3:5:dp100": SaveSetup(3, 5, "dp100"),
    "communityzone:ifzwsyjpkrxww6lp": SaveCommunityZone("ifzwsyjpkrxww6lp"),
    "savezone:ifzwsyjpkrxww6lp": SaveZone("ifzwsyjpkrxww6lp"),
    "unskip:2026-12-24": Unskip("2026-12-24"),
    "resumedaily": ResumeDaily(),
    "removedaily": RemoveDaily(),
    "join:4": Join(4),
    "newseason:2:if2xi5lnnyqdembsgy::": NewSeason(2, "if2xi5lnnyqdembsgy"),
    "newseason:2:if2xi5lnnyqdembsgy:2026-11-30:k5uw45dfoi": NewSeason(
        2, "if2xi5lnnyqdembsgy", "2026-11-30", "k5uw45dfoi"
    ),
    "seasons:1": ListSeasons(1),
    "shuffle:balanced:3:4242:0123456789abcdef": Shuffle("balanced", 3, 4242, "0123456789abcdef"),
    "shuffle:random:3:4242:": Shuffle("random", 3, 4242),
    "release:4": Release(4),
    "allowlink:1": AllowLink(1),
    "refuselink:1": RefuseLink(1),
    "export": Export(),
    "forget:0": Forget(),
    "forget:1": Forget(1),
    "withdraw:7:0": Withdraw(7),
    "withdraw:7:1": Withdraw(7, 1),
}
"""Texts on buttons that were posted: what they mean never changes."""


def decode(text: str) -> Action:
    return press_of(text)[1]


@pytest.mark.parametrize("text", POSTED)
def test_a_button_that_was_posted_does_what_it_did(text: str) -> None:
    assert decode(text) == POSTED[text]
    assert encode(POSTED[text]) == text


def test_there_is_a_posted_sample_of_every_action() -> None:
    assert {action.verb for action in POSTED.values()} == PRESSES.keys()


def test_last_fields_that_a_posted_button_lacks_have_their_defaults() -> None:
    assert decode("explain:dp100:compute-cluster") == ExplainTopic("dp100", "compute-cluster", 0)
    old = "newseason:2:if2xi5lnnyqdembsgy"
    assert decode(old) == NewSeason(2, "if2xi5lnnyqdembsgy", ends="", next="")
    assert decode("forget") == Forget(0)
    assert decode("why:7") == ShowAnswer(7, reply=0)


@given(actions)
def test_every_action_comes_back_as_it_was_within_the_limit(action: Action) -> None:
    text = encode(action)
    assert decode(text) == action
    assert len(text.encode()) <= MAX_ACTION_BYTES


@given(st.text(max_size=120))
def test_any_other_text_is_refused_and_never_half_understood(text: str) -> None:
    try:
        action = decode(text)
    except UnknownAction:
        return
    assert encode(action).startswith(text)
    assert decode(encode(action)) == action


@pytest.mark.parametrize(
    "text",
    [
        "",
        "answer",
        "answer:1:2:3",
        "practise:dp100",
        "answer:x:2",
        "answer:-1:2",
        "answer:01:2",
        "fly:1",
        "stop:²",
    ],
)
def test_a_stale_or_foreign_action_is_unknown(text: str) -> None:
    with pytest.raises(UnknownAction):
        decode(text)


@pytest.mark.parametrize(
    ("largest", "too_large"),
    [
        (f"answer:{MAX_ID}:0", f"answer:{MAX_ID + 1}:0"),
        ("board:week:members::99999", "board:week:members::100000"),
        ("shuffle:random:3:4294967295:", "shuffle:random:3:4294967296:"),
        ("openboard:all:members:daily:4294967295", "openboard:all:members:daily:4294967296"),
        ("answer:1:0", f"answer:{'9' * 5000}:0"),
    ],
)
def test_a_number_that_no_button_ever_had_is_unknown(largest: str, too_large: str) -> None:
    assert encode(decode(largest)) == largest
    with pytest.raises(UnknownAction):
        decode(too_large)


def test_every_number_of_every_action_has_a_bound() -> None:
    types = {field.type for press in PRESSES.values() for field in fields(press.action)}
    assert types == {"str", *MAX_NUMBERS}


def test_an_action_carries_ids_and_numbers_only() -> None:
    with pytest.raises(ValueError, match="ids and numbers"):
        encode(StartDrill("dp100", "a:b"))
    with pytest.raises(ValueError, match="at most"):
        encode(StartDrill("a" * 60, "b" * 60))


def test_each_choice_of_a_pick_can_be_a_button_of_its_own() -> None:
    assert decode(add_choice(encode(AnswerRound(7)), "2")) == AnswerRound(7, "2")
    for action, value in ((encode(ShowAnswer(7)), "2"), (encode(AnswerRound(7)), "a:b")):
        with pytest.raises(ValueError, match="not a choice"):
            add_choice(action, value)


def test_all_parts_of_an_answer_can_be_asked_for_in_a_form() -> None:
    assert decode(ask_in_form(encode(AnswerRound(7)))) == ArrangeRound(7)
    with pytest.raises(UnknownAction):
        ask_in_form(encode(ShowAnswer(7)))
