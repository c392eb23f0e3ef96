"""Drafting questions from notes by rules, without guessing: every draft waits for a person."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from content.importing.outline import Fact
from content.importing.packing import ID_LENGTH
from content.model import Chapter, Pack, QuestionsFile
from content.quality import examine

DISTRACTORS = 3
ALIKE = 60
"""Two answers at least this similar (0-100) might both be right, so they never stand together."""

LENGTHS = 1.6
"""The longest option may be so many times as long as the shortest, as the quality gate has it."""

TERM_LENGTH, DESCRIPTION_LENGTH = 60, 200
_ARROW = re.compile(r"(.+?)\s*=+>\s*(.+)")
_CODE = re.compile(r"`([^`]+)`")

Question = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """A fact with the note it became and the topic it stands in."""

    note: str
    fact: Fact
    topic: str
    title: str

    @property
    def described(self) -> str:
        """What is said of the fact's term."""
        plain = self.fact.text.removeprefix(self.fact.term).lstrip(" :–—-")
        return plain.strip()


def draft(
    chapters: Sequence[Mapping[str, Any]], facts: Mapping[str, Fact]
) -> dict[str, list[Question]]:
    """Drafted questions by chapter id: those that pass the quality gate.

    Each is marked with the rule that made it. The same notes give the same drafts.
    """
    drafts = {
        chapter["id"]: [
            question
            for unit in chapter["units"]
            for rule in RULES
            for question in rule(list(_items(unit, facts)))
        ]
        for chapter in chapters
    }
    return _good(chapters, drafts)


def _items(unit: Mapping[str, Any], facts: Mapping[str, Fact]) -> Iterator[Item]:
    for topic in unit["topics"]:
        for note in topic["notes"]:
            yield Item(note["id"], facts[note["id"]], topic["id"], topic["title"])


def _definitions(items: Sequence[Item]) -> Iterator[Question]:
    """Which term is described, among the terms of the unit."""
    named = [each for each in items if each.fact.term and _is_term(each.fact.term)]
    for item in named:
        term = item.fact.term
        if not _tells(item.described, term):
            continue
        others = [each for each in named if fuzz.ratio(each.fact.term, term) < ALIKE]
        wrong = [
            (each.fact.term, f"Not {term}, but: {_sentence(each.described)}")
            for each in _nearest(item, others)
        ]
        yield from _single(
            item,
            "definition",
            f"“{item.title}”: which term is meant? {_sentence(item.described)}",
            (term, f"The notes describe {term} in these words."),
            wrong,
        )


def _enumerations(items: Sequence[Item]) -> Iterator[Question]:
    """What belongs to a list, and what does not, among the members of the unit's lists."""
    lists: defaultdict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        if item.fact.group and _is_term(_name(item)) and item.fact.step is None:
            lists[item.topic, item.fact.group].append(item)
    for (_, group), members in lists.items():
        if len(members) <= 1:
            continue
        names = [_name(member) for member in members]
        others = [
            each
            for (_, other), more in lists.items()
            if other != group
            for each in more
            if all(fuzz.ratio(_name(each), name) < ALIKE for name in names)
        ]
        item = members[0]
        wrong = [
            (_name(each), f"Not under “{group}”, but under “{each.fact.group}”.")
            for each in _nearest(item, others)
        ]
        yield from _single(
            item,
            "enumeration",
            f"“{item.title}”: which of these do the notes list under “{group}”?",
            (_name(item), f"It is one of: {', '.join(names)}."),
            wrong,
        )
        if others:
            stranger = _nearest(item, others)[0]
            yield from _single(
                members[-1],
                "no_member",
                f"“{item.title}”: which of these do the notes NOT list under “{group}”?",
                (_name(stranger), f"The notes list it under “{stranger.fact.group}”."),
                [(name, f"“{group}” has it: {name}.") for name in names],
            )


def _rules_of_use(items: Sequence[Item]) -> Iterator[Question]:
    """What to choose in a situation, from lines with an arrow."""
    arrows = [(each, found) for each in items if (found := _ARROW.fullmatch(each.fact.text))]
    for item, found in arrows:
        key = _without_stop(found[2])
        others = [
            each
            for each, other in arrows
            if fuzz.token_set_ratio(_without_stop(other[2]), key) < ALIKE
        ]
        wrong = [
            (_without_stop(then[2]), f"Not for “{found[1]}”, but for: {_sentence(then[1])}")
            for each in _nearest(item, others)
            if (then := _ARROW.fullmatch(each.fact.text))
        ]
        if len(key) <= 2 * TERM_LENGTH:
            yield from _single(
                item,
                "when_to_use",
                f"“{item.title}”: what do the notes recommend in this case? {_sentence(found[1])}",
                (key, f"The notes conclude so from: {_sentence(found[1])}"),
                wrong,
            )


