"""Words that people add to a right answer or leave out, which are removed before comparing.

Each rule yields texts that mean the same. `TYPED` rules apply to what was typed, `ACCEPTED` rules
to what a question accepts; loose rules apply only to a text that isn't a term of the pack.
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
"""Kinds of things in software: before or after a name they change nothing."""

_KINDS: Final = (
    "algorithm|technique|approach|theorem|sampling|policy|distribution|river|ocean|desert|dynasty|"
    "syndrome|disease|mountains"
)
"""Kinds of other things, part of a usual name but often left out."""

_ADDED_KINDS: Final = (
    f"{_KINDS}|language|learning|metric|score|programming language|network|country|city"
)
"""Kinds often added to a name that's complete without them."""

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
_ARTICLE: Final = "(?:the |a |an )?"
_LEADING_NOUN: Final = re.compile(
    rf"{_ARTICLE}(?:{_NOUNS})(?: called| named|:| of)? ", re.IGNORECASE
)
_TRAILING_NOUN: Final = re.compile(rf"[ -](?:{_NOUNS})s?$", re.IGNORECASE)
_TRAILING_KIND: Final = re.compile(rf"(?<=\w{{4}}) (?:{_KINDS})$", re.IGNORECASE)
_ADDED_KIND: Final = re.compile(rf" (?:{_ADDED_KINDS})$", re.IGNORECASE)
_LEADING_TITLE: Final = re.compile(rf"{_ARTICLE}(?:{_TITLES}) ", re.IGNORECASE)
_JUNIOR: Final = re.compile(r",? (?:jr|sr|junior|senior|esq)\.?$", re.IGNORECASE)
_VENDOR: Final = re.compile(rf"{_ARTICLE}(?:{_VENDORS})(?:'s)? ", re.IGNORECASE)
_OF_VENDOR: Final = re.compile(rf" (?:in|of|from|by) {_ARTICLE}(?:{_VENDORS})$", re.IGNORECASE)
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


def _drop_lead_in(text: str) -> Iterator[str]:
    yield _TAIL.sub("", _LEAD_IN.sub("", text, count=1) or text)


def _drop_code(text: str) -> Iterator[str]:
    """Drop a call's arguments and parentheses, import statements, or the path before a name."""
    if imported := _IMPORTED.fullmatch(text):
        yield imported[1]
    text = text.rstrip(":; ")
    if _STATEMENT.match(text) and not text.startswith("class "):
        yield _STATEMENT.sub("", text)
    if _CALL.fullmatch(text):
        yield text[: text.index("(")]
    elif (path := _PATH.fullmatch(text)) and path[1] != text:
        yield path[1]


def _drop_noun(text: str) -> Iterator[str]:
    yield _LEADING_NOUN.sub("", text, count=1) if _LEADING_NOUN.match(text) else text
    yield _TRAILING_NOUN.sub("", text)


def _drop_code_noun(text: str) -> Iterator[str]:
    """Drop the noun of `AmlCompute class`, but not of `primary key`, which isn't code."""
    less = _TRAILING_NOUN.sub("", text)
    if re.fullmatch(r"[\w.]*(?:_|[a-z][A-Z])[\w.]*", less):
        yield less


def _drop_vendor(text: str) -> Iterator[str]:
    if found := _VENDOR.match(text):
        yield text[found.end() :]
    yield _OF_VENDOR.sub("", text)


def _drop_maker(text: str) -> Iterator[str]:
    """Drop the maker of `Azure Application Insights`: but a single common word needs its maker."""
    if (found := _VENDOR.match(text)) and (
        " " in text[found.end() :] or not is_word(fold_word(text[found.end() :]))
    ):
        yield text[found.end() :]


def _drop_name_title(text: str) -> Iterator[str]:
    """Drop the title of `Queen Elizabeth II`, but not of `queen bee`."""
    yield from (less for less in _drop_title(text) if less[:1].isupper())


def _drop_title(text: str) -> Iterator[str]:
    if found := _LEADING_TITLE.match(text):
        yield text[found.end() :]
    yield _JUNIOR.sub("", text)


def _drop_kind(text: str) -> Iterator[str]:
    yield _TRAILING_KIND.sub("", text)


