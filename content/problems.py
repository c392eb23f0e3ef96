"""Validation errors as messages for the people who write packs, not for programmers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from content import model
from content.language.plural import count

KINDS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        get_args(kind.model_fields["kind"].annotation)[0]: kind
        for kind in get_args(model.AnyQuestion)
    }
)
"""Question kinds by the name that packs use."""

_MODELS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "chapters": model.ChapterEntry,
        "units": model.Unit,
        "topics": model.Topic,
        "notes": model.Note,
        "code": model.Code,
        "table": model.Table,
        "picture": model.Picture,
        "cases": model.Case,
        "options": model.Option,
        "rejected": model.RejectedAnswer,
        **KINDS,
    }
)
"""What the items of a list are, by the list's key."""

_EXPECTED = MappingProxyType(
    {
        "difficulty": "a whole number from 1 to 5",
        "weight": "a number above 0, up to 100",
        "line": "a whole number, 1 or more",
        "lang": "the language's name in one word, such as `python`",
        "schema_version": "a whole number, 1 or more",
        "value": "a number",
        "tolerance": "a number, 0 or more",
        "relative_tolerance": "a number, 0 or more and below 1",
        "url": "a web address that starts with https:// and has no spaces",
        "language": "a language code such as `en`",
    }
)
"""The value a field takes, where the error's type alone doesn't say it."""

_ADVICE_BY_TYPE = MappingProxyType(
    {
        "string_type": "write some text",
        "bool_type": "use true or false, without quotes",
        "list_type": "use a list, with one `- ` per line",
        "model_type": "use `key: value` lines",
        "model_attributes_type": "use `key: value` lines",
        "dict_type": "use `key: value` lines",
    }
)

MAX_QUOTED_CHARS = 60
"""How much of a value a message repeats."""


def suggest(wrong: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, if one is close."""
    near = process.extractOne(wrong, list(known), scorer=fuzz.ratio, score_cutoff=65)
    return near[0] if near else None


def describe(error: ErrorDetails, file: type[BaseModel], written: str | None) -> str:
    """A validation error in plain words: what's wrong, and how to fix it.

    `file` is the model of the whole file. `written` is the value's source text, if YAML reads it
    as something other than text.
    """
    loc, value = error["loc"], error["input"]
    key = str(loc[-1]) if loc else ""
    name = _format_path(loc)
    match error["type"]:
        case "missing":
            return f"{name} is missing; add it"
        case "extra_forbidden":
            return f"unknown key {name}; {_suggest_key(loc, file)}"
        case "union_tag_not_found":
            return f"`kind` is missing; add one of: {', '.join(KINDS)}"
        case "union_tag_invalid":
            wrong = _format_value(value["kind"], written)
            return f"`kind` is {wrong}; use one of: {', '.join(KINDS)}"
        case "string_too_short" | "string_too_long" | "too_short" | "too_long":
            return f"{name} {_describe_size(error)}"
        case "string_pattern_mismatch" if key not in _EXPECTED:
            wrong = _format_value(value, None)
            return f"{wrong} isn't an id; use lowercase words joined by hyphens"
        case "value_error":
            return str(error["ctx"]["error"])
        case "explained":
            return error["msg"]
        case _:
            return f"{name} is {_format_value(value, written)}{_advise(error, key, written)}"


def describe_newer(version: int) -> str:
    """Why a document of a newer program can't be read, and what to do."""
    return (
        f"this needs a newer Studyhall: its schema_version is {version}, and this one reads up to "
        f"{model.SCHEMA_VERSION}; update Studyhall"
    )


def _suggest_key(loc: tuple[int | str, ...], file: type[BaseModel]) -> str:
    owner = next((part for part in reversed(loc[:-1]) if isinstance(part, str)), "")
    near = suggest(str(loc[-1]), _MODELS.get(owner, file).model_fields)
    return f"did you mean `{near}`?" if near else "remove it"


def _describe_size(error: ErrorDetails) -> str:
    """What's wrong with the length of a text or list, as the end of a sentence."""
    context = error["ctx"]
    match error["type"]:
        case "string_too_short":
            return "is empty; write some text"
        case "string_too_long":
            length = count(len(error["input"].strip()), "character")
            return f"has {length}; shorten it to {context['max_length']:,}"
        case "too_short":
            minimum = count(context["min_length"], "entry")
            return f"needs at least {minimum}, it has {context['actual_length']}"
        case _:
            return f"can have at most {count(context['max_length'], 'entry')}; remove some"


def _advise(error: ErrorDetails, key: str, written: str | None) -> str:
    """What to write in place of a value, as the end of a sentence."""
    kind = error["type"]
    if kind == "string_type" and written:
        return f', which YAML doesn\'t read as text; put it in quotes: "{written}"'
    if advice := _ADVICE_BY_TYPE.get(kind):
        return f"; {advice}"
    if kind == "literal_error":
        return f"; use {error['ctx']['expected']}"
    if expected := _EXPECTED.get(key):
        return f"; use {expected}"
    return f"; {error['msg']}"


def _format_path(loc: tuple[int | str, ...]) -> str:
    match loc:
        case ():
            return "the file"
        case (*_, str(key)):
            return f"`{_shorten(key)}`"
        case (*_, str(key), int(place)):
            return f"item {place + 1} of `{key}`"
        case _:
            return "this item"


def _format_value(value: object, written: str | None) -> str:
    match value:
        case None:
            return "empty"
        case list():
            return "a list"
        case dict():
            return "a group of keys"
        case str():
            return f'"{_shorten(value)}"'
        case _:
            return f"`{written}`" if written else "something else"


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_QUOTED_CHARS else f"{text[: MAX_QUOTED_CHARS - 1]}…"
