"""Drafting questions from notes by fixed rules; each draft waits for a review."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError
from rapidfuzz import fuzz

from content.importing.outline import Fact
from content.importing.packing import MAX_ID_CHARS
from content.model import AnyQuestion, Chapter, Pack, Question
from content.quality import examine

DISTRACTOR_COUNT = 3
MAX_SIMILARITY = 60
"""Answers at least this similar (0-100) might both be right, so they're never combined."""

MAX_LENGTH_RATIO = 1.6
"""Longest to shortest option, as in the quality check."""

MAX_CANDIDATES = 200
"""Distractors looked at for one question: the nearest ones are the best anyway."""

MAX_DRAFTS = 1000
"""More wait for no one: a review takes one at a time."""

MAX_TERM_CHARS, MAX_DESCRIPTION_CHARS = 60, 200
_ARROW = re.compile(r"(.+?)\s*=+>\s*(.+)")
_CODE = re.compile(r"`([^`]+)`")

QuestionData = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DraftSource:
    """A fact with its note and its topic."""

    note: str
    fact: Fact
    topic: str
    title: str

    @property
    def description(self) -> str:
        """What the fact says about its term."""
        plain = self.fact.text.removeprefix(self.fact.term).lstrip(" :–—-")
        return plain.strip()


def draft(
    chapters: Sequence[Mapping[str, Any]], facts: Mapping[str, Fact]
) -> dict[str, list[QuestionData]]:
    """Draft questions by chapter id and return those that pass the quality check.

    Each is marked with its rule. The same notes always give the same drafts.
    """
    taken: set[str] = set()
    drafts: dict[str, list[QuestionData]] = {}
    for chapter in chapters:
        drafts[chapter["id"]] = []
        for unit in chapter["units"]:
            sources = [each for each in _iter_sources(unit, facts) if not each.fact.is_formula]
            for question in (each for rule in RULES for each in rule(sources)):
                if question["id"] in taken:
                    question["id"] = _tell_apart(question)
                if question["id"] not in taken:
                    taken.add(question["id"])
                    drafts[chapter["id"]].append(question)
    return _drop_failing(chapters, _limit(drafts))


def _limit(drafts: Mapping[str, list[QuestionData]]) -> dict[str, list[QuestionData]]:
    """At most as many drafts as anyone reviews, from all parts of the notes."""
    total = sum(map(len, drafts.values()))
    step = max(1.0, total / MAX_DRAFTS)
    places = {int(number * step) for number in range(min(total, MAX_DRAFTS))}
    numbers = iter(range(total))
    return {
        chapter: [each for each in group if next(numbers) in places]
        for chapter, group in drafts.items()
    }


def _tell_apart(question: QuestionData) -> str:
    """Another id for a draft, if topics that share the start of their ids would give it one."""
    mark = hashlib.blake2b(question["notes"][0].encode(), digest_size=3).hexdigest()
    return f"{question['id'][: MAX_ID_CHARS - len(mark) - 1].strip('-')}-{mark}"


def _iter_sources(unit: Mapping[str, Any], facts: Mapping[str, Fact]) -> Iterator[DraftSource]:
    for topic in unit["topics"]:
        for note in topic["notes"]:
            yield DraftSource(note["id"], facts[note["id"]], topic["id"], topic["title"])


def _draft_definitions(items: Sequence[DraftSource]) -> Iterator[QuestionData]:
    """Which of the unit's terms fits a description."""
    named = [each for each in items if each.fact.term and _is_term(each.fact.term)]
    near = _Nearest(named)
    for item in named:
        term = item.fact.term
        if not _is_askable(item.description, term):
            continue
        wrong = (
            (each.fact.term, f"This isn't {term}. The notes say: {_to_sentence(each.description)}")
            for each in near.find(item)
            if fuzz.ratio(each.fact.term, term) < MAX_SIMILARITY
        )
        yield from _build_single_choice(
            item,
            "definition",
            f"“{item.title}”: which term is this? {_to_sentence(item.description)}",
            (term, f"The notes describe {term} this way."),
            wrong,
        )


