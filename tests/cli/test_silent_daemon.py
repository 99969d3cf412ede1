"""What is said of a daemon that is there and does not answer? Not that it is gone, and not that it obeyed."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from bwvdock.errors import NoAnswerError
from bwvdock.operators.daemon_client import order
from bwvdock.operators.requests import Pause
from tests.cli.docks import Dock

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def silent(dock: Dock) -> Iterator[Dock]:
    """Return a dock whose daemon was stopped: its socket takes connections, and nobody reads them."""
    dock.config.run_dir.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(dock.config.control_socket))
        listener.listen(64)
        yield dock


@pytest.mark.slow
def test_an_order_may_still_be_carried_out(silent: Dock) -> None:
    with pytest.raises(NoAnswerError, match="Your order may still be carried out") as caught:
        order(silent.config.control_socket, Pause(), timeout=0.05)
    assert caught.value.exit_code == 3
    assert "bwvdock status" in caught.value.remedy


@pytest.mark.slow
def test_status_does_not_say_that_it_stopped(silent: Dock, capsys: Capture) -> None:
    assert silent.run("status") == 3
    shown = capsys.readouterr().out
    assert "DOES NOT ANSWER" in shown
    assert "NOT RUNNING" not in shown
    assert "shut down" not in shown
    assert silent.run("status", "--json") == 3
    told = json.loads(capsys.readouterr().out)["dock"]
    assert (told["running"], told["silent"]) == (False, True)


@pytest.mark.slow
def test_a_monitor_is_told_that_it_is_silent_and_that_cameras_are_not_known(
    silent: Dock, capsys: Capture
) -> None:
    assert silent.run("status", "--nagios") == 2
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("BWVDOCK CRITICAL - ")
    assert "DOES NOT ANSWER: cameras not known" in first
    assert "|cameras=U " in first
