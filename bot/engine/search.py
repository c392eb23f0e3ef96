"""Finding the topic a learner means, and knowing when there is none.

How the method was chosen, and what it reaches, is in docs/search.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from rapidfuzz import fuzz, process
from Stemmer import Stemmer

from bot.engine.text import squeezed
from content.model import Pack, Topic, Unit

STOP_WORDS = frozenset(
    "a about an and are as at based be been best by can could do does explain for from get getting "  # noqa: SIM905
    "give had has have how i if in into is it its many me mean means much my need new no not of on "
    "one or our own per please several should so something sort tell than that the their them then "
    "there these thing things this to us use used want was way ways we what when where which who "
    "why will with would you your".split()
)
FIELDS: Mapping[str, float] = {
    "title": 10,
    "aliases": 4,
    "asks": 3,
    "notes": 1,
    "unit": 0.5,
    "stems": 0.3,
}
"""How much a word counts by where it stands."""

SATURATION, LENGTH = 2.0, 0.75
"""BM25's k1 and b (Robertson and Zaragoza, 2009), tuned for these weights."""

_WORD = re.compile(r"[A-Z]*[^\W\dA-Z_]+|[A-Z]+|\d+")
_CODE = re.compile(r"`([^`]+)`")

TYPO = 78
"""A word that the pack does not know stands for the nearest one at least this similar (0-100)."""

SHORT = 3
"""Words up to this length are not mended: too many others are near."""

ALIKE, NAME_SHARE = 60, 0.3
"""From which similarity (0-100) whole names count beside their words, and how much."""

CONFIDENT = 0.45
"""The share of a query's weight that the best topic must explain, or it is no answer."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic found; the higher the score the better it fits, without a fixed top."""

    topic: str
    score: float


class Index:
    """BM25 over a pack's topics with weighted fields, tolerant to typos.

    `fields` and `name_share` are there to be compared (benchmarks/search.py).
    """

    def __init__(
        self,
        pack: Pack,
        fields: Mapping[str, float] = FIELDS,
        name_share: float = NAME_SHARE,
    ) -> None:
        self._fields = fields
        self._name_share = name_share
        self._stem = Stemmer("english").stemWord
        self._spelt: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self._names: list[tuple[str, str]] = []
        stems: defaultdict[str, list[str]] = defaultdict(list)
        for question in pack.questions:
            stems[question.topic].append(question.stem)
        counts: dict[str, Counter[str]] = {}
        for chapter in pack.chapters:
            for unit in chapter.units:
                for topic in unit.topics:
                    self.titles[topic.id] = topic.title
                    self._names += [(topic.id, name) for name in (topic.title, *topic.aliases)]
                    counts[topic.id] = self._count(topic, unit, stems[topic.id])
        self._weigh(counts)
        self._folded_names = [" ".join(map(self._spell, _words(name))) for _, name in self._names]

    def search(self, query: str, limit: int = 3) -> list[Hit]:
        """The best topics first; none where the query has little to do with the pack."""
        words = {word: self._known(word) for word in _words(query)}
        total = sum(self._rarity.get(known, self._unheard) for known, _ in words.values())
        if not total:
            return []
        scores: defaultdict[str, float] = defaultdict(float)
        explained: defaultdict[str, float] = defaultdict(float)
        for known, sure in words.values():
            for topic, weight in self._weights.get(known, ()):
                scores[topic] += weight * sure
                explained[topic] += self._rarity[known] * sure
        names = process.extract(
            " ".join(known for known, _ in words.values()),
            self._folded_names,
            scorer=fuzz.token_sort_ratio,
            score_cutoff=ALIKE,
            limit=limit,
        )
        top = max(scores.values(), default=0.0)
        for topic, likeness in {
            self._names[place][0]: likeness for _, likeness, place in reversed(names)
        }.items():
            scores[topic] += self._name_share * top * likeness / 100
        found = sorted(scores.items(), key=lambda item: -item[1])[:limit]
        if not found or explained[found[0][0]] / total < CONFIDENT:
            return []
        return [Hit(topic, score) for topic, score in found]

    def related(self, topic: str, limit: int = 3) -> list[str]:
        """Ids of the topics that have most to do with a topic."""
        hits = self.search(self.titles[topic], limit + 1)
        return [hit.topic for hit in hits if hit.topic != topic][:limit]

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
        by_words = [hit.topic for hit in self.search(text, limit)]
        return list(dict.fromkeys([*by_title, *by_words]))[:limit]

    def _spell(self, word: str) -> str:
        """The word's stem, worked out once."""
        stem = self._spelt.get(word)
        if stem is None:
            stem = self._spelt[word] = self._stem(word)
        return stem

    def _count(self, topic: Topic, unit: Unit, stems: Iterable[str]) -> Counter[str]:
        fields: dict[str, Iterable[str]] = {
            "title": [topic.title],
            "aliases": topic.aliases,
            "asks": topic.asks,
            "notes": [note.text for note in topic.notes],
            "unit": [unit.title],
            "stems": stems,
        }
        counts: Counter[str] = Counter()
        for field, texts in fields.items():
            text = " ".join(texts)
            # Code is found by its parts and as a whole, however it is written.
            names = topic.aliases if field == "aliases" else _CODE.findall(text)
            whole = " ".join(squeezed(name) for name in names)
            for word, times in Counter(_words(f"{text} {whole}")).items():
                counts[self._spell(word)] += self._fields.get(field, 0) * times  # type: ignore[assignment]
        return counts

    def _weigh(self, counts: Mapping[str, Counter[str]]) -> None:
        """Work out what each word of each topic weighs in a query."""
        spread = Counter(word for counted in counts.values() for word in counted)
        total = len(counts)
        self._rarity = {
            word: log(1 + (total - topics + 0.5) / (topics + 0.5))
            for word, topics in spread.items()
        }
        self._unheard = log(1 + (total + 0.5) / 0.5)
        lengths = {topic: sum(counted.values()) for topic, counted in counts.items()}
        mean = sum(lengths.values()) / max(total, 1)
        weights: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
        for topic, counted in counts.items():
            norm = SATURATION * (1 - LENGTH + LENGTH * lengths[topic] / (mean or 1))
            for word, times in counted.items():
                weight = self._rarity[word] * times * (SATURATION + 1) / (times + norm)
                weights[word].append((topic, weight))
        self._weights = dict(weights)

    def _known(self, word: str) -> tuple[str, float]:
        """The stem of the pack that a word means, and how sure that is (0 to 1)."""
        stem = self._stem(word)
        if stem in self._rarity or len(word) <= SHORT:
            return stem, 1.0
        # People rarely miss a word's first letter, and other words often differ in just that.
        same = (known for known in self._spelt if known[0] == word[0])
        near = process.extractOne(word, same, scorer=fuzz.ratio, score_cutoff=TYPO)
        return (self._spelt[near[0]], near[1] / 100) if near else (stem, 0.0)


def _words(text: str) -> list[str]:
    """The text's words that tell something; `CamelCase` and `snake_case` are several."""
    found = _WORD.findall(unicodedata.normalize("NFKC", text))
    return [word for word in map(str.casefold, found) if word not in STOP_WORDS]
