"""A tiny pack on disk, for tests to break in one place at a time."""

from __future__ import annotations

from pathlib import Path

PACK = """\
id: mini
title: Mini
version: "1"
language: en
license: MIT
chapters:
  - id: one
    title: Chapter one
    weight: 100
"""

NOTES = """\
units:
  - id: unit
    title: The unit
    topics:
      - id: topic
        title: The topic
        url: https://example.org/topic
        aliases: [thing]
        notes:
          - id: fact-1
            text: A fact about `things`.
          - id: fact-2
            text: Another fact.
"""

QUESTIONS = """\
questions:
  - id: q1
    kind: single
    topic: topic
    notes: [fact-1]
    level: apply
    difficulty: 2
    stem: Which one?
    options:
      - text: This
        correct: true
      - text: That
        why: It is not.
    rationale: So say the notes.
  - id: q2
    kind: multiple
    topic: topic
    notes: [fact-1, fact-2]
    level: understand
    difficulty: 3
    stem: Which ones?
    options:
      - {text: One, correct: true}
      - {text: Two, correct: true}
      - {text: Three, why: Too many.}
    rationale: Two are enough.
  - id: q3
    kind: true_false
    topic: topic
    notes: [fact-2]
    level: remember
    difficulty: 1
    stem: It is so.
    answer: true
    why: It is.
    rationale: The notes say so.
  - id: q4
    kind: ordering
    topic: topic
    notes: [fact-2]
    level: remember
    difficulty: 1
    stem: Which order?
    items: [first, second, third]
    rationale: One after the other.
  - id: q5
    kind: matching
    topic: topic
    notes: [fact-2]
    level: remember
    difficulty: 1
    stem: What goes with what?
    pairs:
      - [cat, meows]
      - [dog, barks]
      - [cow, moos]
    rationale: Animals.
  - id: q6
    kind: short_answer
    topic: topic
    notes: [fact-2]
    level: remember
    difficulty: 1
    stem: What is it called?
    accepted: [thing]
    rejected:
      - {text: thong, why: That is a sandal.}
    rationale: A thing is a thing.
  - id: q7
    kind: numeric
    topic: topic
    notes: [fact-2]
    level: remember
    difficulty: 1
    stem: How long does it take?
    value: 100
    tolerance: 2
    unit: ms
    rationale: It was measured.
"""

FILES = {"pack.yaml": PACK, "notes/one.yaml": NOTES, "questions/one.yaml": QUESTIONS}


def write_pack(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """Write the pack to a folder, after replacing texts: each change is (file, old, new)."""
    files = dict(FILES)
    for name, old, new in changes:
        if old not in files[name]:
            raise ValueError(f"{old!r} is not in {name}")
        files[name] = files[name].replace(old, new, 1)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
