"""How are many commands of bwvdock run in little time? By a process with its modules loaded: forks do it.

Starting Python and loading modules is most of what a short command costs on an emulated processor. What runs
is the installed launcher, /usr/bin/bwvdock, from its first line on, with the interpreter's options that it
names; but its imports find the modules in memory. Modules that a command was the first to need are loaded for
those to come, also after the next boot. A command ends without taking its interpreter apart, which takes as
long as the command itself.

Started by agent.py. Reads lines of JSON, and answers each in turn with one:

    {"argv", "user"}  -> {"rc", "stdout", "stderr"}   (both outputs base64)
"""

import atexit
import base64
import contextlib
import gc
import importlib
import json
import os
import pwd
import runpy
import sys
import threading
from pathlib import Path
from typing import NoReturn

LAUNCHER = "/usr/bin/bwvdock"
LIBRARY = "/usr/lib/bwvdock"
NEEDED = Path("/var/lib/vm-agent-modules")  # what commands needed so far
TRIED: set[str] = set()


def run(argv: list[str], user: str) -> dict[str, str | int]:
    out, err, modules = (os.memfd_create(name) for name in ("out", "err", "modules"))
    gc.freeze()  # a collection in the child would write to every page that the two share
    child = os.fork()
    if child == 0:
        become(argv, user, out, err, modules)
    _, status = os.waitpid(child, 0)
    if more := load(text(modules).decode().split()):
        with NEEDED.open("a") as file:
            file.writelines(f"{name}\n" for name in more)
    return {
        "rc": os.waitstatus_to_exitcode(status),
        "stdout": base64.b64encode(text(out)).decode("ascii"),
        "stderr": base64.b64encode(text(err)).decode("ascii"),
    }


def load(names: list[str]) -> list[str]:
    """Loads modules, each tried once; gives those that are new."""
    new = [name for name in names if name not in TRIED]
    TRIED.update(new)
    for name in new:
        with contextlib.suppress(Exception):  # the command said so itself, if that was a mistake
            importlib.import_module(name)
    return [name for name in new if name in sys.modules]


def become(argv: list[str], user: str, out: int, err: int, modules: int) -> NoReturn:
    """Makes this process the command, and ends it: its threads waited for, its output written."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    if user != "root":
        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    known = set(sys.modules)
    sys.argv = [LAUNCHER, *argv]
    code = exit_code()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()  # noqa: SLF001 - nothing else calls them without the rest of an end
    os.write(modules, " ".join(set(sys.modules) - known).encode())
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(ValueError):  # closed
            stream.flush()
    os._exit(code)


def exit_code() -> int:
    """Runs the launcher; gives what the interpreter would end with."""
    try:
        runpy.run_path(LAUNCHER, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, int):
            return end.code & 0xFF
        if end.code is not None:
            sys.stderr.write(f"{end.code}\n")
        return int(end.code is not None)
    except BaseException:  # noqa: BLE001 - the interpreter shows it, whatever it is
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def text(file: int) -> bytes:
    with os.fdopen(file, "rb") as opened:
        opened.seek(0)
        return opened.read()


def serve() -> None:
    sys.path.append(LIBRARY)
    if NEEDED.exists():
        load(NEEDED.read_text().split())
    for line in sys.stdin:
        answer = run(**json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__" and Path(LAUNCHER).exists():
    serve()
