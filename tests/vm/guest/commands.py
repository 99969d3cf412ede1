"""How are many commands of bwvdock run in little time? By a process with its modules loaded: forks do it.

Starting Python and loading modules is most of what a short command costs on an emulated processor. What runs
is the installed launcher, /usr/bin/bwvdock, from its first line on, with the interpreter's options that it
names; but its imports find the modules in memory. Modules that a command was the first to need are loaded for
those to come.

Started by agent.py. Reads lines of JSON, and answers each in turn with one:

    argv (list)  -> {"rc", "stdout", "stderr"}   (both outputs base64)
"""

import atexit
import base64
import contextlib
import importlib
import json
import os
import runpy
import sys
from pathlib import Path

LAUNCHER = "/usr/bin/bwvdock"
LIBRARY = "/usr/lib/bwvdock"


def run(argv: list[str]) -> dict[str, str | int]:
    out, err, modules = (os.memfd_create(name) for name in ("out", "err", "modules"))
    child = os.fork()
    if child == 0:
        become(argv, out, err, modules)
    _, status = os.waitpid(child, 0)
    for name in text(modules).decode().split():
        with contextlib.suppress(Exception):  # the command said so itself, if that was a mistake
            importlib.import_module(name)
    return {
        "rc": os.waitstatus_to_exitcode(status),
        "stdout": base64.b64encode(text(out)).decode("ascii"),
        "stderr": base64.b64encode(text(err)).decode("ascii"),
    }


def become(argv: list[str], out: int, err: int, modules: int) -> None:
    """Makes this process the command; it ends as the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    known = set(sys.modules)
    atexit.register(lambda: os.write(modules, " ".join(set(sys.modules) - known).encode()))
    sys.argv = [LAUNCHER, *argv]
    runpy.run_path(LAUNCHER, run_name="__main__")
    sys.exit()


def text(file: int) -> bytes:
    with os.fdopen(file, "rb") as opened:
        opened.seek(0)
        return opened.read()


def serve() -> None:
    sys.path.append(LIBRARY)
    for line in sys.stdin:
        answer = run(json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__" and Path(LAUNCHER).exists():
    serve()
