"""Mending study notes into Markdown: each repair is named with its line (docs/importing.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass

BREAK = "\u2028"
"""Stands for a line break within a table's cell."""

_HEADING = re.compile(r"\s*<h([1-6])\b[^>]*>(.*?)</h\1\s*>\s*$", re.IGNORECASE)
_BREAKS = re.compile(r"</?\s*br\s*/?\s*>|(?<![\w/.])/br>", re.IGNORECASE)
_PROPER_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LINK = re.compile(r"\]\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_STRAY = re.compile(r"<(?![a-zA-Z/!?])")
_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_PIPE = re.compile(r"`[^`]*`|\\\||(\|)")
_FENCE = re.compile(r"\s*(```|~~~)")


@dataclass(frozen=True, slots=True, order=True)
class Repair:
    """What was mended, and in which line."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the mended text and the line of the file it came from."""

    number: int
    text: str


def mend(raw: bytes) -> tuple[list[Line], list[Repair]]:
    """The notes as lines of Markdown, with all repairs in the order of their lines."""
    text, repairs = _decode(raw)
    lines = []
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if _FENCE.match(line):
            fenced = not fenced
        mended, what = (line, []) if fenced else _mend_line(line)
        lines.append(Line(number, mended))
        repairs += [Repair(number, each) for each in what]
    lines = _mend_tables(lines, repairs)
    return lines, sorted(repairs)


def cells(row: str) -> list[str]:
    """The cells of a table's row; a pipe in code or behind a backslash does not part them."""
    ends = [match.start() for match in _PIPE.finditer(row) if match[1]]
    parts = [
        row[start + 1 : end] for start, end in zip([-1, *ends], [*ends, len(row)], strict=True)
    ]
    if row.lstrip().startswith("|"):
        parts = parts[1:]
    if row.rstrip().endswith("|") and not row.rstrip().endswith("\\|"):
        parts = parts[:-1]
    return parts


def _decode(raw: bytes) -> tuple[str, list[Repair]]:
    try:
        text = raw.decode("utf-8-sig")
        repairs: list[Repair] = []
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        text, repairs = (
            raw.decode("cp1252", "replace"),
            [Repair(line, "not UTF-8: read as Windows-1252")],
        )
    if raw.startswith(b"\xef\xbb\xbf"):
        repairs.append(Repair(1, "byte order mark left out"))
    if b"\r" in raw:
        repairs.append(Repair(1, "line ends of another system"))
    # Only real line ends part lines here; form feeds and the like are spaces.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]", " ", text), repairs


def _mend_line(line: str) -> tuple[str, list[str]]:
    repairs = []
    if heading := _HEADING.match(line):
        line = f"{'#' * int(heading[1])} {heading[2].strip()}"
        repairs.append(f"HTML heading `<h{heading[1]}>`")
    odd = {found for found in _BREAKS.findall(line) if not _PROPER_BREAK.fullmatch(found)}
    repairs += [f"line break written as `{found}`" for found in sorted(odd)]
    line = _BREAKS.sub(BREAK, line)
    tidy = _LINK.sub(lambda link: f"]({_address(link[1])})", line)
    if tidy != line:
        repairs.append("space or tab in a link's address")
    if _STRAY.search(tidy):
        repairs.append("stray `<`")
    return _STRAY.sub("&lt;", tidy), repairs


def _address(inside: str) -> str:
    """A link's address without the spaces around and in it; a title in quotes stays."""
    address, quote, title = inside.strip().partition(' "')
    return re.sub(r"\s+", "", address) + quote + title


def _mend_tables(lines: list[Line], repairs: list[Repair]) -> list[Line]:
    """Rows with all their pipes, and tables without gaps."""
    mended: list[Line] = []
    width = 0
    for place, line in enumerate(lines):
        following = lines[place + 1].text if place + 1 < len(lines) else ""
        if _heads_table(line.text, following):
            width = len(cells(line.text))
        elif width and not line.text.strip():
            ahead = next((each.text for each in lines[place:] if each.text.strip()), "")
            after = [each.text for each in lines[place:] if each.text.strip()][1:2]
            if ahead.lstrip().startswith("|") and not _heads_table(ahead, "".join(after)):
                repairs.append(Repair(line.number, "empty line within a table"))
                continue
            width = 0
        elif width and line.text.lstrip().startswith("#"):
            width = 0
        elif width and not _DELIMITER.match(line.text):
            line = Line(line.number, _mend_row(line, width, repairs))  # noqa: PLW2901
        mended.append(line)
    return mended


def _heads_table(line: str, following: str) -> bool:
    return (
        "|" in line and "|" in following and "-" in following and bool(_DELIMITER.match(following))
    )


def _mend_row(line: Line, width: int, repairs: list[Repair]) -> str:
    row = line.text.strip()
    if not row.startswith("|"):
        repairs.append(Repair(line.number, "missing pipe at the beginning of a row"))
        row = f"| {row}"
    if not row.endswith("|") or row.endswith("\\|"):
        repairs.append(Repair(line.number, "missing pipe at the end of a row"))
        row = f"{row} |"
    parts = cells(row)
    if len(parts) > width:
        repairs.append(
            Repair(line.number, f"{len(parts)} cells in a table of {width}: last joined")
        )
        parts = [*parts[: width - 1], "\\|".join(parts[width - 1 :])]
        row = f"|{'|'.join(parts)}|"
    if re.search(r"`[^`|]*(?<!\\)\|[^`]*`", row) and len(parts) <= width:
        repairs.append(Repair(line.number, "pipe in code"))
    return "|" + "|".join(_escaped(part) for part in cells(row)) + "|"


def _escaped(cell: str) -> str:
    """The cell with the pipes in its code marked as text, which Markdown wants."""
    return re.sub(r"`[^`]*`", lambda code: re.sub(r"(?<!\\)\|", r"\\|", code[0]), cell)
