"""A question's version: what changes it, and that nothing else has."""

from __future__ import annotations

import hashlib

from content import loader
from content.model import ShortAnswer

VERSIONS = "651c528cebf694e5848aec7b17dfd94c37e4550daf18d5913ded1ce6c9e14e91"
"""SHA-256 of all ids and versions in the bundled pack. Update it when the pack's questions change,
never when the model changes, since every open round would be lost."""


def test_the_bundled_packs_versions_have_not_changed() -> None:
    pack = loader.load(loader.find_pack("dp100"), cache=None)
    assert len(pack.questions) == 630
    lines = sorted(f"{question.id} {question.version}" for question in pack.questions)
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == VERSIONS


def test_exact_changes_a_version_only_if_set() -> None:
    pack = loader.load(loader.find_pack("dp100"), cache=None)
    short = next(each for each in pack.questions if isinstance(each, ShortAnswer))
    data = short.model_dump()
    assert ShortAnswer.model_validate(data | {"exact": False}).version == short.version
    assert ShortAnswer.model_validate(data | {"exact": True}).version != short.version
