"""How does a command get messages? It is run once for each message, with JSON on its standard input.

Without a shell, with nothing of the daemon's environment, in a process group of its own, and for so many
seconds; then it is killed, and whatever it started that stayed in its group. A message was taken if it ended
with 0.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from bwvdock.core.visible_text import visible_json
from bwvdock.edges.destinations.header_values import words
from bwvdock.errors import DestinationRefusedError, DestinationUnavailableError, words_of

_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
_MOST_SAID = 2000  # bytes of its standard error that are looked at
_WRONG_DATA = 65  # EX_DATAERR of sysexits.h: it will never take this message
_BLOCK = 4096


class Command:
    """A command. Used from one thread."""

    def __init__(self, command: Sequence[str], *, seconds: float) -> None:
        """Describe it; nothing is run yet.

        Args:
            command: the path of the program, and its arguments.
            seconds: for which it may run.
        """
        self._command, self._seconds = command, seconds

    def post(self, _: str, document: Mapping[str, Any]) -> str:
        """Run it with a JSON document; return how it ended.

        Raises:
            DestinationUnavailableError: it failed, or did not end in time.
            DestinationRefusedError: it ended with 65.
        """
        program = self._command[0]
        # A command that is tried by root has the rights of the dock's user, and cannot go back to root's.
        differs = os.getuid() != os.geteuid()
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd="/",
                env=_ENVIRONMENT,
                start_new_session=True,
                user=os.geteuid() if differs else None,
                group=os.getegid() if differs else None,
            )
        except OSError as error:
            raise DestinationUnavailableError(
                f"{program} cannot be run: {words_of(error)}.",
                remedy=f"See that it is there and may be run by the user bwvdock: ls -l {program}",
            ) from error
        with process:
            try:
                said, ended = self._give(
                    process, visible_json(json.dumps(document, ensure_ascii=False)).encode()
                )
            finally:
                _kill(process)
        self._judge(process.returncode, words(said.decode("utf-8", "replace")).strip(), ended=ended)
        return f"{program} ended with 0"

    def _give(self, process: subprocess.Popen[bytes], content: bytes) -> tuple[bytes, bool]:
        """Write the message to it; return what it said, and whether it ended in time."""
        until, said, left = time.monotonic() + self._seconds, bytearray(), memoryview(content)
        to, out, ended = _pipe(process.stdin), _pipe(process.stderr), os.pidfd_open(process.pid)
        for pipe in (to, out):
            os.set_blocking(pipe.fileno(), False)
        with selectors.DefaultSelector() as ready, open(ended, "rb") as ending:
            ready.register(to, selectors.EVENT_WRITE)
            ready.register(out, selectors.EVENT_READ)
            ready.register(ending, selectors.EVENT_READ)
            while (seconds := until - time.monotonic()) > 0:
                happened = {key.fileobj for key, _ in ready.select(seconds)}
                if out in happened and not _read(out, said):
                    ready.unregister(out)
                if ending in happened:
                    return bytes(said), True
                if to in happened and not (left := left[_written(to.fileno(), left) :]):
                    ready.unregister(to)
                    to.close()
        return bytes(said), False

    def _judge(self, code: int, said: str, *, ended: bool) -> None:
        program = self._command[0]
        if not ended:
            raise DestinationUnavailableError(
                f"{program} did not end within {self._seconds:g} s and was killed.",
                remedy="Have it end sooner, or raise `seconds`",
            )
        if code == 0:
            return
        how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
        message = f"{program} {how}" + (f": {said}" if said else "") + "."
        if code == _WRONG_DATA:
            raise DestinationRefusedError(message, remedy=f"See what {program} says of this message")
        raise DestinationUnavailableError(
            message, remedy=f"Find out why {program} fails; alerts are tried again"
        )


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("a pipe was asked for")
    return stream


def _read(out: IO[bytes], said: bytearray) -> bool:
    """Read some of what it says, and keep the beginning; return whether there may be more."""
    block = out.read(_BLOCK)
    said += (block or b"")[: max(0, _MOST_SAID - len(said))]
    return block != b""


def _written(to: int, content: memoryview) -> int:
    """Write some of it; return how much. What reads no more has read all that it wanted."""
    try:
        return os.write(to, content)
    except BlockingIOError:
        return 0
    except BrokenPipeError:
        return len(content)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End it and what it left behind in its group, whose number is not given anew before it is waited for."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
