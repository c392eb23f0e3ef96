"""Units and currencies: their names, and how they convert."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what it measures, and its size in that measure's base unit."""

    measure: str
    size: Fraction


PERCENT: Final = Unit("percent", Fraction(1, 100))
COUNT: Final = "count"
"""The measure of thousands and millions, which have no unit."""

MONEY: Final = "money "
"""The start of a currency's measure; currencies don't convert."""

_PREFIXES: Final = (
    ("quecto", "q", -30), ("yocto", "y", -24), ("zepto", "z", -21), ("atto", "a", -18),
    ("femto", "f", -15), ("pico", "p", -12), ("nano", "n", -9), ("micro", "µ", -6),
    ("micro", "u", -6), ("milli", "m", -3), ("centi", "c", -2), ("deci", "d", -1),
    ("hecto", "h", 2), ("kilo", "k", 3), ("mega", "M", 6), ("giga", "G", 9), ("tera", "T", 12),
    ("peta", "P", 15), ("exa", "E", 18), ("zetta", "Z", 21), ("yotta", "Y", 24),
)  # fmt: skip
"""Source: the SI brochure, 9th edition, table 7."""

_BINARY: Final = (("kibi", "Ki", 1), ("mebi", "Mi", 2), ("gibi", "Gi", 3), ("tebi", "Ti", 4))
"""Source: IEC 80000-13."""

_PREFIXABLE: Final[Mapping[str, tuple[str, str, int | str]]] = {
    "metre": ("length", "m", 1), "meter": ("length", "m", 1), "gram": ("mass", "g", 1),
    "gramme": ("mass", "g", 1), "second": ("time", "s", 1), "ampere": ("current", "A", 1),
    "amp": ("current", "A", 1), "kelvin": ("kelvin", "K", 1), "mole": ("amount", "mol", 1),
    "hertz": ("frequency", "Hz", 1), "newton": ("force", "N", 1), "pascal": ("pressure", "Pa", 1),
    "joule": ("energy", "J", 1), "watt": ("power", "W", 1), "watt-hour": ("energy", "Wh", 3600),
    "volt": ("voltage", "V", 1), "ohm": ("resistance", "Ω", 1), "farad": ("capacity", "F", 1),
    "tesla": ("flux", "T", 1), "litre": ("volume", "L", 1), "liter": ("volume", "l", 1),
    "byte": ("data", "B", 8), "bit": ("data", "bit", 1), "calorie": ("energy", "cal", "4.184"),
    "electronvolt": ("electron energy", "eV", 1), "sievert": ("dose", "Sv", 1),
    "becquerel": ("activity", "Bq", 1), "bar": ("pressure", "bar", 100000),
    "parsec": ("distance in space", "pc", 1), "ton": ("mass", "t", 1000000),
    "tonne": ("mass", "t", 1000000),
}  # fmt: skip
_PLAIN: Final = (
    ("time", 60, "minute min mins"), ("time", 3600, "hour h hr hrs"), ("time", 1, "sec secs"),
    ("time", "0.001", "msec msecs"), ("time", 86400, "day d"), ("time", 604800, "week wk wks"),
    ("months", 1, "month mo mos"), ("months", 12, "year yr yrs y"), ("months", 120, "decade"),
    ("months", 1200, "century centuries"),
    ("length", "0.0254", "inch inches in"), ("length", "0.3048", "foot feet ft"),
    ("length", "0.9144", "yard yd"), ("length", "1609.344", "mile mi"),
    ("mass", 1000, "kilo"),
    ("mass", "453.59237", "pound lb lbs"), ("mass", "28.349523125", "ounce oz"),
    ("celsius", 1, "°c c celsius centigrade"), ("fahrenheit", 1, "°f f fahrenheit"),
    ("angle", 1, "° degree deg"), ("angle in radians", 1, "radian rad"),
    ("speed", "3.6", "m/s"), ("speed", 1, "km/h kmh kph"), ("speed", "1.609344", "mph"),
    ("data rate", 1, "bit/s bps"), ("data rate", 1000, "kbit/s kbps"),
    ("data rate", 1000000, "mbit/s mbps"), ("data rate", 1000000000, "gbit/s gbps"),
    ("data", 8 * 10**9, "gig"), ("data", 8 * 10**6, "meg"), ("rotation", 1, "rpm"),
    ("frames", 1, "fps"),
    ("pixels", 1, "pixel px"), ("points", 1, "point pt pts"), ("energy", 3600, "watthour"),
    ("energy", 3600000, "kilowatthour"), ("area", 10000, "hectare ha"),
    ("area", "4046.8564224", "acre"), ("volume", "3.785411784", "gallon gal"),
    (COUNT, 1000, "k thousand"), (COUNT, 10**6, "M mio mn mil million"),
    (COUNT, 10**9, "bn billion"), (COUNT, 10**12, "trillion"), (COUNT, 12, "dozen"),
    ("percent", "0.01", "% percent pct"), ("percent", "0.001", "‰ permille"),
    ("percentage points", 1, "pp"),
)  # fmt: skip
_CURRENCIES: Final = (
    ("usd", "$ dollar usd us$ buck"), ("eur", "€ euro eur"), ("gbp", "£ pound gbp quid sterling"),
    ("jpy", "¥ yen jpy"), ("inr", "₹ rupee inr"), ("chf", "franc chf"), ("cny", "yuan cny rmb"),
    ("cent", "¢ cent"), ("btc", "₿ bitcoin btc"), ("rub", "₽ ruble rouble rub"),
    ("krw", "₩ won krw"), ("pence", "pence penny"), ("brl", "real brl"), ("cad", "cad"),
    ("aud", "aud"), ("mxn", "peso mxn"), ("pln", "zloty zł pln"), ("sek", "krona sek"),
)  # fmt: skip
SIGNS: Final = "$€£¥₹¢₿₽₩"
"""Currency signs, which can come before a number."""


