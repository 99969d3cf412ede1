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
from threading import Timer
from typing import Any

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.moments import localised
from bwvdock.cli.output.console import print_json, print_line, say
from bwvdock.config.placeholders import require_set
from bwvdock.config.settings import Config
from bwvdock.edges.peer import actor_of, this_process
from bwvdock.edges.rights import as_owner_of
from bwvdock.errors import AlreadyRunningError, NotRunningError, SilentError, StorageError, UsageError
from bwvdock.operators.daemon_client import ORDER_SECONDS, claimed_login
from bwvdock.operators.daemon_client import order as ask_order
from bwvdock.operators.orders import Order
from bwvdock.operators.requests import more_seconds

_PATIENCE_SECONDS = 5.0  # before somebody who waits is told what for


def give(arguments: Namespace, order: Order, *, needs_daemon: bool = False) -> int:
    """Carry out an order and print the result.

    Raises:
        BwvdockError: it could not be carried out.
    """
    show(arguments, carry_out(arguments, order, needs_daemon=needs_daemon))
    return 0


def show(arguments: Namespace, answer: dict[str, Any]) -> None:
    """Print what an order led to."""
    if arguments.json:
        print_json(answer)
    else:
        print_line(localised(str(answer.get("message", "Done."))), indent=2)


def carry_out(arguments: Namespace, order: Order, *, needs_daemon: bool = False) -> dict[str, Any]:
    """Carry out an order; return what it led to.

    Args:
        arguments: of the command.
        order: what the operator wants.
        needs_daemon: whether the order is pointless without a daemon.

    Raises:
        BwvdockError: it could not be carried out.
    """
    config = working_configuration(arguments)
    try:
        with _patience():
            return ask_order(config.control_socket, order, seconds_for(order))
    except SilentError:
        raise  # a daemon is there: nobody else may carry the order out, and it may still do so
    except NotRunningError as silent:
        if needs_daemon:
            raise
        try:
            return _without_daemon(config, order)
        except AlreadyRunningError:
            raise silent from None  # a daemon runs after all, and does not answer


def seconds_for(order: Order) -> float:
    """Return how long an order may take, in seconds."""
    return ORDER_SECONDS + more_seconds(order)


@contextmanager
def _patience() -> Iterator[None]:
    """Print that the daemon is waited for, if it takes long."""
    waiting = Timer(_PATIENCE_SECONDS, say, ("The daemon has not answered yet; waiting.",))
    waiting.daemon = True
    waiting.start()
    try:
        yield
    finally:
        waiting.cancel()


def _without_daemon(config: Config, order: Order) -> dict[str, Any]:
    require_set(config)  # the journal that this may begin would be that of a dock without a name
    actor = actor_of(this_process(), claimed=claimed_login())
    folder = _state_dir(config)
    with as_owner_of(folder):
        _require_writable(folder)
        return _record(config, order, actor)


def _record(config: Config, order: Order, actor: str) -> dict[str, Any]:
    """Record an order in the journal directly; return what the daemon would have answered.

    Raises:
        AlreadyRunningError: another process holds the dock.
        BwvdockError: the order cannot be carried out.
    """
    from bwvdock.edges.journal import JournalReader  # noqa: PLC0415
    from bwvdock.edges.spool import FileSpool  # noqa: PLC0415
    from bwvdock.edges.system import SystemClock, hold_dock  # noqa: PLC0415
    from bwvdock.operators.orders import decide  # noqa: PLC0415
    from bwvdock.runtime.standing_holds import catch_up  # noqa: PLC0415
    from bwvdock.service.initialise import open_own_journal  # noqa: PLC0415

    with hold_dock(config.state_dir), open_own_journal(config, SystemClock()) as journal:
        spool = FileSpool(config.spool, min_free=config.min_free)
        with JournalReader(config.journal) as reader:
            catch_up(
                journal, config.events.margins
            )  # what matches a hold by now stays on it, whatever this order changes
            decision = decide(
                order,
                journal=journal,
                reader=reader,
                spool=spool,
                paused=journal.paused(),
                actor=actor,
                retention=config.retention,
            )
        journal.append(decision.facts)
        catch_up(journal, config.events.margins)
    return decision.answer()


def _state_dir(config: Config) -> Path:
    try:
        config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The state directory {config.state_dir} cannot be created: {error.strerror}.",
            remedy="Use sudo, or set state_dir under [dock] to a folder that you may write to.",
        ) from error
    return config.state_dir


def _require_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK, effective_ids=True):
        raise UsageError(
            f"You may not write to {folder}, and no daemon is running to do it for you.",
            remedy="Use sudo, or start the daemon: systemctl start bwvdock",
        )
