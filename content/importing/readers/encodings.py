"""Bytes of notes as text, whatever wrote them."""

from __future__ import annotations

import codecs
import re

from content.importing.lines import Repair

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Longer marks first: UTF-16's is the start of UTF-32's."""

FEWEST_TO_GUESS = 32
"""With fewer bytes that aren't ASCII, statistics take Western letters for Chinese ones."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")


class UnknownEncoding(ValueError):
    """The notes can't be read in the encoding that was asked for."""


def decode(raw: bytes, encoding: str | None = None) -> tuple[str, list[Repair]]:
    """The text with `\\n` at the ends of lines, and what that took.

    Raises UnknownEncoding if `encoding` is unknown or doesn't fit.
    """
    text, repairs = _read_as(raw, encoding) if encoding else _guess(raw)
    if any(raw.startswith(mark) for mark in _MARKS):
        text = text.removeprefix("\ufeff")
        repairs.append(Repair(1, "byte order mark removed"))
    if "\r" in text:
        repairs.append(Repair(1, "line endings converted to \\n"))
    # Only real line endings split lines; form feeds and the like become spaces.
    text = _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    for number, line in enumerate(text.split("\n"), 1) if "\ufeff" in text else ():
        if "\ufeff" in line:
            repairs.append(Repair(number, "byte order mark within the text removed"))
    return text.replace("\ufeff", ""), repairs


def _read_as(raw: bytes, encoding: str) -> tuple[str, list[Repair]]:
    try:
        return raw.decode(encoding), []
    except LookupError:
        raise UnknownEncoding(
            f"there's no encoding `{encoding}`; use one like utf-8, cp1252 or gb18030"
        ) from None
    except UnicodeError:
        raise UnknownEncoding(
            f"this isn't {encoding}; leave `--encoding` out to have it recognized"
        ) from None


def _guess(raw: bytes) -> tuple[str, list[Repair]]:
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return raw.decode(name, "replace"), []
    if wide := _find_utf_16(raw):
        return raw.decode(wide, "replace"), [Repair(1, "UTF-16 without a byte order mark")]
    try:
        return raw.decode(), []
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
    name = _match_statistically(raw)
    label = "Windows-1252" if name == "cp1252" else name
    return raw.decode(name, "replace"), [Repair(line, f"not UTF-8, read as {label}")]


def _find_utf_16(raw: bytes) -> str:
    """UTF-16, by the zero bytes of its Latin letters: all of them are on one side."""
    even, odd = raw[::2].count(0), raw[1::2].count(0)
    enough = max(1, len(raw) // 20)
    if odd >= enough and not even:
        return "utf-16-le"
    return "utf-16-be" if even >= enough and not odd else ""


def _match_statistically(raw: bytes) -> str:
    if sum(byte > 127 for byte in raw) < FEWEST_TO_GUESS:  # noqa: PLR2004 - ASCII's last
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(raw).best()
    return best.encoding if best else "cp1252"
