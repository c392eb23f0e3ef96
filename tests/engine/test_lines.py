"""Commands typed as lines."""

from __future__ import annotations

import pytest

from bot.engine.lines import parse


@pytest.mark.parametrize(
    ("line", "command", "options"),
    [
        ("drill", "drill", {}),
        ("drill compute cluster", "drill", {"topic": "compute cluster"}),
        (" DRILL  mlflow   questions:5 ", "drill", {"topic": "mlflow", "questions": "5"}),
        ("drill topic:alpha", "drill", {"topic": "alpha"}),
        ("explain what: about this?", "explain", {"topic": "what: about this?"}),
        ("leaderboard month", "leaderboard", {"window": "month"}),
        ("stats", "stats", {}),
        ('team create name:"Night Owls"', "team create", {"name": "Night Owls"}),
        ("team move member:ann Night Owls", "team move", {"member": "ann", "team": "Night Owls"}),
        (
            "team move <@U1|ann> Night Owls",
            "team move",
            {"member": "<@U1|ann>", "team": "Night Owls"},
        ),
        ("team move member:<@U1>", "team move", {"member": "<@U1>"}),
        (
            "team rename Early Birds team:“Night Owls”",
            "team rename",
            {"name": "Early Birds", "team": "Night Owls"},
        ),
        ("", "help", {}),
        ("dril", "dril", {}),
    ],
)
def test_words_and_named_values_become_a_call(
    line: str, command: str, options: dict[str, str]
) -> None:
    call = parse(line)
    assert (call.command, call.options) == (command, options)
