"""Loading packs: everything that is wrong with one is told at once, and a good one loads fast."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pydantic

from content.files import BrokenPack, Problem, read
from content.model import NotesFile, Pack, PackFile, QuestionsFile

_HERE = Path(__file__).parent
_READERS = [
    _HERE / f"{name}.py" for name in ("model", "files", "documents", "assembling", "loader")
]
"""The modules on which it depends what a pack's files are read as."""

__all__ = ["BrokenPack", "bundled", "count_findings", "find", "load", "schema"]


def bundled() -> list[Path]:
    """Folders of the packs that come with Studyhall."""
    return sorted(path.parent for path in _HERE.glob("*/pack.yaml"))


def find(name: str) -> Path:
    """The folder of a pack, named as a bundled one or by its path; raises BrokenPack."""
    known = {folder.name: folder for folder in bundled()}
    if name in known:
        return known[name]
    if absent := _absent(Path(name)):
        known_ones = ", ".join(known)
        raise BrokenPack([Problem(name, 1, 1, f"{absent}; name a pack's folder or: {known_ones}")])
    return Path(name)


def load(folder: Path, *, cache: Path | None) -> Pack:
    """The pack in a folder; raises BrokenPack with everything that is wrong with it.

    `cache` is a folder in which a valid pack is kept in a form that loads about ten times faster;
    None does without.
    """
    if absent := _absent(folder):
        raise BrokenPack([Problem(str(folder), 1, 1, f"{absent}; name a pack's folder")])
    if cache is None:
        return _read(folder)
    fingerprint = _fingerprint(folder)
    kept = _kept(cache, folder, "json")
    if fingerprint and (body := _recall(kept, fingerprint)):
        with suppress(ValueError):
            return Pack.model_validate_json(body)
    pack = _read(folder)
    # A file edited while the pack was read must not be remembered under its former contents.
    if fingerprint and fingerprint == _fingerprint(folder):
        _keep(kept, fingerprint, pack.model_dump_json())
    return pack


def count_findings(folder: Path, pack: Pack, *, cache: Path) -> int:
    """How much the quality check finds wrong with the pack that was loaded from a folder.

    Checking takes longer than loading, so the count is kept in the `cache`, too.
    """
    fingerprint = _fingerprint(folder, sorted(_HERE.rglob("*.py")))
    kept = _kept(cache, folder, "findings")
    if fingerprint and (body := _recall(kept, fingerprint)):
        with suppress(ValueError):
            return int(body)
    from content.quality import examine

    found = len(examine(pack).findings)
    if fingerprint:
        _keep(kept, fingerprint, str(found))
    return found


def schema() -> dict[str, Any]:
    """JSON Schemas of a pack's files, by file name."""
    return {
        "pack.yaml": PackFile.model_json_schema(),
        "notes/*.yaml": NotesFile.model_json_schema(),
        "questions/*.yaml": QuestionsFile.model_json_schema(),
    }


def _read(folder: Path) -> Pack:
    # Reading YAML takes a library that a cached pack does without, and start-up is felt.
    from content.assembling import assemble

    return assemble(folder)


def _absent(folder: Path) -> str | None:
    """Why there is no folder at a path, if there is none."""
    try:
        if folder.is_dir():
            return None
        return "this is not a folder" if folder.exists() else "this is not there"
    except OSError as error:
        return f"this cannot be opened ({error.strerror})"


def _digest(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _kept(cache: Path, folder: Path, kind: str) -> Path:
    """Where the cache keeps something of the pack in a folder."""
    return cache / f"{_digest(os.fsencode(folder.resolve()))}.{kind}"


def _fingerprint(folder: Path, readers: Sequence[Path] = _READERS) -> str | None:
    """A digest of a pack's files and of what reads them; None if a file is unreadable."""
    parts = [pydantic.VERSION.encode()]
    parts += [reader.read_bytes() for reader in readers]
    for path in [folder / "pack.yaml", *sorted(folder.glob("[nq]*/*.yaml"))]:
        raw, problem = read(path, folder, "")
        if raw is None or problem:
            return None
        parts += [os.fsencode(path.relative_to(folder)), raw]
    return _digest(*parts)


def _recall(kept: Path, fingerprint: str) -> bytes | None:
    try:
        head, _, body = kept.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if head == fingerprint.encode() else None


def _keep(kept: Path, fingerprint: str, body: str) -> None:
    """Write the cache as a whole or not at all; without one the pack only loads slower."""
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=kept.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(f"{fingerprint}\n{body}".encode())
            Path(name).replace(kept)
        finally:
            Path(name).unlink(missing_ok=True)