def _drop_added_kind(text: str) -> Iterator[str]:
    yield _ADDED_KIND.sub("", text)


def _reorder_owner(text: str) -> Iterator[str]:
    """Turn `the version of the model` into the model version."""
    if found := _OF.fullmatch(text):
        yield f"{found['whose']} {found['what']}"


def _drop_country(text: str) -> Iterator[str]:
    """Turn `Paris, France` into Paris."""
    place, comma, country = text.partition(",")
    if comma and fold_word(country.strip(" .")) in COUNTRIES | _ABBREVIATED:
        yield place


def _reorder_name(text: str) -> Iterator[str]:
    """Turn `Curie, Marie` into Marie Curie."""
    if found := _INVERTED.fullmatch(text):
        yield f"{found[2]} {found[1]}"


def _drop_parentheses(text: str) -> Iterator[str]:
    """Turn `version (number)` into version number."""
    if "(" in text and not _CALL.fullmatch(text):
        yield re.sub(r"[()]", "", text)


def _read_parentheses(text: str) -> Iterator[str]:
    """Read a term's parentheses: another name, its initials, or an ending."""
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


def _split_either(text: str) -> Iterator[str]:
    """Split `Burma / Myanmar` into either name."""
    if (found := _EITHER.fullmatch(text)) and all(map(_is_name, found.group(*_sides(found)))):
        yield from found.group(*_sides(found))


def _sides(found: re.Match[str]) -> tuple[int, int]:
    return (1, 2) if found[1] else (3, 4)


def _is_name(text: str) -> bool:
    return text[:1].isupper() and text[1:2].islower()


def _swap_names(text: str) -> Iterator[str]:
    """Swap the names of `Simon and Garfunkel`."""
    if (found := _BOTH.fullmatch(text)) and "," not in text:
        yield f"{found[2].strip()} and {found[1].strip()}"


def _keep_last_name(text: str) -> Iterator[str]:
    """Keep a person's last name, after a first name, initials or a particle."""
    first, *rest = text.split() or [""]
    if not rest or not all(each[:1].isupper() or each in _NAME_PARTICLES for each in rest):
        return
    particle = next((n for n, each in enumerate(rest) if each in _NAME_PARTICLES), None)
    initials = re.fullmatch(r"(?:\w\.)+|\w", first) is not None
    if not (initials or particle is not None or is_given_name(fold_word(first))):
        return
    last = fold_word(rest[-1])
    if (
        last.isalpha()
        and len(last) > _SHORT_NAME_LETTERS
        and last not in _NOT_LAST_NAMES | COUNTRIES
    ):
        yield rest[-1]
        if particle is not None:
            yield " ".join(rest[particle:])


_SHORT_NAME_LETTERS: Final = 3
_NOT_LAST_NAMES: Final = frozenset(
    split_words(
        "beach falls river lake island islands bay city park street county state states university "
        "college square hill hills town airport mountain mountains canyon valley desert sea ocean "
        "north south east west viii xiii xviii xxiii theorem disease syndrome"
    )
)
"""Words after a first name that aren't a last name: Virginia Beach, Henry VIII."""

_NAME_PARTICLES: Final = frozenset(split_words("van von de der den da di du la le bin ibn al"))

_ASKING: Final = re.compile(
    r"\b(?:which|what)\b(?: (?:kind|type|sort|part|one)s? of)?|"
    r"\b(?:name|term) (?:of|for) (?:the|an?)\b",
    re.IGNORECASE,
)
_MAX_ASKED_WORDS: Final = 3
_AFTER_NOUN: Final = frozenset(
    split_words(
        "of in on is are was were does do did can has have had to for from with that which at by "
        "you we it they the a an and or as would should must will may might name names called"
    )
)

