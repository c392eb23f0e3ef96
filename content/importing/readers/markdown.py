"""Markdown as people write notes in it, parsed, and its inline parts as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from content.importing.lines import CELL_BREAK

_WIKILINK = re.compile(r"(!?)\[\[([^\[\]|\n]*)(?:\|([^\[\]\n]*))?\]\]")
_MARK = re.compile(r"==(?=[^\s=])(?:(?!==).)*[^\s=]==", re.DOTALL)
_TAGS = re.compile(r"(?:(?:^|\s+)#[^\W\d][\w/-]*)+\s*$")
_CODE_OR_SPACE = re.compile(r"(`[^`]*`)|\s+")
_WORD = re.compile(r"\w")
_NO_MARKUP = re.compile(r"(?:[^\W_]|[ ,.;:()/'–-])*")
"""A text that Markdown can't change: as most terms and many cells are."""

_WEB = ("http://", "https://", "mailto:")


def _read_wikilink(state: StateInline, silent: bool) -> bool:
    found = _WIKILINK.match(state.src, state.pos)
    if not found or not (found[2] or found[3]):
        return False
    if not silent:
        token = state.push("embed" if found[1] else "wikilink", "", 0)
        token.meta = {"target": found[2].replace("\\", "").strip()}
        token.content = (found[3] or _name_target(found[2])).strip()
    state.pos = found.end()
    return True


def _name_target(target: str) -> str:
    """What a link to a note or its heading is called: the note's name, or else the heading's."""
    path, _, heading = target.replace("\\", "").partition("#")
    return path.rsplit("/", 1)[-1] or heading.rsplit("#", 1)[-1].lstrip("^")


def _read_mark(state: StateInline, silent: bool) -> bool:
    """Skip the `==` around a marked text."""
    ends = state.env.setdefault("mark_ends", set())
    if (state.src, state.pos) in ends:
        ends.discard((state.src, state.pos))
    elif found := _MARK.match(state.src, state.pos):
        if not silent:
            ends.add((state.src, found.end() - 2))
    else:
        return False
    state.pos += 2
    return True


def _make_parser() -> MarkdownIt:
    parser = (
        MarkdownIt("commonmark", {"html": False})
        .enable(["table", "strikethrough"])
        .use(front_matter_plugin)
        .use(footnote_plugin, move_to_end=False)
        .use(tasklists_plugin)
        .use(deflist_plugin)
        .use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    )
    parser.inline.ruler.before("link", "wikilink", _read_wikilink)
    parser.inline.ruler.before("emphasis", "mark", _read_mark)
    return parser


PARSER = _make_parser()
PARSER.options["maxNesting"] = 160
"""Blocks within blocks, twice the depth of lists; deeper ones are listed as not read."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the notes."""

    alt: str
    address: str


@dataclass(slots=True)
class Text:
    """Inline Markdown as plain text, with what the text can't hold."""

    words: str = ""
    pictures: list[Picture] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Links to other notes: addresses and wikilink targets."""

    url: str | None = None
    """The first address on the web."""

    tags: str = ""
    is_link: bool = False
    """Whether there's nothing besides links and pictures."""

    is_picture: bool = False
    """Whether there's nothing besides pictures."""

    is_formula: bool = False
    is_contents: bool = False
    """Whether it's only links to other notes or other places in this one."""


def parse_inline(source: str, env: dict[str, Any]) -> list[Token]:
    """The tokens of a line of Markdown; `env` knows the file's footnotes and references."""
    return PARSER.parseInline(source, env)[0].children or []


def read_inline(tokens: Sequence[Token], *, addresses: bool, env: dict[str, Any]) -> Text:
    """Read inline tokens. Code keeps its backticks, and formulas keep their dollar signs.

    With `addresses`, links to the web keep their address.
    """
    text = Text()
    walk = _Walk(text, addresses, env)
    joined = "".join(piece for token in tokens for piece in walk.read(token))
    words = _CODE_OR_SPACE.sub(lambda found: found[1] or " ", joined.replace(CELL_BREAK, " "))
    if "#" in words and (tags := _TAGS.search(words)):
        text.tags = tags[0].strip()
        words = words[: tags.start()]
    text.words = words.strip()
    text.is_formula = walk.formulas and not _WORD.search(walk.outside)
    text.is_link = bool(text.pictures or walk.links) and not _WORD.search(walk.outside)
    text.is_picture = bool(text.pictures) and not walk.has_words
    text.is_contents = text.is_link and walk.inner == walk.links > 0 and not text.pictures
    return text


