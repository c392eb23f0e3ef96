"""Make the lists of words and given names in content/language/, from what two packages ship.

    apt-get download scowl && dpkg-deb -x scowl_*.deb scowl
    pip download --no-deps --no-binary :all: names==0.3.0 && tar xf names-0.3.0.tar.gz
    python tools/word_list.py scowl/usr/share/dict/scowl names-0.3.0/names

content/language/words.md says under which licences, and has to be kept beside the lists.
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
"""Up to which of SCOWL's sizes: larger ones have words so rare that a slip hits one by chance."""

GIVEN_NAMES = {"female": 1200, "male": 1200}
"""How many, by how many people in the United States had them in 1990."""

SHORTEST = 4
"""Letters of a word at least: shorter ones are never mended."""


def folded(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.strip().lower())
    return "".join(each for each in plain if not unicodedata.combining(each))


def words(folder: Path, sizes: Mapping[str, int]) -> Iterator[str]:
    for category, largest in sizes.items():
        for spelling in SPELLINGS:
            for file in folder.glob(f"{spelling}-{category}.*"):
                if int(file.suffix[1:]) <= largest:
                    yield from map(folded, file.read_text(encoding="latin-1").split("\n"))


def given_names(folder: Path) -> Iterator[str]:
    for sex, count in GIVEN_NAMES.items():
        lines = (folder / f"dist.{sex}.first").read_text(encoding="ascii").splitlines()
        yield from (line.split()[0].lower() for line in lines[:count])


def write(name: str, found: Iterable[str]) -> None:
    kept = "\n".join(sorted(found)).encode("ascii")
    file = OUT / name
    file.write_bytes(lzma.compress(kept, preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{file}: {len(kept.split()):,} words, {file.stat().st_size:,} bytes\n")


def main(scowl: str, names: str) -> None:
    known: set[str] = set()
    for name, sizes in SIZES.items():
        found = {w for w in words(Path(scowl), sizes) if re.fullmatch(rf"[a-z]{{{SHORTEST},}}", w)}
        # A plural is found by its singular, which keeps the file small.
        found -= known | {word for word in found if word.endswith("s") and word[:-1] in found}
        write(f"{name}.txt.xz", found)
        known |= found
    write("given_names.txt.xz", set(given_names(Path(names))))


if __name__ == "__main__":
    main(*sys.argv[1:])
