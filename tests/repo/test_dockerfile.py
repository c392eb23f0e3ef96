"""Runs the Dockerfile's steps without a container engine, which a test machine may not have."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def parse_instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = (line.strip() for line in text.splitlines())
    return [(line.split()[0], line.split(None, 1)[1]) for line in lines if line and line[0] != "#"]


class Image:
    """A folder to run the steps in, with absolute paths moved below it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("STUDYHALL")}
        self.args = {"UID": str(os.getuid())}
        self.last: dict[str, str] = {}

    def relocate(self, text: str) -> str:
        for name, value in self.args.items():
            text = text.replace(f"${{{name}}}", value)
        return re.sub(r"(?<![\w.}])/(opt|src|data)\b", rf"{self.root}/\1", text)

    def run_step(self, instruction: str, rest: str) -> None:
        match instruction:
            case "WORKDIR":
                self.folder = Path(self.relocate(rest))
                self.folder.mkdir(parents=True, exist_ok=True)
            case "RUN" if rest.startswith("apt-get"):
                pass  # Uses this machine's system packages.
            case "RUN":
                subprocess.run(
                    [
                        "sh",
                        "-ec",
                        self.relocate(rest).replace("python -m venv", f"{sys.executable} -m venv"),
                    ],
                    cwd=self.folder,
                    env=self.env,
                    check=True,
                    capture_output=True,
                )
            case "COPY" if not rest.startswith("--from"):
                source, _ = rest.split()
                for path in list_tracked() if source == "." else [source]:
                    (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / path, self.folder / path)
            case "ENV":
                for name, value in re.findall(r"(\w+)=(\S+)", rest):
                    self.env[name] = self.relocate(value).replace("$PATH", self.env["PATH"])
            case _:
                self.last[instruction] = rest


def list_tracked() -> Iterator[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    ignored = set((ROOT / ".dockerignore").read_text().split())
    yield from (
        path
        for path in listed.stdout.splitlines()
        if path.split("/")[0] not in ignored and (ROOT / path).is_file()
    )


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    built = Image(tmp_path_factory.mktemp("image"))
    for instruction, rest in parse_instructions():
        built.run_step(instruction, rest)
    return built


def command(image: Image, *words: str) -> list[str]:
    return [*json.loads(image.last["ENTRYPOINT"]), *words]


def test_the_image_runs_unprivileged_with_one_volume_and_a_health_check() -> None:
    names = [instruction for instruction, _ in parse_instructions()]
    parts = dict(parse_instructions())
    assert names.count("FROM") == 2
    assert all("slim" in rest for name, rest in parse_instructions() if name == "FROM")
    assert parts["USER"] == "${UID}"
    assert parts["ARG"] == "UID=1000"
    assert [rest for name, rest in parse_instructions() if name == "VOLUME"] == ["/data"]
    assert "studyhall" in parts["HEALTHCHECK"]
    assert parts["STOPSIGNAL"] == "SIGTERM"
    assert any("--require-hashes" in rest for name, rest in parse_instructions() if name == "RUN")


@pytest.mark.image
@pytest.mark.timeout(600)
def test_the_built_image_plays_saves_answers_on_its_volume_and_is_healthy(image: Image) -> None:
    played = subprocess.run(
        command(image, *json.loads(image.last["CMD"])),
        cwd="/",
        env=image.env,
        input="1\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert played.returncode == 0, played.stderr
    assert "Question 1 of 10" in played.stdout
    assert (image.root / "data" / "studyhall.db").is_file()
    check = json.loads(re.sub(r"^.*CMD ", "", image.last["HEALTHCHECK"]))
    healthy = subprocess.run(check, cwd="/", env=image.env, capture_output=True, check=False)
    assert healthy.returncode == 0
    module = subprocess.run(
        [image.root / "opt/studyhall/bin/python", "-c", "import bot; print(bot.__file__)"],
        cwd="/",
        env=image.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(image.root / "opt") in module.stdout


@pytest.mark.image
@pytest.mark.timeout(600)
def test_the_image_stops_at_its_stop_signal(image: Image) -> None:
    with subprocess.Popen(
        command(image, "play"),
        cwd="/",
        env=image.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write("/skip\n")
        running.stdin.flush()
        for line in running.stdout:
            if "Question 2" in line:
                break
        running.send_signal(getattr(signal, image.last["STOPSIGNAL"]))
        running.stdout.read()
    assert running.returncode == 0
