"""With which configuration does a command work: the file's, or what the running daemon read in it?

A mistake that is typed into the file must not prevent anybody from placing a hold, and a change that the
daemon has not taken up must not send a command to another journal. Commands that read and order work with
what the daemon of that file uses, and say so. `run`, `init`, `config check` and `cameras probe` read the file
alone.
"""

from __future__ import annotations

import os
import pwd
import re
import tomllib
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bwvdock.cli.moments import use_zone
from bwvdock.cli.output.console import say
from bwvdock.config.settings import (
    Config,
    MistakesError,
    default_path,
    load,
    needs_restart,
    parse,
    run_dir_of,
    until_restart,
)
from bwvdock.core.visible_text import quoted, visible
from bwvdock.edges.sockets import listening
from bwvdock.errors import BwvdockError, ConfigError
from bwvdock.operators.daemon_client import ask_journal
from bwvdock.operators.requests import CONFIGURATION, Query

_SOCKET = "control.sock"
_ANSWER_SECONDS = 2.0
_USER = "bwvdock"
_PLACE = re.compile(r"""^[ \t]*(state_dir|run_dir)[ \t]*=[ \t]*(["'])(/.*?)\2""", re.MULTILINE)


def working_configuration(arguments: Namespace) -> Config:
    """Return the configuration that a command works with; times are shown and read in its zone.

    Raises:
        ConfigError: the file is broken, and no daemon that read it runs.
    """
    return look_at_configuration(arguments).config


@dataclass(frozen=True, kw_only=True, slots=True)
class Working:
    """The configuration that a command works with.

    `trouble` is what is wrong with the file, None where nothing is. `pending` are the tables of it that the
    running daemon takes up when it is restarted.
    """

    config: Config
    trouble: ConfigError | None = None
    pending: tuple[str, ...] = ()


def look_at_configuration(arguments: Namespace) -> Working:
    """Return the same, with what is wrong with the file or waits for a restart, which is said, too.

    Raises:
        ConfigError: as `working_configuration` does.
    """
    file = Path(arguments.config) if arguments.config else default_path()
    try:
        config = load(file)
    except ConfigError as error:
        used = Working(config=_of_broken_file(file, error), trouble=error)
        say(
            f"bwvdock: {brief(error)}; this command uses the configuration that the running daemon read. "
            f"See what is wrong: bwvdock config check --config {quoted(str(file))}"
        )
    else:
        used = _with_daemon(config)
        if used.pending:
            say(
                f"bwvdock: {', '.join(used.pending)} of {visible(str(file))} changed after the running "
                "daemon read it; this command uses what it read. To apply it, restart bwvdock"
            )
    use_zone(used.config.zone)
    return used


def brief(error: ConfigError) -> str:
    """Return what is wrong with a file, in one line without a full stop."""
    return error.message.splitlines()[0].rstrip(".:")


def _with_daemon(config: Config) -> Working:
    """Return what is used of a valid file: all of it, unless its daemon runs with something else."""
    others = listening(_SOCKET, owners=_owners(config.file))
    for path in dict.fromkeys((config.control_socket, *others)):
        if (running := _read_by(path, config.file)) is not None:
            pending = tuple(needs_restart(running, config))
            return Working(config=until_restart(running, config), pending=pending)
    return Working(config=config)


def _of_broken_file(file: Path, error: ConfigError) -> Config:
    for path in dict.fromkeys(_sockets(file, error)):
        if (config := _read_by(path, file)) is not None:
            return config
    raise error


def _read_by(path: Path, file: Path) -> Config | None:
    """Return what the daemon at a socket read in a file; None where it read another, or nobody answers."""
    with suppress(BwvdockError, ValueError):
        match ask_journal(path, Query(what=CONFIGURATION), _ANSWER_SECONDS):
            case [{"file": str(read), "content": str(content)}] if read == os.path.realpath(file):
                return parse(tomllib.loads(content), file=file, content=content.encode())
    return None


def _sockets(file: Path, error: ConfigError) -> Iterator[Path]:
    """Return where the daemon of a broken file may listen: the likeliest place first."""
    if isinstance(error, MistakesError):
        yield error.config.control_socket
    with suppress(OSError):
        places = {key: Path(path) for key, _, path in _PLACE.findall(file.read_text(errors="replace"))}
        if "run_dir" in places:
            yield places["run_dir"] / _SOCKET
        if "state_dir" in places:
            yield run_dir_of(places["state_dir"]) / _SOCKET
    yield run_dir_of(Path("/var/lib/bwvdock")) / _SOCKET
    yield from listening(_SOCKET, owners=_owners(file))


def _owners(file: Path) -> set[int]:
    """Return the users whose daemon may be that of a file: anybody could listen and answer."""
    owners = {0, os.geteuid()}
    with suppress(OSError):
        owners.add(file.stat().st_uid)
    with suppress(KeyError):
        owners.add(pwd.getpwnam(_USER).pw_uid)
    return owners
