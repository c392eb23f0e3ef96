"""Reading numbers, letters of any script, and words in their usual spellings."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from content.language.folding import fold_word, normalize_signs
from content.language.numbers import format_number, read_number, read_roman, read_words
from content.language.opposites import are_opposed
from content.language.plural import count
from content.language.reading import are_equivalent, canonicalize
from content.language.spelling import is_variant
from content.language.units import find_units
from content.language.words import is_given_name, is_name, is_word

decimals = st.decimals(-(10**12), 10**12, allow_nan=False, places=6).map(Fraction)


@given(decimals)
def test_a_formatted_number_reads_back(value: Fraction) -> None:
    assert read_number(format_number(value)) == value


@given(st.fractions(-(10**6), 10**6, max_denominator=999))
def test_a_fraction_reads_as_its_value(value: Fraction) -> None:
    assert are_equivalent(f"{value.numerator}/{value.denominator}", format_number(value))


@given(st.integers(0, 10**12))
def test_grouping_doesnt_change_a_number(value: int) -> None:
    for grouped in (f"{value:,}", f"{value:_}", f"{value:,}".replace(",", " ")):
        assert read_number(grouped) == value


@given(st.integers(1, 3999))
def test_roman_numerals_read_back(value: int) -> None:
    digits = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L")]
    digits += [(40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    roman, rest = "", value
    for size, letters in digits:
        roman += letters * (rest // size)
        rest %= size
    read = read_roman(roman, after_word=True)
    assert read == value or (read is None and len(roman) < 4 and set(roman) & set("CDM"))


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("zero", 0),
        ("seventeen", 17),
        ("forty two", 42),
        ("one hundred", 100),
        ("two thousand and six", 2006),
        ("three hundred twenty one thousand five", 321005),
        ("one million", 10**6),
        ("thousand", 1000),
    ],
)
def test_number_words_are_read_to_their_end(words: str, value: int) -> None:
    assert read_words(words.split()) == (Fraction(value), len(words.split()))
    assert read_words(["many"]) is None
    assert read_words(["five", "six"]) == (Fraction(5), 1)


@given(st.text(max_size=40))
def test_folding_is_idempotent(text: str) -> None:
    assert normalize_signs(normalize_signs(text)) == normalize_signs(text)
    assert fold_word(fold_word(text)) == fold_word(text)


@given(st.text(max_size=40))
def test_a_text_is_equivalent_to_itself(text: str) -> None:
    assume(canonicalize(text))
    assert are_equivalent(text, text)
    assert are_equivalent(text, f"  {text} ")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("José", "Jose", True),
        ("Łódź", "Lodz", True),
        ("İstanbul", "istanbul", True),
        ("Straße", "strasse", True),
        ("ｶﾀｶﾅ", "カタカナ", True),
        ("مُحَمَّد", "محمد", True),
        ("の", "ノ", True),
        ("はし", "ばし", False),
        ("में", "मैं", False),
        ("й", "и", False),
        ("co\u00adoperate", "cooperate", True),
        ("😀", "😢", False),
    ],
)
def test_accents_are_optional_in_latin_and_marks_are_letters_elsewhere(
    one: str, other: str, same: bool
) -> None:
    assert are_equivalent(one, other) is same


def test_units_are_found_by_name_and_symbol_and_differ_by_size() -> None:
    assert find_units("km") == find_units("kilometres") == find_units("kilometers")
    assert find_units("mW") != find_units("MW")
    assert find_units("mw") == find_units("mW") | find_units("MW")
    assert find_units("parsnip") == frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [("colour", "color"), ("analyses", "analysis"), ("wolf", "wolves"), ("licence", "license"),
     ("modelling", "modeling"), ("theatres", "theater"), ("criteria", "criterion")],
)  # fmt: skip
def test_spellings_of_a_word_are_variants(one: str, other: str) -> None:
    assert is_variant(one, other)
    assert is_variant(other, one)


def test_words_that_only_look_like_plurals_are_not_variants() -> None:
    assert not is_variant("new", "news")
    assert not is_variant("physic", "physics")
    assert not is_variant("a", "as")


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(1, "member", "1 member"), (0, "member", "0 members"), (2000, "day", "2,000 days"),
     (1, "entry", "1 entry"), (3, "entry", "3 entries"), (2, "match", "2 matches"),
     (2, "right answer", "2 right answers"), (5, "quiz box", "5 quiz boxes")],
)  # fmt: skip
def test_a_number_takes_its_noun_in_the_singular_or_the_plural(
    number: int, noun: str, text: str
) -> None:
    assert count(number, noun) == text
    assert count(1, "person", "people") == "1 person"
    assert count(2, "person", "people") == "2 people"


@pytest.mark.parametrize(
    ("one", "other"),
    [("supervised", "unsupervised"), ("hypothermia", "hyperthermia"), ("macro", "micro"),
     ("set", "get"), ("online", "offline"), ("http", "https"), ("zambia", "gambia"),
     ("sulfate", "sulfite"), ("kilo", "milli"), ("june", "july"), ("inputs", "outputs")],
)  # fmt: skip
def test_opposites_and_members_of_a_series_are_opposed(one: str, other: str) -> None:
    assert are_opposed(one, other)
    assert are_opposed(other, one)
    assert not are_opposed(one, one)


def test_words_and_names_are_told_apart() -> None:
    assert is_word("variants")
    assert is_word("sulfite")
    assert not is_word("hyperparamter")
    assert is_name("manet")
    assert not is_word("monet")
    assert is_given_name("marie")


def test_the_word_lists_are_small_and_load_on_first_use() -> None:
    code = (
        "from content.language import words\n"
        "import bot.engine.desk, bot.engine.kinds\n"
        "assert words._load_list.cache_info().currsize == 0\n"
        "words.is_word('variants')\n"
        "assert words._load_list.cache_info().currsize == 1\n"
        "sizes = [file.stat().st_size for file in words._HERE.glob('*.xz')]\n"
        "assert len(sizes) == 3 and sum(sizes) < 300_000, sizes\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
