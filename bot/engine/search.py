"""Finding the topic that a learner means, and knowing when there's none.

See docs/search.md for how the method was chosen and how well it works.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log

from rapidfuzz import fuzz, process
from Stemmer import Stemmer

from bot.engine.text import squeeze_text
from content.model import Pack, Topic, Unit

STOP_WORDS = frozenset(
    "a about all an and another any are as at based be been best by can could do does each every "  # noqa: SIM905
    "explain find for from get getting give go goes good had happen happens has have how i if in "
    "into is it its keep kind kinds let look made make many me mean meaning means much my need new "
    "no not of on one or other our own per please put right s same say see several should show so "
    "some something sort take tell than that the their them then there these thing things this to "
    "type types us use used want was way ways we what when where which who whole why will with "
    "work works would you your".split()
)
FIELD_WEIGHTS: Mapping[str, float] = {
    "title": 10,
    "aliases": 4,
    "code": 4,
    "asks": 3,
    "notes": 0.5,
    "unit": 0.5,
    "stems": 0.3,
}
"""How much a word counts, by where it is."""

BM25_K1, BM25_B = 2.0, 0.65
"""Saturation and length normalization (Robertson and Zaragoza, 2009), tuned for these weights."""

MAX_QUERY_CHARS = 1000
"""Longer queries are cut: a message can have 40,000 characters, which take over a second."""

_WORD = re.compile(r"[A-Z]*[^\W\dA-Z_]+|[A-Z]+|\d+")
_CODE = re.compile(r"`([^`]+)`")

MIN_SIMILARITY = 78
"""A word that isn't in the pack stands for the nearest one at least this similar (0-100)."""

MAX_EXACT_LETTERS = 3
"""Words up to this length aren't corrected: too many others are similar."""

MIN_SCORE = 0.32
"""A lower best score is no answer; tuned on queries that should and shouldn't be answered."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic found; its score is 1 if every word of the query is all over it."""

    topic: str
    score: float