def _list_units() -> Iterator[tuple[str, Unit]]:
    for name, (measure, symbol, size) in _PREFIXABLE.items():
        base = Unit(measure, Fraction(size))
        for spelled in (name, f"{name}s", symbol):
            yield spelled, base
        for prefix, short, power in _PREFIXES:
            unit = Unit(measure, base.size * Fraction(10) ** power)
            for spelled in (f"{prefix}{name}", f"{prefix}{name}s", f"{short}{symbol}"):
                yield spelled.replace("-", ""), unit
    for prefix, short, power in _BINARY:
        unit = Unit("data", Fraction(8 * 1024**power))
        yield from ((f"{prefix}byte", unit), (f"{prefix}bytes", unit), (f"{short}B", unit))
    for measure, size, names in _PLAIN:
        for name in names.split():
            yield name, Unit(measure, Fraction(size))
            yield f"{name}s", Unit(measure, Fraction(size))
    for currency, names in _CURRENCIES:
        for name in names.split():
            yield name, Unit(f"{MONEY}{currency}", Fraction(1))
            yield f"{name}s", Unit(f"{MONEY}{currency}", Fraction(1))


@cache
def _tables() -> tuple[Mapping[str, frozenset[Unit]], Mapping[str, frozenset[Unit]]]:
    """Units by exact spelling, and by lowercase spelling, which may be ambiguous (mW, MW)."""
    written: defaultdict[str, set[Unit]] = defaultdict(set)
    lowercase: defaultdict[str, set[Unit]] = defaultdict(set)
    for name, unit in _list_units():
        written[name].add(unit)
        lowercase[name.casefold()].add(unit)
    return (
        MappingProxyType({name: frozenset(units) for name, units in written.items()}),
        MappingProxyType({name: frozenset(units) for name, units in lowercase.items()}),
    )


def find_units(name: str) -> frozenset[Unit]:
    """The units that a name or symbol can mean; none if it's unknown."""
    written, lowercase = _tables()
    return written.get(name) or lowercase.get(name.casefold(), frozenset())
