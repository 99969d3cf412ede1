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

from bwvdock import __version__, intake, operators
from bwvdock.config import Config
from bwvdock.core.clip import Clip
from bwvdock.core.facts import ClipHeld, ClipRetried, DeliveryResumed, DockPaused, DockResumed, DockStarted
from bwvdock.core.identity import make_id
from bwvdock.core.lifecycle import ClipState
from bwvdock.core.plan import Target
from bwvdock.core.ports import Clock, Destination, Keeper
from bwvdock.core.retention import SPOOL
from bwvdock.delivery import Delivery
from bwvdock.describing import write_document
from bwvdock.disposing import Disposing
from bwvdock.dock import Answer, Asked, Checked, Dock
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.journal import Journal, open_journal, reports
from bwvdock.edges.journal.reader import JournalReader
from bwvdock.edges.profiles import load_profiles
from bwvdock.edges.requests import Dispose, Enrol, Retry, Revoke, Status
from bwvdock.edges.spool import FileSpool
from bwvdock.errand import rooms
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.health import Say, say_nothing
from bwvdock.importing import Import, is_import
from bwvdock.keeping import Keeping
from bwvdock.lane import Means
from bwvdock.ledger import Ledger, Tell
from bwvdock.live import Lookout
from bwvdock.orders.decision import Checker
from bwvdock.passage import Pace
from bwvdock.pipeline import Pipeline
from bwvdock.releasing import ReleaseRules
from bwvdock.stores import open_destinations
from bwvdock.workers import Post, ThreadWorker, Worker

JOURNAL = "journal.sqlite3"


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """A dock with all its edges, built and not yet at work."""

    config: Config
    dock: Dock
    journal: Journal
    lookout: Lookout
    started: DockStarted

    def open(self) -> None:
        """Begin: the journal says that the dock came up."""
        self.dock.start(self.started)


@contextmanager
def build(
    config: Config, *, clock: Clock, doors: intake.Doors, tell: Tell, say: Say = say_nothing
) -> Iterator[House]:
    """Build a dock; its files are closed again at the end.

    The caller holds the lock on the state directory.

    Args:
        config: what the file says.
        clock: the dock's clocks.
        doors: the ways to the cameras.
        tell: told of each recorded fact; writes its canonical log line.
        say: told of what else is worth a line.

    Raises:
        BwvdockError: something of it cannot be opened, and what to do.
    """
    order = _Order(config=config, clock=clock, doors=doors, tell=tell, say=say)
    path = config.state_dir / JOURNAL
    with open_journal(path, clock) as journal, JournalReader(path) as reader:
        spool = FileSpool(config.state_dir / "spool", min_free=config.min_free)
        try:
            with open_destinations(config, spool=spool, clock=clock) as destinations:
                yield _assemble(order, journal, reader, spool, destinations)
        finally:
            spool.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Order:
    """What kind of house is wanted."""

    config: Config
    clock: Clock
    doors: intake.Doors
    tell: Tell
    say: Say


def _assemble(
    order: _Order,
    journal: Journal,
    reader: JournalReader,
    spool: FileSpool,
    destinations: Sequence[Destination],
) -> House:
    config, clock = order.config, order.clock
    inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
    targets = [Target(name=d.name, required=d.required) for d in config.destinations]
    ledger = Ledger(journal, targets, order.tell)
    delivery = _delivery(order, ledger, destinations, inbox.put)
    tools = intake.Tools(
        doors=order.doors,
        synchronised=clock.synchronised,
        profiles=load_profiles(),
        held=lambda identities: _held(config.state_dir / JOURNAL, identities),
        new_id=lambda: new_id(clock),
        spool=spool,
    )
    pipeline = Pipeline(
        ledger=ledger,
        dockings=journal,
        tools=tools,
        mode=config.admission,
        clock=clock,
        hire=lambda bay: ThreadWorker(f"bay {bay}", inbox.put),
        kept_days=config.non_evidential_days,
        rules=ReleaseRules(erase=config.erase == "after-verified", reread=config.reread),
    )
    pipeline.paused = journal.paused()
    keeping = _keeping(order, journal, reader, ledger, delivery, keepers(spool, destinations), inbox.put)
    lookout = Lookout(
        pipeline=pipeline, ledger=ledger, delivery=delivery, keeping=keeping, spool=spool, clock=clock
    )
    clerk = ThreadWorker("desk", inbox.put, threads=2)  # an import keeps no other order waiting
    desk = _Desk(
        pipeline=pipeline,
        ledger=ledger,
        journal=journal,
        journal_file=config.journal,
        reader=reader,
        spool=spool,
        clerk=clerk,
        delivery=delivery,
        keeping=keeping,
        lookout=lookout,
    )
    dock = Dock(
        inbox=inbox,
        ledger=ledger,
        pipeline=pipeline,
        delivery=delivery,
        keeping=keeping,
        desk=clerk,
        answer=desk.asked,
        checked=desk.checked,
    )
    return House(config=config, dock=dock, journal=journal, lookout=lookout, started=_started(config, clock))


def _delivery(order: _Order, ledger: Ledger, destinations: Sequence[Destination], post: Post) -> Delivery:
    config, clock = order.config, order.clock
    means = Means(
        ledger=ledger,
        clock=clock,
        rooms=rooms(
            partial(
                write_document,
                config.state_dir / JOURNAL,
                dock=config.dock,
                non_evidential_days=config.non_evidential_days,
            )
        ),
        hire=lambda name, threads: ThreadWorker(name, post, threads=threads),
        parallel=config.upload.parallel,
        pace=Pace(
            config.upload, monotonic=time.monotonic, local_time=lambda: clock.now().astimezone().time()
        ),
        say=order.say,
    )
    return Delivery(destinations, means, non_evidential_days=config.non_evidential_days)


