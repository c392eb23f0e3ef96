"""Variants of a word: British and American spelling, singular and plural."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from content.language import split_words

_BRITISH: Final = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"^practis", "practic"),
        (r"(?<=[a-z]{2})is(ation|ations|e|ed|er|ers|es|ing|able)$", r"iz\1"),
        (r"(?<=[a-z]{2})ys(e|ed|er|ers|es|ing)$", r"yz\1"),
        (r"(?<=[a-z]{3})our(?=(s|ed|ing|able|al|ally|ful|ite|ites|ism|ist|less|er|ers)?$)", "or"),
        (r"(?<=[a-z]{2})tre(s?)$", r"ter\1"),
        (r"(?<=[a-z]{2})bre(s?)$", r"ber\1"),
        (r"(?<=[a-z]{2})ogue(s?)$", r"og\1"),
        (r"(?<=[a-z]{2})enc(e|es)$", r"ens\1"),
        (r"(?<=[aeiouy])([a-z]*[aeiouy])ll(ed|ing|er|ers|ery|or|ors|ation)$", r"\1l\2"),
        (r"ae|oe", "e"),
        (r"sulph", "sulf"),
        (r"^licenc", "licens"),
        (r"dgement", "dgment"),
        (r"oeuvre|euvre", "euver"),
        (r"^moulds?", "mold"),
        (r"^(plough)", "plow"),
        (r"^sceptic", "skeptic"),
        (r"(?<=[a-z])xion(s?)$", r"ction\1"),
        (r"wards$", "ward"),
    )
)
_PAIRS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "odour": "odor", "jewellery": "jewelry", "grey": "gray", "programme": "program",
        "programmes": "programs", "cheque": "check", "tyre": "tire", "tyres": "tires",
        "aluminium": "aluminum", "artefact": "artifact", "artefacts": "artifacts",
        "moustache": "mustache", "pyjamas": "pajamas", "kerb": "curb", "enrol": "enroll",
        "fulfil": "fulfill", "skilful": "skillful", "wilful": "willful", "instal": "install",
        "instalment": "installment", "enrolment": "enrollment", "fulfilment": "fulfillment",
        "aeroplane": "airplane", "neighbourhood": "neighborhood",
        "ageing": "aging", "disc": "disk", "discs": "disks",
        "sulphur": "sulfur", "mum": "mom", "maths": "math", "axe": "ax", "cosy": "cozy",
        "draught": "draft", "speciality": "specialty", "acknowledgement": "acknowledgment",
        "whisky": "whiskey", "yoghurt": "yogurt", "tsar": "czar", "learnt": "learned",
        "spelt": "spelled", "burnt": "burned", "likeable": "likable", "sizeable": "sizable",
        "adaptor": "adapter", "adviser": "advisor", "storey": "story", "storeys": "stories",
        "woollen": "woolen", "mollusc": "mollusk", "furore": "furor", "gauge": "gage",
    }
)  # fmt: skip
_IRREGULAR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "criteria": "criterion", "phenomena": "phenomenon", "children": "child", "men": "man",
        "women": "woman", "people": "person", "mice": "mouse", "feet": "foot", "teeth": "tooth",
        "geese": "goose", "oxen": "ox", "indices": "index", "indexes": "index",
        "appendices": "appendix", "matrices": "matrix", "vertices": "vertex",
        "vortices": "vortex", "codices": "codex", "axes": "axis", "bacteria": "bacterium",
        "data": "datum", "media": "medium", "spectra": "spectrum", "strata": "stratum",
        "errata": "erratum", "curricula": "curriculum", "memoranda": "memorandum",
        "automata": "automaton", "polyhedra": "polyhedron", "nuclei": "nucleus",
        "radii": "radius", "stimuli": "stimulus", "foci": "focus", "fungi": "fungus",
        "alumni": "alumnus", "cacti": "cactus", "loci": "locus", "genera": "genus",
        "corpora": "corpus", "larvae": "larva", "formulae": "formula", "antennae": "antenna",
        "vertebrae": "vertebra", "algae": "alga", "nebulae": "nebula", "lives": "life",
        "quizzes": "quiz", "schemata": "schema", "stigmata": "stigma", "lemmata": "lemma",
        "larve": "larva", "formule": "formula", "antenne": "antenna", "vertebre": "vertebra",
        "alge": "alga", "nebule": "nebula", "mitochondria": "mitochondrion",
    }
)  # fmt: skip
_ENDINGS: Final = (
    (re.compile(r"(?<=[a-z])(?<![aeo])ies$"), "y"),
    (re.compile(r"(?<=[aeiorl])ves$"), "f"),
    (re.compile(r"(?<=[aeiorl])ves$"), "fe"),
    (re.compile(r"(?<=[a-z]{2})ses$"), "sis"),
    (re.compile(r"(?<=[a-z]{2})(?<=[sxzo])es$|(?<=[cs]h)es$"), ""),
    (re.compile(r"(?<=\w{2})(?<![su])s$|(?<=[^\W_]{3}u)s$"), ""),
)
_NOT_PLURALS: Final = frozenset(
    split_words(
        "news goods customs glasses arms physics statistics economics politics logistics "
        "mathematics acoustics ethics logics optics mechanics dynamics means species series "
        "spectacles manners surroundings thanks premises lens gas bus bias canvas atlas virus "
        "corpus status census apparatus https abacus campus radius genius"
    )
)
"""Words that end in s without being a plural."""


@lru_cache(maxsize=4096)
def to_american(word: str) -> str:
    """A folded word in American spelling. The result may not be a word, so compare it only with
    others from here."""
    if word in _PAIRS:
        return _PAIRS[word]
    for pattern, spelled in _BRITISH:
        word = pattern.sub(spelled, word)
    return word


@lru_cache(maxsize=4096)
def find_singulars(word: str) -> frozenset[str]:
    """The possible singulars of a word; none if it isn't a plural."""
    if word in _NOT_PLURALS:
        return frozenset()
    found = {_IRREGULAR[word]} if word in _IRREGULAR else set()
    return frozenset(
        found | {ending.sub(one, word) for ending, one in _ENDINGS if ending.search(word)}
    )


def is_plural_pair(one: str, other: str) -> bool:
    """Whether one word is the other's plural."""
    return one in find_singulars(other) or other in find_singulars(one)


def is_variant(one: str, other: str) -> bool:
    """Whether two folded words differ only in British or American spelling, or in number."""
    return (
        one == other
        or to_american(one) == to_american(other)
        or is_plural_pair(one, other)
        or is_plural_pair(to_american(one), to_american(other))
    )
