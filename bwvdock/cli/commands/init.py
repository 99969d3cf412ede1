"""`bwvdock init`, `bwvdock custody succeed`: make what a dock needs, once; after a loss or by order, anew."""

from __future__ import annotations

import os
import pwd
from argparse import Namespace
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.output.console import configuration, print_json, say
from bwvdock.config.disks import made_on_mount
from bwvdock.config.placeholders import require_set
from bwvdock.config.settings import Config
from bwvdock.core.visible_text import visible
from bwvdock.edges.peer import actor_of, this_process
from bwvdock.edges.rights import as_owner_of
from bwvdock.edges.system import SystemClock
from bwvdock.errors import StorageError, UsageError
from bwvdock.operators.daemon_client import claimed_login

_USER = "bwvdock"  # whom the package makes, and the daemon runs as


def init(arguments: Namespace) -> int:
    """Make state directory, journal and vaults, where they are missing."""
    from bwvdock.service.initialise import initialise  # noqa: PLC0415

    reason = _reason(arguments)
    config = configuration(arguments)
    require_set(config)
    actor = actor_of(this_process(), claimed=claimed_login())
    _make_directories(config)
    with as_owner_of(config.state_dir):
        done = initialise(config, SystemClock(), actor=actor, reason=reason)
    if arguments.json:
        print_json({**asdict(done), "message": _message(config, done.vaults, recorded=done.recorded)})
        return 0
    print(_message(config, done.vaults, recorded=done.recorded))
    for line in done.advice:
        say(line)
    return 0


def succeed(arguments: Namespace) -> int:
    """Keep the dock's journal under another name, and begin a new one that names it."""
    from bwvdock.service.succession import succeed as carry_out  # noqa: PLC0415 - `bwvdock --help` starts fast

    reason = arguments.reason.strip()
    if not reason:
        raise UsageError(
            "A new journal needs a reason, which is recorded in it.",
            remedy="bwvdock custody succeed --reason 'state disk restored from a copy on 3 March'",
        )
    config = working_configuration(arguments)
    actor = actor_of(this_process(), claimed=claimed_login())
    with as_owner_of(config.state_dir):
        found = carry_out(config, SystemClock(), actor=actor, reason=reason)
    if arguments.json:
        print_json(
            {
                "journal": found.journal,
                "predecessor": found.predecessor,
                "kept": found.kept,
                "vaults": found.done.vaults,
                "without_entry": found.done.without_entry,
            }
        )
        return 0
    print(f"Dock {config.dock} has a new journal: {found.journal}.")
    print(f"It names its predecessor, {found.predecessor}, which is kept: {visible(found.kept)}.")
    for line in found.done.advice:
        say(line)
    say("Its log has a new name: add its key at each witness (bwvdock custody checkpoint; witness add-log).")
    return 0


def _reason(arguments: Namespace) -> str:
    reason = (arguments.reason or "").strip()
    if arguments.after_loss and not reason:
        raise UsageError(
            "A new journal in place of one that is lost needs a reason, which is recorded in it.",
            remedy="bwvdock init --after-loss --reason 'the state disk failed on 3 March'",
        )
    if reason and not arguments.after_loss:
        raise UsageError("--reason goes with --after-loss only.", remedy="bwvdock init")
    return reason


def _message(config: Config, vaults: tuple[str, ...], *, recorded: bool) -> str:
    if not recorded and not vaults:
        return f"Nothing to do: dock {config.dock} has its journal and its vaults."
    made = f"; vaults: {', '.join(vaults)}" if vaults else ""
    return f"Dock {config.dock} is ready: journal {config.journal}{made}."


def _make_directories(config: Config) -> None:
    """Make the state directory and the vaults' own, never the one above a vault; they are the daemon's."""
    from bwvdock.service.daemon import make_directories  # noqa: PLC0415

    new = [path for path in (config.state_dir, config.run_dir) if not os.path.exists(path)]
    make_directories(config)
    if os.geteuid() == 0:
        owner = _owner(config, new=config.state_dir in new)
        for path in new:
            _give(path, owner)
    for store in config.vaults:
        if not os.path.exists(store.path) and os.path.isdir(store.path.parent) and not made_on_mount(store):
            _make_vault(store.path, config.state_dir)


def give_to_service(state_dir: Path) -> None:
    """Make a state directory where there is none; root's is given to the user that the daemon runs as.

    Raises:
        StorageError: it cannot be made.
    """
    if os.path.lexists(state_dir):
        return
    try:
        state_dir.mkdir(mode=0o700)
    except OSError as error:
        raise StorageError(
            f"{state_dir} cannot be made: {error.strerror}.", remedy=f"findmnt -T {state_dir.parent}"
        ) from error
    if os.geteuid() == 0:
        with suppress(KeyError):
            user = pwd.getpwnam(_USER)
            _give(state_dir, (user.pw_uid, user.pw_gid))


def _owner(config: Config, *, new: bool) -> tuple[int, int]:
    """Return whose the dock's directories are: the service's, or the owner's of the state directory."""
    if new:
        with suppress(KeyError):  # not installed as a package: the daemon is whoever starts it
            user = pwd.getpwnam(_USER)
            return user.pw_uid, user.pw_gid
    found = config.state_dir.stat()
    return found.st_uid, found.st_gid


def _make_vault(vault: Path, state_dir: Path) -> None:
    owner = state_dir.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return  # whoever owns the state directory can make it, or is told that he cannot
    try:
        vault.mkdir(mode=0o750)
        _give(vault, (owner.st_uid, owner.st_gid))
    except OSError as error:
        raise StorageError(
            f"The vault {vault} cannot be made: {error.strerror}.", remedy=f"findmnt -T {vault.parent}"
        ) from error


def _give(directory: Path, owner: tuple[int, int]) -> None:
    # By its descriptor: whoever owns the directory above may have put a link in its place by now.
    held = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchown(held, *owner)
    finally:
        os.close(held)
