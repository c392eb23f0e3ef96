"""From study notes to a pack: importing them, reading what was drafted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.shared import AsJson, print_json, progress, reporting_problems

app = typer.Typer()


@app.command("import")
def import_pack(
    notes: Annotated[Path, typer.Argument(help="Study notes in Markdown.", metavar="NOTES")],
    out: Annotated[Path, typer.Option(help="The pack's folder: new, or of an import before.")],
    as_json: AsJson = False,
) -> None:
    """Make a pack of study notes, or renew it when they have changed."""
    from content.importing.importer import import_notes

    with reporting_problems(as_json=as_json), progress() as update:
        report = import_notes(notes, out, update)
    if as_json:
        print_json(report.as_dict())
        return
    typer.echo(
        f"{report.pack}: {report.chapters} chapters, {report.units} units, {report.topics} topics, "
        f"{report.notes} notes, {report.drafts} drafted questions in {out}"
    )
    changes = asdict(report.changes)
    for what, ids in {
        **changes,
        "to recheck": report.recheck,
        "with a pinned option": report.pinned,
        "set aside": report.set_aside,
    }.items():
        if ids:
            typer.echo(f"{what.replace('_', ' ')}: {len(ids)}")
    listed: dict[str, Sequence[Any]] = {"mended": report.repairs, "left out": report.left_out}
    for what, lines in listed.items():
        typer.echo(f"\n{len(lines)} {what}:")
        for line in lines:
            why = getattr(line, "why", "")
            typer.echo(f"  {notes}:{line.line}: {line.what}{f' ({why})' if why else ''}")
    typer.echo(f"\nNext: studyhall pack review {out}")


@app.command("review")
def review_drafts(
    folder: Annotated[Path, typer.Argument(help="The pack's folder.", metavar="DIR")],
) -> None:
    """Walk through drafted questions: keep, edit or drop each."""
    from rich.console import Console

    from bot.review import review
    from content import loader

    with reporting_problems():
        loader.load(loader.find_pack(str(folder)), cache=None)
        review(folder, lambda: input("> "), Console(highlight=False))
