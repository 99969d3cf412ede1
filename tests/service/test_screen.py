"""Does a running daemon report to a screen, and is one beside it all that the page needs?"""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from bwvdock.config.settings import load
from bwvdock.operators.daemon_client import ask
from bwvdock.operators.requests import Screen
from bwvdock.status.for_screen import Advice, for_screen_from_json
from tests.screen.docks import screen
from tests.servers.process import free_port
from tests.service.daemons import configure, daemon

pytestmark = pytest.mark.slow


def test_a_camera_that_was_copied_is_safe_on_the_screen(tmp_path: Path) -> None:
    camera, port = tmp_path / "camera", free_port()
    camera.mkdir()
    config = configure(tmp_path, camera=camera, more=f'[screen]\nlisten = "127.0.0.1:{port}"\n')
    with daemon(config) as running, screen(config, port):
        socket = load(config).control_socket
        while (
            not (bays := for_screen_from_json(ask(socket, Screen())).bays)
            or bays[0].advice is not Advice.SAFE
        ):
            running.wait_for("WATCHDOG=1")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/events", timeout=60) as events:
            lines = [events.readline() for _ in range(5)]
        [told] = json.loads(lines[4].removeprefix(b"data: "))["bays"]
        assert (told["serial"], told["advice"]) == ("BWV-00017", "safe")
