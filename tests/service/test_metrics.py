"""Does a daemon publish its figures as configured, and end as fast as without, whatever clients do?"""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from tests.servers.process import free_port
from tests.service.daemons import configure, daemon

pytestmark = pytest.mark.slow


def test_a_daemon_publishes_and_a_client_that_hangs_does_not_keep_it(tmp_path: Path) -> None:
    folder, port = tmp_path / "collector", free_port()
    folder.mkdir()
    file = folder / "bwvdock.prom"
    more = f'[metrics]\ntextfile = "{file}"\nlisten = "127.0.0.1:{port}"\n'
    with daemon(configure(tmp_path, more=more)) as running:
        while not file.exists():
            running.wait_for("WATCHDOG=1")
        assert "bwvdock_ready 1.0\n" in file.read_text()
        with socket.create_connection(("127.0.0.1", port), 60) as hangs:
            hangs.sendall(b"GET /metr")
            running.signal(signal.SIGTERM)
            assert running.process.wait(60) == 0
            with suppress(ConnectionResetError):  # what it had sent was not read
                assert hangs.recv(1) == b""
        assert any("event=dock_stopped" in line for line in running.log())
        assert not any("metrics_failed" in line for line in running.log())
    assert os.listdir(folder) == ["bwvdock.prom"]
