"""How well and how fast topics are found: `make eval-search` (docs/search.md).

The queries use learners' own words and cover all topics. A fifth is held out: measured, but never
tuned for.
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
HELD_OUT_EVERY = 5
"""Every fifth query is held out, chosen by its checksum."""

Search = Callable[[str, int], list[Hit]]


@dataclass(frozen=True)
class Query:
    """What a learner types, and the topics that answer it; none if it's off topic."""

    text: str
    topics: frozenset[str]

    @property
    def held_out(self) -> bool:
        """Whether it's measured, but not tuned for."""
        return zlib.crc32(self.text.encode()) % HELD_OUT_EVERY == 0


@dataclass(frozen=True)
class Figures:
    """A method's results on some queries."""

    recall_1: float
    recall_3: float
    reciprocal_rank: float
    rejected: float
    microseconds: float

    def __str__(self) -> str:
        return (
            f"recall@1 {self.recall_1:.3f}  recall@3 {self.recall_3:.3f}  "
            f"MRR {self.reciprocal_rank:.3f}  rejected {self.rejected:.3f}  "
            f"{self.microseconds:.0f} µs"
        )


def load_queries() -> list[Query]:
    """Load the queries of the evaluation."""
    data = parse(QUERIES)
    found = [
        Query(text, frozenset(topics.split()))
        for topics, texts in data["topics"].items()
        for text in texts
    ]
    return found + [Query(text, frozenset()) for text in data["off_topic"]]


def measure(search: Search, asked: Sequence[Query]) -> Figures:
    """Recall, mean reciprocal rank and off-topic rejections of a method."""
    ranks: list[int] = []
    rejected: list[bool] = []
    taken: list[float] = []
    for query in asked:
        start = perf_counter()
        hits = search(query.text, 10)
        taken.append(perf_counter() - start)
        if query.topics:
            found = [place for place, hit in enumerate(hits, 1) if hit.topic in query.topics]
            ranks.append(found[0] if found else 0)
        else:
            rejected.append(not hits)
    return Figures(
        recall_1=sum(rank == 1 for rank in ranks) / len(ranks),
        recall_3=sum(0 < rank <= 3 for rank in ranks) / len(ranks),
        reciprocal_rank=sum(1 / rank for rank in ranks if rank) / len(ranks),
        rejected=sum(rejected) / len(rejected) if rejected else 1.0,
        microseconds=median(taken) * 1e6,
    )


def match_names(pack: Pack) -> Search:
    """Fuzzy matches of whole names."""
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


def fuse(*methods: Search) -> Search:
    """Combine several methods by reciprocal rank (Cormack, Clarke and Buettcher, 2009; k = 60)."""

    def search(query: str, limit: int) -> list[Hit]:
        scores: defaultdict[str, float] = defaultdict(float)
        for method in methods:
            for rank, hit in enumerate(method(query, limit), 1):
                scores[hit.topic] += 1 / (60 + rank)
        best = sorted(scores.items(), key=lambda item: -item[1])
        return [Hit(topic, score) for topic, score in best][:limit]

    return search


def main() -> None:
    """Print the figures of each method, then of the one in use on the held-out queries."""
    pack = loader.load(loader.find_pack("dp100"), cache=None)
    queries = load_queries()
    tuned = [query for query in queries if not query.held_out]
    start = perf_counter()
    index = Index(pack)
    built = perf_counter() - start
    names = match_names(pack)
    methods: dict[str, Search] = {
        "BM25 over notes": Index(pack, {"notes": 1, "title": 1}).search,
        "fuzzy match of names": names,
        "both, fused by rank": fuse(index.search, names),
        "BM25 over all (in use)": index.search,
    }
    print(f"{len(queries)} queries, {len(queries) - len(tuned)} of them held out")
    for name, search in methods.items():
        print(f"{name:24}{measure(search, tuned)}")
    held_out = [query for query in queries if query.held_out]
    print(f"{'in use, held out':24}{measure(index.search, held_out)}")
    print(f"index built in {built * 1000:.0f} ms")
    for query in tuned:
        hits = [hit.topic for hit in index.search(query.text, 3)]
        if query.topics and (not hits or hits[0] not in query.topics):
            print(f"  not first: {query.text!r}: {hits}, wanted {sorted(query.topics)}")
        if not query.topics and hits:
            print(f"  not rejected: {query.text!r}: {hits}")


if __name__ == "__main__":
    main()