class Index:
    """BM25 over a pack's topics with weighted fields, tolerant of typos.

    `fields` can be set so that benchmarks/search.py can compare weights.
    """

    def __init__(
        self,
        pack: Pack,
        fields: Mapping[str, float] = FIELD_WEIGHTS,
    ) -> None:
        self._fields = fields
        self._stem = Stemmer("english").stemWord
        self._stems: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        stems: defaultdict[str, list[str]] = defaultdict(list)
        for question in pack.questions:
            stems[question.topic].append(question.stem)
        counts: dict[str, Counter[str]] = {}
        for chapter in pack.chapters:
            for unit in chapter.units:
                for topic in unit.topics:
                    self.titles[topic.id] = topic.title
                    counts[topic.id] = self._count(topic, unit, stems[topic.id])
        self._weigh(counts)

    def search(self, query: str, limit: int = 3) -> list[Hit]:
        """Return the best topics first; none if the query has little to do with the pack."""
        words = {word: self._match(word) for word in self._split_query(query[:MAX_QUERY_CHARS])}
        total = sum(self._rarity.get(known, self._unknown_rarity) for known, _ in words.values())
        if not total:
            return []
        scores: defaultdict[str, float] = defaultdict(float)
        for known, sure in words.values():
            for topic, weight in self._weights.get(known, ()):
                scores[topic] += weight * sure / total
        found = sorted(scores.items(), key=lambda item: -item[1])[:limit]
        if not found or found[0][1] < MIN_SCORE:
            return []
        return [Hit(topic, score) for topic, score in found]

    def related(self, topic: str, limit: int = 3) -> list[str]:
        """Return the ids of the topics that are closest to a topic."""
        hits = self.search(self.titles[topic], limit + 1)
        return [hit.topic for hit in hits if hit.topic != topic][:limit]

    def nearest_titles(self, query: str, limit: int = 3) -> list[str]:
        """Return the ids of the topics whose titles look most like the query."""
        found = process.extract(
            query[:MAX_QUERY_CHARS], self.titles, scorer=fuzz.WRatio, limit=limit
        )
        return [topic for _, _, topic in found]

    def complete(self, text: str, limit: int = 25) -> list[str]:
        """Return topic ids for a half-typed text, best first; all in order for an empty one."""
        if not text.strip():
            return list(self.titles)[:limit]
        found = process.extract(
            text[:MAX_QUERY_CHARS],
            self.titles,
            scorer=fuzz.partial_ratio,
            processor=str.casefold,
            limit=limit,
        )
        by_title = [topic for _, score, topic in found if score >= MIN_SIMILARITY]
        by_words = [hit.topic for hit in self.search(text, limit)]
        return list(dict.fromkeys([*by_title, *by_words]))[:limit]

    def _split_query(self, query: str) -> Iterator[str]:
        """Split a query into words; an identifier that the pack knows is one word."""
        for token in query.split():
            words = _words(token)
            whole = squeeze_text(token)
            yield from [whole] if len(words) > 1 and whole in self._rarity else words

    def _cached_stem(self, word: str) -> str:
        """Return a word's stem, computed once."""
        stem = self._stems.get(word)
        if stem is None:
            stem = self._stems[word] = self._stem(word)
        return stem

    def _count(self, topic: Topic, unit: Unit, stems: Iterable[str]) -> Counter[str]:
        fields: dict[str, Iterable[str]] = {
            "title": [topic.title],
            "aliases": topic.aliases,
            "asks": topic.asks,
            "notes": [note.words for note in topic.notes],
            "unit": [unit.title],
            "stems": stems,
        }
        counts: Counter[str] = Counter()
        for field, texts in fields.items():
            for word, times in Counter(_words(" ".join(texts))).items():
                counts[self._cached_stem(word)] += self._fields.get(field, 0) * times  # type: ignore[assignment]
        # An identifier is found by its parts above, and here as a whole, in any spelling.
        code = _CODE.findall(" ".join(note.text for note in topic.notes))
        for name, times in Counter((*code, *topic.aliases)).items():
            if len(_words(name)) > 1:
                whole = squeeze_text(name)
                self._stems[whole] = whole
                counts[whole] += self._fields.get("code", 0) * times  # type: ignore[assignment]
        return counts

    def _weigh(self, counts: Mapping[str, Counter[str]]) -> None:
        """Compute the weight of each word for each topic."""
        spread = Counter(word for counted in counts.values() for word in counted)
        total = len(counts)
        self._rarity = {
            word: log(1 + (total - topics + 0.5) / (topics + 0.5))
            for word, topics in spread.items()
        }
        self._unknown_rarity = log(1 + (total + 0.5) / 0.5)
        lengths = {topic: sum(counted.values()) for topic, counted in counts.items()}
        mean = sum(lengths.values()) / max(total, 1)
        weights: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
        for topic, counted in counts.items():
            norm = BM25_K1 * (1 - BM25_B + BM25_B * lengths[topic] / (mean or 1))
            for word, times in counted.items():
                weight = self._rarity[word] * times / (times + norm)
                weights[word].append((topic, weight))
        self._weights = dict(weights)

    def _match(self, word: str) -> tuple[str, float]:
        """Return the pack's stem that a word means, and how sure that is (0 to 1)."""
        stem = self._stems.get(word) or self._stem(word)
        if stem in self._rarity or len(word) <= MAX_EXACT_LETTERS:
            return stem, 1.0
        # People rarely miss a word's first letter, and different words often differ only in that.
        same = (known for known in self._stems if known[0] == word[0])
        near = process.extractOne(word, same, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY)
        return (self._stems[near[0]], near[1] / 100) if near else (stem, 0.0)


def _words(text: str) -> list[str]:
    """Split a text into words without stop words; `CamelCase` and `snake_case` are two each."""
    found = _WORD.findall(unicodedata.normalize("NFKC", text))
    return [word for word in map(str.casefold, found) if word not in STOP_WORDS]
