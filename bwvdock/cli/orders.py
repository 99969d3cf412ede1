"""How is an operator's order carried out: by the daemon, or without one?

The daemon is asked first. Where none runs, the order is recorded here, under the dock's lock and as the
user who owns the dock's state, so that a daemon that starts later can open every file.
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bwvdock.cli.output.screen import configuration, print_json
from bwvdock.config.settings import Config
from bwvdock.edges.control import actor_of
from bwvdock.errors import AlreadyRunningError, NotRunningError, StorageError, UsageError
from bwvdock.operators.asking import ask
from bwvdock.operators.orders import Order

_SECONDS = 600.0  # a clip that is to be retried is read whole before the answer


def give(arguments: Namespace, order: Order, *, needs_daemon: bool = False) -> int:
    """Carry out an order and say what came of it.

    Args:
        arguments: of the command.
        order: what the operator wants.
        needs_daemon: the order means nothing where no daemon runs.

    Raises:
        BwvdockError: it could not be carried out.
    """
    config = configuration(arguments)
    try:
        answer = ask(config.control_socket, order, _SECONDS)
    except NotRunningError as silent:
        if needs_daemon:
            raise
        try:
            answer = _without_daemon(config, order)
        except AlreadyRunningError:
            raise silent from None  # one runs after all, and does not answer
    if arguments.json:
        print_json(answer)
    else:
        print(answer.get("message", "Done."))
    return 0


def _without_daemon(config: Config, order: Order) -> dict[str, Any]:
    actor = actor_of(os.getuid())
    with as_owner_of(_state_dir(config)):
        return _record(config, order, actor)


def _record(config: Config, order: Order, actor: str) -> dict[str, Any]:
    """Record an order in the journal ourselves; give what the daemon would have answered.

    Raises:
        AlreadyRunningError: another process holds the dock.
        BwvdockError: the order cannot be carried out.
    """
    from bwvdock.edges.journal import JournalReader  # noqa: PLC0415
    from bwvdock.edges.spool import FileSpool  # noqa: PLC0415
    from bwvdock.edges.system import SystemClock, hold_dock  # noqa: PLC0415
    from bwvdock.operators.orders import decide  # noqa: PLC0415
    from bwvdock.service.birth import open_own_journal  # noqa: PLC0415

    with hold_dock(config.state_dir), open_own_journal(config, SystemClock()) as journal:
        spool = FileSpool(config.spool, min_free=config.min_free)
        with JournalReader(config.journal) as reader:
            decision = decide(
                order, journal=journal, reader=reader, spool=spool, paused=journal.paused(), actor=actor
            )
        journal.append(decision.facts)
    return decision.answer()


def _state_dir(config: Config) -> Path:
    try:
        config.state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The state directory {config.state_dir} cannot be made: {error.strerror}.",
            remedy="Use sudo, or set state_dir under [dock] to a folder that you may write.",
        ) from error
    return config.state_dir


@contextmanager
def as_owner_of(folder: Path) -> Iterator[None]:
    """Act as the owner of a folder while inside, if we are root."""
    owner = folder.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        if not os.access(folder, os.W_OK):
            raise UsageError(
                f"You may not write in {folder}, and no daemon runs that could do it for you.",
                remedy="Use sudo, or start the daemon: systemctl start bwvdock",
            )
        yield
        return
    groups = os.getgroups()
    os.setgroups([owner.st_gid])
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(os.getgid())
        os.setgroups(groups)
