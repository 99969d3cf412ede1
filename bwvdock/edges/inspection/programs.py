"""How is another program asked, so that it cannot hang and cannot be one from somewhere else?"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from bwvdock.errors import NotSeenError, words_of

_FOLDERS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")  # never $PATH: root may be asking
_ENVIRONMENT = {"PATH": ":".join(_FOLDERS), "LC_ALL": "C.UTF-8", "TZ": "UTC", "SYSTEMD_PAGER": ""}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """How a program ended, and what it wrote."""

    code: int
    out: str
    err: str


def installed(name: str, *, folders: tuple[str, ...] = _FOLDERS) -> str:
    """Return the path of a program of the system; "" if it is not installed."""
    paths = (f"{folder}/{name}" for folder in folders)
    return next((path for path in paths if os.access(path, os.X_OK)), "")


def run(name: str, *arguments: str, seconds: float = 8.0, package: str = "") -> Ran:
    """Run a program of the system and return what it wrote; it is killed if it takes too long.

    Args:
        name: of the program, without a folder.
        arguments: its arguments.
        seconds: the time that it may take.
        package: the Debian package that has it, for the remedy.

    Raises:
        NotSeenError: it is not installed, cannot be run, or did not end in time.
    """
    path = installed(name)
    if not path:
        remedy = f"sudo apt install {package}" if package else f"Install {name}"
        raise NotSeenError(f"{name} is not installed", remedy=f"{remedy}; then: sudo bwvdock doctor")
    try:
        ended = subprocess.run(
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            env=_ENVIRONMENT,
        )
    except subprocess.TimeoutExpired:
        raise NotSeenError(
            f"{name} did not end within {seconds:g} s", remedy=f"See what it waits for: {name}"
        ) from None
    except OSError as error:
        raise NotSeenError(f"{name} cannot be run: {words_of(error)}", remedy=f"ls -l {path}") from error
    out, err = (text.decode("utf-8", "replace") for text in (ended.stdout, ended.stderr))
    return Ran(code=ended.returncode, out=out, err=err)
