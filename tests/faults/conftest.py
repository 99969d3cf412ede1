"""The servers of the slice: each starts once, when its first row comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.faults.columns import COLUMNS
from tests.servers.process import Server


@pytest.fixture(scope="session")
def running() -> Iterator[Callable[[str], Server]]:
    """Return a server of the matrix, by its column's name."""
    known: dict[str, Server] = {}
    with ExitStack() as stack:

        def server(name: str) -> Server:
            if name not in known:
                known[name] = stack.enter_context(COLUMNS[name].make())
            return known[name]

        yield server
