"""How does a terminal follow a dock: who looks, who draws, and what ends it?

One thread looks at the dock, once a second; another draws, so that a dock that does not answer cannot keep
an old picture on the screen: what is too old is called that, and no camera is called safe by it. Signals are
waited for rather than handled: nothing is interrupted in the middle of drawing, and the terminal is always
left as it was found.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import IO, TextIO, cast

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from bwvdock.cli.moments import when
from bwvdock.cli.output.console import coloured, height, width
from bwvdock.cli.output.terminal import draw
from bwvdock.cli.watch.frame import Seen, frame
from bwvdock.cli.watch.texts import Glyphs, glyphs_for
from bwvdock.core.moments import iso
from bwvdock.status.pace import Paces
from bwvdock.status.values import LiveCamera, LiveDestination, SpoolUse, StatusReport
from bwvdock.units import format_age

Look = Callable[[], StatusReport]
_EVERY_S = 1.0
OLD_S = 7.0  # without an answer; the daemon is given 5 seconds for one
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_HEEDED = (*_ENDS, signal.SIGTSTP, signal.SIGWINCH)


@dataclass(slots=True)
class Picture:
    """What was seen last, and how long ago by a clock that does not jump."""

    status: StatusReport | None = None
    cameras: Sequence[LiveCamera] = ()
    paces: Paces = field(default_factory=Paces)
    looked_s: float = 0.0
    answered_s: float = 0.0
    answered_at: datetime | None = None

    def take(self, status: StatusReport, now_s: float, at: datetime) -> None:
        """Take in a report that was asked for at a time."""
        self.status, self.looked_s = status, now_s
        if not status.dock.running:
            return
        self.cameras, self.answered_s, self.answered_at = status.cameras, now_s, at
        self.paces.note(now_s, status.cameras, status.destinations)

    def seen(self, now_s: float) -> Seen | None:
        """Return what may be shown now: nothing that is too old without saying so."""
        if self.status is None:
            return None
        status = self.status
        hangs = now_s - self.looked_s > OLD_S and status.dock.running
        if hangs:
            status = _without_answer(status)
        if status.dock.running:
            return Seen(status=status, cameras=status.cameras, paces=self.paces)
        old = self._how_old(status, now_s) if hangs or self.cameras else ""
        return Seen(status=status, cameras=self.cameras, paces=self.paces, old=old)

    def _how_old(self, status: StatusReport, now_s: float) -> str:
        if self.answered_at is None:
            return ""
        gone = "does not answer" if status.dock.silent else "does not run"
        age = format_age(timedelta(seconds=now_s - self.answered_s))
        said = f"the daemon {gone}. It last answered {age} ago, at {when(iso(self.answered_at))}."
        return f"{said} Whether a camera may be removed is not known." if self.cameras else said


def _without_answer(status: StatusReport) -> StatusReport:
    """Return a report as it is while no daemon answers: without what only a running one knows."""
    return replace(
        status,
        dock=replace(status.dock, running=False, silent=True),
        cameras=(),
        destinations=tuple(
            LiveDestination(name=store.name, kind=store.kind, last_receipt_at=store.last_receipt_at)
            for store in status.destinations
        ),
        spool=SpoolUse(),
    )


def watch(look: Look) -> int:
    """Show the dock on this terminal until somebody ends it; return the exit code."""
    heeded = [number for number in _HEEDED if signal.getsignal(number) is not signal.SIG_IGN]
    before = signal.pthread_sigmask(signal.SIG_BLOCK, heeded)
    try:
        reports: queue.SimpleQueue[tuple[StatusReport, float, datetime] | BaseException] = queue.SimpleQueue()
        threading.Thread(target=_keep_looking, args=(look, reports.put), daemon=True).start()
        return _show(reports, heeded)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _keep_looking(
    look: Look, tell: Callable[[tuple[StatusReport, float, datetime] | BaseException], None]
) -> None:
    """Look at the dock once a second, or as often as it answers."""
    try:
        while True:
            begun_s, begun_at = time.monotonic(), datetime.now(UTC)
            tell((look(), begun_s, begun_at))
            time.sleep(max(0.0, begun_s + _EVERY_S - time.monotonic()))
    except BaseException as error:  # noqa: BLE001 - raised again by the thread that draws
        tell(error)


def _show(
    reports: queue.SimpleQueue[tuple[StatusReport, float, datetime] | BaseException], heeded: Iterable[int]
) -> int:
    picture, glyphs = Picture(), glyphs_for(sys.stdout.encoding)
    console = console_for(sys.stdout, colours=coloured())
    live = Live(
        console=console, screen=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
    )
    with live:
        while True:
            _take_all(reports, picture)
            console.size = (width() or 80, height() or 24)
            live.update(drawn(picture, console, glyphs, time.monotonic()), refresh=True)
            told = signal.sigtimedwait(heeded, _EVERY_S / 4 if picture.status is None else _EVERY_S)
            if told is None or told.si_signo == signal.SIGWINCH:
                continue
            if told.si_signo == signal.SIGTSTP:
                live.stop()
                os.kill(os.getpid(), signal.SIGSTOP)
                live.start()
                continue
            return 128 + told.si_signo


def _take_all(
    reports: queue.SimpleQueue[tuple[StatusReport, float, datetime] | BaseException], picture: Picture
) -> None:
    """Take in what was seen since, or raise what ended the other thread."""
    with suppress(queue.Empty):
        while True:
            told = reports.get_nowait()
            if isinstance(told, BaseException):
                raise told
            picture.take(*told)


def drawn(picture: Picture, console: Console, glyphs: Glyphs, now_s: float) -> Group:
    """Return what is to be drawn of a picture at a time."""
    seen = picture.seen(now_s)
    if seen is None:
        return Group(Text("Asking the dock", no_wrap=True))
    size = console.size
    return Group(*map(_as_line, frame(seen, width=size.width, height=size.height, glyphs=glyphs)))


def _as_line(text: Text) -> Text:
    text.end = "\n"
    return text


def console_for(stream: TextIO, *, colours: bool) -> Console:
    """Return a console that draws on a stream. Its sequences are our own: texts were made visible before."""
    return Console(
        file=cast("IO[str]", _Drawn(stream)),
        force_terminal=True,
        color_system="standard",
        no_color=not colours,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A stream for sequences of our own (`draw`)."""

    stream: TextIO

    def write(self, text: str) -> int:
        draw(self.stream, text)
        return len(text)

    def flush(self) -> None:
        self.stream.flush()

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.stream.fileno()

    @property
    def encoding(self) -> str:
        return self.stream.encoding or "utf-8"
