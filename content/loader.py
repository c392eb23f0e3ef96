"""Loading packs: everything that is wrong with one is told at once, and a good one loads fast."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pydantic

from content.files import BrokenPack, Problem, read
from content.model import NotesFile, Pack, PackFile, QuestionsFile

_HERE = Path(__file__).parent
_READERS = ("model", "files", "documents", "assembling", "loader")
"""The modules on which it depends what a pack's files are read as."""

__all__ = ["BrokenPack", "bundled", "find", "load", "schema"]


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
    kept = cache / f"{_digest(os.fsencode(folder.resolve()))}.json"
    if fingerprint and (pack := _recall(kept, fingerprint)):
        return pack
    pack = _read(folder)
    # A file edited while the pack was read must not be remembered under its former contents.
    if fingerprint and fingerprint == _fingerprint(folder):
        _keep(kept, fingerprint, pack)
    return pack


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


def _fingerprint(folder: Path) -> str | None:
    """A digest of a pack's files and of what reads them; None if a file is unreadable."""
    parts = [pydantic.VERSION.encode()]
    parts += [(_HERE / f"{name}.py").read_bytes() for name in _READERS]
    for path in [folder / "pack.yaml", *sorted(folder.glob("[nq]*/*.yaml"))]:
        raw, problem = read(path, folder, "")
        if raw is None or problem:
            return None
        parts += [os.fsencode(path.relative_to(folder)), raw]
    return _digest(*parts)


def _recall(kept: Path, fingerprint: str) -> Pack | None:
    try:
        head, _, body = kept.read_bytes().partition(b"\n")
        return Pack.model_validate_json(body) if head.decode() == fingerprint else None
    except (OSError, ValueError):
        return None


def _keep(kept: Path, fingerprint: str, pack: Pack) -> None:
    """Write the cache as a whole or not at all; without one the pack only loads slower."""
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=kept.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(f"{fingerprint}\n{pack.model_dump_json()}".encode())
            Path(name).replace(kept)
        finally:
            Path(name).unlink(missing_ok=True)
