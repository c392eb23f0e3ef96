"""What isn't Markdown: HTML tags, and marks of the programs that people write notes with.

Tags become Markdown, so that nothing within them is skipped. Unknown tags stay, as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from content.importing.lines import CELL_BREAK

LeftOut = list[tuple[str, str]]
"""What was taken out of a line, each with the reason."""

_BLOCK = (
    r"address|article|aside|blockquote|caption|center|col|colgroup|dd|details|dialog|div|dl|"
    r"dt|fieldset|figcaption|figure|footer|form|header|hr|iframe|legend|li|main|nav|ol|p|"
    r"picture|section|source|summary|table|tbody|td|tfoot|th|thead|tr|ul|video"
)
_INLINE = (
    r"a|abbr|acronym|b|big|cite|code|del|dfn|em|font|i|img|ins|kbd|label|mark|q|s|samp|"
    r"small|span|strike|strong|sub|sup|tt|u|var|wbr|"
    r"[a-z][\w.]*-[\w.-]+"  # a website's own, which always have a hyphen
)
_TAG = re.compile(rf"<(/?)(?:({_BLOCK})|({_INLINE}))((?:\s[^<>]*)?)/?>", re.IGNORECASE)
_CODE = re.compile(r"(`+)(?!`)(.*?)(?<!`)\1(?!`)")
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "kbd": "`", "tt": "`"}
_LINK = re.compile(r"<a\s([^<>]*)>(.*?)</a\s*>", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary\b[^<>]*>(.*?)</summary\s*>", re.IGNORECASE)
_NEXT_CELL = re.compile(r"</t[dh]\s*>\s*<t[dh]\b[^<>]*>", re.IGNORECASE)
_SMALL = re.compile(r"<(su[bp])\b[^<>]*>([\d+()=-]+|[ni])</\1\s*>", re.IGNORECASE)
_SMALL_DIGITS = {
    "sub": str.maketrans("0123456789+-=()i", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ᵢ"),
    "sup": str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ"),
}
_MARKER = re.compile(r"(\s*(?:(?:[-*+>]|\d+[.)])\s+)+)\n+")

_CONTAINER = re.compile(r"\s*:{3,}\s*(?P<kind>\{[^{}]*\}|[\w-]*)(?P<title>.*)$")
_SITE = re.compile(
    r"\s*(?:\{%.*%\}|\{\{.*\}\}|\{:.*\}|\[toc\]|\[\[_?toc_?\]\]|\\(?:newpage|pagebreak)"
    r"|import\s+.+\s+from\s+['\"][^'\"]+['\"];?|export\s+(?:const|default)\s.*|\{/\*.*\*/\})\s*",
    re.IGNORECASE,
)
_HEADING_ATTRIBUTES = re.compile(r"(\s*#{1,6}\s.*?)\s*\{([#.:-][^{}]*)\}\s*$")
_BLOCK_NAME = re.compile(r"\s\^(?=[\w-]*[a-z])([\w-]{4,})\s*$")


def replace_markup(line: str) -> Iterator[tuple[str, LeftOut]]:
    """The line as one or more lines of Markdown, each with what it lost and why."""
    if ":::" in line and (container := _CONTAINER.match(line)):
        title = re.search(r'title="([^"]*)"', line)
        words = title[1] if title else container["title"].strip(" []:")
        yield from ((text, []) for text in (["", f"**{words}**", ""] if words else [""]))
        return
    if _SITE.fullmatch(line):
        yield "", [(line, "mark of a website")]
        return
    left_out: LeftOut = []
    if "{" in line and (heading := _HEADING_ATTRIBUTES.match(line)):
        line = heading[1]
        left_out.append((heading[2], "attributes of a heading"))
    if "^" in line and (name := _BLOCK_NAME.search(line)):
        line = line[: name.start()]
        left_out.append((name[1], "name of a block"))
    for text in _replace_tags(line) if "<" in line and _TAG.search(line) else (line,):
        yield text, left_out
        left_out = []


def _replace_tags(line: str) -> list[str]:
    """The line without tags, split where a block starts or ends."""
    codes: list[str] = []

    def put_aside(code: re.Match[str]) -> str:
        codes.append(code[0])
        return f"\x00{len(codes) - 1}\x00"

    text = _CODE.sub(put_aside, line)
    text = _LINK.sub(_replace_link, text)
    text = _SUMMARY.sub(r"\n**\1**\n", text)
    text = _NEXT_CELL.sub(" – ", text)
    text = _SMALL.sub(lambda tag: tag[2].translate(_SMALL_DIGITS[tag[1].casefold()]), text)
    text = _TAG.sub(_replace_tag, text)
    text = re.sub(r"\x00(\d+)\x00", lambda found: codes[int(found[1])], text)
    if text.lstrip().startswith("#"):
        return [" ".join(text.split("\n"))]
    if text.lstrip().startswith("|") or " | " in text:
        return [text.replace("\n", CELL_BREAK)]
    indent = line[: len(line) - len(line.lstrip())]
    first, *rest = _MARKER.sub(r"\1", text).split("\n")
    parts = [first, *(indent + part.strip() for part in rest if part.strip())]
    return [each for part in parts for each in (part, "")][: None if rest else 1]


def _read_attributes(text: str) -> dict[str, str]:
    return {
        key.casefold(): unescape(next(filter(None, values), ""))
        for key, *values in _ATTRIBUTE.findall(text)
    }


def _replace_link(link: re.Match[str]) -> str:
    address = _read_attributes(link[1]).get("href")
    return f"[{link[2]}](<{address}>)" if address else link[2]


def _replace_tag(tag: re.Match[str]) -> str:
    name, attributes = (tag[2] or tag[3]).casefold(), _read_attributes(tag[4])
    match name:
        case "img" if attributes.get("src"):
            return f"![{attributes.get('alt', '')}](<{attributes['src']}>)"
        case "iframe" | "video" | "source" if attributes.get("src"):
            return f"\n[{attributes.get('title', name)}](<{attributes['src']}>)\n"
        case "li":
            return "\n" if tag[1] else "\n- "
        case "sub" | "sup":
            return "" if tag[1] else {"sub": "_", "sup": "^"}[name]
    return _MARKS.get(name, "\n" if tag[2] else "")
