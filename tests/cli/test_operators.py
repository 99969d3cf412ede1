"""What does an operator get, who may use the control socket and read nothing of the dock's own files?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

from bwvdock.cli import commands, main
from bwvdock.config.settings import load
from bwvdock.core.facts import CameraAssigned, ClipAttributed
from bwvdock.edges.control import ControlServer
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.queries import Queries
from bwvdock.operators.requests import Request, Status
from bwvdock.status.values import live_to_json
from tests.cli.docks import CAMERA, DOCKING, VERIFIED, Dock, used_dock
from tests.cli.test_consultation import Daemon
from tests.cli.test_status import LIVE

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
]
_OPERATOR = 65534
_TOO = ("--json",)
SHOWN = [
    ("status", *_TOO),
    ("cameras", "list"),
    ("cameras", "health"),
    ("cameras", "health", CAMERA),
    ("cameras", "list", *_TOO),
    ("clips", "list"),
    ("clips", "list", "--camera", CAMERA, *_TOO),
    ("clips", "show", VERIFIED),
    ("clips", "show", VERIFIED, *_TOO),
    ("dockings", "list", *_TOO),
    ("dockings", "show", DOCKING),
    ("dockings", "show", DOCKING, *_TOO),
    ("report", "absence", "--csv"),
    ("report", "dockings"),
    ("report", "retention", *_TOO),
    ("report", "erasures", *_TOO),
    ("dispose", "--dry-run", "--at", "2090-01-01", *_TOO),
]


@pytest.fixture
def dock(open_path: Path) -> Dock:
    """Return a dock whose state is closed, with an officer's clip, and a control socket of the operators'."""
    made = used_dock(open_path)
    made.record(
        CameraAssigned(
            camera=CAMERA, officer="PC-4411", valid_from="2000-01-01T00:00:00.000Z", valid_to="", actor="0:"
        ),
        ClipAttributed(clip=VERIFIED, officer="PC-4411"),
        later=1000,
    )
    made.config.state_dir.chmod(0o700)
    file = made.config.file
    file.write_text(file.read_text() + f'run_dir = "{open_path / "run"}"\n')
    (open_path / "run").mkdir(mode=0o755)
    for module in iter_modules(commands.__path__):  # a child may not be able to read the checkout
        import_module(f"{commands.__name__}.{module.name}")
    return Dock(config=load(file))


@pytest.fixture
def daemon(dock: Dock) -> Iterator[Daemon]:
    desk = Daemon(dock)

    def carry_out(request: Request, actor: str) -> Mapping[str, Any]:
        return live_to_json(LIVE) if isinstance(request, Status) else desk(request, actor)

    socket = dock.config.control_socket
    with ControlServer(socket, answering(carry_out, Queries(dock.config.journal))):
        os.chown(socket, -1, _OPERATOR)
        yield desk


def as_operator(dock: Dock, *words: str) -> tuple[int, str, str]:
    """Run a command as somebody in the operators' group; return its exit code, output and complaint."""
    out, err = (dock.config.run_dir / name for name in ("out", "err"))
    child = os.fork()
    if child == 0:
        code = 99
        try:
            with out.open("w") as told, err.open("w") as complaint:
                os.setgroups([])
                os.setgid(_OPERATOR)
                os.setuid(_OPERATOR)
                sys.stdout, sys.stderr = told, complaint
                code = main([*words, "--config", str(dock.config.file)])
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), out.read_text(), err.read_text()


@pytest.mark.parametrize("command", SHOWN, ids=" ".join)
def test_an_operator_sees_what_root_sees_and_no_officer(
    dock: Dock, daemon: Daemon, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code = dock.run(*command)
    shown = capsys.readouterr().out
    assert as_operator(dock, *command) == (code, shown, "")
    assert "PC-4411" not in shown
    assert daemon.said == []


@pytest.mark.parametrize(
    "command",
    [
        ("clips", "list"),
        ("clips", "list", "--officer", "PC-4411", "--json"),
        ("clips", "show", VERIFIED),
        ("cameras", "roster", CAMERA),
    ],
    ids=" ".join,
)
def test_officers_are_shown_to_an_operator_with_a_reason_and_one_entry(
    dock: Dock, daemon: Daemon, command: tuple[str, ...]
) -> None:
    code, shown, complaint = as_operator(dock, *command, "--reason", "complaint 12/26")
    assert (code, complaint) == (0, "")
    assert "PC-4411" in shown
    [entry] = daemon.said
    assert entry.reason == "complaint 12/26"
    assert entry.actor.startswith(f"{_OPERATOR}:")


def test_orders_are_given_through_the_socket(dock: Dock, daemon: Daemon) -> None:
    code, shown, _ = as_operator(dock, "cameras", "enrol", "CAM-99")
    assert (code, shown) == (0, "Camera CAM-99 is enrolled.\n")


def test_what_needs_the_footage_says_who_may(dock: Dock, daemon: Daemon) -> None:
    code, shown, complaint = as_operator(dock, "custody", "verify")
    assert (code, shown) == (1, "")
    assert "Type the same with sudo" in complaint


def test_without_a_daemon_nothing_is_shown_and_it_is_said_why(dock: Dock) -> None:
    code, shown, complaint = as_operator(dock, "clips", "list")
    assert (code, shown) == (3, "")
    assert "sudo" in complaint
    code, shown, complaint = as_operator(dock, "status")
    assert code == 3
    assert "NOT RUNNING" in shown
    assert complaint == ""


def test_nothing_of_the_state_can_be_opened(dock: Dock, daemon: Daemon) -> None:
    reading, writing = os.pipe()
    state = dock.config.state_dir
    everything = [state, *state.rglob("*")]
    assert any(path.name == "journal.sqlite3" for path in everything)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(_OPERATOR)
        os.setuid(_OPERATOR)
        for path in everything:
            try:
                os.close(os.open(path, os.O_RDONLY))
                os.write(writing, f"{path}\n".encode())
            except PermissionError:
                continue
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with open(reading, encoding="utf-8") as opened:
        assert opened.read() == ""
