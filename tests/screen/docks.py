"""A daemon's control socket that says what a test wants, and the real bwvdock-screen that asks it."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from bwvdock.edges.control import ControlServer
from bwvdock.operators.checkout.requests import OwnClipsRequest
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.requests import Request
from bwvdock.operators.requests import Screen as AskForScreen
from bwvdock.status.for_screen import (
    Advice,
    Cause,
    ForScreen,
    ShownBay,
    ShownCheckout,
    for_screen_to_json,
)
from tests.architecture.tree import ROOT
from tests.servers.process import Process, free_port

CHROMIUM = Path("/usr/bin/chromium")
_CONFIG = """
[dock]
id = "LEW-03"
site = "Lewisham"
state_dir = "{state}"
time_zone = "Europe/London"
[screen]
listen = "127.0.0.1:{port}"
theme = "{theme}"
language = "{language}"
"""


def bay(number: int, advice: Advice = Advice.SAFE, cause: Cause = Cause.NONE, **more: Any) -> ShownBay:  # noqa: ANN401
    """Return a camera in a bay."""
    given = {"bay": f"1-{number}", "docking": f"d{number}", "serial": f"BWV-{number:05}", **more}
    return ShownBay(advice=advice, cause=cause, **given)


COPYING = {"clips_total": 30, "clips_copied": 12, "bytes_total": 1000, "bytes_copied": 430}
EVERY_STATE = ForScreen(
    bays=(
        bay(1, model="BC-300", battery=87, battery_source="camera"),
        bay(2, Advice.DO_NOT_REMOVE, Cause.COPYING, model="BC-300", **COPYING),
        bay(3, Advice.SETTLING, Cause.SETTLING, settling=2),
        bay(4, Advice.REFUSED, Cause.NOT_ADMITTED),
        bay(5, Advice.DO_NOT_REMOVE, Cause.UNREADABLE),
        bay(6, left=3),
        bay(7, Advice.TAKE),
    ),
    problems=("spool-full",),
    checkout=ShownCheckout(outcome="take", bay="1-7", seconds_left=60),
)

_KINDS: Sequence[Mapping[str, Any]] = (
    {"battery": 100, "battery_source": "camera"},
    {"advice": Advice.DO_NOT_REMOVE, "cause": Cause.COPYING, **COPYING},
    {
        "advice": Advice.SETTLING,
        "cause": Cause.SETTLING,
        "settling": 2,
        "battery": 0,
        "battery_source": "file",
    },
    {"advice": Advice.REFUSED, "cause": Cause.NOT_ADMITTED},
)


def full(bays: int) -> ForScreen:
    """Return a dock with so many cameras, of each kind in turn."""
    return ForScreen(bays=tuple(bay(n, **_KINDS[n % len(_KINDS)]) for n in range(1, bays + 1)))


class Dock:
    """What the daemon says, which a test changes; and whether it answers."""

    def __init__(self, folder: Path, port: int) -> None:
        """Take the folder with its configuration, and the port of its screen; it is not running yet."""
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}/"
        self.told = ForScreen()
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0
        self.own_clips: Callable[[OwnClipsRequest], Mapping[str, Any]] = lambda _: {"outcome": "over"}
        self.ordered: list[OwnClipsRequest] = []
        self._server: ControlServer | None = None

    def start(self) -> None:
        """Answer, as a daemon does that was started."""
        path = self.folder / "state" / "run" / "control.sock"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._server = ControlServer(path, answering(self._answer)).start()

    def stop(self) -> None:
        """Answer no more, as a daemon that was killed."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answer(self, request: Request, _actor: str) -> Mapping[str, Any]:
        if isinstance(request, OwnClipsRequest):
            self.ordered.append(request)
            return self.own_clips(request)
        assert isinstance(request, AskForScreen)
        self.asked += 1
        self.answers.wait(30)
        return for_screen_to_json(self.told)


def configure(folder: Path, *, theme: str = "auto", language: str = "en", port: int = 0) -> tuple[Path, int]:
    """Write a configuration; return it, and the port at which the page is."""
    port = port or free_port()
    file = folder / "bwvdock.toml"
    said = _CONFIG.format(state=folder / "state", port=port, theme=theme, language=language)
    file.write_text(said, encoding="utf-8")
    return file, port


@contextmanager
def screen(config: Path, port: int) -> Iterator[Process]:
    """Run bwvdock-screen, which answers by then; it is ended at the end."""
    command = [sys.executable, "-m", "bwvdock.screen", "--config", str(config)]
    process = Process(command, config.parent / "screen.log", {"PYTHONPATH": str(ROOT)})
    try:
        process.wait_until(lambda: _answers(port))
        yield process
    finally:
        process.end()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
