"""YAML as people write it: lists indented below their keys, and keys in their order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def dump(data: Any) -> str:
    """Write data as YAML text."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def parse(path: Path) -> Any:
    """Read a file that's known to be valid; content.loader is for all others."""
    return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)
