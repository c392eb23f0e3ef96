"""Build the lists of words and given names in content/language/ from two packages.

    apt-get download scowl && dpkg-deb -x scowl_*.deb scowl
    pip download --no-deps --no-binary :all: names==0.3.0 && tar xf names-0.3.0.tar.gz
    python tools/word_list.py scowl/usr/share/dict/scowl names-0.3.0/names

content/language/words.md has their licenses and must stay next to the lists.
"""

from __future__ import annotations

import lzma
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

OUT = Path(__file__).parents[1] / "content" / "language"
SPELLINGS = ("english", "american", "british")
SIZES = {"words": {"words": 70}, "names": {"upper": 70, "proper-names": 50}}
"""The largest SCOWL size of each category: rarer words are more often typos."""

GIVEN_NAMES = {"female": 1200, "male": 1200}
"""How many to take, most frequent first (United States, 1990)."""

MIN_WORD_LETTERS = 4
"""Typos in shorter words are never corrected."""


def fold(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.strip().lower())
    return "".join(each for each in plain if not unicodedata.combining(each))


def words(folder: Path, sizes: Mapping[str, int]) -> Iterator[str]:
    for category, largest in sizes.items():
        for spelling in SPELLINGS:
            for file in folder.glob(f"{spelling}-{category}.*"):
                if int(file.suffix[1:]) <= largest:
                    yield from map(fold, file.read_text(encoding="latin-1").split("\n"))


def given_names(folder: Path) -> Iterator[str]:
    for sex, count in GIVEN_NAMES.items():
        lines = (folder / f"dist.{sex}.first").read_text(encoding="ascii").splitlines()
        yield from (line.split()[0].lower() for line in lines[:count])


def write(name: str, found: Iterable[str]) -> None:
    text = "\n".join(sorted(found)).encode("ascii")
    file = OUT / name
    file.write_bytes(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{file}: {len(text.split()):,} words, {file.stat().st_size:,} bytes\n")


def main(scowl: str, names: str) -> None:
    known: set[str] = set()
    for name, sizes in SIZES.items():
        found = {
            w
            for w in words(Path(scowl), sizes)
            if re.fullmatch(rf"[a-z]{{{MIN_WORD_LETTERS},}}", w)
        }
        # The singular stands for its plural, which keeps the file small.
        found -= known | {word for word in found if word.endswith("s") and word[:-1] in found}
        write(f"{name}.txt.xz", found)
        known |= found
    write("given_names.txt.xz", set(given_names(Path(names))))


if __name__ == "__main__":
    main(*sys.argv[1:])
