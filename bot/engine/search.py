"""Finding the topic a learner means, and knowing when there is none."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from rapidfuzz import fuzz, process

from bot.engine.text import folded
from content.model import Pack

_STOP = frozenset(
    "a an and are as at be by can do does for from how i in is it me my of on or should that the "  # noqa: SIM905
    "to use we what when where which who why with you your".split()
)
K1, B = 1.2, 0.75
"""BM25's usual parameters (Robertson and Zaragoza, 2009)."""

SHORT = 4
"""Words up to this length are neither stemmed nor mended."""

FIELD_WEIGHTS = {"title": 4, "aliases": 4, "asks": 2, "unit": 1, "notes": 1}
TYPO = 82
"""A word that the pack does not know stands for the nearest one at least this similar (0-100)."""

CONFIDENT = 0.5
"""The share of a query's weight that the best topic must explain."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic found, with how sure the search is (0 to 1)."""

    topic: str
    score: float


def _words(text: str) -> list[str]:
    return [_stem(word) for word in folded(text).split() if word not in _STOP]


def _stem(word: str) -> str:
    return re.sub(r"(ings?|ed|es|s)$", "", word) if len(word) > SHORT else word.rstrip("s")


class Index:
    """BM25 over a pack's topics, tolerant to typos."""

    def __init__(self, pack: Pack) -> None:
        self.titles: dict[str, str] = {}
        self._counts: dict[str, Counter[str]] = {}
        for chapter in pack.chapters:
            for unit in chapter.units:
                for topic in unit.topics:
                    self.titles[topic.id] = topic.title
                    self._counts[topic.id] = _weighted(
                        title=[topic.title],
                        aliases=topic.aliases,
                        asks=topic.asks,
                        unit=[unit.title],
                        notes=[note.text for note in topic.notes],
                    )
        spread: dict[str, int] = defaultdict(int)
        for counts in self._counts.values():
            for word in counts:
                spread[word] += 1
        total = len(self._counts)
        self._idf = {word: log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in spread.items()}
        self._lengths = {topic: sum(counts.values()) for topic, counts in self._counts.items()}
        self._mean = sum(self._lengths.values()) / max(total, 1)
        self._unknown = log(1 + (total + 0.5) / 0.5)

    def search(self, query: str, limit: int = 3) -> list[Hit]:
        """The best topics first; none where the query has little to do with the pack."""
        words = [(word, self._known(word)) for word in dict.fromkeys(_words(query))]
        weight = sum(self._idf.get(known, self._unknown) for _, known in words)
        hits = []
        for topic, counts in self._counts.items():
            matched = [known for _, known in words if counts[known]]
            covered = sum(self._idf[known] for known in matched)
            if weight and covered / weight >= CONFIDENT:
                length = 1 - B + B * self._lengths[topic] / self._mean
                score = sum(
                    self._idf[w] * counts[w] * (K1 + 1) / (counts[w] + K1 * length) for w in matched
                )
                hits.append((score, covered / weight, topic))
        return [Hit(topic, sure) for _, sure, topic in sorted(hits, reverse=True)[:limit]]

    def nearest_titles(self, query: str, limit: int = 3) -> list[str]:
        """Ids of the topics whose titles look most like the query."""
        found = process.extract(query, self.titles, scorer=fuzz.WRatio, limit=limit)
        return [topic for _, _, topic in found]

    def complete(self, text: str, limit: int = 25) -> list[str]:
        """Ids of topics for a half-typed text, best first; all in order for an empty one."""
        if not text.strip():
            return list(self.titles)[:limit]
        found = process.extract(
            text, self.titles, scorer=fuzz.partial_ratio, processor=str.casefold, limit=limit
        )
        by_title = [topic for _, score, topic in found if score >= TYPO]
        return list(dict.fromkeys([*by_title, *(hit.topic for hit in self.search(text, limit))]))[
            :limit
        ]

    def _known(self, word: str) -> str:
        if word in self._idf or len(word) <= SHORT:
            return word
        near = process.extractOne(word, self._idf.keys(), scorer=fuzz.ratio, score_cutoff=TYPO)
        return near[0] if near else word


def _weighted(**fields: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for field, texts in fields.items():
        for text in texts:
            for word in _words(text):
                counts[word] += FIELD_WEIGHTS[field]
    return counts
