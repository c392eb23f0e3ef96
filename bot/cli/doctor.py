"""`studyhall doctor`."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shared import (
    AsJson,
    DatabaseUrl,
    OtherPack,
    print_json,
    settings_for,
)
from content.language.plural import count

if TYPE_CHECKING:
    from bot.doctor import Finding

app = typer.Typer()


@app.command()
def doctor(
    pack: OtherPack = "",
    url: Annotated[
        str, typer.Option(help="Public URL to check, if Slack's events come over HTTP.")
    ] = "",
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Check the whole installation, and say what to do (exit code 0, 1 for warnings, 2)."""
    from bot.doctor import diagnose, exit_code, refuse
    from bot.engine.platform import Misconfigured

    # What libraries log is in the findings.
    logging.disable(logging.CRITICAL)
    try:
        findings = asyncio.run(diagnose(settings_for(database_url), pack=pack, url=url))
    except Misconfigured as problem:
        findings = [refuse(problem)]
    finally:
        logging.disable(logging.NOTSET)
    if as_json:
        print_json([asdict(each) for each in findings])
    else:
        for line in describe(findings):
            typer.echo(line)
    raise typer.Exit(exit_code(findings))


def describe(findings: Sequence[Finding]) -> Iterator[str]:
    """The findings as lines that a screen reader reads well: how it is comes first."""
    for area, group in groupby(findings, key=lambda each: each.area):
        yield f"{area[0].upper()}{area[1:]}"
        for each in group:
            yield f"  {each.status:<8} {each.name}: {each.text}"
            if each.what_to_do:
                yield f"{'':<11}What to do: {each.what_to_do}"
        yield ""
    counts = Counter(str(each.status) for each in findings)
    yield f"{counts['ok']} ok, {count(counts['warning'], 'warning')}, {counts['broken']} broken"