TYPED: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "lead-in": _drop_lead_in,
        "code": _drop_code,
        "vendor": _drop_vendor,
        "title": _drop_title,
        "owner": _reorder_owner,
        "place": _drop_country,
        "inverted": _reorder_name,
        "joined": _drop_parentheses,
    }
)
ACCEPTED: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "noun": _drop_code_noun,
        "vendor": _drop_maker,
        "title": _drop_name_title,
        "parenthesis": _read_parentheses,
        "either": _split_either,
        "swapped": _swap_names,
    }
)
LOOSELY_TYPED: Final[Mapping[str, Rule]] = MappingProxyType(
    {**TYPED, "noun": _drop_noun, "kind": _drop_added_kind, "last name": _keep_last_name}
)
LOOSELY_ACCEPTED: Final[Mapping[str, Rule]] = MappingProxyType(
    {**ACCEPTED, "kind": _drop_kind, "last name": _keep_last_name}
)

_MAX_RULES: Final = 4
"""Rules that can apply in a row: `I think it's the mlflow.log_metric() method`."""


_MAX_VARIANTS: Final = 50
"""Upper bound of a text's variants, whatever somebody types."""

Variants = Mapping[str, frozenset[str]]
"""Texts that another one may mean, with the rules that led to them."""


@lru_cache(maxsize=4096)
def expand_typed(text: str, asked: frozenset[str] | None = None) -> Variants:
    """Return what a typed text may mean; with loose rules if the nouns asked for are given."""
    if asked is None:
        return _apply_rules(text, TYPED)
    return _apply_rules(text, {**LOOSELY_TYPED, "asked": _drop_asked(asked, either_end=True)})


@lru_cache(maxsize=4096)
def expand_accepted(text: str, asked: frozenset[str] | None = None) -> Variants:
    """Return what an accepted text may mean; with loose rules if the nouns asked for are given."""
    if asked is None:
        return _apply_rules(text, ACCEPTED)
    return _apply_rules(text, {**LOOSELY_ACCEPTED, "asked": _drop_asked(asked, either_end=False)})


@lru_cache(maxsize=1024)
def find_asked_nouns(stem: str) -> frozenset[str]:
    """Find what a question asks for: the nouns after its `which` or `what`."""
    found: set[str] = set()
    for asking in _ASKING.finditer(stem):
        for word in re.findall(r"[\w-]+", stem[asking.end() :])[:_MAX_ASKED_WORDS]:
            if word.casefold() in _AFTER_NOUN:
                break
            found.add(fold_word(word))
    return frozenset(found)


def _drop_asked(asked: frozenset[str], *, either_end: bool) -> Rule:
    """Return a rule that turns the Nile River into the Nile, if a river is asked for."""

    def rule(text: str) -> Iterator[str]:
        first, *rest = text.split() or [""]
        if rest and fold_word(rest[-1]) in asked:
            yield " ".join((first, *rest[:-1]))
        if rest and either_end and fold_word(first) in asked:
            yield " ".join(rest)

    return rule


def _apply_rules(text: str, rules: Mapping[str, Rule]) -> Variants:
    text = normalize_signs(text)
    found: dict[str, frozenset[str]] = {text: frozenset()}
    fresh = [text]
    for _ in range(_MAX_RULES):
        made: list[str] = []
        for each in fresh:
            for name, rule in rules.items():
                for less in map(_strip_punctuation, rule(each)):
                    if less and less not in found and len(found) < _MAX_VARIANTS:
                        found[less] = found[each] | {name}
                        made.append(less)
        fresh = made
    return found


def _strip_punctuation(text: str) -> str:
    """Strip the punctuation around a text; the point of .5 is part of it."""
    text = text.strip(" ,;:!?\"'`").rstrip(" .")
    return text if re.match(r"\.\d", text) else text.lstrip(" .")


def split_names(text: str) -> tuple[str, ...]:
    """Split a text with several names, like `NLP (natural language processing)`."""
    plain = normalize_signs(text)
    if found := re.fullmatch(r"(.+?)\s*\((.+)\)", plain):
        return found.groups()
    return tuple(part for part in _SEVERAL.split(plain) if part.strip())


def is_initials(short: str, long: str) -> bool:
    """Whether a text is the initials of another one's words."""
    words = [word for word in re.split(r"[\s-]+", fold_word(long)) if word]
    return len(words) > 1 and fold_word(short).replace(".", "") == "".join(
        word[0] for word in words
    )


def denies(text: str) -> bool:
    """Whether a text says what something isn't."""
    return any(_NOT & each.words for each in find_readings(text))
