"""Slips of the finger, forgiven word by word where what was typed is no word of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

from content.language import split_words
from content.language.amounts import Amount, Token
from content.language.numbers import read_roman
from content.language.opposites import are_opposed
from content.language.reading import Reading
from content.language.spelling import is_variant
from content.language.words import is_name, is_word

MIN_SLIP_LETTERS: Final = 5
"""Letters of a word in which a slip is forgiven; shorter words are too near one another."""

MAX_SLIPS_PER_WORD: Final = 2
"""Slips in one word at most: one for each five letters."""

_LONG: Final = 9
"""Letters from which on a name is told from others by its consonants."""

_PARTICLES: Final = frozenset(
    [
        "da",
        "de",
        "di",
        "do",
        "du",
        "del",
        "della",
        "der",
        "den",
        "van",
        "von",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
    ]
)
"""Little words in people's names, which few remember right."""

_HOMOPHONES: Final = tuple(
    frozenset(sounds.split("/"))
    for sounds in split_words(
        "principal/principle discrete/discreet descent/decent stationary/stationery "
        "complementary/complimentary capital/capitol cite/site/sight brake/break council/counsel "
        "dual/duel idle/idol lead/led waste/waist weather/whether aural/oral serial/cereal "
        "cell/sell root/route base/bass bored/board currant/current desert/dessert die/dye "
        "flour/flower gorilla/guerrilla hoard/horde peace/piece pedal/peddle plain/plane "
        "profit/prophet right/rite/write sole/soul steal/steel symbol/cymbal tide/tied vain/vein "
        "wave/waive weak/week wholly/holy census/senses mussel/muscle navel/naval "
        "patience/patients presence/presents pore/pour residence/residents mean/mien "
        "morning/mourning coarse/course colonel/kernel"
    )
)
"""Words that sound alike: within a longer term, no one means the other."""

_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"tch|tsch|tsh|cz", "ch"), (r"ph|pf", "f"), (r"kh|gh|ck|q|g(?=[aou])|c(?=[aou])", "k"),
        (r"dh", "d"), (r"th", "t"), (r"sch", "sh"), (r"w", "v"), (r"x", "ks"),
        (r"(?<=[aeiou])y(?=[aeiou])", ""), (r"(?:iy|ii|ij|y|ie|ey|j)$", "i"), (r"ou|oo", "u"),
        (r"(.)\1", r"\1"),
    )
)  # fmt: skip
_VOWELS: Final = re.compile(r"[aeiouy]+")


def count_slips(said: Reading, term: Reading, terms: AbstractSet[str]) -> int | None:
    """Slips of the finger that make one text of the other; None where they differ by more.

    `terms` are terms of the pack: what is one of them was not mistyped.
    """

    def known(word: str, *, name: bool) -> bool:
        return word in terms or is_word(word) or (name and is_name(word))

    if len(said.tokens) == len(term.tokens):
        pairs = list(zip(said.tokens, term.tokens, strict=True))
        total = 0
        for place, (mine, its) in enumerate(pairs):
            among_others = any(one == other for one, other in pairs if other is not its)
            # Who types a name for a common word (Custer for a cluster) has slipped.
            name = term.source_words[place][:1].isupper()
            found = _in_place(mine, its, partial(known, name=name))
            if found is None and isinstance(mine, str) and isinstance(its, str):
                found = _excused(mine, its, name, among_others, place == 0)
            if found is None:
                return None
            total += found
        return total
    # Words run together, or taken apart, leave only the whole to compare.
    if said.amounts or term.amounts or _letters(said) != _letters(term):
        return None
    opposite = any(
        are_opposed(_between(said.canonical, *parts), parts[1]) for parts in _split(term)
    )
    name = any(each[:1].isupper() for each in term.source_words)
    return (
        None if opposite else _in_place(said.canonical, term.canonical, partial(known, name=name))
    )


def _in_place(said: Token, term: Token, known: Callable[[str], bool]) -> int | None:
    """Slips in a word that is compared with the one in its place."""
    if isinstance(said, Amount) or isinstance(term, Amount):
        same = isinstance(said, Amount) and isinstance(term, Amount) and said.is_equal(term)
        return 0 if same else None
    if is_variant(said, term) and not are_opposed(said, term):
        return 0
    found = count_word_slips(said, term)
    return None if found is None or known(said) else found


def count_word_slips(said: str, term: str) -> int | None:
    """Slips between two words; None where it's more than slips, or what makes another word."""
    if not said.isalpha() or not _may_be_misspelled(term):
        return None
    allowed = min(len(term) // MIN_SLIP_LETTERS, MAX_SLIPS_PER_WORD)
    found = DamerauLevenshtein.distance(said, term, score_cutoff=allowed)
    # Nobody begins a word with a letter too many: that makes another one (chair of air).
    begun = said[1:] == term and said[0] != term[0]
    return None if found > allowed or begun or are_opposed(said, term) else found


def _excused(said: str, term: str, name: bool, among_others: bool, first: bool) -> int | None:
    """1 where the word is another, and yet what was meant: a homophone within a longer term, a
    name in another spelling of its sounds, a first name before the right last name."""
    if are_opposed(said, term):
        return None
    if among_others and (
        (said in _PARTICLES and term in _PARTICLES)
        or any(said in alike and term in alike for alike in _HOMOPHONES)
        or (name and first and _may_be_misspelled(term) and _skeleton(said) == _skeleton(term))
    ):
        return 1
    long = len(term) >= _LONG and abs(len(said) - len(term)) <= 1
    sounds = _skeleton if long else _sounds
    return 1 if name and _may_be_misspelled(term) and sounds(said) == sounds(term) else None


def _may_be_misspelled(term: str) -> bool:
    """Whether a word is long enough to tell a slip from another word; Roman figures never are."""
    return (
        term.isalpha()
        and len(term) >= MIN_SLIP_LETTERS
        and read_roman(term, after_word=True) is None
    )


def _letters(text: Reading) -> list[str]:
    """Its words of one letter, each of which tells things apart."""
    return sorted(word for word in text.words if len(word) == 1)


def _sounds(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def _skeleton(word: str) -> str:
    return _VOWELS.sub("", _sounds(word))


def _split(term: Reading) -> list[tuple[str, str, str]]:
    """Each word of a term with what stands before and behind it."""
    words = [str(each) for each in term.tokens]
    return [("".join(words[:n]), word, "".join(words[n + 1 :])) for n, word in enumerate(words)]


def _between(whole: str, before: str, _: str, behind: str) -> str:
    """What stands in the place of a term's word, if the rest of the term is there."""
    if whole.startswith(before) and whole.endswith(behind):
        return whole[len(before) : len(whole) - len(behind)]
    return ""
