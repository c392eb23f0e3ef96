"""What is wrong with a value, said for the people who write packs rather than for programmers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from content import model

KINDS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        get_args(kind.model_fields["kind"].annotation)[0]: kind
        for kind in get_args(model.AnyQuestion)
    }
)
"""The question kinds, by the name that a pack writes."""

_INSIDE: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "chapters": model.ChapterEntry,
        "units": model.Unit,
        "topics": model.Topic,
        "notes": model.Note,
        "options": model.Option,
        "rejected": model.Rejected,
        **KINDS,
    }
)

_RIGHT = MappingProxyType(
    {
        "difficulty": "a whole number from 1 to 5",
        "weight": "a number above 0 and up to 100",
        "line": "a whole number from 1",
        "value": "a number",
        "tolerance": "a number from 0",
        "relative_tolerance": "a number from 0 and below 1",
        "url": "a web address that begins with https:// and has no spaces",
        "language": "a language code as in `en`",
    }
)
"""What belongs in a field where the kind of error alone does not say it."""

_TYPES = MappingProxyType(
    {
        "string_type": "text",
        "bool_type": "true or false, without quotes",
        "list_type": "a list, one `- ` a line",
        "model_type": "`key: value` lines",
        "model_attributes_type": "`key: value` lines",
        "dict_type": "`key: value` lines",
    }
)
"""What belongs where something of another type stands, by the kind of error."""

_SHOWN = 60
"""Characters of a value that a message repeats."""


def nearest(wrong: str, known: Iterable[str]) -> str | None:
    """What was probably meant, if anything known is close."""
    near = process.extractOne(wrong, list(known), scorer=fuzz.ratio, score_cutoff=65)
    return near[0] if near else None


def message(error: ErrorDetails, file: type[BaseModel], written: str | None) -> str:
    """A validation error in plain words: what is wrong, and what would be right.

    `file` is the model of the whole file; `written` is how the value stands there, if YAML read
    it as something else than text.
    """
    loc, value, context = error["loc"], error["input"], error.get("ctx", {})
    last = loc[-1] if loc else ""
    name = _name(loc)
    right = _RIGHT.get(str(last))
    match error["type"]:
        case "missing":
            return f"{name} is missing; add it"
        case "extra_forbidden":
            owner = next((part for part in reversed(loc[:-1]) if isinstance(part, str)), "")
            near = nearest(str(last), _INSIDE.get(owner, file).model_fields)
            return f"unknown key {name}; " + (f"did you mean `{near}`?" if near else "remove it")
        case "union_tag_not_found":
            return f"`kind` is missing; add one of: {', '.join(KINDS)}"
        case "union_tag_invalid":
            return f"`kind` is {_said(value['kind'], written)}; write one of: {', '.join(KINDS)}"
        case "string_pattern_mismatch" if not right:
            return f"{_said(value, None)} is not an id; write lower-case words joined by hyphens"
        case "value_error":
            return str(context["error"])
        case "twice":
            return error["msg"]
    if size := _size_problem(error):
        return f"{name} {size}"
    wrong = f"{name} is {_said(value, written)}"
    if error["type"] == "literal_error":
        return f"{wrong}; write {context['expected']}"
    if error["type"] == "string_type" and written:
        return f'{wrong}, which YAML does not read as text; put it in quotes: "{written}"'
    wanted = _TYPES.get(error["type"], right)
    return f"{wrong}; write {wanted}" if wanted else f"{wrong}; {error['msg']}"


def _size_problem(error: ErrorDetails) -> str:
    """What is wrong with how long something is; empty if nothing is."""
    value, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "string_too_short":
            return "is empty; write text"
        case "string_too_long":
            return f"has {len(value.strip())} characters; write at most {context['max_length']}"
        case "too_short":
            count = context["actual_length"]
            return f"has {count} of its at least {context['min_length']} entries; add more"
        case "too_long":
            return f"has more than its {context['max_length']} entries; remove some"
        case _:
            return ""


def _name(loc: tuple[int | str, ...]) -> str:
    match loc:
        case ():
            return "the file"
        case (*_, str(key)):
            return f"`{_short(key)}`"
        case (*_, str(key), int(place)):
            return f"item {place + 1} of `{key}`"
        case _:
            return "this item"


def _said(value: object, written: str | None) -> str:
    match value:
        case None:
            return "empty"
        case list():
            return "a list"
        case dict():
            return "a group of keys"
        case str():
            return f'"{_short(value)}"'
        case _:
            return f"`{written}`" if written else "something else"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
