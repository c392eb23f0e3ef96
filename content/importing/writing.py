"""Writes a pack's files after an import: all or none of them, with hand-edited ones backed up."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from content import loader
from content.assembling import assemble_data
from content.files import BrokenPack, Problem
from content.importing.record import RECORD_FILE, ImportRecord, write_record
from content.journal import commit, staging
from content.model import Pack
from content.yaml_files import dump, parse

_LINE = re.compile(r" *line: (\d+)")
"""Where a note in a pack's file says its line in the imported notes."""


def write_pack(
    out: Path,
    source: str,
    files: Mapping[str, Any],
    former: Iterable[str],
    record: ImportRecord,
) -> tuple[Pack, list[str]]:
    """Exchange the files that changed, by name, and remove the `former` ones that aren't among
    them, once the pack that they make is valid. Returns the pack and the names of the hand-edited
    files that were backed up.

    Raises BrokenPack, with lines of the `source`, and OSError.
    """
    digests, record.files, backed_up = record.files, {}, []
    gone = [name for name in former if name not in files and (out / name).is_file()]
    with staging(out) as new:
        for name in (*files, *gone):
            old = (out / name).read_bytes() if (out / name).is_file() else None
            if name in files and old is not None and parse(out / name) == files[name]:
                record.files[name] = digests.get(name, "")
                _write(new / name, old)
                continue
            if old is not None and _digest(old) != digests.get(name):
                _write(new / f"{name}.bak", old)
                backed_up.append(name)
            if name in files:
                raw = dump(files[name]).encode()
                record.files[name] = _digest(raw)
                _write(new / name, raw)
        _write(new / RECORD_FILE, write_record(record))
        pack = assemble_data(files) or _load(new, source)
        for path in [*new.rglob("*")]:
            same = out / path.relative_to(new)
            if path.is_file() and same.is_file() and path.read_bytes() == same.read_bytes():
                path.unlink()
        commit(out, new, gone)
    return pack, backed_up


def _load(new: Path, source: str) -> Pack:
    """Read the files back, to say where they're broken."""
    try:
        return loader.load(new, cache=None)
    except BrokenPack as broken:
        raise BrokenPack([_in_notes(each, new, source) for each in broken.problems]) from None


def _write(path: Path, raw: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)


def _in_notes(problem: Problem, new: Path, source: str) -> Problem:
    """A problem with a file that nobody has seen, at the line of the notes that it's about."""
    file = new / Path(problem.file).relative_to(new)
    text = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    above, below = text[: problem.line - 1], text[problem.line - 1 :]
    found = (_LINE.fullmatch(each) for each in (*below, *reversed(above)))
    line = next((int(each[1]) for each in found if each), 1)
    return Problem(source, line, 1, f"this would break the pack: {problem.message}")


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
