"""Accepting an answer, from the press to the reply, against the bare driver with the same rows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, Row, select

from benchmarks.figures import Figure
from benchmarks.floors import Floor, Written, open_floor
from benchmarks.ground import Ground, databases, ground
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
"""Answers of one member after the other in a turn, which ours and the floor take in turns; a turn
of all members at once follows each."""


def measure() -> Iterator[Figure]:
    """One member at a time, and all at once, on each kind of database."""
    with databases() as kinds:
        for kind in kinds:
            yield from asyncio.run(_measure(kind))


async def _measure(kind: Databases) -> list[Figure]:
    alone: tuple[list[float], list[float]] = ([], [])
    together: tuple[list[float], list[float]] = ([], [])
    with kind.new() as url, kind.new() as other:
        async with ground(url, rounds=2 * TURNS + 1) as ours:
            await _all_at_once(ours, 0)
            copying.copy(url, other, lambda *_: None)
            open_database(other).dispose()
            async with open_floor(other) as floor:
                for number in range(1, 2 * TURNS + 1, 2):
                    alone[0].extend(await _one_by_one(ours, number))
                    alone[1].extend(await _bare(floor, ours, number))
                    together[0].append(await _all_at_once(ours, number + 1))
                    together[1].append(sum(await _bare(floor, ours, number + 1)))
        assert _kept(url) == _kept(other), "the floor keeps other rows"
    one, bare_one = (1000 * median(taken) for taken in alone)
    many, bare_many = (MEMBERS / median(taken) for taken in together)
    alone_name = f"an answer, one member at a time, {kind.name}"
    together_name = f"answers of {MEMBERS} members at once, {kind.name}"
    return [
        Figure(alone_name, one, bare_one, "ms", at_most=3),
        Figure(together_name, many, bare_many, "a second", at_least=1),
    ]


async def _one_by_one(ground: Ground, number: int) -> list[float]:
    """The seconds that each answer takes."""
    taken = []
    for each in range(ALONE):
        start = perf_counter()
        await ground.press(each, number)
        taken.append(perf_counter() - start)
    return taken


async def _all_at_once(ground: Ground, number: int) -> float:
    """The seconds until all have their reply."""
    start = perf_counter()
    await asyncio.gather(*(ground.press(each, number) for each in range(MEMBERS)))
    return perf_counter() - start


async def _bare(floor: Floor, ground: Ground, number: int) -> list[float]:
    """The seconds that the floor takes for each answer that ours has taken to a round."""
    taken = []
    for written in written_for(ground.store.database.engine, ground.rounds[number]):
        start = perf_counter()
        await floor.keep(written)
        taken.append(perf_counter() - start)
    return taken


def written_for(engine: Engine, round_id: int) -> list[Written]:
    """The rows that were written for each answer to a round."""
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
        return [_written(tuple(row)) for row in connection.execute(query)]


def _written(row: tuple[Any, ...]) -> Written:
    parts = iter(row)
    said, streak, memory = (tuple(islice(parts, len(part))) for part in (ANSWER, PLAYER, CARD))
    community, board = parts
    round_id, member_id, given, credit, points, at, day, periods, team_id = said
    lines = tuple(
        (member_id, board, period, 0, community, points, int(credit == 1), at)
        for period in sorted(periods)
    )
    said = json.dumps(given), credit, points, at, day, json.dumps(periods), team_id
    answered = round_id, member_id, *said
    return Written(((answered,), (streak,), lines, (memory,)))


def _kept(url: str) -> Sequence[Sequence[Row[Any]]]:
    """All that was written, in one order, whichever id an answer has."""
    engine = open_database(url)
    tables = (ANSWER, PLAYER, CARD, list(standing.c))
    with engine.connect() as connection:
        kept = [sorted(connection.execute(select(*each)), key=str) for each in tables]
    engine.dispose()
    return kept