def _keeping(
    order: _Order,
    journal: Journal,
    reader: JournalReader,
    ledger: Ledger,
    delivery: Delivery,
    places: Mapping[str, Keeper],
    post: Post,
) -> Keeping:
    config, clock = order.config, order.clock
    return Keeping(
        ledger,
        journal,
        Disposing(
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
        kept_days=config.non_evidential_days,
        absence_days=config.absence_days,
    )


def _held(path: Path, identities: Collection[str]) -> Mapping[str, tuple[str, ClipState]]:
    # Asked from the bays' threads, and a reader belongs to the thread that opened it.
    with JournalReader(path) as reader:
        return reader.held(identities)


def keepers(spool: FileSpool, destinations: Sequence[Destination]) -> Mapping[str, Keeper]:
    """Give the places that bwvdock itself disposes in."""
    vaults = {d.name: d for d in destinations if isinstance(d, DirectoryDestination)}
    return {SPOOL: spool, **vaults}


def absences(reader: JournalReader, since: datetime) -> list[reports.Absence]:
    """Give what has been missing since a moment: cameras that were not docked, clips, numbers of clips."""
    span = reports.Span(since=since)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Desk:
    """Where operators' requests are answered, in the thread that owns the journal."""

    pipeline: Pipeline
    ledger: Ledger
    journal: Journal
    journal_file: Path
    reader: JournalReader
    spool: FileSpool
    clerk: Worker
    delivery: Delivery
    keeping: Keeping
    lookout: Lookout

    def asked(self, asked: Asked) -> None:
        """Answer at once, or when a worker has read what the answer depends on."""
        if isinstance(asked.request, Status):
            asked.answer(self.lookout.document())
        elif isinstance(asked.request, Dispose):
            asked.answer(self._dispose())
        elif isinstance(asked.request, Retry):
            self._check_first(asked, asked.request)
        elif is_import(asked.request):
            self.clerk.submit(Import(asked, asked.request, self.journal_file))
        else:
            asked.answer(self._carry_out(asked, spool=self.spool))

    def _dispose(self) -> Answer:
        """Do at once what is done every minute anyway: no decision, and no entry but of what it leads to."""
        keeping = self.keeping
        if self.pipeline.paused:
            return UsageError("The dock is paused, so nothing is disposed of.", remedy="bwvdock resume")
        keeping.round()
        if keeping.disposing.waits:
            return UsageError(
                "Footage seems to be due, but the clock is not synchronised: nothing is disposed of.",
                remedy="timedatectl status; then: systemctl enable --now systemd-timesyncd (or chrony)",
            )
        begun = keeping.disposing.waiting()
        message = f"{begun:,} copies are being disposed of." if begun else "Nothing is due."
        return {"message": message, "copies": begun}

    def _check_first(self, asked: Asked, request: Retry) -> None:
        # Reading a clip whole takes as long as it takes; the journal's thread does not wait for it.
        try:
            clip = self.journal.clip(self.reader.resolve_clip(request.clip))
        except BwvdockError as error:
            asked.answer(error)
            return
        if clip is not None and clip.state is ClipState.QUARANTINED:
            self.clerk.submit(_CheckSpool(asked, clip, self.spool))
        else:
            asked.answer(self._carry_out(asked, spool=self.spool))

    def checked(self, message: Checked) -> None:
        """Go on with an order now that it is known whether the spool's copy is whole."""
        message.asked.answer(self._carry_out(message.asked, spool=_Known(message.error)))

    def _carry_out(self, asked: Asked, *, spool: Checker) -> Answer:
        request = asked.request
        if isinstance(request, Status | Dispose):
            raise TypeError(f"{request.name} is no order")
        try:
            decision = operators.decide(
                request,
                journal=self.journal,
                reader=self.reader,
                spool=spool,
                paused=self.pipeline.paused,
                actor=asked.actor,
                parked=self.delivery.parked,
            )
            self.keeping.disposing.require_free(decision.facts)
        except BwvdockError as error:
            return error
        self.ledger.record(decision.facts)
        for fact in decision.facts:
            if isinstance(fact, DockPaused | DockResumed):
                self.pipeline.set_paused(paused=isinstance(fact, DockPaused))
            elif isinstance(fact, DeliveryResumed | ClipRetried):
                self.delivery.resume(fact.clip)
            elif isinstance(fact, ClipHeld):
                self.pipeline.releasing.think_again()
        if isinstance(request, Enrol | Revoke):
            self.pipeline.judge_again(request.serial)
        return decision.answer()


@dataclass(frozen=True, slots=True)
class _CheckSpool:
    asked: Asked
    clip: Clip
    spool: FileSpool

    def __call__(self, post: Post) -> None:
        failure: BwvdockError | None = None
        try:
            self.spool.check(self.clip)
        except BwvdockError as error:
            failure = error
        post(Checked(self.asked, failure))


@dataclass(frozen=True, slots=True)
class _Known:
    """Answers for the spool with what a worker found."""

    error: BwvdockError | None

    def check(self, clip: Clip) -> None:  # noqa: ARG002 - the port's signature
        """Raise what was raised."""
        if self.error is not None:
            raise self.error