def _draft_enumerations(items: Sequence[DraftSource]) -> Iterator[QuestionData]:
    """What's on a list and what isn't, among the unit's lists."""
    lists: defaultdict[tuple[str, str], list[DraftSource]] = defaultdict(list)
    for item in items:
        if item.fact.group and _is_term(_name_member(item)) and item.fact.step is None:
            lists[item.topic, item.fact.group].append(item)
    near = _Nearest([each for members in lists.values() for each in members])
    for (_, group), members in lists.items():
        if len(members) <= 1:
            continue
        names = [_name_member(member) for member in members]
        item = members[0]
        others = [
            each
            for each in near.find(item, of_other_group=True)
            if all(fuzz.ratio(_name_member(each), name) < MAX_SIMILARITY for name in names)
        ]
        yield from _build_single_choice(
            item,
            "enumeration",
            f"“{item.title}”: which of these do the notes list under “{group}”?",
            (_name_member(item), f"The list is: {', '.join(names)}."),
            ((_name_member(e), f"It's under “{e.fact.group}”, not “{group}”.") for e in others),
        )
        if others:
            yield from _build_single_choice(
                members[-1],
                "no_member",
                f"“{item.title}”: which of these do the notes NOT list under “{group}”?",
                (_name_member(others[0]), f"The notes list it under “{others[0].fact.group}”."),
                [(name, f"“{group}” includes it: {name}.") for name in names],
            )


def _draft_when_to_use(items: Sequence[DraftSource]) -> Iterator[QuestionData]:
    """What the notes recommend in a situation, from lines with an arrow."""
    arrows = {each.note: found for each in items if (found := _ARROW.fullmatch(each.fact.text))}
    near = _Nearest([each for each in items if each.note in arrows])
    for item in near.items:
        situation, key = arrows[item.note][1], _strip_stop(arrows[item.note][2])
        wrong = (
            (
                _strip_stop(then[2]),
                f"It isn't for “{situation}” but for: {_to_sentence(then[1])}",
            )
            for each in near.find(item)
            if (then := arrows[each.note])
            and fuzz.token_set_ratio(_strip_stop(then[2]), key) < MAX_SIMILARITY
        )
        if len(key) <= 2 * MAX_TERM_CHARS:
            yield from _build_single_choice(
                item,
                "when_to_use",
                f"“{item.title}”: what do the notes recommend here? {_to_sentence(situation)}",
                (key, f"The notes recommend it for this case: {_to_sentence(situation)}"),
                wrong,
            )


def _draft_identifiers(items: Sequence[DraftSource]) -> Iterator[QuestionData]:
    """Which parameter, class or function fits a description."""
    for item in items:
        codes = _CODE.findall(item.fact.text)
        if len(codes) != 1 or not item.fact.term or _CODE.sub("", item.fact.term).strip(" ()"):
            continue
        if _is_askable(item.description, codes[0]):
            yield _build_question(
                item,
                "identifier",
                kind="short_answer",
                stem=f"“{item.title}”: which identifier is this? {_to_sentence(item.description)}",
                accepted=[codes[0].removesuffix("()")],
                rationale=f"The notes describe `{codes[0]}`: {_to_sentence(item.description)}",
            )


def _draft_steps(items: Sequence[DraftSource]) -> Iterator[QuestionData]:
    """The order of numbered steps."""
    lists: defaultdict[tuple[str, str, int], list[DraftSource]] = defaultdict(list)
    for item in items:
        if item.fact.step is not None:
            lists[item.topic, item.fact.group, item.fact.list_line].append(item)
    for (_, group, _), steps in lists.items():
        texts = [step.fact.term or _strip_stop(step.fact.text)[:300] for step in steps]
        numbers = [step.fact.step for step in steps]
        if numbers == list(range(1, len(steps) + 1)) and 3 <= len(set(texts)) == len(steps) <= 8:  # noqa: PLR2004 - the model's limits
            about = f" of “{group}”" if group else ""
            yield _build_question(
                steps[0],
                "steps",
                kind="ordering",
                notes=[step.note for step in steps],
                stem=f"“{steps[0].title}”: put the steps{about} in order.",
                items=texts,
                rationale=f"The notes give the steps{about} in this order: {'; '.join(texts)}.",
            )


RULES = (
    _draft_definitions,
    _draft_enumerations,
    _draft_when_to_use,
    _draft_identifiers,
    _draft_steps,
)


def _build_single_choice(
    item: DraftSource,
    rule: str,
    stem: str,
    key: tuple[str, str],
    wrong: Iterable[tuple[str, str]],
) -> Iterator[QuestionData]:
    """A single-choice question, if there are enough distractors of about the key's length."""
    text, why = key
    chosen: dict[str, str] = {}
    for each, reason in wrong:
        lengths = [len(text), len(each), *map(len, chosen)]
        if max(lengths) <= MAX_LENGTH_RATIO * min(lengths):
            chosen.setdefault(each, reason)
        if len(chosen) == DISTRACTOR_COUNT:
            break
    else:
        return
    options: list[dict[str, Any]] = [
        {"text": each, "why": reason} for each, reason in chosen.items()
    ]
    # The key's position follows from the note, so that positions are spread and repeatable.
    place = sum(item.note.encode()) % (DISTRACTOR_COUNT + 1)
    options.insert(place, {"text": text, "correct": True})
    yield _build_question(item, rule, kind="single", stem=stem, options=options, rationale=why)


