"""Words that a letter or two make the opposite, or another one of a row."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from content.language import row
from content.language.units import units_named

_NEGATIONS: Final = row(
    "un in im il ir non dis a an anti de mis counter contra ab mal ex re co sub super ultra semi "
    "quasi pseudo auto bi tri multi log"
)
"""Prefixes that make another word of the word behind them."""

_PAIRS: Final = tuple(
    (this, that)
    for this, _, that in (
        pair.partition("/")
        for pair in row(
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
"""Beginnings of words that are opposites, and words that are."""

_ENDINGS: Final = (
    ("ate", "ite", "ide"), ("ane", "ene", "yne", "one", "ine", "ol", "al"), ("ose", "ase"),
    ("ic", "ous"), ("ium", "ine", "ide"), ("er", "ee"), ("able", "ing"), ("yl", "ol", "al"),
    ("itis", "osis"), ("ion", "ive"), ("gram", "graph"), ("meter", "metry"), ("ful", "less"),
    ("ology", "onomy"), ("phil", "phob"), ("cyte", "cide"), ("tomy", "stomy", "ectomy"),
    ("ant", "and", "end"), ("ment", "mant"), ("ar", "al"),
)  # fmt: skip
"""Endings that tell the members of a row apart, as sulfate, sulfite and sulfide."""

_A_WORD: Final = 3
"""Letters of what makes the opposite anywhere in a word: `in` and `on` stand in many by chance."""

_ROWS: Final = tuple(
    frozenset(row(names))
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
COUNTRIES: Final = next(names for names in _ROWS if "france" in names)


@lru_cache(maxsize=4096)
def are_opposed(one: str, other: str) -> bool:
    """Whether two folded words differ by what makes another word of the one."""
    if one == other:
        return False
    return (
        any(one in names and other in names for names in _ROWS)
        or _is_prefixed(one, other)
        or _is_prefixed(other, one)
        or any(_swaps(one, other, *pair) or _swaps(other, one, *pair) for pair in _PAIRS)
        or _end_apart(one, other)
        or _measure_apart(one, other)
    )


def _measure_apart(one: str, other: str) -> bool:
    """Whether the two are different units, as kilograms and milligrams."""
    units, others = units_named(one), units_named(other)
    return bool(units and others and not units & others)


def _is_prefixed(longer: str, word: str) -> bool:
    """Whether one word is the other with a prefix that changes what it means."""
    return longer.endswith(word) and longer[: -len(word)] in _NEGATIONS and len(word) >= _A_WORD


def _swaps(one: str, other: str, this: str, that: str) -> bool:
    """Whether the second word is the first with `that` for `this` at its beginning, or anywhere
    where the two are words of their own."""
    if one.startswith(this) and other == that + one[len(this) :]:
        return True
    if min(len(this), len(that)) < _A_WORD:
        return False
    return any(
        one[:place] + that + one[place + len(this) :] == other
        for place in range(1, len(one))
        if one.startswith(this, place)
    )


def _end_apart(one: str, other: str) -> bool:
    return any(
        one.endswith(this) and other.endswith(that) and one[: -len(this)] == other[: -len(that)]
        for endings in _ENDINGS
        for this in endings
        for that in endings
        if this != that
    )
