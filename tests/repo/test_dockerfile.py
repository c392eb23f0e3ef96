"""Runs the Dockerfile's steps without a container engine, which a test machine may not have."""

from __future__ import annotations

import asyncio
import errno
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

from tests.stand_ins.discord import DiscordServer

ROOT = Path(__file__).parents[2]


def parse_instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = (line.strip() for line in text.splitlines())
    return [(line.split()[0], line.split(None, 1)[1]) for line in lines if line and line[0] != "#"]


CONFINE = """
root=$1 uid=$2 python=$3 hidden=$4; shift 4
mount --make-rprivate /
if [ "$hidden" ]; then
  mount --bind "$python" /mnt
  mount -t tmpfs -o mode=755 tmpfs "$hidden"
  mkdir -p "$python"
  mount --move /mnt "$python"
fi
mount --bind "$root" /mnt
mount -t tmpfs tmpfs /tmp
mkdir -p "$root"
mount --bind /mnt "$root"
mount -o remount,bind,ro "$root"
mount --bind /mnt/data "$root/data"
umount /mnt
mount -o remount,bind,ro /
cd /
exec setpriv --reuid="$uid" --regid="$uid" --clear-groups --no-new-privs --inh-caps=-all \\
  --bounding-set=-all -- "$@"
"""
"""Runs a command as deploy/ has containers run it: everything is read-only but /data and /tmp, the
user isn't root, and has no capabilities. The Python that the environment is made from stays in
sight, even if it's in a folder that's hidden from others."""


def find_hidden(folder: Path) -> str:
    """The first folder on the way that other users can't enter."""
    way = [*reversed(folder.parents), folder]
    return next((str(each) for each in way if not each.stat().st_mode & 0o001), "")


def can_confine() -> bool:
    """Whether this user may make mount namespaces, as root in most containers may."""
    if os.getuid() or not (shutil.which("unshare") and shutil.which("setpriv")):
        return False
    tried = ["unshare", "--mount", "mount", "--make-rprivate", "/"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


class Image:
    """A folder to run the steps in, with absolute paths moved below it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("STUDYHALL")}
        self.confined = can_confine()
        self.args = {"UID": "1000" if self.confined else str(os.getuid())}
        self.last: dict[str, str] = {}

    def relocate(self, text: str) -> str:
        for name, value in self.args.items():
            text = text.replace(f"${{{name}}}", value)
        return re.sub(r"(?<![\w.}])/(opt|src|data)\b", rf"{self.root}/\1", text)

    def words(self, *words: str) -> list[str]:
        """The words that run a command in it."""
        if not self.confined:
            return [*words]
        python = Path(sys.base_prefix)
        parts = str(self.root), self.args["UID"], str(python), find_hidden(python)
        return ["unshare", "--mount", "sh", "-ec", CONFINE, "sh", *parts, *words]

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
    built.root.chmod(0o755)  # as the root of an image is
    for instruction, rest in parse_instructions():
        built.run_step(instruction, rest)
    return built


def command(image: Image, *words: str) -> list[str]:
    return image.words(*json.loads(image.last["ENTRYPOINT"]), *words)


def health_check(image: Image) -> list[str]:
    return image.words(*json.loads(re.sub(r"^.*CMD ", "", image.last["HEALTHCHECK"])))


def test_the_image_runs_unprivileged_with_one_volume_and_a_health_check() -> None:
    names = [instruction for instruction, _ in parse_instructions()]
    parts = dict(parse_instructions())
    assert names.count("FROM") == 2
    assert all("slim" in rest for name, rest in parse_instructions() if name == "FROM")
    assert parts["USER"] == "${UID}"
    assert parts["ARG"] == "UID=1000"
    assert [rest for name, rest in parse_instructions() if name == "VOLUME"] == ["/data"]
    assert parts["HEALTHCHECK"].endswith('CMD ["studyhall", "health", "--running"]')
    assert parts["CMD"] == '["run"]'
    assert "STUDYHALL_OPS_PORT=" in parts["ENV"]
    assert "STUDYHALL_OPS_HOST" not in parts["ENV"]
    assert parts["STOPSIGNAL"] == "SIGTERM"
    assert any("--require-hashes" in rest for name, rest in parse_instructions() if name == "RUN")


@pytest.mark.image
@pytest.mark.timeout(600)
def test_the_built_image_plays_and_saves_answers_on_its_volume(image: Image) -> None:
    played = subprocess.run(
        command(image, "play"),
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
    asked = subprocess.run(
        health_check(image), cwd="/", env=image.env, capture_output=True, text=True, check=False
    )
    # Nothing runs anymore.
    assert asked.returncode == 1
    assert "no bot answers at 127.0.0.1:" in asked.stderr


LOOK = """
import bot, os, pathlib
print(bot.__file__, os.getuid(), pathlib.Path(bot.__file__).with_name("deploy").is_dir())
for folder in ("/", "/usr", pathlib.Path(bot.__file__).parent):
    try:
        (pathlib.Path(folder) / "written").touch()
    except OSError as problem:
        print(problem.errno)
"""


@pytest.mark.image
@pytest.mark.timeout(600)
def test_the_image_holds_all_it_needs_and_writes_only_to_its_volume(image: Image) -> None:
    python = str(image.root / "opt/studyhall/bin/python")
    looked = subprocess.run(
        image.words(python, "-c", LOOK),
        cwd="/",
        env=image.env,
        capture_output=True,
        text=True,
        check=True,
    )
    where, uid, ships, *refused = looked.stdout.split()
    assert where.startswith(str(image.root / "opt"))
    assert (uid, ships) == (image.args["UID"], "True")
    if image.confined:
        assert refused == [str(errno.EROFS)] * 3


@pytest.mark.image
@pytest.mark.timeout(600)
async def test_the_image_runs_the_bot_and_its_health_check_follows_it(image: Image) -> None:
    pipe = asyncio.subprocess.PIPE

    async def check() -> tuple[int | None, str]:
        asked = await asyncio.create_subprocess_exec(
            *health_check(image), cwd="/", env=image.env, stdout=pipe, stderr=pipe
        )
        out, err = await asked.communicate()
        return asked.returncode, (out + err).decode().strip()

    async def wait_for(expected: tuple[int, str]) -> None:
        while (found := await check()) != expected:
            assert found[0] in (0, 1), found
            await asyncio.sleep(0.5)

    async with DiscordServer() as discord:
        channel, ann = discord.add_guild().add_text_channel(), discord.add_person("Ann")
        secret = image.root / "discord_token"
        secret.write_text(f"{discord.token}\n")
        env = image.env | {
            "STUDYHALL_DISCORD_TOKEN_FILE": str(secret),
            "STUDYHALL_DISCORD_API_BASE": discord.api_base,
        }
        running = await asyncio.create_subprocess_exec(
            *command(image, *json.loads(image.last["CMD"])), cwd="/", env=env, stderr=pipe
        )
        await discord.ready(timeout=60)
        await wait_for((0, "Ready."))
        shown = await (await ann.slash(channel, "help")).settled()
        assert "What you can do" in shown.text
        running.send_signal(getattr(signal, image.last["STOPSIGNAL"]))
        _, err = await running.communicate()
        assert running.returncode == 0, err
    assert (await check())[0] == 1
    database = image.root / "data" / "studyhall.db"
    assert str(database.stat().st_uid) == image.args["UID"]


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
