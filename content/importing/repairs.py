"""Repairing study notes into valid Markdown, and listing each repair (docs/importing.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from content.language.plural import count

CELL_BREAK = "\u2028"
"""Stands for a line break inside a table cell."""

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
    """What was fixed, and on which line."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the repaired text with its line number in the file."""

    number: int
    text: str


def repair(raw: bytes) -> tuple[list[Line], list[Repair]]:
    """Repair notes into lines of Markdown; repairs are in line order."""
    text, repairs = _decode(raw)
    lines = []
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if _FENCE.match(line):
            fenced = not fenced
        repaired, what = (line, []) if fenced else _repair_line(line)
        lines.append(Line(number, repaired))
        repairs += [Repair(number, each) for each in what]
    lines = _repair_tables(lines, repairs)
    return lines, sorted(repairs)


def split_cells(row: str) -> list[str]:
    """The cells of a table row; a pipe in code or after a backslash doesn't split them."""
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
            [Repair(line, "not UTF-8, read as Windows-1252")],
        )
    if raw.startswith(b"\xef\xbb\xbf"):
        repairs.append(Repair(1, "byte order mark removed"))
    if b"\r" in raw:
        repairs.append(Repair(1, "line endings converted to \\n"))
    # Only real line endings split lines; form feeds and the like become spaces.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]", " ", text), repairs


def _repair_line(line: str) -> tuple[str, list[str]]:
    repairs = []
    if heading := _HEADING.match(line):
        line = f"{'#' * int(heading[1])} {heading[2].strip()}"
        repairs.append(f"HTML heading `<h{heading[1]}>`")
    odd = {found for found in _BREAKS.findall(line) if not _PROPER_BREAK.fullmatch(found)}
    repairs += [f"line break written as `{found}`" for found in sorted(odd)]
    line = _BREAKS.sub(CELL_BREAK, line)
    tidy = _LINK.sub(lambda link: f"]({_clean_address(link[1])})", line)
    if tidy != line:
        repairs.append("space or tab in a link's address")
    if _STRAY.search(tidy):
        repairs.append("stray `<`")
    return _STRAY.sub("&lt;", tidy), repairs


def _clean_address(inside: str) -> str:
    """A link's address without spaces; a title in quotes stays."""
    address, quote, title = inside.strip().partition(' "')
    return re.sub(r"\s+", "", address) + quote + title


def _repair_tables(lines: list[Line], repairs: list[Repair]) -> list[Line]:
    """Add missing pipes to rows, and close gaps in tables."""
    repaired: list[Line] = []
    width = 0
    for place, line in enumerate(lines):
        following = lines[place + 1].text if place + 1 < len(lines) else ""
        if _is_table_head(line.text, following):
            width = len(split_cells(line.text))
        elif width and not line.text.strip():
            ahead = next((each.text for each in lines[place:] if each.text.strip()), "")
            after = [each.text for each in lines[place:] if each.text.strip()][1:2]
            if ahead.lstrip().startswith("|") and not _is_table_head(ahead, "".join(after)):
                repairs.append(Repair(line.number, "empty line in a table"))
                continue
            width = 0
        elif width and line.text.lstrip().startswith("#"):
            width = 0
        elif width and not _DELIMITER.match(line.text):
            line = Line(line.number, _repair_row(line, width, repairs))  # noqa: PLW2901
        repaired.append(line)
    return repaired


def _is_table_head(line: str, following: str) -> bool:
    return (
        "|" in line and "|" in following and "-" in following and bool(_DELIMITER.match(following))
    )


def _repair_row(line: Line, width: int, repairs: list[Repair]) -> str:
    row = line.text.strip()
    if not row.startswith("|"):
        repairs.append(Repair(line.number, "missing pipe at the start of a row"))
        row = f"| {row}"
    if not row.endswith("|") or row.endswith("\\|"):
        repairs.append(Repair(line.number, "missing pipe at the end of a row"))
        row = f"{row} |"
    parts = split_cells(row)
    if len(parts) > width:
        repairs.append(
            Repair(
                line.number,
                f"{len(parts)} cells in a table with {count(width, 'column')}, last ones joined",
            )
        )
        parts = [*parts[: width - 1], "\\|".join(parts[width - 1 :])]
        row = f"|{'|'.join(parts)}|"
    if re.search(r"`[^`|]*(?<!\\)\|[^`]*`", row) and len(parts) <= width:
        repairs.append(Repair(line.number, "pipe in code"))
    return "|" + "|".join(_escape_code_pipes(part) for part in split_cells(row)) + "|"


def _escape_code_pipes(cell: str) -> str:
    """Escape pipes in the cell's code, as Markdown requires."""
    return re.sub(r"`[^`]*`", lambda code: re.sub(r"(?<!\\)\|", r"\\|", code[0]), cell)
