"""Where notes come from: a file, several files, a folder or a zip."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from content.files import BrokenPack, Problem
from content.importing.lines import Omission

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd", ".txt")
MAX_FILE_BYTES = 5_000_000
MAX_BYTES, MAX_FILES, MAX_RATIO = 20_000_000, 500, 100
"""Of a folder or zip; the ratio is of unpacked to packed bytes."""

INDEX_NAMES = ("index", "_index", "readme", "summary", "toc", "contents", "_sidebar", "home")
_SIGNATURES = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\xd0\xcf\x11\xe0": "an Office file",
    b"{\\rtf": "an RTF file",
}
_NOTION_ID = re.compile(r"\s+[0-9a-f]{32}$")
_NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class NoteFile:
    """A file of notes: its path among the others, or nothing if it's the only one."""

    name: str
    raw: bytes
    title: str

    @property
    def is_index(self) -> bool:
        """Whether its name says that it lists the others."""
        return PurePosixPath(self.name).stem.casefold() in INDEX_NAMES


@dataclass(slots=True)
class Source:
    """The files of notes in their order, and the files that weren't read."""

    title: str
    files: list[NoteFile] = field(default_factory=list)
    left_out: list[Omission] = field(default_factory=list)


def collect(paths: Sequence[Path]) -> Source:
    """Find the notes; raises BrokenPack if there are none, or they're too large or unreadable."""
    first = paths[0]
    if len(paths) == 1 and _is_zip(first):
        return _finish(Source(_read_title(first.name)), _read_zip(first), first)
    if len(paths) == 1 and not first.is_dir():
        raw = _read(first)
        _refuse_other_formats(first, raw)
        return Source(_read_title(first.name), [NoteFile("", raw, _read_title(first.name))])
    source = Source(_read_title(first.resolve().name if len(paths) == 1 else first.name))
    return _finish(source, _read_all(paths), first)


def fail(path: Path | str, message: str) -> BrokenPack:
    """The error for notes that can't be read."""
    return BrokenPack([Problem(str(path), 1, 1, message)])


def _is_zip(path: Path) -> bool:
    return path.suffix.casefold() == ".zip" and path.is_file()


def _read(path: Path) -> bytes:
    try:
        if (size := path.stat().st_size) > MAX_FILE_BYTES:
            raise fail(path, _describe_size(size, MAX_FILE_BYTES, "split the file"))
        return path.read_bytes()
    except OSError as error:
        raise fail(path, f"can't read the notes: {error.strerror}") from None


def _describe_size(size: int, limit: int, advice: str) -> str:
    return f"the notes have {size / 1e6:.1f} MB, and the limit is {limit / 1e6:.0f} MB; {advice}"


def _refuse_other_formats(path: Path, raw: bytes) -> None:
    kind = next((kind for mark, kind in _SIGNATURES.items() if raw.startswith(mark)), "")
    if raw.startswith(b"PK\x03\x04"):
        kind = "a zip or Office file"
    if kind:
        raise fail(path, f"this is {kind}, not Markdown; save the notes as text first")


def _read_all(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """The files of several paths; hidden ones and links that lead outside aren't read."""
    for path in paths:
        if not path.is_dir():
            yield path.name, _read(path)
            continue
        root = path.resolve()
        for file in sorted(path.rglob("*")):
            name = file.relative_to(path).as_posix()
            if not _is_hidden(name) and file.is_file() and file.resolve().is_relative_to(root):
                yield name, (_read(file) if _is_note(name) else b"")


def _read_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            entries = [
                entry
                for entry in archive.infolist()
                if not entry.is_dir() and not _is_hidden(entry.filename)
            ]
            notes = [entry for entry in entries if _is_note(entry.filename)]
            size = sum(entry.file_size for entry in notes)
            packed = sum(entry.compress_size for entry in notes)
            if size > MAX_BYTES:
                raise fail(path, _describe_size(size, MAX_BYTES, "split the zip"))
            if size > MAX_RATIO * max(packed, 1):
                raise fail(path, f"it unpacks to over {MAX_RATIO} times its size; zip it again")
            root = _find_root([entry.filename for entry in entries])
            for entry in entries:
                raw = _unpack(archive, entry) if entry in notes else b""
                yield entry.filename.removeprefix(root), raw
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise fail(path, f"can't unpack this zip ({error}); zip the notes again") from None
    except OSError as error:
        raise fail(path, f"can't read the notes: {error.strerror}") from None


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes; what a zip says of its sizes isn't believed."""
    with archive.open(entry) as file:
        raw = file.read(entry.file_size + 1)
    if len(raw) > entry.file_size:
        raise zipfile.BadZipFile(f"{entry.filename} is larger than it says")
    return raw


def _find_root(names: Sequence[str]) -> str:
    """The folder that holds everything, as zips made of a folder have."""
    roots = {name.partition("/")[0] for name in names}
    return f"{roots.pop()}/" if len(roots) == 1 and all("/" in name for name in names) else ""


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith((".", "__MACOSX")) or part == "node_modules" for part in parts)


