"""What became of every line of the notes: nothing is lost without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from content.importing.lines import Line, Omission, shorten

_NOT_TEXT = re.compile(
    r"\]\(\s*(?:<[^<>]*>|[^()\s]*(?:\([^()]*\)[^()\s]*)*)(?:\s+\"[^\"]*\")?\s*\)"  # addresses
    r"|\]\[[^\[\]]*\]"  # references
    r"|\[\^[^\[\]]+\]:?"  # footnote marks
    r"|^[\s>]*(?:[-*+]\s+)*\[[ xX]\]"  # boxes
    r"|^[\s>]*(?:[-*+]\s+)*\d+[.)](?=\s|$)"  # numbers of items
    r"|\[![\w-]+\][+-]?"  # kinds of callouts
    r"|\[\[(?:[^\[\]|]*\||(?:[^\[\]|/]*/)+)|#[^\[\]|]*(?=\]\])"  # targets
    r"|!\[\[[^\[\]]*\]\]"
)
_REFERENCE = re.compile(r"\s{0,3}\[[^\]]+\]:\s*\S+")
_WORD = re.compile(r"[^\W_]+")
PARTS = ("chapter", "unit", "topic", "heading")
_GAP = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Entry:
    """What became of some lines: `why` says why they were left out."""

    first: int
    last: int
    fate: str
    text: str
    why: str = ""
    is_whole: bool = False
    """Whether every character of these lines is known to be kept."""


@dataclass(frozen=True, slots=True, order=True)
class AuditLine:
    """A part of the notes and what became of it."""

    file: str
    first: int
    last: int
    fate: str
    text: str


class Ledger:
    """An account of the lines of one file."""

    def __init__(self, lines: Sequence[Line], file: str = "") -> None:
        self._lines = lines
        self._file = file
        self._entries: list[Entry] = []
        self._headings: dict[tuple[int, str], Entry] = {}

    def keep(
        self, first: int, last: int, fate: str, text: str = "", *, is_whole: bool = False
    ) -> None:
        """Lines whose text is in the pack, or that are marks without one."""
        entry = Entry(first, last, fate, text, is_whole=is_whole)
        self._entries.append(entry)
        if fate in PARTS:
            self._headings[first, text] = entry

    def leave_out(self, first: int, last: int, what: str, why: str) -> None:
        """Lines that aren't in the pack."""
        self._entries.append(Entry(first, last, "left out", what, why))

    def drop(self, line: int, title: str, why: str) -> None:
        """Leave out a heading that turned out to have nothing below it."""
        if entry := self._headings.pop((line, title), None):
            entry.fate, entry.why = "left out", why
        else:
            self.leave_out(line, line, title, why)

    def leave_out_between(self, first: int, end: int, why: str) -> None:
        """Leave out what was kept of some lines."""
        for entry in self._entries:
            is_in = first <= entry.first < end and not entry.why
            if is_in and entry.fate not in ("title", "front matter"):
                entry.fate, entry.why = "left out", why

    def close(self) -> None:
        """Leave out whatever nobody accounted for: a whole line, or some of its words."""
        accounts: dict[int, list[Entry]] = {}
        for entry in self._entries:
            for number in range(entry.first, entry.last + 1):
                accounts.setdefault(number, []).append(entry)
        words: dict[int, set[str]] = {}
        for line in self._lines:
            entries = accounts.get(line.number, [])
            if not line.text.strip() or any(entry.is_whole for entry in entries):
                continue
            if not entries and _REFERENCE.match(line.text):
                self.keep(line.number, line.number, "address of a link")
                continue
            for entry in entries:
                if id(entry) not in words:
                    words[id(entry)] = {*_WORD.findall(entry.text)}
            missing = [
                word
                for word in _WORD.findall(_NOT_TEXT.sub(" ", unescape(line.text)))
                if not any(word in words[id(entry)] for entry in entries)
                and not any(word in _GAP.sub("", entry.text) for entry in entries)
            ]
            if missing:
                what = " ".join(missing) if entries else line.text
                self.leave_out(line.number, line.number, what, "not read")
            elif not entries:
                self.keep(line.number, line.number, "mark")

    @property
    def left_out(self) -> Iterator[Omission]:
        """What was left out, with the reasons."""
        for entry in self._entries:
            if entry.why and entry.text.strip():
                yield Omission(entry.first, shorten(entry.text), entry.why, self._file)

    def audit(self) -> Iterator[AuditLine]:
        """What became of each part, in the order of the notes."""
        for entry in sorted(self._entries, key=lambda entry: (entry.first, entry.last)):
            fate = f"left out: {entry.why}" if entry.why else entry.fate
            yield AuditLine(self._file, entry.first, entry.last, fate, shorten(entry.text))
