"""Repairing study notes into valid Markdown, and listing each repair (docs/importing.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from content.importing.lines import CELL_BREAK, Line, Omission, Repair, shorten
from content.importing.readers.encodings import decode
from content.importing.readers.markup import replace_markup
from content.language.plural import count

_HEADING = re.compile(r"\s*<h([1-6])\b[^>]*>(.*?)</h\1\s*>\s*$", re.IGNORECASE)
_TIGHT_HEADING = re.compile(r"(#{2,6})([^\s#].*)")
_BREAKS = re.compile(r"</?\s*br\s*/?\s*>|(?<![\w/.])/br>", re.IGNORECASE)
_CODE_OR_BREAK = re.compile(rf"(`+)(?!`).*?(?<!`)\1(?!`)|{_BREAKS.pattern}", re.IGNORECASE)
_PROPER_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LINK = re.compile(r"\]\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_STRAY = re.compile(r"<(?![a-zA-Z/!?])")
_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_PIPE = re.compile(r"`[^`]*`|\\\||(\|)")
_FENCE = re.compile(r"(?P<at>[\s>]*(?:(?:[-*+]|\d+[.)])\s+)*)(?P<mark>`{3,}(?=[^`]*$)|~{3,})")
_COMMENT = re.compile(r"<!--.*?(?:-->|$)|%%.*?(?:%%|$)")
_ENDS = {"<!--": "-->", "%%": "%%"}


@dataclass(slots=True)
class Repaired:
    """Notes as valid Markdown, with what that took."""

    lines: list[Line]
    originals: list[str]
    repairs: list[Repair] = field(default_factory=list)
    left_out: list[Omission] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The repaired text."""
        return "\n".join(line.text for line in self.lines)


def repair(raw: bytes, encoding: str | None = None) -> Repaired:
    """Repair notes into lines of Markdown; repairs are in line order."""
    text, repairs = decode(raw, encoding)
    originals = text.split("\n")
    done = Repaired([], originals, repairs)
    lines = _drop_comments(_mark_code(originals), done)
    for line in lines:
        done.lines += [line] if line.is_code else _repair_line(line, done)
    done.lines = _repair_tables(done.lines, repairs)
    repairs.sort()
    return done


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


def _mark_code(texts: Sequence[str]) -> Iterator[Line]:
    """The lines, with those of fenced code, formulas and front matter marked as they are."""
    closing: re.Pattern[str] | None = None
    if texts and (opening := re.fullmatch(r"(-{3,}|\+{3})\s*", texts[0])):
        end = re.compile(rf"{re.escape(opening[1])}\s*$")
        if any(map(end.match, islice(texts, 1, None))):
            closing = end
    for number, text in enumerate(texts, 1):
        if closing:
            ends = number > 1 and bool(closing.match(text))
            is_toml = bool(texts[0].startswith("+++")) and text.strip() == "+++"
            yield Line(number, "---" if is_toml else text, is_code=True)
            closing = None if ends else closing
        elif fence := _FENCE.match(text):
            mark = fence["mark"]
            closing = re.compile(rf"[\s>]*{re.escape(mark[0])}{{{len(mark)},}}\s*$")
            yield Line(number, text, is_code=True)
        elif text.lstrip("> \t").startswith("$$"):
            if not text.rstrip().endswith("$$") or not text.strip("$> \t"):
                closing = re.compile(r".*\$\$\s*(\([^()]*\))?\s*$")
            yield Line(number, text, is_code=True)
        else:
            yield Line(number, text)


def _drop_comments(lines: Iterable[Line], done: Repaired) -> Iterator[Line]:
    """The lines without comments, which are listed as left out."""
    end = ""
    for line in lines:
        text = line.text
        if line.is_code:
            yield line
            continue
        if end:
            before, found, after = text.partition(end)
            _leave_out(done, line, before, "comment")
            text, end = (after, "") if found else ("", end)
        while "<!--" in text or "%%" in text:
            comment = _COMMENT.search(text)
            if comment is None or "`" in text[: comment.start()]:
                break
            mark = "%%" if comment[0].startswith("%%") else "<!--"
            _leave_out(done, line, comment[0].strip("<>!-% "), "comment")
            closed = len(comment[0]) > len(mark) and comment[0].endswith(_ENDS[mark])
            end = "" if closed else _ENDS[mark]
            text = text[: comment.start()] + text[comment.end() :]
        yield line if text == line.text else Line(line.number, text)


