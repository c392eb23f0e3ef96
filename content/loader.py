"""Loading packs: a broken one lists all its problems at once, and a valid one loads fast."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pydantic

from content.files import BrokenPack, Problem, read_file
from content.journal import reading
from content.model import NotesFile, Pack, PackFile, QuestionsFile

_HERE = Path(__file__).parent
_READER_MODULES = [
    _HERE / f"{name}.py" for name in ("model", "files", "documents", "assembling", "loader")
]
"""The modules that decide how a pack's files are read: when one changes, the cache is stale."""

__all__ = ["BrokenPack", "build_schemas", "count_findings", "find_pack", "list_bundled", "load"]


def list_bundled() -> list[Path]:
    """The folders of the packs that come with Studyhall."""
    return sorted(path.parent for path in _HERE.glob("*/pack.yaml"))


def find_pack(name: str) -> Path:
    """The folder of a pack, given a bundled pack's name or a path; raises BrokenPack."""
    known = {folder.name: folder for folder in list_bundled()}
    if name in known:
        return known[name]
    if absent := _explain_absence(Path(name)):
        hint = f"use a pack's folder or one of: {', '.join(known)}"
        raise BrokenPack([Problem(name, 1, 1, f"{absent}; {hint}")])
    return Path(name)


def load(folder: Path, *, cache: Path | None) -> Pack:
    """The pack in a folder; raises BrokenPack with all its problems.

    `cache` is a folder for valid packs in a form that loads about ten times faster. With None,
    nothing is cached.
    """
    if absent := _explain_absence(folder):
        raise BrokenPack([Problem(str(folder), 1, 1, f"{absent}; use a pack's folder")])
    with reading(folder):
        return _load(folder, cache)


def _load(folder: Path, cache: Path | None) -> Pack:
    if cache is None:
        return _assemble(folder)
    fingerprint = _fingerprint(folder)
    cached = _cache_file(cache, folder, "json")
    if fingerprint and (body := _read_cache(cached, fingerprint)):
        with suppress(ValueError):
            return Pack.model_validate_json(body)
    pack = _assemble(folder)
    # A file edited during loading must not be cached under its former fingerprint.
    if fingerprint and fingerprint == _fingerprint(folder):
        _write_cache(cached, fingerprint, pack.model_dump_json())
    return pack


def count_findings(folder: Path, pack: Pack, *, cache: Path) -> int:
    """The number of quality findings in a pack that was loaded from a folder.

    Checking takes longer than loading, so the count is cached too.
    """
    fingerprint = _fingerprint(folder, sorted(_HERE.rglob("*.py")))
    cached = _cache_file(cache, folder, "findings")
    if fingerprint and (body := _read_cache(cached, fingerprint)):
        with suppress(ValueError):
            return int(body)
    from content.quality import examine

    found = len(examine(pack).findings)
    if fingerprint:
        _write_cache(cached, fingerprint, str(found))
    return found


def build_schemas() -> dict[str, Any]:
    """JSON Schemas of a pack's files, by file name."""
    return {
        "pack.yaml": PackFile.model_json_schema(),
        "notes/*.yaml": NotesFile.model_json_schema(),
        "questions/*.yaml": QuestionsFile.model_json_schema(),
    }


def _assemble(folder: Path) -> Pack:
    # A cached pack needs no YAML library, so importing it late keeps start-up fast.
    from content.assembling import assemble

    return assemble(folder)


def _explain_absence(folder: Path) -> str | None:
    """Why a path isn't a folder; None if it is."""
    try:
        if folder.is_dir():
            return None
        return "this isn't a folder" if folder.exists() else "this doesn't exist"
    except OSError as error:
        return f"this can't be opened ({error.strerror})"


def _digest(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _cache_file(cache: Path, folder: Path, kind: str) -> Path:
    """The cache file of one kind for the pack in a folder."""
    return cache / f"{_digest(os.fsencode(folder.resolve()))}.{kind}"


def _fingerprint(folder: Path, readers: Sequence[Path] = _READER_MODULES) -> str | None:
    """A hash of a pack's files and of the modules that read them; None if a file is unreadable."""
    parts = [pydantic.VERSION.encode()]
    parts += [reader.read_bytes() for reader in readers]
    for path in [folder / "pack.yaml", *sorted(folder.glob("[nq]*/*.yaml"))]:
        raw, problem = read_file(path, folder, "")
        if raw is None or problem:
            return None
        parts += [os.fsencode(path.relative_to(folder)), raw]
    return _digest(*parts)


def _read_cache(cached: Path, fingerprint: str) -> bytes | None:
    try:
        head, _, body = cached.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if head == fingerprint.encode() else None


def _write_cache(cached: Path, fingerprint: str, body: str) -> None:
    """Write a cache file atomically; if that fails, the pack only loads slower."""
    with suppress(OSError):
        cached.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=cached.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(f"{fingerprint}\n{body}".encode())
            Path(name).replace(cached)
        finally:
            Path(name).unlink(missing_ok=True)