class _Walk:
    """One pass over inline tokens."""

    def __init__(self, text: Text, addresses: bool, env: dict[str, Any]) -> None:
        self._text = text
        self._addresses = addresses
        self._env = env
        self._address = ""
        self._linked = ""
        self.links = self.inner = 0
        self.formulas = self.has_words = False
        self.outside = ""

    def read(self, token: Token) -> Iterator[str]:
        match token.type:
            case "text" | "text_special":
                self._note(token.content)
                yield token.content
            case "softbreak" | "hardbreak":
                yield " "
            case "code_inline":
                self._note(token.content)
                yield f"`{token.content}`"
            case "math_inline":
                self.formulas = True
                yield f"${token.content}$"
            case "math_inline_double":
                self.formulas = True
                yield f"$${token.content}$$"
            case "link_open":
                self._address = str(token.attrGet("href") or "")
                self._linked = ""
            case "link_close":
                yield self._close_link()
            case "wikilink":
                self._text.links.append(f"[[{token.meta['target']}]]")
                self.links += 1
                self.inner += 1
                self.has_words = True
                yield token.content
            case "image" | "embed":
                yield self._show_picture(token)
            case "footnote_ref":
                yield self._read_footnote(token)
            case _:
                yield "" if token.type == "html_inline" else token.content

    def _note(self, words: str) -> None:
        self.has_words = self.has_words or bool(_WORD.search(words))
        if self._address:
            self._linked += words
        else:
            self.outside += words

    def _close_link(self) -> str:
        address, self._address = self._address, ""
        self.links += 1
        if address.startswith(_WEB):
            self._text.url = self._text.url or (None if address[0] == "m" else address)
            same = self._linked.strip() == address.removeprefix("mailto:")
            return f" ({address})" if self._addresses and not same else ""
        self.inner += 1
        self._text.links.append(unquote(address))
        return ""

    def _show_picture(self, token: Token) -> str:
        if token.type == "embed":
            address = str(token.meta["target"])
            if not re.search(r"\.\w{2,4}(#.*)?$", address):
                self._text.links.append(f"[[{address}]]")
                self.links += 1
                self.inner += 1
                return token.content
            # Obsidian's size of a picture stands where a name could.
            alt = "" if re.fullmatch(r"\d+(x\d+)?", token.content) else token.content
        else:
            address = str(token.attrGet("src") or "")
            children = token.children or []
            alt = "".join(child.content for child in children)
        self._text.pictures.append(Picture(alt, address))
        return f" {alt} " if token.type == "image" else ""

    def _read_footnote(self, token: Token) -> str:
        definitions = self._env.get("definitions", {})
        label = token.meta.get("label")
        inline = self._env.get("footnotes", {}).get("list", {}).get(token.meta["id"], {})
        content = definitions.get(label) or str(inline.get("content", ""))
        if not content:
            return ""
        self._env.setdefault("used", set()).add(label)
        # A footnote that refers to itself is read once.
        env = {**self._env, "definitions": {**definitions, label: ""}}
        return f" ({to_plain_text(content, addresses=self._addresses, env=env)})"


def to_plain_text(
    source: str, *, addresses: bool = False, env: dict[str, Any] | None = None
) -> str:
    """Inline Markdown as plain text."""
    if _NO_MARKUP.fullmatch(source):
        return " ".join(source.split())
    env = {} if env is None else env
    return read_inline(parse_inline(source, env), addresses=addresses, env=env).words


def find_link(source: str) -> str | None:
    """The first link of a line of Markdown, if it leads to the web."""
    for token in parse_inline(source, {}):
        if token.type == "link_open":
            address = str(token.attrGet("href") or "")
            return address if address.startswith(("http://", "https://")) else None
    return None
