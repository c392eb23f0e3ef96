"""Output where the encoding lacks characters: plain signs, and never an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.encoding import PLAIN_SIGNS, SIGNS


@settings(deadline=None)
@given(st.text(), st.sampled_from(["ascii", "latin-1", "cp1252", "koi8-r"]))
def test_any_text_can_be_written(text: str, encoding: str) -> None:
    written = text.encode(encoding, PLAIN_SIGNS).decode(encoding)
    assert len(written) >= len(text.encode(encoding, "ignore"))
    if text.isascii():
        assert written == text


@pytest.mark.parametrize(("sign", "plain"), [*SIGNS.items(), ("é", "e"), ("…", "..."), ("日", "?")])
def test_signs_are_replaced_by_plain_ones(sign: str, plain: str) -> None:
    assert sign.encode("ascii", PLAIN_SIGNS) == plain.encode()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_every_command_writes_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    env = os.environ | {
        "STUDYHALL_DATABASE_URL": f"sqlite:///{tmp_path}/studyhall.db",
        "PYTHONIOENCODING": encoding,
        "LANG": "C",
        "LC_ALL": "C",
    }

    def studyhall(*words: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            env=env,
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        return done.stdout.decode(encoding)

    played = studyhall("play", "pipelines-intro", stdin=b"a\n/explain caf\xe9\n\xff\xfe\nb\n")
    assert "Drill finished" in played
    assert ("─" in played) is (encoding == "utf-8")
    assert "\n---" in played or encoding == "utf-8"
    assert "questions seen" in studyhall("stats")
    studyhall("--help")
    explained = json.loads(studyhall("explain", "blue green", "--json"))
    assert "90 %" in explained["text"]
    assert json.loads(studyhall("pack", "show", "dp100", "--json"))["id"] == "dp100"
