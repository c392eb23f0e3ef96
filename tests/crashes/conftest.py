"""Replicas that start fast: forked from a process that has everything loaded."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerContext

import pytest

# So that its failures show what was compared.
pytest.register_assert_rewrite("tests.crashes.scenarios")


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crashes.replica"])
    return context
