"""Which edges make up a dock? Everything is built here and handed in; nothing is found by itself.

The daemon and the demonstration build the same house; they differ in what they plug into it.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from bwvdock import __version__
from bwvdock.bays.access import BayTools, CameraAccess
from bwvdock.bays.docking import Dockings
from bwvdock.bays.erasing import EraseRules
from bwvdock.config.profiles import load_profiles
from bwvdock.config.settings import Config
from bwvdock.core.clips.identity import make_id
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Target
from bwvdock.core.clips.retention import SPOOL
from bwvdock.core.facts import DockStarted
from bwvdock.core.ports import Clock, Destination, Keeper
from bwvdock.delivery.circuit_breaker import Say, say_nothing
from bwvdock.delivery.delivery import Delivery
from bwvdock.delivery.describing import write_document
from bwvdock.delivery.destination_queue import DeliveryTools
from bwvdock.delivery.jobs import steps
from bwvdock.delivery.rate_limit import RateLimit
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.journal import Journal, open_journal
from bwvdock.edges.journal.read import reports
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.spool import FileSpool
from bwvdock.runtime.ledger import Ledger, Tell
from bwvdock.runtime.workers import Post, ThreadWorker
from bwvdock.service.destinations import open_destinations
from bwvdock.service.loop import Dock
from bwvdock.service.request_handler import RequestHandler
from bwvdock.status.live import LiveView
from bwvdock.upkeep.disposal import Disposal
from bwvdock.upkeep.schedule import Schedule

JOURNAL = "journal.sqlite3"


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedDock:
    """A dock with all its edges, built and not yet at work."""

    config: Config
    dock: Dock
    journal: Journal
    live_view: LiveView
    started: DockStarted

    def open(self) -> None:
        """Begin: the journal says that the dock came up."""
        self.dock.start(self.started)


@contextmanager
def build(
    config: Config, *, clock: Clock, access: CameraAccess, tell: Tell, say: Say = say_nothing
) -> Iterator[ComposedDock]:
    """Build a dock; its files are closed again at the end.

    The caller holds the lock on the state directory.

    Args:
        config: what the file says.
        clock: the dock's clocks.
        access: the ways to the cameras.
        tell: told of each recorded fact; writes its canonical log line.
        say: told of what else is worth a line.

    Raises:
        BwvdockError: something of it cannot be opened, and what to do.
    """
    order = _Parts(config=config, clock=clock, access=access, tell=tell, say=say)
    path = config.state_dir / JOURNAL
    with open_journal(path, clock) as journal, JournalReader(path) as reader:
        spool = FileSpool(config.state_dir / "spool", min_free=config.min_free)
        try:
            with open_destinations(config, spool=spool, clock=clock) as destinations:
                yield _assemble(order, journal, reader, spool, destinations)
        finally:
            spool.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parts:
    """What kind of house is wanted."""

    config: Config
    clock: Clock
    access: CameraAccess
    tell: Tell
    say: Say


def _assemble(
    order: _Parts,
    journal: Journal,
    reader: JournalReader,
    spool: FileSpool,
    destinations: Sequence[Destination],
) -> ComposedDock:
    config, clock = order.config, order.clock
    inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
    ledger = Ledger(
        journal, [Target(name=d.name, required=d.required) for d in config.destinations], order.tell
    )
    delivery = _delivery(order, ledger, destinations, inbox.put)
    tools = BayTools(
        access=order.access,
        synchronised=clock.synchronised,
        profiles=load_profiles(),
        held=lambda identities: _held(config.state_dir / JOURNAL, identities),
        new_id=lambda: new_id(clock),
        spool=spool,
    )
    dockings = Dockings(
        ledger=ledger,
        records=journal,
        tools=tools,
        mode=config.admission,
        clock=clock,
        new_worker=lambda bay: ThreadWorker(f"bay {bay}", inbox.put),
        non_evidential_days=config.non_evidential_days,
        rules=EraseRules(erase=config.erase == "after-verified", reread=config.reread),
    )
    dockings.paused = journal.paused()
    schedule = _schedule(order, journal, reader, ledger, delivery, keepers(spool, destinations), inbox.put)
    live_view = LiveView(
        dockings=dockings, ledger=ledger, delivery=delivery, schedule=schedule, spool=spool, clock=clock
    )
    clerk = ThreadWorker("desk", inbox.put, threads=2)  # an import keeps no other order waiting
    handler = RequestHandler(
        dockings=dockings,
        ledger=ledger,
        journal=journal,
        journal_file=config.journal,
        reader=reader,
        spool=spool,
        clerk=clerk,
        delivery=delivery,
        schedule=schedule,
        live_view=live_view,
    )
    dock = Dock(
        inbox=inbox,
        ledger=ledger,
        dockings=dockings,
        delivery=delivery,
        schedule=schedule,
        desk=clerk,
        answer=handler.asked,
        checked=handler.checked,
    )
    return ComposedDock(
        config=config, dock=dock, journal=journal, live_view=live_view, started=_started(config, clock)
    )


def _delivery(order: _Parts, ledger: Ledger, destinations: Sequence[Destination], post: Post) -> Delivery:
    config, clock = order.config, order.clock
    tools = DeliveryTools(
        ledger=ledger,
        clock=clock,
        steps=steps(
            partial(
                write_document,
                config.state_dir / JOURNAL,
                dock=config.dock,
                non_evidential_days=config.non_evidential_days,
            )
        ),
        new_worker=lambda name, threads: ThreadWorker(name, post, threads=threads),
        parallel=config.upload.parallel,
        rate_limit=RateLimit(
            config.upload, monotonic=time.monotonic, local_time=lambda: clock.now().astimezone().time()
        ),
        say=order.say,
    )
    return Delivery(destinations, tools, non_evidential_days=config.non_evidential_days)


def _schedule(
    order: _Parts,
    journal: Journal,
    reader: JournalReader,
    ledger: Ledger,
    delivery: Delivery,
    places: Mapping[str, Keeper],
    post: Post,
) -> Schedule:
    config, clock = order.config, order.clock
    return Schedule(
        ledger,
        journal,
        Disposal(
            ledger,
            journal,
            places,
            lambda place: ThreadWorker(f"dispose {place}", post),
            clock,
            erases=config.erase == "after-verified",
            carried=delivery.carries,
        ),
        clock,
        absences=partial(absences, reader),
        non_evidential_days=config.non_evidential_days,
        absence_days=config.absence_days,
    )


def _held(path: Path, identities: Collection[str]) -> Mapping[str, tuple[str, ClipState]]:
    # Asked from the bays' threads, and a reader belongs to the thread that opened it.
    with JournalReader(path) as reader:
        return reader.held(identities)


def keepers(spool: FileSpool, destinations: Sequence[Destination]) -> Mapping[str, Keeper]:
    """Return the places that bwvdock itself disposes in."""
    vaults = {d.name: d for d in destinations if isinstance(d, DirectoryDestination)}
    return {SPOOL: spool, **vaults}


def absences(reader: JournalReader, since: datetime) -> list[reports.Absence]:
    """Return what has been missing since a moment: cameras that were not docked, clips, numbers of clips."""
    span = reports.Period(since=since)
    return reader.report(lambda db: reports.absences(db, span, before=since))


def new_id(clock: Clock) -> str:
    """Make an id for a clip or a docking: it sorts by time."""
    return make_id(int(clock.now().timestamp() * 1000), os.urandom(5))


def _started(config: Config, clock: Clock) -> DockStarted:
    state = clock.state()
    return DockStarted(
        dock=config.dock,
        version=__version__,
        sqlite_version=sqlite3.sqlite_version,
        config_sha256=config.digest,
        clock_source=state.source,
        clock_error_ms=state.error_ms,
        clock_most_ms=state.most_ms,
    )
