"""Does `status --watch` follow a dock on a real terminal, and leave it as it was?"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from bwvdock.status.values import live_to_json
from tests.cli.docks import Dock
from tests.cli.test_status import LIVE, daemon
from tests.fakes.hostile import HOSTILE_AT_ONCE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
_SECONDS = 30
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_OURS = re.compile(r"\x1b\[(?:[0-9;]*m|H|\?1049[hl]|\?25[hl])")
ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"


@dataclass(slots=True)
class Watching:
    """A terminal with the command on it. `shown` is all that was written, `at` where a wait ended."""

    terminal: int
    process: subprocess.Popen[bytes]
    shown: str = ""
    at: int = 0

    def until(self, holds: Callable[[str], bool]) -> str:
        """Return the first picture from now on of which something holds."""
        while True:
            last = self.shown.rfind("\x1b[H")
            if last > self.at and (found := self._picture(last)) and holds(found):
                self.at = last
                return found
            self.read()

    def _picture(self, last: int) -> str:
        before = self.shown.rfind("\x1b[H", 0, last)  # the last one may be half drawn
        return _SEQUENCE.sub("", self.shown[before:last]) if before >= 0 else ""

    def read(self) -> None:
        ready, _, _ = select.select([self.terminal], [], [], _SECONDS)
        assert ready, f"nothing more is drawn: {self.shown[-2000:]}"
        self.shown += os.read(self.terminal, 65536).decode()

    def end(self) -> int:
        """Return how the command ended; whatever it still draws does not put that off."""
        deadline = time.monotonic() + _SECONDS
        try:
            while time.monotonic() < deadline:
                self.read()
        except OSError:  # nobody has the other end any more
            pass
        return self.process.wait(timeout=_SECONDS)


@contextmanager
def watching(dock: Dock, **environment: str) -> Iterator[Watching]:
    ours, theirs = os.openpty()
    resize(ours, 80, 24)
    process = subprocess.Popen(
        [
            *("env", "--default-signal", "setsid", "--ctty", sys.executable, "-m", "bwvdock"),
            *("status", "--watch", "--config", str(dock.config.file)),
        ],
        cwd=ROOT,
        env=os.environ | {"TERM": "xterm", "PYTHONUTF8": "1"} | environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        yield Watching(terminal=ours, process=process)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def fits(shown: str, *, columns: int, lines: int) -> bool:
    drawn = shown.splitlines()
    return len(drawn) <= lines and all(len(line) <= columns for line in drawn)


def resize(terminal: int, columns: int, lines: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def test_it_follows_the_dock_and_calls_nothing_safe_that_is_old(dock: Dock) -> None:
    with watching(dock) as screen:
        with daemon(dock, live_to_json(LIVE)):
            safe = screen.until(lambda shown: "■ SAFE TO REMOVE" in shown)
            assert "CAM-17" in safe
        old = screen.until(lambda shown: "OLD FIGURES" in shown)
        assert "? NOT KNOWN" in old
        assert "SAFE" not in old.upper()
        resize(screen.terminal, 120, 30)
        screen.until(lambda shown: max(map(len, shown.splitlines())) == 120 and len(shown.splitlines()) == 30)
        resize(screen.terminal, 60, 20)
        screen.until(lambda shown: max(map(len, shown.splitlines())) == 60 and len(shown.splitlines()) == 20)


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_leaves_the_terminal_as_it_was(dock: Dock, ends: signal.Signals) -> None:
    with daemon(dock, live_to_json(LIVE)), watching(dock) as screen:
        screen.until(lambda shown: "SAFE TO REMOVE" in shown)
        if ends is signal.SIGINT:
            os.write(screen.terminal, b"\x03")
        else:
            screen.process.send_signal(ends)
        assert screen.end() == 128 + ends
    drawn = screen.shown.replace("^C", "")
    assert drawn.count(ENTER) == drawn.count(LEAVE) == 1
    assert drawn.rfind(HIDE) < drawn.rfind(SHOW)
    assert not _SEQUENCE.sub("", drawn[drawn.index(LEAVE) :]).strip()


def test_what_a_camera_calls_itself_reaches_no_terminal(dock: Dock) -> None:
    [camera] = LIVE.cameras
    hostile = tuple(
        replace(camera, serial=text, officer=text, reason=text, bay=f"1-{number}")
        for number, text in enumerate(HOSTILE_AT_ONCE.values())
    )
    with daemon(dock, live_to_json(replace(LIVE, cameras=hostile))), watching(dock) as screen:
        screen.until(lambda shown: "SAFE" in shown)
        screen.until(lambda shown: "SAFE" in shown)
        shown = screen.shown
    sequences = re.findall(r"\x1b(?:\[[0-9;?]*[A-Za-z]|.)", shown)
    assert [one for one in sequences if not _OURS.fullmatch(one)] == []
    rest = _SEQUENCE.sub("", shown)
    assert not [hex(ord(c)) for c in set(rest) if not c.isprintable() and c not in "\r\n"]


def test_without_colours_it_has_none(dock: Dock) -> None:
    with daemon(dock, live_to_json(LIVE)), watching(dock, NO_COLOR="1") as screen:
        screen.until(lambda shown: "SAFE TO REMOVE" in shown)
        assert not re.search("\x1b\\[[0-9;]*[34][0-7]m", screen.shown)


def test_in_a_locale_without_unicode_and_in_a_tiny_window_it_draws_on(dock: Dock) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with daemon(dock, live_to_json(LIVE)), watching(dock, **plain) as screen:
        assert "CAM-17" in screen.until(lambda shown: "# SAFE TO REMOVE" in shown)
        for columns, lines in ((20, 5), (3, 2), (1, 1), (80, 24)):
            resize(screen.terminal, columns, lines)
            screen.until(partial(fits, columns=columns, lines=lines))
        screen.until(lambda shown: "# SAFE TO REMOVE" in shown)
        assert screen.shown.isascii()
        os.write(screen.terminal, b"\x03")
        assert screen.end() == 128 + signal.SIGINT


def test_a_terminal_without_sequences_gets_lines(dock: Dock) -> None:
    with daemon(dock, live_to_json(LIVE)), watching(dock, TERM="dumb") as screen:
        while "SAFE TO REMOVE" not in screen.shown:
            screen.read()
        assert "\x1b" not in screen.shown