def _identifiers(items: Sequence[Item]) -> Iterator[Question]:
    """The identifier of a parameter, class or function that is described."""
    for item in items:
        codes = _CODE.findall(item.fact.text)
        if len(codes) != 1 or not item.fact.term or _CODE.sub("", item.fact.term).strip(" ()"):
            continue
        if _tells(item.described, codes[0]):
            yield _question(
                item,
                "identifier",
                kind="short_answer",
                stem=f"“{item.title}”: which identifier is meant? {_sentence(item.described)}",
                accepted=[codes[0].removesuffix("()")],
                rationale=f"The notes say of `{codes[0]}`: {_sentence(item.described)}",
            )


def _steps(items: Sequence[Item]) -> Iterator[Question]:
    """The order of numbered steps."""
    lists: defaultdict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        if item.fact.step is not None:
            lists[item.topic, item.fact.group].append(item)
    for (_, group), steps in lists.items():
        texts = [step.fact.term or _without_stop(step.fact.text)[:300] for step in steps]
        numbers = [step.fact.step for step in steps]
        if numbers == list(range(1, len(steps) + 1)) and 3 <= len(set(texts)) == len(steps) <= 8:  # noqa: PLR2004 - as many as an ordering may have
            about = f" of “{group}”" if group else ""
            yield _question(
                steps[0],
                "steps",
                kind="ordering",
                notes=[step.note for step in steps],
                stem=f"“{steps[0].title}”: put the steps{about} into order.",
                items=texts,
                rationale=f"The notes number these steps{about} in this order: {'; '.join(texts)}.",
            )


RULES = (_definitions, _enumerations, _rules_of_use, _identifiers, _steps)


def _single(
    item: Item,
    rule: str,
    stem: str,
    key: tuple[str, str],
    wrong: Sequence[tuple[str, str]],
) -> Iterator[Question]:
    """A single choice, if there are enough distractors of about the key's length."""
    text, why = key
    chosen: list[tuple[str, str]] = []
    for each, reason in dict(wrong).items():
        lengths = [len(text), len(each), *(len(other) for other, _ in chosen)]
        if max(lengths) <= LENGTHS * min(lengths):
            chosen.append((each, reason))
    if len(chosen) < DISTRACTORS:
        return
    options: list[dict[str, Any]] = [
        {"text": each, "why": reason} for each, reason in chosen[:DISTRACTORS]
    ]
    # Where the key stands follows from the note, so that it is spread and repeatable.
    place = sum(item.note.encode()) % (DISTRACTORS + 1)
    options.insert(place, {"text": text, "correct": True})
    yield _question(item, rule, kind="single", stem=stem, options=options, rationale=why)


def _question(item: Item, rule: str, **parts: Any) -> Question:
    topic = item.topic[: ID_LENGTH - 15].strip("-")
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


def _nearest(item: Item, others: Sequence[Item]) -> list[Item]:
    """Other items, those of the same topic first; none twice, none the item itself."""
    return sorted(
        (each for each in others if each.note != item.note),
        key=lambda each: each.topic != item.topic,
    )


def _name(item: Item) -> str:
    return item.fact.term or _without_stop(item.fact.text)


def _is_term(text: str) -> bool:
    return 2 <= len(text) <= TERM_LENGTH and not _ARROW.search(text)  # noqa: PLR2004


def _tells(description: str, term: str) -> bool:
    """Whether a description says enough and does not name what it describes."""
    words = set(re.findall(r"\w{4,}", term.casefold()))
    said = set(re.findall(r"\w{4,}", description.casefold()))
    return len(said) > 2 and len(description) <= DESCRIPTION_LENGTH and not words & said  # noqa: PLR2004


def _sentence(text: str) -> str:
    text = text.strip()
    return text[0].upper() + text[1:].rstrip(".") + "." if text else text


def _without_stop(text: str) -> str:
    return text.strip().rstrip(".;,")


def _good(
    chapters: Sequence[Mapping[str, Any]], drafts: dict[str, list[Question]]
) -> dict[str, list[Question]]:
    """The drafts that the quality gate lets pass, examined as if they were asked."""
    bad: set[str] = set()
    while True:
        kept = {
            chapter: [each for each in group if each["id"] not in bad]
            for chapter, group in drafts.items()
        }
        questions = [each for group in kept.values() for each in group]
        asked = [each | {"draft": False} for each in questions]
        pack = Pack(
            id="drafts",
            title="Drafts",
            exam=None,
            version="1",
            language="en",
            licence="none",
            drafts=True,
            chapters=[Chapter.model_validate({**each, "weight": 1.0}) for each in chapters],
            questions=QuestionsFile.model_validate({"questions": asked}).questions,
        )
        report = examine(pack)
        ids = {each["id"] for each in questions}
        worse = {finding.where for finding in report.findings} & ids
        for guess in report.parts[0].guesses:
            worse |= set(guess.telling[: max(0, round(guess.excess))])
        if not worse:
            return kept
        bad |= worse
