"""`make` sets up what it needs, and starts over after it couldn't."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WITHOUT_VENV = f"""#!/bin/sh
# Python as Debian installs it without python3-venv: the folder is made, pip isn't.
case "$1 $2" in "-m venv")
  for folder in "$@"; do :; done
  mkdir -p "$folder/bin" && ln -sf {sys.executable} "$folder/bin/python"
  echo "home = /usr/bin" > "$folder/pyvenv.cfg"
  echo "The virtual environment was not created successfully because ensurepip is not"
  echo "available."
  exit 1;;
esac
exec {sys.executable} "$@"
"""

WITH_VENV = f"""#!/bin/sh
# Python whose environments have a pip that installs nothing.
case "$1 $2" in "-m venv")
  for folder in "$@"; do :; done
  case "$*" in *--clear*) rm -rf "$folder";; esac
  test ! -e "$folder" || exit 1
  mkdir -p "$folder/bin"
  echo "home = /usr/bin" > "$folder/pyvenv.cfg"
  for name in pip python studyhall; do
    printf '#!/bin/sh\\necho "$(basename $0) $@" >> {{log}}\\n' > "$folder/bin/$name"
    chmod +x "$folder/bin/$name"
  done
  exit 0;;
esac
exec {sys.executable} "$@"
"""


class Checkout:
    """A folder with the Makefile, and a Python of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log, self._python = folder, folder / "log", folder / "python"
        for name in ("Makefile", "requirements.lock", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)

    def install_python(self, script: str) -> None:
        self._python.write_text(script.replace("{log}", str(self.log)))
        self._python.chmod(0o755)

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        return subprocess.run(
            ["make", f"PYTHON={self._python}", *words],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_python_without_venv_is_told_what_to_install_each_time(checkout: Checkout) -> None:
    checkout.install_python(WITHOUT_VENV)
    for _ in range(2):
        failed = checkout.make("play")
        assert failed.returncode != 0
        assert "sudo apt install python3-venv" in failed.stderr
        assert "not found" not in failed.stderr
        assert not checkout.log.exists()


def test_setting_up_starts_over_and_says_how_long_it_takes(checkout: Checkout) -> None:
    checkout.install_python(WITHOUT_VENV)
    checkout.make("play")
    checkout.install_python(WITH_VENV)
    done = checkout.make("play")
    assert done.returncode == 0, done.stderr
    assert "about a minute" in done.stderr
    assert not done.stdout
    ran = checkout.log.read_text()
    assert "pip install --quiet --disable-pip-version-check --require-hashes" in ran
    assert ran.endswith("studyhall play\n")
    again = checkout.make("play")
    assert (again.returncode, again.stderr) == (0, "")
    assert checkout.log.read_text().removeprefix(ran) == "studyhall play\n"


def test_a_folder_that_is_no_environment_is_not_cleared(checkout: Checkout) -> None:
    checkout.install_python(WITH_VENV)
    theirs = checkout.folder / "theirs" / "notes"
    theirs.parent.mkdir()
    theirs.write_text("mine")
    assert checkout.make(f"VENV={theirs.parent}").returncode != 0
    assert theirs.read_text() == "mine"
