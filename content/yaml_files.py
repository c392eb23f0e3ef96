"""YAML as people write it: lists indented below their keys, keys in the order given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def dumped(data: Any) -> str:
    """The data as YAML text."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def parsed(path: Path) -> Any:
    """The data of a file that is known to be good; content.loader is for all others."""
    return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)
