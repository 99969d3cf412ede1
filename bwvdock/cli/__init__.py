"""What does a person, or a script, type? The entry point of the one program.

`main` parses, calls one command and turns every error into a message on standard error and an exit code. The
commands are in the modules beside this one and are imported only when they are called: people and monitors
run `bwvdock status` every few seconds, and it must not pay for the daemon's libraries.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence

from bwvdock.errors import BwvdockError, UsageError

_PLUGIN = frozenset({"status", "--nagios"})  # whatever goes wrong then is a state of the plugin
_DAEMON = "run"  # whose log wants the place in the code, too
_INTERRUPTED = 130
_BROKEN_PIPE = 141  # 128 + SIGPIPE, as a shell shows it


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code.

    Args:
        argv: the arguments after the program's name; those of this process by default.
    """
    from bwvdock.cli.output.terminal import safe_streams  # noqa: PLC0415 - see the module's docstring

    with safe_streams():
        return _run(sys.argv[1:] if argv is None else argv)


def _call(argv: Sequence[str]) -> int:
    from bwvdock.cli.parser import parse  # noqa: PLC0415

    arguments = parse(_as_text(argv))
    code: int = arguments.command(arguments)
    sys.stdout.flush()
    return code


def _run(argv: Sequence[str]) -> int:
    try:
        if _PLUGIN.issubset(argv):
            from bwvdock.cli.output.nagios import as_plugin  # noqa: PLC0415

            return as_plugin(lambda: _call(argv))
        code = _call(argv)
    except BwvdockError as error:
        complain(error)
        return error.exit_code
    except PermissionError as error:
        if error.filename is None or _DAEMON in argv:
            raise
        return _may_not(error, argv)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        return _hush()
    except SystemExit as end:  # argparse after --help and --version
        return end.code if isinstance(end.code, int) else 0
    return code


def _may_not(error: PermissionError, argv: Sequence[str]) -> int:
    """Print which file this user has no right to, and how root asks the same; return the exit code."""
    name = os.fsdecode(error.filename)
    refused = UsageError(
        f"You may not use {name}: {error.strerror}.",
        remedy=f"sudo {shlex.join(['bwvdock', *argv])}" if os.geteuid() else f"namei -l {shlex.quote(name)}",
    )
    complain(refused)
    return refused.exit_code


def _as_text(argv: Sequence[str]) -> Sequence[str]:
    """Return the arguments, all of them text: anything else can neither be recorded nor shown.

    Raises:
        UsageError: one has bytes that this locale cannot read.
    """
    for place, argument in enumerate(argv, start=1):
        if any("\ud800" <= character <= "\udfff" for character in argument):
            raise UsageError(
                f"Argument {place} is not text: {argument!a}.",
                remedy="Type it again in UTF-8; see which characters your terminal sends: locale",
            )
    return argv


def complain(error: BwvdockError) -> None:
    """Print what went wrong and what to do, on standard error."""
    from bwvdock.cli.moments import localised  # noqa: PLC0415 - see the module's docstring
    from bwvdock.cli.output.console import say  # noqa: PLC0415

    say(f"bwvdock: {localised(error.message)}")
    for line in error.remedy.splitlines():
        print(f"  {line}", file=sys.stderr)  # whole, so that a command can be copied


def _hush() -> int:
    # The reader of our output has gone (`bwvdock clips | head`). Python would complain once more when it
    # flushes standard output at exit, so standard output now points at /dev/null.
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
    return _BROKEN_PIPE
