"""The `studyhall` command in tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command with its own database and cache."""
    monkeypatch.setenv("STUDYHALL_DATABASE_URL", f"sqlite:///{tmp_path}/db/studyhall.db")
    monkeypatch.setenv("STUDYHALL_CACHE", str(tmp_path / "cache"))

    def studyhall(*words: str) -> Result:
        return CliRunner().invoke(app, words)

    return studyhall
