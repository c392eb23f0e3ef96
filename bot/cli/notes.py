"""`studyhall pack import` and `review`: make a pack from study notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.shared import USAGE, AsJson, print_json, progress, reporting_problems

if TYPE_CHECKING:
    from content.importing.ledger import AuditLine

app = typer.Typer()


@app.command("import")
def import_pack(
    notes: Annotated[
        list[Path],
        typer.Argument(help="Study notes in Markdown: files, a folder or a zip.", metavar="NOTES"),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for the pack: a new one, or an earlier import.")
    ],
    add: Annotated[bool, typer.Option("--add", help="Add the notes to those in the pack.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace all notes in the pack by these.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of the notes (default: recognized).")
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="Show what became of each line of the notes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a pack from study notes, or update it after you edit them. Notes with the name, the
    title or half of the notes of earlier ones replace those; others are added."""
    from content.importing.importer import import_notes
    from content.importing.updating import How
    from content.language.plural import count

    if add and replace:
        typer.echo("Use --add or --replace, not both.", err=True)
        raise typer.Exit(USAGE)
    how = How.ADDED if add else How.REPLACED if replace else None
    with reporting_problems(as_json=as_json), progress() as update:
        report = import_notes(notes, out, update, how, encoding=encoding)
    if as_json:
        print_json(report.as_dict(audit=audit))
        return
    if audit:
        for part in report.audit:
            typer.echo(f"{_locate(notes, part.file)}:{_span(part)}: {part.fate}: {part.text}")
        typer.echo()
    counts = (
        count(report.chapters, "chapter"),
        count(report.units, "unit"),
        count(report.topics, "topic"),
        count(report.notes, "note"),
        count(report.drafts, "drafted question"),
    )
    typer.echo(f"{report.pack}: {', '.join(counts)} in {out}")
    match report.how:
        case How.EDITION:
            typer.echo(f"This is a new edition of {report.former or 'the earlier notes'}.")
        case How.ADDED:
            typer.echo("Added to the notes that are there.")
        case How.REPLACED:
            typer.echo("Replaced the notes that were there.")
    changes = asdict(report.changes)
    for label, ids in {
        **changes,
        "to recheck": report.recheck,
        "with a pinned option": report.pinned,
        "set aside": report.set_aside,
        f"without a place, now in {out / 'dropped'}": report.dropped,
    }.items():
        if ids:
            typer.echo(f"{label.replace('_', ' ')}: {len(ids)}")
    listed: dict[str, Sequence[Any]] = {"repaired": report.repairs, "left out": report.left_out}
    for label, lines in listed.items():
        typer.echo(f"\n{len(lines)} {label}:" if lines else f"\nNothing {label}.")
        for line in lines:
            why = f" ({line.why})" if getattr(line, "why", "") else ""
            typer.echo(f"  {_locate(notes, line.file)}:{line.line}: {line.what}{why}")
    typer.echo(f"\nNext: studyhall pack review {out}")


def _locate(notes: Sequence[Path], file: str) -> str:
    """A file of the notes, as people find it."""
    if not file:
        return str(notes[0])
    return str(notes[0] / file) if notes[0].is_dir() and len(notes) == 1 else file


def _span(part: AuditLine) -> str:
    return str(part.first) if part.first == part.last else f"{part.first}-{part.last}"


@app.command("review")
def review_drafts(
    folder: Annotated[Path, typer.Argument(help="The pack's folder.", metavar="DIR")],
) -> None:
    """Review drafted questions one by one: keep, edit or drop each."""
    from rich.console import Console

    from bot.review import review
    from content import loader

    with reporting_problems():
        loader.load(loader.find_pack(str(folder)), cache=None)
        review(folder, lambda: input("> "), Console(highlight=False))