def _leave_out(done: Repaired, line: Line, what: str, why: str) -> None:
    if what.strip():
        done.left_out.append(Omission(line.number, shorten(what), why))


def _repair_line(source: Line, done: Repaired) -> Iterator[Line]:
    line, number = source.text, source.number
    note = done.repairs.append
    if heading := _HEADING.match(line):
        line = f"{'#' * int(heading[1])} {heading[2].strip()}"
        note(Repair(number, f"HTML heading `<h{heading[1]}>`"))
    elif tight := _TIGHT_HEADING.fullmatch(line):
        line = f"{tight[1]} {tight[2]}"
        note(Repair(number, "heading without a space"))
    if ">" in line:
        odd = {found for found in _BREAKS.findall(line) if not _PROPER_BREAK.fullmatch(found)}
        done.repairs += [
            Repair(number, f"line break written as `{found}`") for found in sorted(odd)
        ]
        line = _CODE_OR_BREAK.sub(lambda found: found[0] if found[1] else CELL_BREAK, line)
    if "](" in line:
        tidy = _LINK.sub(lambda link: f"]({_clean_address(link[1])})", line)
        if tidy != line:
            note(Repair(number, "space or tab in a link's address"))
        line = tidy
    if _STRAY.search(line):
        note(Repair(number, "stray `<`"))
    for text, left_out in replace_markup(line):
        yield Line(number, text)
        for what, why in left_out:
            _leave_out(done, source, what, why)


def _clean_address(inside: str) -> str:
    """A link's address without spaces; a title in quotes stays."""
    inside = inside.strip()
    if inside.startswith("<"):
        return inside
    address, quote, title = inside.partition(' "')
    return re.sub(r"\s+", "" if "://" in address else "%20", address.strip()) + quote + title


def _repair_tables(lines: list[Line], repairs: list[Repair]) -> list[Line]:
    """Add missing pipes to rows, and close gaps in tables."""
    repaired: list[Line] = []
    width = 0
    for place, line in enumerate(lines):
        following = lines[place + 1].text if place + 1 < len(lines) else ""
        if line.is_code:
            width = 0
        elif _is_table_head(line.text, following):
            width = len(split_cells(line.text))
        elif width and not line.text.strip():
            ahead, after = (*_find_texts(lines, place), "", "")[:2]
            if ahead.lstrip().startswith("|") and not _is_table_head(ahead, after):
                repairs.append(Repair(line.number, "empty line in a table"))
                continue
            width = 0
        elif width and line.text.lstrip().startswith("#"):
            width = 0
        elif width and not _DELIMITER.match(line.text):
            line = Line(line.number, _repair_row(line, width, repairs))  # noqa: PLW2901
        repaired.append(line)
    return repaired


def _find_texts(lines: Sequence[Line], start: int) -> tuple[str, ...]:
    """The next two lines that aren't empty."""
    rest = (line.text for line in islice(lines, start, None))
    return tuple(islice((text for text in rest if text.strip()), 2))


def _is_table_head(line: str, following: str) -> bool:
    return (
        "|" in line and "|" in following and "-" in following and bool(_DELIMITER.match(following))
    )


def _repair_row(line: Line, width: int, repairs: list[Repair]) -> str:
    row = line.text.strip()
    indent = line.text[: len(line.text) - len(line.text.lstrip())]
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
    return f"{indent}|{'|'.join(_escape_code_pipes(part) for part in split_cells(row))}|"


def _escape_code_pipes(cell: str) -> str:
    """Escape pipes in the cell's code, as Markdown requires."""
    return re.sub(r"`[^`]*`", lambda code: re.sub(r"(?<!\\)\|", r"\\|", code[0]), cell)
