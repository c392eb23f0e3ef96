"""The packs: whether they load, and whether what channels chose is there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.doctor.base import Case, Check, Finding, broken, ok, warning
from bot.doctor.database import name_channel
from content import loader
from content.language.plural import count
from content.loader import BrokenPack
from content.model import Pack
from content.quality import examine
from storage.looking import list_chosen_packs

MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs by the name they're loaded under, and why others don't load."""

    loaded: Mapping[str, Pack]
    broken: Mapping[str, BrokenPack]


async def check_packs(case: Case) -> Sequence[Finding]:
    """Whether the packs load and pass their check. Bundled ones are checked before they ship."""
    packs, findings = await _load_all(case), []
    for name, problem in packs.broken.items():
        first, *more = problem.problems
        others = f" ({count(len(more), 'more problem')})" if more else ""
        findings.append(
            broken(
                f"The pack {name} doesn't load: {first}{others}",
                f"Run: studyhall pack check {name}",
            )
        )
    for name, pack in packs.loaded.items():
        found = (await asyncio.to_thread(examine, pack)).findings if name == case.pack else ()
        if found:
            text = f"The pack {name} fails its check: {count(len(found), 'finding')}."
            findings.append(warning(text, f"Run: studyhall pack check {name}"))
        if drafts := sum(each.draft for each in pack.questions):
            text = f"{pack.id} has {count(drafts, 'drafted question')} that nobody reviewed."
            findings.append(warning(text, f"Run: studyhall pack review {name}"))
    if packs.loaded:
        ids = ", ".join(pack.id for pack in packs.loaded.values())
        findings.append(ok(f"Loaded: {ids}."))
    return findings


async def check_chosen(case: Case) -> Sequence[Finding]:
    """Whether the packs that channels chose are there."""
    chosen = await case.read(list_chosen_packs)
    known = {pack.id for pack in (await _load_all(case)).loaded.values()}
    gone = [(channel, pack) for channel, pack in chosen if pack not in known]
    return [
        broken(
            f"The pack {pack} isn't loaded, but {name_channel(channel)} uses it.",
            f"Run the bot (and the doctor) with --pack and the folder of {pack}, or choose "
            "another pack there.",
        )
        for channel, pack in gone[:MOST_LISTED]
    ] or [ok("The packs that channels chose are loaded.")]


async def _load_all(case: Case) -> Packs:
    return await case.once("packs", lambda: asyncio.to_thread(_load, case.pack))


def _load(chosen: str) -> Packs:
    loaded, unloaded = dict[str, Pack](), dict[str, BrokenPack]()
    names = [folder.name for folder in loader.list_bundled()]
    for name in dict.fromkeys((*([chosen] if chosen else ()), *names)):
        try:
            # No cache: the doctor writes nothing.
            loaded[name] = loader.load(loader.find_pack(name), cache=None)
        except BrokenPack as problem:
            unloaded[name] = problem
    return Packs(loaded, unloaded)


async def check_reports(case: Case) -> Sequence[Finding]:
    """Whether members reported problems."""
    reports = Counter(each.pack for each in await case.require_store().reports.all())
    if not reports:
        return [ok("No reports.")]
    counted = ", ".join(f"{number} about {pack}" for pack, number in reports.most_common())
    return [warning(f"Members reported problems: {counted}.", "Run: studyhall pack reports")]


CHECKS: dict[str, Check] = {
    "packs": check_packs,
    "chosen packs": check_chosen,
    "reports": check_reports,
}
