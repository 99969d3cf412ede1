"""How does a person type commands and read what they print? A shell on a terminal, one command at a time.

Of the standard library alone: it also runs within the virtual dock (`python3 terminal.py`).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ROWS, COLUMNS = 50, 80
PATIENCE = 300.0  # seconds; a machine under load, never a measure of anything
INTERRUPTED = 130
_LOOK = 0.1  # seconds between two looks at what is shown and hidden
_END = "\x1e"
# Commands come through a pipe, so that programs have the terminal; aliases are expanded as at a prompt.
_SHELL = r"""
shopt -s expand_aliases
while IFS= read -r -d '' -u PIPE typed; do eval "$typed" PIPE<&-; printf '\036%s\036' "$?"; done
"""
_DAEMON = re.compile(r"\bbwvdock run\b")
_WATCHES = re.compile(r"\bbwvdock .*--watch\b")
_PAINT = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


# What a command asks (a part of it, as it is shown), what is typed then, and whether that is not shown.
Answer = tuple[str, str, bool]


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what was on the terminal then."""

    code: int
    text: str


class SilentError(Exception):
    """A command did not show what it was to show, or did not end; what was on the terminal."""


class Terminal:
    """A shell that somebody types into."""

    def __init__(self, environment: Mapping[str, str], folder: str) -> None:
        commands, self._commands = os.pipe()
        self._screen, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            [
                "env",
                "--default-signal",  # whoever started the tests may have them ignored
                "setsid",
                "--ctty",
                "bash",
                "--noprofile",
                "--norc",
                "-c",
                _SHELL.replace("PIPE", str(commands)),
            ],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=dict(environment),
            cwd=folder,
            pass_fds=(commands,),
        )
        os.close(commands)
        os.close(theirs)
        self._text = ""
        self._running = False

    def type(self, command: str, answers: Sequence[Answer] = ()) -> Outcome:
        """Type a command and wait until it has ended; give each answer once its question is shown.

        Raises:
            SilentError: it has not ended, or the terminal shows no such question.
        """
        self._begin(command)
        heard, left = 0, list(answers)

        def ended() -> bool:
            nonlocal heard
            while left and (found := self._text.find(left[0][0], heard)) >= 0:
                if left[0][2] and not self._hides:
                    break  # what is typed before a command hides it, it throws away as it does so
                question, answer, _ = left.pop(0)
                heard = found + len(question)
                os.write(self._screen, f"{answer}\n".encode())
            return self._text.count(_END) == 2

        outcome = self._end(command, ended)
        if left:
            raise SilentError(f"{command}\ndid not ask for {left[0][0]!r}:\n{outcome.text}")
        return outcome

    @property
    def _hides(self) -> bool:
        """Return whether what is typed now is not shown."""
        return not termios.tcgetattr(self._screen)[3] & termios.ECHO

    def watch(self, command: str, until: Callable[[str], bool]) -> str:
        """Type a command that ends by Ctrl-C alone; return what was shown as soon as `until` says so of it.

        It still runs then: `interrupt` ends it.

        Raises:
            SilentError: it was not shown, or the command has ended.
        """
        self._begin(command)
        self._read(lambda: until(_PAINT.sub("", self._text)) or _END in self._text, command)
        if _END in self._text:
            raise SilentError(f"It has ended: {command}\n{_PAINT.sub('', self._text)[-4000:]}")
        return _PAINT.sub("", self._text)

    def interrupt(self) -> Outcome:
        """Press Ctrl-C, and wait until the command has ended."""
        os.write(self._screen, b"\x03")
        return self._end("What Ctrl-C was to end")

    @property
    def busy(self) -> bool:
        """Whether a command runs."""
        return self._running

    def close(self) -> None:
        """Close the window: whatever runs in it is told so, and ended."""
        os.close(self._commands)
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._screen)

    def _begin(self, command: str) -> None:
        self._text, self._running = "", True
        os.write(self._commands, command.encode() + b"\0")

    def _end(self, what: str, ended: Callable[[], bool] | None = None) -> Outcome:
        self._read(ended or (lambda: self._text.count(_END) == 2), what)
        self._running = False
        text, code, _ = self._text.split(_END)
        return Outcome(code=int(code), text=_PAINT.sub("", text))

    def _read(self, enough: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not enough():
            if time.monotonic() > deadline:  # what prints for ever has not ended either
                raise SilentError(
                    f"{what} has not ended in {PATIENCE:.0f} s:\n{_PAINT.sub('', self._text)[-4000:]}"
                )
            if not select.select([self._screen], [], [], _LOOK)[0]:
                continue
            try:
                self._text += os.read(self._screen, 65536).decode(errors="replace")
            except OSError as error:
                raise SilentError(f"The shell has ended:\n{self._text[-4000:]}") from error


class Typist:
    """Somebody who types what a page says, one command after the other.

    A daemon in the foreground keeps its terminal, and what follows is typed into another one, which knows
    nothing of what was set in the first. What watches is watched until it has shown what the page shows.
    """

    def __init__(self, environment: Mapping[str, str], folder: str) -> None:
        self._environment = environment
        self._folder = folder
        self._terminals = [Terminal(environment, folder)]
        self.said: list[str] = []  # what commands that have ended had shown

    def type(self, typed: str, shown: Sequence[str] = (), answers: Sequence[Answer] = ()) -> list[str]:
        """Type a command; return what is wrong with how it ends or with what it shows."""
        terminal = self._terminals[-1]
        stays = _DAEMON.search(typed)
        try:
            if stays or _WATCHES.search(typed):
                text = terminal.watch(typed, shows(shown or (("...", "...ready...", "...") if stays else ())))
                if stays:
                    self._terminals.append(Terminal(self._environment, self._folder))
                    return []
                ended = terminal.interrupt()
                return [] if ended.code in {0, INTERRUPTED} else [_wrong(typed, ended.code, text)]
            ended = terminal.type(typed, answers)
            self.said.append(ended.text)
        except SilentError as error:
            self._terminals.append(
                Terminal(self._environment, self._folder)
            )  # this one is of no use any more
            return [str(error)]
        if all(line.strip() in _ANYTHING for line in shown):
            return [_wrong(typed, ended.code, ended.text)] if ended.code else []
        # Where the page shows what is printed, that is what counts: it may be an error.
        return [] if shows(shown)(ended.text) else [f"$ {typed}\nshows something else:\n{ended.text}"]

    def close(self) -> list[str]:
        """Press Ctrl-C where a daemon runs, and close all windows; return what is wrong with how it ended."""
        found = []
        for terminal in self._terminals:
            try:
                end = terminal.interrupt() if terminal.busy else Outcome(code=0, text="")
                found += [] if end.code in {0, INTERRUPTED} else [_wrong("Ctrl-C", end.code, end.text)]
            except SilentError as error:
                found.append(str(error))
            terminal.close()
        return found


def _wrong(typed: str, code: int, text: str) -> str:
    return f"$ {typed}\nends with exit code {code}:\n{text}"


def shows(lines: Sequence[str]) -> Callable[[str], bool]:
    """Return what says whether a screen has these lines and no others; without any, if it shows anything.

    "..." is any text, as a line of its own any lines. Ids, times and hashes are of any value, blanks of any
    number.
    """
    if not lines:
        return lambda text: bool(text.strip())
    expected = re.compile("".join(_pattern(line.strip()) for line in lines if line.strip()))
    return lambda text: bool(
        expected.fullmatch("".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip()))
    )


