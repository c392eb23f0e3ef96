"""Dividing members into teams, and scoring teams."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.standings import TEAM_BEST, TEAM_BONUS, score_team
from bot.engine.teams import Division, TeamCandidate, choose_team_names, divide, fingerprint

candidates = st.dictionaries(st.text(max_size=5), st.integers(0, 500), max_size=40).map(
    lambda points: [TeamCandidate(user, user.upper(), sum_) for user, sum_ in points.items()]
)
counts = st.integers(1, 12)
ways = st.sampled_from(Division)
seeds = st.integers(0, 2**32)


@given(candidates, counts, ways, seeds)
def test_everybody_is_in_one_team_and_the_sizes_differ_by_one_at_most(
    candidates: list[TeamCandidate], count: int, way: Division, seed: int
) -> None:
    groups = divide(candidates, count, way, seed)
    assert len(groups) == count
    assert sorted(candidate.user for group in groups for candidate in group) == sorted(
        candidate.user for candidate in candidates
    )
    sizes = [len(group) for group in groups]
    assert max(sizes) - min(sizes) <= 1


@given(candidates, counts, seeds)
def test_balanced_teams_differ_by_no_more_points_than_the_strongest_member_has(
    candidates: list[TeamCandidate], count: int, seed: int
) -> None:
    sums = [
        sum(candidate.points for candidate in g)
        for g in divide(candidates, count, Division.BALANCED, seed)
    ]
    assert max(sums) - min(sums) <= max((candidate.points for candidate in candidates), default=0)


@given(st.data(), candidates, counts, ways, seeds)
def test_a_seed_always_gives_the_same_teams(
    data: st.DataObject, candidates: list[TeamCandidate], count: int, way: Division, seed: int
) -> None:
    in_other_order = data.draw(st.permutations(candidates))
    assert divide(candidates, count, way, seed) == divide(in_other_order, count, way, seed)


def test_another_seed_gives_other_teams() -> None:
    candidates = [TeamCandidate(f"member-{number}", "", 7) for number in range(12)]
    for way in Division:
        drawn = {str(divide(candidates, 3, way, seed)) for seed in range(5)}
        assert len(drawn) == 5


def test_teams_that_there_are_keep_their_names_and_new_ones_are_numbered() -> None:
    assert choose_team_names(2, ["owls", "Larks", "Finches"]) == ["Finches", "Larks"]
    assert choose_team_names(4, ["team 1", "Owls"]) == ["Owls", "team 1", "Team 2", "Team 3"]
    assert choose_team_names(2, []) == ["Team 1", "Team 2"]


def test_a_fingerprint_tells_who_is_where_and_not_how_strong() -> None:
    ann, bob = TeamCandidate("ann", "Ann", 3), TeamCandidate("bob", "Bob")
    same = fingerprint({"Owls": [ann, bob], "Larks": []})
    assert same == fingerprint({"Larks": [], "Owls": [bob, TeamCandidate("ann", "Anna", 9)]})
    assert same != fingerprint({"Owls": [ann], "Larks": [bob]})
    assert same != fingerprint({"Owl": [ann, bob], "Larks": []})


def team_score(points: list[int], members: int) -> int:
    """Score a team, given the points of the members who took part."""
    return score_team(sum(sorted(points)[-TEAM_BEST:]), len(points), members)


earned = st.lists(st.integers(0, 2000), min_size=1, max_size=12)


@given(earned, st.integers(0, 12), st.data())
def test_one_more_answer_never_lowers_the_score_of_its_team(
    points: list[int], silent: int, data: st.DataObject
) -> None:
    members = len(points) + silent
    before = team_score(points, members)
    more = data.draw(st.integers(0, 10))
    again = data.draw(st.integers(0, len(points) - 1))
    repeated = [each + more * (place == again) for place, each in enumerate(points)]
    assert team_score(repeated, members) >= before
    if silent:
        assert team_score([*points, more], members) >= before


@given(earned, st.integers(0, 12))
def test_a_score_is_that_of_the_best_divided_by_so_many_and_rounded_half_up(
    points: list[int], silent: int
) -> None:
    members = len(points) + silent
    best = sum(sorted(points, reverse=True)[:TEAM_BEST])
    share = Fraction(len(points), members)
    score = Fraction(best, min(TEAM_BEST, members)) * (1 + Fraction(TEAM_BONUS) * share)
    assert team_score(points, members) == floor(score + Fraction(1, 2))


@pytest.mark.parametrize(
    ("points", "members", "score"),
    [
        ([10], 1, 13),  # 12.5
        ([2], 1, 3),  # 2.5
        ([10], 2, 6),  # 5.625
        ([10, 0], 2, 6),  # 6.25
        ([10], 3, 4),  # 3.61
        ([10, 0, 0], 3, 4),  # 4.17
        ([10, 10, 10, 0, 0], 10, 11),  # 11.25
        ([10, 10, 10, 9, 9], 5, 13),  # 12.5
        ([0], 1, 0),
    ],
)
def test_silence_does_not_pay_and_only_the_best_are_added_up(
    points: list[int], members: int, score: int
) -> None:
    assert team_score(points, members) == score
