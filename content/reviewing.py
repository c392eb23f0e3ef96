"""Reviewing drafts: keep, edit or drop, one question at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from content.model import Question, QuestionsFile
from content.yaml_files import dump, parse


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted question and its file."""

    path: Path
    data: dict[str, Any]

    @property
    def id(self) -> str:
        """The question's id."""
        return str(self.data["id"])

    @property
    def question(self) -> Question:
        """The draft as a Question."""
        return QuestionsFile.model_validate({"questions": [self.data]}).questions[0]


def find_drafts(folder: Path) -> Iterator[Draft]:
    """The drafts of a valid pack, file by file. Decide on each before taking the next."""
    for path in sorted((folder / "questions").glob("*.yaml")):
        for data in parse(path)["questions"]:
            if data.get("draft"):
                yield Draft(path, data)


def keep(draft: Draft) -> None:
    """Turn the draft into a normal question."""
    _replace(draft, {k: v for k, v in draft.data.items() if k not in ("draft", "rule")})


def drop(draft: Draft) -> None:
    """Remove the draft from its file; an import won't bring it back."""
    _replace(draft, None)


def apply_edit(draft: Draft, text: str) -> Draft:
    """The draft with the edited text.

    Raises ValueError if the text isn't a valid question or its id has changed.
    """
    try:
        data = yaml.safe_load(text)
        QuestionsFile.model_validate({"questions": [data]})
    except (yaml.YAMLError, ValidationError) as error:
        raise ValueError(str(error)) from None
    if data["id"] != draft.id:
        raise ValueError(f"the id can't change from `{draft.id}`")
    return Draft(draft.path, data)


def to_yaml(draft: Draft) -> str:
    """The draft as YAML, for an editor."""
    return dump(draft.data)


def _replace(draft: Draft, data: dict[str, Any] | None) -> None:
    """Rewrite or remove a question; every other line of the file stays the same."""
    text = draft.path.read_text(encoding="utf-8-sig")
    root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    items = next(value.value for key, value in root.value if key.value == "questions")
    starts = [item.start_mark for item in items]
    place = next(
        n
        for n, item in enumerate(items)
        if any(key.value == "id" and value.value == draft.id for key, value in item.value)
    )
    lines = text.splitlines(keepends=True)
    first = starts[place].line
    last = starts[place + 1].line if place + 1 < len(items) else _find_end(lines, first)
    dash = lines[first].index("-")
    block: list[str] = []
    if data is not None:
        inner = dump(data).splitlines(keepends=True)
        block = [f"{' ' * dash}{'- ' if n == 0 else '  '}{line}" for n, line in enumerate(inner)]
    elif len(items) == 1:
        lines = [line.replace("questions:", "questions: []") for line in lines]
    draft.path.write_text("".join([*lines[:first], *block, *lines[last:]]), encoding="utf-8")


def _find_end(lines: list[str], first: int) -> int:
    """The line after the last item, so that comments below it stay."""
    dash = lines[first].index("-")
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) <= dash:
            return number
    return len(lines)
