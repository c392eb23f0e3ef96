"""The repository installs anywhere: it depends on no machine and no registry."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_and_hashed(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text())
    packages = [entry for entry in entries if re.match(r"[a-z0-9]", entry)]
    assert len(packages) > 20
    for package in packages:
        assert re.match(r"[a-z0-9._\[\]-]+==\S+", package), package
        assert "--hash=sha256:" in package, package


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index-url" not in text


def test_the_lock_files_agree() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / lock).read_text(), re.MULTILINE))

    assert pins(LOCKS[0]) <= pins(LOCKS[1])


def test_no_file_contains_a_local_path() -> None:
    found = subprocess.run(
        ["git", "grep", "-nIE", r"/(work|farm|root)/|/home/[a-z]+/", "--", ".", ":!tests/repo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


SHARED = {"charts"}
"""Folders in adapters/ that platforms share."""


def test_no_platform_is_left_out_of_the_import_contract() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = (
        each
        for each in config["tool"]["importlinter"]["contracts"]
        if each["name"] == "no platform knows another"
    )
    folders = {file.parent.name for file in (ROOT / "adapters").glob("*/*.py")}
    platforms = {f"adapters.{folder}" for folder in folders - SHARED}
    assert set(contract["modules"]) == platforms, (
        "add the new folder to the contract “no platform knows another” in pyproject.toml, or to "
        "SHARED here if it's no platform"
    )