def _is_note(name: str) -> bool:
    return name.casefold().endswith(SUFFIXES)


def _read_title(name: str) -> str:
    """A file's name as a title, without the id that Notion adds."""
    stem = PurePosixPath(name).stem if _is_note(name) or name.endswith(".zip") else name
    return _NOTION_ID.sub("", stem).strip() or name


def _finish(source: Source, found: Iterable[tuple[str, bytes]], path: Path) -> Source:
    """The source with its notes in order, and the other files listed."""
    size = 0
    for name, raw in found:
        if not _is_note(name):
            nested = name.casefold().endswith(".zip")
            why = "a zip within the notes; import it by itself" if nested else "not Markdown"
            source.left_out.append(Omission(1, name, why, name))
            continue
        size += len(raw)
        source.files.append(NoteFile(name, raw, _read_title(PurePosixPath(name).name)))
        if size > MAX_BYTES:
            raise fail(path, _describe_size(size, MAX_BYTES, "import a part of it"))
        if len(source.files) > MAX_FILES:
            raise fail(path, f"there are over {MAX_FILES} files of notes; import a part of them")
    if not source.files:
        raise fail(path, f"there are no notes here; name files in one of {', '.join(SUFFIXES)}")
    _order(source.files)
    return source


def _order(files: list[NoteFile]) -> None:
    """Sort files by their numbers; without numbers, as the index links them."""
    rest = [file for file in files if not file.is_index]
    numbered = sum(bool(re.match(r"\D{0,12}\d", PurePosixPath(each.name).name)) for each in rest)
    linked: dict[str, int] = {}
    if 2 * numbered < len(rest):
        for index in (file for file in files if file.is_index):
            text = index.raw.decode(errors="replace")
            places = {file.name: _find_link(text, file.name, index.name) for file in rest}
            linked |= {name: place for name, place in places.items() if place >= 0}
    files.sort(
        key=lambda file: (
            _split_numbers(str(PurePosixPath(file.name).parent)) if not linked else [],
            not file.is_index,
            linked.get(file.name, float("inf")),
            _split_numbers(file.name),
        )
    )


def _find_link(text: str, name: str, index: str) -> int:
    """Where an index links a file, or -1."""
    path, folder = PurePosixPath(name), PurePosixPath(index).parent
    within = path.relative_to(folder) if path.is_relative_to(folder) else path
    spellings = [str(within), str(within.with_suffix("")), path.stem]
    marks = [
        mark
        for each in dict.fromkeys(spellings)
        for spelled in {each, each.replace(" ", "%20")}
        for mark in (
            f"({spelled})",
            f"(./{spelled})",
            f"({spelled}#",
            f"[[{spelled}]]",
            f"[[{spelled}|",
        )
    ]
    return min((place for mark in marks if (place := text.find(mark)) >= 0), default=-1)


def _split_numbers(name: str) -> list[tuple[int, str]]:
    """A key that sorts `2` before `10`."""
    return [
        (int(part), "") if part.isascii() and part.isdigit() else (-1, part.casefold())
        for part in _NUMBER.split(name)
        if part
    ]
