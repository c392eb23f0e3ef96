"""How well and how fast topics are found: `make eval-search` (docs/search.md).

The queries are learners' own words over all topics, a fifth of them kept apart: they are measured
and never tuned for.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from rapidfuzz import fuzz, process

from bot.engine.search import Hit, Index
from content import loader
from content.model import Pack
from content.yaml_files import parse

QUERIES = Path(__file__).parents[1] / "tests" / "data" / "queries.yaml"
KEPT_APART = 5
"""Every so many-th query, by its own checksum, is kept apart."""

Search = Callable[[str, int], list[Hit]]


@dataclass(frozen=True)
class Query:
    """What a learner types, and the topics that answer it; none for something else entirely."""

    text: str
    topics: frozenset[str]

    @property
    def kept_apart(self) -> bool:
        """Whether it is measured only."""
        return zlib.crc32(self.text.encode()) % KEPT_APART == 0


@dataclass(frozen=True)
class Figures:
    """What a method reaches on some queries."""

    recall_1: float
    recall_3: float
    reciprocal_rank: float
    refused: float
    microseconds: float

    def __str__(self) -> str:
        return (
            f"recall@1 {self.recall_1:.3f}  recall@3 {self.recall_3:.3f}  "
            f"MRR {self.reciprocal_rank:.3f}  refused {self.refused:.3f}  "
            f"{self.microseconds:.0f} µs"
        )


def queries() -> list[Query]:
    """All queries of the evaluation."""
    data = parse(QUERIES)
    found = [
        Query(text, frozenset(topics.split()))
        for topics, texts in data["topics"].items()
        for text in texts
    ]
    return found + [Query(text, frozenset()) for text in data["off_topic"]]


def measure(search: Search, asked: Sequence[Query]) -> Figures:
    """Recall, mean reciprocal rank and refusals of a method."""
    ranks: list[int] = []
    refused: list[bool] = []
    taken: list[float] = []
    for query in asked:
        start = perf_counter()
        hits = search(query.text, 10)
        taken.append(perf_counter() - start)
        if query.topics:
            found = [place for place, hit in enumerate(hits, 1) if hit.topic in query.topics]
            ranks.append(found[0] if found else 0)
        else:
            refused.append(not hits)
    return Figures(
        recall_1=sum(rank == 1 for rank in ranks) / len(ranks),
        recall_3=sum(0 < rank <= 3 for rank in ranks) / len(ranks),
        reciprocal_rank=sum(1 / rank for rank in ranks if rank) / len(ranks),
        refused=sum(refused) / len(refused) if refused else 1.0,
        microseconds=median(taken) * 1e6,
    )


def by_names(pack: Pack) -> Search:
    """The likeness of whole names alone."""
    names = [
        (topic.id, name)
        for chapter in pack.chapters
        for unit in chapter.units
        for topic in unit.topics
        for name in (topic.title, *topic.aliases, *topic.asks)
    ]

    def search(query: str, limit: int) -> list[Hit]:
        found = process.extract(
            query, [name for _, name in names], scorer=fuzz.token_set_ratio, limit=50,
            processor=str.casefold, score_cutoff=60,
        )  # fmt: skip
        best: dict[str, float] = {}
        for _, score, place in found:
            best.setdefault(names[place][0], score)
        return [Hit(topic, score) for topic, score in best.items()][:limit]

    return search


def fused(*methods: Search) -> Search:
    """Several methods as one, by reciprocal rank (Cormack, Clarke and Buettcher, 2009; k = 60)."""

    def search(query: str, limit: int) -> list[Hit]:
        scores: defaultdict[str, float] = defaultdict(float)
        for method in methods:
            for rank, hit in enumerate(method(query, limit), 1):
                scores[hit.topic] += 1 / (60 + rank)
        best = sorted(scores.items(), key=lambda item: -item[1])
        return [Hit(topic, score) for topic, score in best][:limit]

    return search


def main() -> None:
    """Print the figures of each method, then of the one in use on the queries kept apart."""
    pack = loader.load(loader.find_pack("dp100"), cache=None)
    asked = queries()
    tuned = [query for query in asked if not query.kept_apart]
    start = perf_counter()
    index = Index(pack)
    built = perf_counter() - start
    names = by_names(pack)
    methods: dict[str, Search] = {
        "BM25 over notes": Index(pack, {"notes": 1, "title": 1}).search,
        "likeness of names": names,
        "both, fused by rank": fused(index.search, names),
        "BM25 over all (in use)": index.search,
    }
    print(f"{len(asked)} queries, {len(asked) - len(tuned)} of them kept apart")
    for name, search in methods.items():
        print(f"{name:24}{measure(search, tuned)}")
    apart = [query for query in asked if query.kept_apart]
    print(f"{'in use, kept apart':24}{measure(index.search, apart)}")
    print(f"index built in {built * 1000:.0f} ms")
    for query in tuned:
        hits = [hit.topic for hit in index.search(query.text, 3)]
        if query.topics and (not hits or hits[0] not in query.topics):
            print(f"  not first: {query.text!r}: {hits}, wanted {sorted(query.topics)}")
        if not query.topics and hits:
            print(f"  not refused: {query.text!r}: {hits}")


if __name__ == "__main__":
    main()