def _build_question(item: DraftSource, rule: str, **parts: Any) -> QuestionData:
    topic = item.topic[: MAX_ID_CHARS - 15].strip("-")
    short = {"enumeration": "list", "no_member": "not", "when_to_use": "use"}.get(rule, rule[:4])
    return {
        "id": f"{topic}-{short}-{item.note.rsplit('-', 1)[-1]}",
        "topic": item.topic,
        "notes": [item.note],
        "level": "remember",
        "difficulty": 2,
        "draft": True,
        "rule": rule,
        **parts,
    }


class _Nearest:
    """Items in the order in which they make distractors: those of the same topic first."""

    def __init__(self, items: Sequence[DraftSource]) -> None:
        self.items = items
        self._by_topic: defaultdict[str, list[DraftSource]] = defaultdict(list)
        for item in items:
            self._by_topic[item.topic].append(item)

    def find(self, item: DraftSource, *, of_other_group: bool = False) -> Iterator[DraftSource]:
        """The items nearest to one, without itself; so many that time stays short."""
        others = (each for each in self.items if each.topic != item.topic)
        nearest = (each for group in (self._by_topic[item.topic], others) for each in group)
        fitting = (
            each
            for each in nearest
            if each.note != item.note
            and not (of_other_group and each.fact.group == item.fact.group)
        )
        return islice(fitting, MAX_CANDIDATES)


def _name_member(item: DraftSource) -> str:
    return item.fact.term or _strip_stop(item.fact.text)


def _is_term(text: str) -> bool:
    return 2 <= len(text) <= MAX_TERM_CHARS and not _ARROW.search(text)  # noqa: PLR2004


def _is_askable(description: str, term: str) -> bool:
    """Whether a description says enough and doesn't give its term away."""
    words = set(re.findall(r"\w{4,}", term.casefold()))
    used = set(re.findall(r"\w{4,}", description.casefold()))
    return len(used) > 2 and len(description) <= MAX_DESCRIPTION_CHARS and not words & used  # noqa: PLR2004


def _to_sentence(text: str) -> str:
    text = text.strip()
    return text[0].upper() + text[1:].rstrip(".") + "." if text else text


def _strip_stop(text: str) -> str:
    return text.strip().rstrip(".;,")


def _drop_failing(
    chapters: Sequence[Mapping[str, Any]], drafts: dict[str, list[QuestionData]]
) -> dict[str, list[QuestionData]]:
    """The drafts that pass the quality check, checked as if they were asked. Those that don't fit
    the model fail it: notes can be longer than any question."""
    questions = _validate([each for group in drafts.values() for each in group])
    outline = [*_list_cited(chapters, questions)]
    failing: set[str] | None = None
    while failing or failing is None:
        questions = [each for each in questions if each.id not in (failing or ())]
        pack = Pack(
            id="drafts",
            title="Drafts",
            exam=None,
            version="1",
            language="en",
            license="none",
            drafts=True,
            chapters=outline,
            questions=questions,
        )
        report = examine(pack)
        failing = {finding.where for finding in report.findings} & {each.id for each in questions}
        for guess in report.parts[0].guesses:
            failing |= set(guess.telling[: max(0, round(guess.excess))])
    passing = {each.id for each in questions}
    return {
        chapter: [each for each in group if each["id"] in passing]
        for chapter, group in drafts.items()
    }


def _validate(drafts: Sequence[QuestionData]) -> list[AnyQuestion]:
    adapter: TypeAdapter[AnyQuestion] = TypeAdapter(Question)
    valid = []
    for each in drafts:
        with suppress(ValidationError):
            valid.append(adapter.validate_python(each | {"draft": False}))
    return valid


def _list_cited(
    chapters: Sequence[Mapping[str, Any]], questions: Sequence[AnyQuestion]
) -> Iterator[Chapter]:
    """The chapters with only what the drafts are about: the check needs no more."""
    topics = {each.topic for each in questions}
    for chapter in chapters:
        units = [
            {**unit, "topics": kept}
            for unit in chapter["units"]
            if (kept := [each for each in unit["topics"] if each["id"] in topics])
        ]
        yield Chapter.model_validate({**chapter, "units": units, "weight": 1.0})
