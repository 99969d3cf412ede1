"""Does a running daemon take badges, read the list anew when it is asked to, and answer the desk?"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from bwvdock.cli import main
from bwvdock.config.settings import load
from bwvdock.errors import UsageError
from bwvdock.operators.checkout.requests import Tap
from bwvdock.operators.daemon_client import ask
from bwvdock.operators.requests import Status
from tests.service.daemons import configure, daemon

pytestmark = pytest.mark.slow


def test_badges_are_taken_and_a_list_with_a_mistake_is_an_alert(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    badges, camera = tmp_path / "badges.csv", tmp_path / "camera"
    camera.mkdir()
    badges.write_text("badge,officer\n0012,4411\n", encoding="utf-8")
    config = configure(tmp_path, camera=camera, more=f'[checkout]\nbadges = "{badges}"\n')
    socket = load(config).control_socket
    with daemon(config) as running:
        assert ask(socket, Tap(badge="0012")) == {"outcome": "none-suitable", "bay": "", "until_seconds": 0}
        assert ask(socket, Tap(badge="12"))["outcome"] == "unknown-badge"
        with pytest.raises(UsageError, match="not a badge"):
            ask(socket, Tap(badge="0012\n"))
        capsys.readouterr()
        assert (
            main(["cameras", "checkout", "--officer", "4411", "--config", str(config)])
            == UsageError.exit_code
        )
        assert "No camera that is docked here may be offered" in capsys.readouterr().err
        assert main(["cameras", "return", "CAM-17", "--config", str(config)]) == UsageError.exit_code
        assert "CAM-17 is not checked out here" in capsys.readouterr().err
        badges.write_text("badge,officer\n0012,4411\n0012,4412\n", encoding="utf-8")
        running.signal(signal.SIGHUP)
        running.wait_for_event("config_reloaded")
        [alert] = [one for one in ask(socket, Status())["alerts"] if one["code"] == "badges-not-read"]
        assert "0012" not in str(alert)
        assert ask(socket, Tap(badge="0012"))["outcome"] == "none-suitable"
        assert not [line for line in running.log() if "0012" in line]
