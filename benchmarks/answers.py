"""An answer, from the press to the reply, against the bare driver writing the same rows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, Row, select

from benchmarks.bench import Bench, open_bench, start_databases
from benchmarks.figures import Figure
from benchmarks.floors import AnswerRows, Floor, open_floor
from storage import copying
from storage.opening import open_database
from storage.rows import STREAK
from storage.tables import answer, card, member, person, player, post, round_, standing
from tests.databases import Databases

ANSWER = [column for column in answer.c if column.name != "id"]
PLAYER = [player.c.id, *STREAK, player.c.told_zone]
CARD = list(card.c)

MEMBERS = 200
ALONE, TURNS = 25, 10
"""Answers per turn, one after the other. Ours and the floor take turns; after each, all members
answer at once."""


def measure() -> Iterator[Figure]:
    """One member at a time, and all at once, on each kind of database."""
    with start_databases() as kinds:
        for kind in kinds:
            yield from asyncio.run(_measure(kind))


async def _measure(kind: Databases) -> list[Figure]:
    alone: tuple[list[float], list[float]] = ([], [])
    together: tuple[list[float], list[float]] = ([], [])
    with kind.new() as url, kind.new() as other:
        async with open_bench(url, rounds=2 * TURNS + 1) as ours:
            await _all_at_once(ours, 0)
            copying.copy(url, other, lambda *_: None)
            open_database(other).dispose()
            async with open_floor(other) as floor:
                for number in range(1, 2 * TURNS + 1, 2):
                    alone[0].extend(await _one_by_one(ours, number))
                    alone[1].extend(await _bare(floor, ours, number))
                    together[0].append(await _all_at_once(ours, number + 1))
                    together[1].append(sum(await _bare(floor, ours, number + 1)))
        assert _read_rows(url) == _read_rows(other), "the floor wrote different rows"
    one, bare_one = (1000 * median(taken) for taken in alone)
    many, bare_many = (MEMBERS / median(taken) for taken in together)
    alone_name = f"an answer, one member at a time, {kind.name}"
    together_name = f"answers of {MEMBERS} members at once, {kind.name}"
    return [
        Figure(alone_name, one, bare_one, "ms", at_most=3),
        Figure(together_name, many, bare_many, "a second", at_least=1),
    ]


async def _one_by_one(bench: Bench, number: int) -> list[float]:
    """Seconds for each answer."""
    taken = []
    for each in range(ALONE):
        start = perf_counter()
        await bench.press(each, number)
        taken.append(perf_counter() - start)
    return taken


async def _all_at_once(bench: Bench, number: int) -> float:
    """Seconds until everyone has a reply."""
    start = perf_counter()
    await asyncio.gather(*(bench.press(each, number) for each in range(MEMBERS)))
    return perf_counter() - start


async def _bare(floor: Floor, bench: Bench, number: int) -> list[float]:
    """Seconds that the floor takes for each answer that ours took in a round."""
    taken = []
    for rows in read_answers(bench.store.database.engine, bench.rounds[number]):
        start = perf_counter()
        await floor.write(rows)
        taken.append(perf_counter() - start)
    return taken


def read_answers(engine: Engine, round_id: int) -> list[AnswerRows]:
    """The rows that ours wrote for each answer in a round."""
    query = (
        select(*ANSWER, *PLAYER, *CARD, member.c.community_id, post.c.board)
        .join_from(answer, member, member.c.id == answer.c.member_id)
        .join(person, person.c.id == member.c.person_id)
        .join(player, player.c.id == person.c.player_id)
        .join(round_, round_.c.id == answer.c.round_id)
        .join(post, post.c.round_id == round_.c.id)
        .join(card, (card.c.player_id == player.c.id) & (card.c.question == round_.c.question))
        .where(answer.c.round_id == round_id)
        .order_by(answer.c.id)
    )
    with engine.connect() as connection:
        return [_split(tuple(row)) for row in connection.execute(query)]


def _split(row: tuple[Any, ...]) -> AnswerRows:
    parts = iter(row)
    values, streak, memory = (tuple(islice(parts, len(part))) for part in (ANSWER, PLAYER, CARD))
    community, board = parts
    round_id, member_id, given, credit, points, at, day, periods, team_id = values
    lines = tuple(
        (member_id, board, period, 0, community, points, int(credit == 1), at)
        for period in sorted(periods)
    )
    rest = json.dumps(given), credit, points, at, day, json.dumps(periods), team_id
    answered = round_id, member_id, *rest
    return AnswerRows(((answered,), (streak,), lines, (memory,)))


def _read_rows(url: str) -> Sequence[Sequence[Row[Any]]]:
    """All rows that were written, sorted, without answers' ids."""
    engine = open_database(url)
    tables = (ANSWER, PLAYER, CARD, list(standing.c))
    with engine.connect() as connection:
        rows = [sorted(connection.execute(select(*each)), key=str) for each in tables]
    engine.dispose()
    return rows
