"""What people put around a right answer, or leave out of it, and is taken off before comparing.

Each rule gives the texts that one may as well have typed. `TYPED` are for what was typed,
`ACCEPTED` for what a question accepts; the loose ones hold only of a text that is no term of the
pack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from content.language import split_words
from content.language.folding import fold_word, normalize_signs
from content.language.opposites import COUNTRIES
from content.language.reading import find_readings
from content.language.words import is_given_name, is_word

Rule = Callable[[str], Iterator[str]]

_LEAD_IN: Final = re.compile(
    r"(?:(?:so|well|ok|okay|hmm+|um+|oh|ah|yes|sure|maybe|perhaps|probably|possibly|surely|"
    r"definitely|obviously)[ ,:]+|"
    r"(?:i(?:'m| am) (?:pretty |quite |fairly )?sure (?:that )?|"
    r"i (?:think|guess|believe|suppose|say|would say|'d say|know|mean) (?:that )?|i'd say |"
    r"(?:my|the|your|right|correct|final)? ?(?:\w+ )?(?:answer|solution|guess|term|word|name)"
    r"(?: here)?(?: is| would be| should be|:| =| -)+|"
    r"is (?:it|that|this) |(?:it|that|this|they|these|there|he|she|we|you)"
    r"(?:'s|s| is| are|'re| was| were| (?:must|should|would|could|might|may|will|has to) be) |"
    r"(?:must|should|would|could|might|may) be |"
    r"(?:what|who|where)(?:'s| is| are| was| were) |"
    r"(?:it|that|this) (?:is|was) called |(?:is )?called |"
    r"(?:we|they|people) call (?:it|this|that) |named |use |using |with |by |via |"
    r"(?:about|around|approximately|approx\.?|roughly|circa) |(?:in|on) (?:the year )?(?=\d)|"
    r"(?:a|ans|answer)[:=])\s*)+",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    r"[ ,]+(?:i (?:think|guess|believe|suppose)|maybe|probably|please|of course|right|"
    r"if i(?:'m| am) not mistaken|i'm sure)[ .?!]*$",
    re.IGNORECASE,
)
_NOT: Final = frozenset(
    split_words(
        "not no never neither nor without except cannot non isnt arent wasnt doesnt dont cant wont "
        "didnt instead unlike"
    )
)
_NOUNS: Final = (
    "class|method|function|func|parameter|param|argument|arg|key|setting|command|option|property|"
    "attribute|module|package|library|page|tab|keyword|operator|flag|variable|field|value|type|"
    "object|decorator|call|api|tool|service|feature|file|folder|menu|button|protocol|prefix|"
    "register|statement|instruction|constant|enum|interface|struct|tag|element|directive|header"
)
"""What things in software are: said before or behind their name, it changes nothing."""

_KINDS: Final = (
    "algorithm|technique|approach|theorem|sampling|policy|distribution|river|ocean|desert|dynasty|"
    "syndrome|disease|mountains"
)
"""What other things are, as a part of their usual name that is often left out."""

_ADDED_KINDS: Final = (
    f"{_KINDS}|language|learning|metric|score|programming language|network|country|city"
)
"""What is often said behind a name that is whole without it."""

_TITLES: Final = (
    "mount|mt|mt\\.|river|lake|king|queen|emperor|empress|president|prince|princess|pope|sir|lord|"
    "lady|dame|dr|dr\\.|mr|mr\\.|mrs|mrs\\.|ms|ms\\.|prof|prof\\.|professor|chancellor|duke|"
    "city of|republic of"
)
_VENDORS: Final = (
    "microsoft azure|azure machine learning|azure ml|azure|microsoft|amazon|aws|google cloud|"
    "google|"
    "gcp|apache|ibm|oracle|python|the python|java|javascript|linux|unix|adobe|apple|hashicorp"
)
_EXPLAINED: Final = "(?:the |a |an )?"
_LEADING_NOUN: Final = re.compile(
    rf"{_EXPLAINED}(?:{_NOUNS})(?: called| named|:| of)? ", re.IGNORECASE
)
_TRAILING_NOUN: Final = re.compile(rf"[ -](?:{_NOUNS})s?$", re.IGNORECASE)
_TRAILING_KIND: Final = re.compile(rf"(?<=\w{{4}}) (?:{_KINDS})$", re.IGNORECASE)
_ADDED_KIND: Final = re.compile(rf" (?:{_ADDED_KINDS})$", re.IGNORECASE)
_LEADING_TITLE: Final = re.compile(rf"{_EXPLAINED}(?:{_TITLES}) ", re.IGNORECASE)
_JUNIOR: Final = re.compile(r",? (?:jr|sr|junior|senior|esq)\.?$", re.IGNORECASE)
_VENDOR: Final = re.compile(rf"{_EXPLAINED}(?:{_VENDORS})(?:'s)? ", re.IGNORECASE)
_OF_VENDOR: Final = re.compile(rf" (?:in|of|from|by) {_EXPLAINED}(?:{_VENDORS})$", re.IGNORECASE)
_CALL: Final = re.compile(r"[\w.]+\(.*\)")
_STATEMENT: Final = re.compile(r"^(?:await|with|return|import|from|new|def|class|@|\$ |>>> )\s*")
_IMPORTED: Final = re.compile(r"from\s+[\w.]+\s+import\s+(\w+)$")
_PATH: Final = re.compile(r"\.?(?:[A-Za-z_]\w*(?:\.|::|->))*([A-Za-z_]\w*)")
_ASSIGNED: Final = re.compile(r"\w+ ?= ?([^=]+)")
_PARENTHESES: Final = re.compile(r"(?P<before>.*?)(?P<gap>\s*)\((?P<inside>[^()]+)\)(?P<behind>.*)")
_OF: Final = re.compile(r"(?:the |a |an )?(?P<what>[\w-]+) of (?:the |a |an )?(?P<whose>[\w -]+)")
_EITHER: Final = re.compile(r"(.+?) / (.+)|(\w{4,})/(\w{4,})")
_BOTH: Final = re.compile(r"(.+?)(?: and | & |&)(.+)")
_SEVERAL: Final = re.compile(r"\s*(?:,|;|/| and | & | or | aka | i\.e\. | = )\s*")
_ABBREVIATED: Final = frozenset(
    {"uk", "u.k", "usa", "u.s.a", "us", "u.s", "united kingdom", "united states"}
)
_INVERTED: Final = re.compile(r"(\w[\w'-]+), (\w[\w. '-]*)")


def _lead_ins(text: str) -> Iterator[str]:
    yield _TAIL.sub("", _LEAD_IN.sub("", text, count=1) or text)


def _code(text: str) -> Iterator[str]:
    """Arguments and brackets of a call, import statements, the path before a name."""
    if imported := _IMPORTED.fullmatch(text):
        yield imported[1]
    text = text.rstrip(":; ")
    if _STATEMENT.match(text) and not text.startswith("class "):
        yield _STATEMENT.sub("", text)
    if _CALL.fullmatch(text):
        yield text[: text.index("(")]
    elif (path := _PATH.fullmatch(text)) and path[1] != text:
        yield path[1]


def _nouns(text: str) -> Iterator[str]:
    yield _LEADING_NOUN.sub("", text, count=1) if _LEADING_NOUN.match(text) else text
    yield _TRAILING_NOUN.sub("", text)


def _code_nouns(text: str) -> Iterator[str]:
    """`AmlCompute class`: only behind a name in code, as a primary key is no primary."""
    less = _TRAILING_NOUN.sub("", text)
    if re.fullmatch(r"[\w.]*(?:_|[a-z][A-Z])[\w.]*", less):
        yield less


def _vendors(text: str) -> Iterator[str]:
    if found := _VENDOR.match(text):
        yield text[found.end() :]
    yield _OF_VENDOR.sub("", text)


def _makers(text: str) -> Iterator[str]:
    """`Azure Application Insights`: a single common word is no name without its maker."""
    if (found := _VENDOR.match(text)) and (
        " " in text[found.end() :] or not is_word(fold_word(text[found.end() :]))
    ):
        yield text[found.end() :]


def _named_titles(text: str) -> Iterator[str]:
    """`Queen Elizabeth II`, but not the queen of `queen bee`."""
    yield from (less for less in _titles(text) if less[:1].isupper())


def _titles(text: str) -> Iterator[str]:
    if found := _LEADING_TITLE.match(text):
        yield text[found.end() :]
    yield _JUNIOR.sub("", text)


def _kinds(text: str) -> Iterator[str]:
    yield _TRAILING_KIND.sub("", text)


def _added_kinds(text: str) -> Iterator[str]:
    yield _ADDED_KIND.sub("", text)


def _owners(text: str) -> Iterator[str]:
    """`the version of the model` is the model version."""
    if found := _OF.fullmatch(text):
        yield f"{found['whose']} {found['what']}"


def _places(text: str) -> Iterator[str]:
    """`Paris, France` is Paris."""
    place, comma, country = text.partition(",")
    if comma and fold_word(country.strip(" .")) in COUNTRIES | _ABBREVIATED:
        yield place


def _inverted(text: str) -> Iterator[str]:
    """`Curie, Marie` is Marie Curie."""
    if found := _INVERTED.fullmatch(text):
        yield f"{found[2]} {found[1]}"


def _joined(text: str) -> Iterator[str]:
    """`version (number)`: what stands in parentheses is a part of the name."""
    if "(" in text and not _CALL.fullmatch(text):
        yield re.sub(r"[()]", "", text)


def _parenthesis(text: str) -> Iterator[str]:
    """What a term in the pack says in parentheses: another name, its letters, an ending."""
    found = _PARENTHESES.fullmatch(text)
    if not found or _CALL.fullmatch(text):
        return
    outside = f"{found['before']}{' ' if found['behind'] else ''}{found['behind'].strip()}".strip()
    yield outside
    yield f"{found['before']}{found['gap']}{found['inside']}{found['behind']}"
    inside = found["inside"].strip()
    qualifies = fold_word(inside) in COUNTRIES and fold_word(outside) not in COUNTRIES
    if inside[:1].isupper() and not qualifies:
        yield inside


def _either(text: str) -> Iterator[str]:
    """`Burma / Myanmar` is either."""
    if (found := _EITHER.fullmatch(text)) and all(map(_is_name, found.group(*_sides(found)))):
        yield from found.group(*_sides(found))


def _sides(found: re.Match[str]) -> tuple[int, int]:
    return (1, 2) if found[1] else (3, 4)


def _is_name(text: str) -> bool:
    return text[:1].isupper() and text[1:2].islower()


def _swapped(text: str) -> Iterator[str]:
    """`Simon and Garfunkel` in either order."""
    if (found := _BOTH.fullmatch(text)) and "," not in text:
        yield f"{found[2].strip()} and {found[1].strip()}"


def _last_names(text: str) -> Iterator[str]:
    """People by their last name: what follows a first name, initials or a particle."""
    first, *rest = text.split() or [""]
    if not rest or not all(each[:1].isupper() or each in _OF_FAMILY for each in rest):
        return
    particle = next((n for n, each in enumerate(rest) if each in _OF_FAMILY), None)
    initials = re.fullmatch(r"(?:\w\.)+|\w", first) is not None
    if not (initials or particle is not None or is_given_name(fold_word(first))):
        return
    last = fold_word(rest[-1])
    if last.isalpha() and len(last) > _SHORTEST_NAME and last not in _NO_NAMES | COUNTRIES:
        yield rest[-1]
        if particle is not None:
            yield " ".join(rest[particle:])


_SHORTEST_NAME: Final = 3
_NO_NAMES: Final = frozenset(
    split_words(
        "beach falls river lake island islands bay city park street county state states university "
        "college square hill hills town airport mountain mountains canyon valley desert sea ocean "
        "north south east west viii xiii xviii xxiii theorem disease syndrome"
    )
)
"""What may follow a first name and is no last name: Virginia Beach, Henry VIII."""

_OF_FAMILY: Final = frozenset(split_words("van von de der den da di du la le bin ibn al"))

_ASKING: Final = re.compile(
    r"\b(?:which|what)\b(?: (?:kind|type|sort|part|one)s? of)?|"
    r"\b(?:name|term) (?:of|for) (?:the|an?)\b",
    re.IGNORECASE,
)
_ASKED_WORDS: Final = 3
_AFTER_NOUN: Final = frozenset(
    split_words(
        "of in on is are was were does do did can has have had to for from with that which at by "
        "you we it they the a an and or as would should must will may might name names called"
    )
)

TYPED: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "lead-in": _lead_ins,
        "code": _code,
        "vendor": _vendors,
        "title": _titles,
        "owner": _owners,
        "place": _places,
        "inverted": _inverted,
        "joined": _joined,
    }
)
ACCEPTED: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "noun": _code_nouns,
        "vendor": _makers,
        "title": _named_titles,
        "parenthesis": _parenthesis,
        "either": _either,
        "swapped": _swapped,
    }
)
LOOSELY_TYPED: Final[Mapping[str, Rule]] = MappingProxyType(
    {**TYPED, "noun": _nouns, "kind": _added_kinds, "last name": _last_names}
)
LOOSELY_ACCEPTED: Final[Mapping[str, Rule]] = MappingProxyType(
    {**ACCEPTED, "kind": _kinds, "last name": _last_names}
)

_DEPTH: Final = 4
"""Rules that may work one after the other: `I think it's the mlflow.log_metric() method`."""


_MOST: Final = 50
"""Texts that one may stand for at most, whatever somebody types."""

Variants = Mapping[str, frozenset[str]]
"""Texts that may be meant by another, with the rules that say so."""


@lru_cache(maxsize=4096)
def expand_typed(text: str, asked: frozenset[str] | None = None) -> Variants:
    """What a member may have meant by a text; loosely, if the nouns asked for are given."""
    if asked is None:
        return _undressed(text, TYPED)
    return _undressed(text, {**LOOSELY_TYPED, "asked": _without(asked, either_end=True)})


@lru_cache(maxsize=4096)
def expand_accepted(text: str, asked: frozenset[str] | None = None) -> Variants:
    """What may be typed for an accepted text; loosely, if the nouns asked for are given."""
    if asked is None:
        return _undressed(text, ACCEPTED)
    return _undressed(text, {**LOOSELY_ACCEPTED, "asked": _without(asked, either_end=False)})


@lru_cache(maxsize=1024)
def find_asked_nouns(stem: str) -> frozenset[str]:
    """What a question asks for: the nouns behind its `which` or `what`."""
    found: set[str] = set()
    for asking in _ASKING.finditer(stem):
        for word in re.findall(r"[\w-]+", stem[asking.end() :])[:_ASKED_WORDS]:
            if word.casefold() in _AFTER_NOUN:
                break
            found.add(fold_word(word))
    return frozenset(found)


def _without(asked: frozenset[str], *, either_end: bool) -> Rule:
    """The river Nile and the Nile River, where a river is asked for."""

    def rule(text: str) -> Iterator[str]:
        first, *rest = text.split() or [""]
        if rest and fold_word(rest[-1]) in asked:
            yield " ".join((first, *rest[:-1]))
        if rest and either_end and fold_word(first) in asked:
            yield " ".join(rest)

    return rule


def _undressed(text: str, rules: Mapping[str, Rule]) -> Variants:
    text = normalize_signs(text)
    found: dict[str, frozenset[str]] = {text: frozenset()}
    fresh = [text]
    for _ in range(_DEPTH):
        made: list[str] = []
        for each in fresh:
            for name, rule in rules.items():
                for less in map(_bare, rule(each)):
                    if less and less not in found and len(found) < _MOST:
                        found[less] = found[each] | {name}
                        made.append(less)
        fresh = made
    return found


def _bare(text: str) -> str:
    """A text without the punctuation around it; the point of .5 is a part of it."""
    text = text.strip(" ,;:!?\"'`").rstrip(" .")
    return text if re.match(r"\.\d", text) else text.lstrip(" .")


def split_names(text: str) -> tuple[str, ...]:
    """The names in a text that gives several at once, as `NLP (natural language processing)`."""
    plain = normalize_signs(text)
    if found := re.fullmatch(r"(.+?)\s*\((.+)\)", plain):
        return found.groups()
    return tuple(part for part in _SEVERAL.split(plain) if part.strip())


def is_initials(short: str, long: str) -> bool:
    """Whether one text is made of the first letters of the other's words."""
    words = [word for word in re.split(r"[\s-]+", fold_word(long)) if word]
    return len(words) > 1 and fold_word(short).replace(".", "") == "".join(
        word[0] for word in words
    )


def denies(text: str) -> bool:
    """Whether a text says what something is not."""
    return any(_NOT & each.words for each in find_readings(text))