def _pattern(line: str) -> str:
    if line in _ANYTHING:
        return r"(?:.*\n)*?"
    parts = _VARIES.split(line)
    pattern = re.sub(r"(?:\\ )+", r"\\s+", re.escape(parts[0]))
    for variable, fixed in zip(parts[1::2], parts[2::2], strict=True):
        kind = next(k for k in _KINDS if re.fullmatch(k, variable))
        pattern += _KINDS[kind] + re.sub(r"(?:\\ )+", r"\\s+", re.escape(fixed))
    return pattern + r"\n"


_ANYTHING = ("...", "…")
_KINDS = {
    r"\.\.\.|…": ".*",
    r"\b01[0-9a-z]{4,24}\b": "[0-9a-z]+",  # an id, or the beginning of one
    r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?(?:[+-]\d\d:\d\d|Z)?)?": (
        r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)?)?"
    ),
    r"\b[0-9a-f]{12,64}\b": "[0-9a-f]+",
}
_VARIES = re.compile("(" + "|".join(_KINDS) + ")")


def main() -> None:
    """Type what standard input says, [[typed, [shown, ...], [[question, answer, hidden], ...]], ...].

    Prints what is wrong with each, and what each has shown.
    """
    typist = Typist(os.environ, os.getcwd())
    found = [typist.type(typed, shown, answers) for typed, shown, answers in json.load(sys.stdin)]
    json.dump({"wrong": [*found, typist.close()], "said": typist.said}, sys.stdout)


if __name__ == "__main__":
    main()
