"""Words that differ by a letter or two but are opposites or members of one series."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from content.language import split_words
from content.language.units import find_units

_NEGATIONS: Final = split_words(
    "un in im il ir non dis a an anti de mis counter contra ab mal ex re co sub super ultra semi "
    "quasi pseudo auto bi tri multi log"
)
"""Prefixes that change a word's meaning."""

_PAIRS: Final = tuple(
    (this, that)
    for this, _, that in (
        pair.partition("/")
        for pair in split_words(
            "hyper/hypo endo/exo macro/micro inter/intra inter/extra intra/extra "
            "internal/external interior/exterior min/max minimum/maximum minimal/maximal get/set "
            "on/off up/down upper/lower in/out in/ex im/ex inner/outer input/output import/export "
            "include/exclude pre/post fore/after before/after ante/post en/de over/under "
            "above/below homo/hetero mono/poly mono/di di/tri uni/multi uni/bi mono/stereo "
            "pro/anti pro/eu convex/concave ascend/descend prefix/suffix left/right north/south "
            "east/west load/upload push/pop push/pull read/write open/close start/stop begin/end "
            "first/last old/new odd/even plus/minus true/false yes/no high/low hot/cold bull/bear "
            "ab/ad ef/af e/im http/https ftp/sftp ws/wss local/global public/private "
            "static/dynamic hard/soft syn/anti cis/trans para/meta para/ortho meta/ortho "
            "super/infra supra/infra cat/an ana/cata in/de explicit/implicit major/minor "
            "more/less most/least positive/negative forward/backward parent/child server/client "
            "row/column"
        )
    )
)
"""Opposite prefixes and words."""

_ENDINGS: Final = (
    ("ate", "ite", "ide"), ("ane", "ene", "yne", "one", "ine", "ol", "al"), ("ose", "ase"),
    ("ic", "ous"), ("ium", "ine", "ide"), ("er", "ee"), ("able", "ing"), ("yl", "ol", "al"),
    ("itis", "osis"), ("ion", "ive"), ("gram", "graph"), ("meter", "metry"), ("ful", "less"),
    ("ology", "onomy"), ("phil", "phob"), ("cyte", "cide"), ("tomy", "stomy", "ectomy"),
    ("ant", "and", "end"), ("ment", "mant"), ("ar", "al"),
)  # fmt: skip
"""Endings that distinguish the members of a series, like sulfate, sulfite and sulfide."""

_MIN_WORD_LETTERS: Final = 3
"""Shorter pairs count only at the start: `in` and `on` are inside many words by chance."""

_SERIES: Final = tuple(
    frozenset(split_words(names))
    for names in (
        "january february march april may june july august september october november december",
        "monday tuesday wednesday thursday friday saturday sunday",
        "north south east west northern southern eastern western",
        "first second third fourth fifth sixth seventh eighth ninth tenth",
        "hundred thousand million billion trillion quadrillion",
        "quecto yocto zepto atto femto pico nano micro milli centi deci hecto kilo mega giga tera "
        "peta exa zetta yotta kibi mebi gibi tebi",
        "afghanistan albania algeria andorra angola argentina armenia australia austria "
        "azerbaijan bahamas bahrain bangladesh barbados belarus belgium belize benin bhutan "
        "bolivia bosnia botswana brazil brunei bulgaria burundi cambodia cameroon canada chad "
        "chile china colombia columbia comoros congo croatia cuba cyprus czechia denmark djibouti "
        "dominica ecuador egypt eritrea estonia eswatini ethiopia fiji finland france gabon "
        "gambia georgia germany ghana greece grenada guatemala guinea guyana haiti honduras "
        "hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan "
        "kazakhstan kenya kiribati kosovo kuwait kyrgyzstan laos latvia lebanon lesotho liberia "
        "libya liechtenstein lithuania luxembourg madagascar malawi malaysia maldives mali malta "
        "mauritania mauritius mexico micronesia moldova monaco mongolia montenegro morocco "
        "mozambique myanmar burma namibia nauru nepal netherlands nicaragua niger nigeria norway "
        "oman pakistan palau panama paraguay peru philippines poland portugal qatar romania "
        "russia rwanda samoa senegal serbia seychelles singapore slovakia slovenia somalia spain "
        "sudan suriname sweden switzerland syria taiwan tajikistan tanzania thailand togo tonga "
        "tunisia turkey turkmenistan tuvalu uganda ukraine uruguay uzbekistan vanuatu venezuela "
        "vietnam yemen zambia zimbabwe england scotland wales britain slavonia",
        "mercury venus earth mars jupiter saturn uranus neptune pluto",
        "red orange yellow green blue indigo violet purple black white gray brown pink",
        "float double integer string boolean",
        "helium lithium beryllium boron carbon nitrogen oxygen fluorine neon sodium magnesium "
        "aluminum silicon phosphorus sulfur chlorine argon potassium calcium scandium titanium "
        "vanadium chromium manganese iron cobalt nickel copper zinc gallium germanium arsenic "
        "selenium bromine krypton rubidium strontium yttrium zirconium niobium molybdenum "
        "technetium ruthenium rhodium palladium silver cadmium indium tin antimony tellurium "
        "iodine xenon cesium barium lanthanum cerium hafnium tantalum tungsten rhenium osmium "
        "iridium platinum gold thallium lead bismuth polonium astatine radon francium radium "
        "actinium thorium protactinium uranium neptunium plutonium americium curium",
    )
)
COUNTRIES: Final = next(names for names in _SERIES if "france" in names)


@lru_cache(maxsize=4096)
def are_opposed(one: str, other: str) -> bool:
    """Whether two folded words differ by something that changes the meaning."""
    if one == other:
        return False
    return (
        any(one in names and other in names for names in _SERIES)
        or _is_prefixed(one, other)
        or _is_prefixed(other, one)
        or any(_is_swap(one, other, *pair) or _is_swap(other, one, *pair) for pair in _PAIRS)
        or _differ_by_ending(one, other)
        or _are_different_units(one, other)
    )


def _are_different_units(one: str, other: str) -> bool:
    """Whether the two are different units, like kilograms and milligrams."""
    units, others = find_units(one), find_units(other)
    return bool(units and others and not units & others)


def _is_prefixed(longer: str, word: str) -> bool:
    """Whether one word is the other with a prefix that changes its meaning."""
    return (
        longer.endswith(word)
        and longer[: -len(word)] in _NEGATIONS
        and len(word) >= _MIN_WORD_LETTERS
    )


def _is_swap(one: str, other: str, this: str, that: str) -> bool:
    """Whether the second word is the first with `this` replaced by `that` at its start, or anywhere
    if the two are long enough."""
    if one.startswith(this) and other == that + one[len(this) :]:
        return True
    if min(len(this), len(that)) < _MIN_WORD_LETTERS:
        return False
    return any(
        one[:place] + that + one[place + len(this) :] == other
        for place in range(1, len(one))
        if one.startswith(this, place)
    )


def _differ_by_ending(one: str, other: str) -> bool:
    return any(
        one.endswith(this) and other.endswith(that) and one[: -len(this)] == other[: -len(that)]
        for endings in _ENDINGS
        for this in endings
        for that in endings
        if this != that
    )
