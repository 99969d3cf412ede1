"""Which sockets may be a daemon's?"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.edges.sockets import listening


@pytest.fixture
def bound(tmp_path: Path) -> Iterator[tuple[Path, socket.socket]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        path = tmp_path / "control.sock"
        server.bind(str(path))
        yield path, server


def test_one_that_somebody_listens_at_is_found(bound: tuple[Path, socket.socket]) -> None:
    path, server = bound
    assert path not in set(listening("control.sock", owners={os.geteuid()}))
    server.listen()
    assert path in set(listening("control.sock", owners={os.geteuid()}))
    assert path not in set(listening("other.sock", owners={os.geteuid()}))


def test_one_of_a_stranger_is_not(bound: tuple[Path, socket.socket]) -> None:
    path, server = bound
    server.listen()
    assert path not in set(listening("control.sock", owners={os.geteuid() + 1}))


def test_a_kernel_that_lists_none(tmp_path: Path) -> None:
    assert list(listening("control.sock", owners={0}, table=tmp_path / "gone")) == []
