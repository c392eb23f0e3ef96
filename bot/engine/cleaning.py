"""Cleans what platforms send: no database keeps NUL, and no UTF-8 has lone surrogates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


def clean(value: T) -> T:
    """Strip NUL and lone surrogates from a text, or from all texts in an event's values."""
    cleaned: T = _clean(value)
    return cleaned


def _clean(value: Any) -> Any:
    match value:
        case str():
            clean_text = value if value.isascii() else value.encode(errors="ignore").decode()
            return clean_text.replace("\0", "")
        case tuple() | frozenset():
            return type(value)(map(_clean, value))
        case Mapping():
            return {_clean(key): _clean(each) for key, each in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            before = {each.name: getattr(value, each.name) for each in fields(value)}
            after = {name: _clean(each) for name, each in before.items()}
            return value if after == before else replace(value, **after)
        case _:
            return value
