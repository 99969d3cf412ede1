"""With which configuration does a command work: the file's, or the running daemon's where the file is broken?

A mistake that is typed into the file must not prevent anybody from placing a hold. Commands that read and
order then work with what the daemon read at its start, and say so. `run`, `init`, `config check` and
`cameras probe` read the file alone.
"""

from __future__ import annotations

import os
import pwd
import re
import tomllib
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bwvdock.cli.moments import use_zone
from bwvdock.cli.output.screen import say
from bwvdock.config.settings import Config, MistakesError, default_path, load, parse, run_dir_of
from bwvdock.core.visible_text import quoted
from bwvdock.edges.sockets import listening
from bwvdock.errors import BwvdockError, ConfigError
from bwvdock.operators.daemon_client import ask_journal
from bwvdock.operators.requests import CONFIGURATION, Query

_SOCKET = "control.sock"
_USER = "bwvdock"
_PLACE = re.compile(r"""^[ \t]*(state_dir|run_dir)[ \t]*=[ \t]*(["'])(/.*?)\2""", re.MULTILINE)


def working_configuration(arguments: Namespace) -> Config:
    """Return the configuration that a command works with; times are shown and read in its zone.

    Raises:
        ConfigError: the file is broken, and no daemon that read it runs.
    """
    return configuration_and_trouble(arguments)[0]


def configuration_and_trouble(arguments: Namespace) -> tuple[Config, ConfigError | None]:
    """Return the same, and what is wrong with the file; None where nothing is.

    Raises:
        ConfigError: as `working_configuration` does.
    """
    file = Path(arguments.config) if arguments.config else default_path()
    trouble: ConfigError | None = None
    try:
        config = load(file)
    except ConfigError as error:
        config, trouble = _of_daemon(file, error), error
        say(
            f"bwvdock: {brief(error)}; this is by the configuration that the running daemon read. "
            f"See what is wrong: bwvdock config check --config {quoted(str(file))}"
        )
    use_zone(config.zone)
    return config, trouble


def brief(error: ConfigError) -> str:
    """Return what is wrong with a file, in one line without a full stop."""
    return error.message.splitlines()[0].rstrip(".:")


def _of_daemon(file: Path, error: ConfigError) -> Config:
    for path in dict.fromkeys(_sockets(file, error)):
        with suppress(BwvdockError, ValueError):  # nobody is there, or it is no daemon of this file
            match ask_journal(path, Query(what=CONFIGURATION)):
                case [{"file": str(read), "content": str(content)}] if read == os.path.realpath(file):
                    return parse(tomllib.loads(content), file=file, content=content.encode())
    raise error


def _sockets(file: Path, error: ConfigError) -> Iterator[Path]:
    """Return where the daemon of a file may listen: the likeliest place first."""
    if isinstance(error, MistakesError):
        yield error.config.control_socket
    with suppress(OSError):
        places = {key: Path(path) for key, _, path in _PLACE.findall(file.read_text(errors="replace"))}
        if "run_dir" in places:
            yield places["run_dir"] / _SOCKET
        if "state_dir" in places:
            yield run_dir_of(places["state_dir"]) / _SOCKET
    yield run_dir_of(Path("/var/lib/bwvdock")) / _SOCKET
    owners = {0, os.geteuid()}
    with suppress(OSError):
        owners.add(file.stat().st_uid)
    with suppress(KeyError):
        owners.add(pwd.getpwnam(_USER).pw_uid)
    yield from listening(_SOCKET, owners=owners)
