"""How is a dock put together? Every dock is assembled here: the daemon's, the demonstration's, the tests'.

Everything is built or given, and handed in; nothing finds anything by itself. `assemble` makes a dock of
parts, whatever implements their ports; `compose_dock` makes the parts of a real one from its configuration.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import partial
from typing import Protocol

from tenacity.wait import wait_base

from bwvdock import __version__
from bwvdock.bays.access import CameraAccess
from bwvdock.bays.docking import Dockings
from bwvdock.bays.erasing import EraseRules
from bwvdock.bays.records import DockingRecords
from bwvdock.bays.tools import BayTools
from bwvdock.bays.volumes import OpenVolumes
from bwvdock.config.disks import forbids_erasing, sole_keeper
from bwvdock.config.profiles import load_profiles
from bwvdock.config.settings import Config
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.identity import make_id
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Target
from bwvdock.core.facts import DockStarted
from bwvdock.core.media.profile import Profile
from bwvdock.core.ports import Clock, Destination, Keeper, Spool
from bwvdock.delivery.backoff import DecorrelatedJitter
from bwvdock.delivery.delivery import Delivery
from bwvdock.delivery.describing import DocumentWriter
from bwvdock.delivery.destination_queue import DeliveryTools
from bwvdock.delivery.jobs import Write, steps
from bwvdock.delivery.rate_limit import RateLimit
from bwvdock.edges.journal import Journal
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.last import read_last
from bwvdock.edges.journal.verify.soundness import check_pages
from bwvdock.edges.spool import FileSpool
from bwvdock.log import Say, say_nothing
from bwvdock.runtime.inbox import Inbox
from bwvdock.runtime.jobs import Post
from bwvdock.runtime.ledger import Ledger, LedgerJournal, Tell
from bwvdock.runtime.precedence import Precedence
from bwvdock.runtime.workers import ThreadWorker, Worker
from bwvdock.service.destinations import keepers, open_destinations, prove_again
from bwvdock.service.initialise import open_own_journal
from bwvdock.service.loop import Dock
from bwvdock.service.messages import CheckPages
from bwvdock.service.request_handler import RequestHandler
from bwvdock.stages.acquire import NewCrew, thread_crew
from bwvdock.stages.find import Held
from bwvdock.stages.verify import ProveAgain
from bwvdock.status.live import LiveView
from bwvdock.upkeep.disposal import Disposal, DueClips
from bwvdock.upkeep.jobs import Absences
from bwvdock.upkeep.rechecks import Rechecks
from bwvdock.upkeep.schedule import Schedule, UndatedClips
from bwvdock.upkeep.surveys import Surveys, read_absences

_CHECK_SECONDS = 2.0  # of looking at the journal's pages before anything else

NewWorker = Callable[[str, Post, int], Worker]
"""Makes the threads of a name, so many of them, that post what their jobs report."""


class DockJournal(LedgerJournal, DockingRecords, DueClips, UndatedClips, Protocol):
    """The journal, as the parts of a dock that own it need it."""

    def paused(self) -> bool:
        """Return whether an operator paused the dock and nobody resumed it."""
        ...


def thread_worker(name: str, post: Post, threads: int) -> Worker:
    """Return real threads."""
    return ThreadWorker(name, post, threads=threads)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What the configuration decides for the parts of a dock."""

    mode: Admission = Admission.ENROLLED
    erase: EraseRules = field(default_factory=EraseRules)
    non_evidential_days: int = 31
    absence_days: int = 7
    parallel: int = 1
    zone: tzinfo = UTC


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What a dock is made of.

    `held` knows which files the dock has already; `write_document` makes custody documents; `absences` says,
    in a worker's thread, what has been missing; `keepers` are the places in which the dock itself disposes;
    `tell` is called with each recorded fact, `say` with what else is worth a line; `inbox` gets all messages.
    """

    rules: Rules
    journal: DockJournal
    clock: Clock
    spool: Spool
    access: CameraAccess
    profiles: Sequence[Profile]
    destinations: Sequence[Destination]
    targets: Sequence[Target]
    keepers: Mapping[str, Keeper]
    held: Held
    new_id: Callable[[], str]
    write_document: Write
    absences: Absences
    tell: Tell
    say: Say = say_nothing
    rate_limit: RateLimit | None = None
    wait: wait_base = field(default_factory=DecorrelatedJitter)
    new_worker: NewWorker = thread_worker
    new_crew: NewCrew = thread_crew
    inbox: Inbox = field(default_factory=queue.SimpleQueue[object])


def assemble(parts: Parts) -> Dock:
    """Return a dock made of these parts, not yet at work; orders are not answered before a handler is set."""
    inbox, precedence, ledger = parts.inbox, Precedence(), Ledger(parts.journal, parts.targets, parts.tell)
    delivery = _delivery(parts, ledger, inbox.put)
    dockings = Dockings(
        ledger=ledger,
        records=parts.journal,
        tools=_bay_tools(parts, precedence),
        mode=parts.rules.mode,
        clock=parts.clock,
        new_worker=lambda bay: parts.new_worker(f"bay {bay}", inbox.put, 1),
        non_evidential_days=parts.rules.non_evidential_days,
        rules=parts.rules.erase,
    )
    dockings.erasing.stores_answer = delivery.can_be_asked
    dockings.paused = parts.journal.paused()
    reader = parts.new_worker("recheck", inbox.put, 1)
    return Dock(
        inbox=inbox,
        ledger=ledger,
        dockings=dockings,
        delivery=delivery,
        schedule=_schedule(parts, ledger, delivery, inbox.put),
        rechecks=Rechecks(ledger, parts.spool, reader, dockings.listing, parts.clock),
        surveys=_surveys(parts, inbox.put, precedence),
        desk=parts.new_worker("desk", inbox.put, 2),  # an import keeps no other order waiting
        say=parts.say,
        clock=parts.clock,
        precedence=precedence,
    )


def _bay_tools(parts: Parts, precedence: Precedence) -> BayTools:
    return BayTools(
        access=parts.access,
        volumes=OpenVolumes(parts.access),
        synchronised=parts.clock.synchronised,
        profiles=parts.profiles,
        held=parts.held,
        new_id=parts.new_id,
        spool=parts.spool,
        prove_again=_prove_again(parts),
        zone=parts.rules.zone,
        new_crew=parts.new_crew,
        give_way=precedence.give_way,
    )


def _delivery(parts: Parts, ledger: Ledger, post: Post) -> Delivery:
    tools = DeliveryTools(
        ledger=ledger,
        clock=parts.clock,
        steps=steps(parts.write_document),
        new_worker=lambda name, threads: parts.new_worker(name, post, threads),
        parallel=parts.rules.parallel,
        rate_limit=parts.rate_limit,
        wait=parts.wait,
        say=parts.say,
    )
    return Delivery(parts.destinations, tools, non_evidential_days=parts.rules.non_evidential_days)


def _schedule(parts: Parts, ledger: Ledger, delivery: Delivery, post: Post) -> Schedule:
    disposal = Disposal(
        ledger,
        parts.journal,
        parts.keepers,
        lambda place: parts.new_worker(f"dispose {place}", post, 1),
        parts.clock,
        erases=parts.rules.erase.erase,
        prove_again=_prove_again(parts),
        carried=delivery.carries,
    )
    return Schedule(
        ledger,
        parts.journal,
        disposal,
        parts.clock,
        non_evidential_days=parts.rules.non_evidential_days,
        zone=parts.rules.zone,
    )


def _surveys(parts: Parts, post: Post, precedence: Precedence) -> Surveys:
    return Surveys(
        parts.new_worker("surveys", post, 2),
        parts.spool,
        parts.clock,
        absences=parts.absences,
        absence_days=parts.rules.absence_days,
        give_way=precedence.give_way,
        say=parts.say,
    )


def _prove_again(parts: Parts) -> ProveAgain:
    stores = [d for d in parts.destinations if any(t.required and t.name == d.name for t in parts.targets)]
    return prove_again(stores, parts.rate_limit)


def live_view(dock: Dock, spool: Spool, clock: Clock) -> LiveView:
    """Return the view of a dock that `status` reports."""
    return LiveView(
        dockings=dock.dockings,
        ledger=dock.ledger,
        delivery=dock.delivery,
        schedule=dock.schedule,
        surveys=dock.surveys,
        spool=spool,
        clock=clock,
        recording=dock,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedDock:
    """A dock with all its edges, built and not yet at work.

    `whole`: every page of its journal was looked at.
    """

    config: Config
    dock: Dock
    journal: Journal
    live_view: LiveView
    documents: DocumentWriter
    started: DockStarted
    whole: bool

    def open(self) -> None:
        """Begin: the journal says that the dock came up. A large one is looked through while it works."""
        if not self.whole:
            self.dock.desk.submit(CheckPages(self.config.journal))
        self.dock.start(self.started)

    def reload(self, config: Config, profiles: Sequence[Profile]) -> None:
        """Use another configuration, but for what only a start takes up (config.settings.needs_restart)."""
        days = config.non_evidential_days
        self.documents.non_evidential_days = days
        self.dock.dockings.reload(mode=config.admission, profiles=profiles, non_evidential_days=days)
        self.dock.schedule.change(non_evidential_days=days)
        self.dock.surveys.change(absence_days=config.absence_days)
        # After fixing a secret, a server or a limit, nobody should wait for the next attempt.
        self.dock.delivery.change(config.upload, non_evidential_days=days)
        self.dock.delivery.wake()


@contextmanager
def compose_dock(
    config: Config, *, clock: Clock, access: CameraAccess, tell: Tell, say: Say = say_nothing
) -> Iterator[ComposedDock]:
    """Build a dock from its configuration; its files are closed again at the end.

    The caller holds the lock on the state directory.

    Args:
        config: what the file says.
        clock: the dock's clocks.
        access: the ways to the cameras.
        tell: called with each recorded fact; writes its canonical log line.
        say: called with what else is worth a line.

    Raises:
        BwvdockError: something of it cannot be opened, and what to do.
    """
    whole = not config.journal.exists() or check_pages(config.journal, seconds=_CHECK_SECONDS)
    with open_own_journal(config, clock) as journal, JournalReader(config.journal) as reader:
        stored = reader.summary().last_receipts
        spool = FileSpool(config.state_dir / "spool", min_free=config.min_free)
        try:
            with open_destinations(config, spool=spool, clock=clock, stored=stored) as destinations:
                documents = DocumentWriter(
                    journal=config.journal, dock=config.dock, non_evidential_days=config.non_evidential_days
                )
                parts = Parts(
                    rules=_rules(config),
                    journal=journal,
                    clock=clock,
                    spool=spool,
                    access=access,
                    profiles=load_profiles(),
                    destinations=destinations,
                    targets=[Target(name=d.name, required=d.required) for d in config.destinations],
                    keepers=keepers(spool, destinations),
                    held=partial(_held, config),
                    new_id=partial(new_id, clock),
                    write_document=documents,
                    absences=partial(read_absences, config.journal),
                    tell=tell,
                    say=say,
                    rate_limit=_rate_limit(config, clock),
                )
                yield _at_your_orders(config, parts, journal, reader, spool, documents, whole=whole)
        finally:
            spool.close()


def _at_your_orders(
    config: Config,
    parts: Parts,
    journal: Journal,
    reader: JournalReader,
    spool: FileSpool,
    documents: DocumentWriter,
    *,
    whole: bool,
) -> ComposedDock:
    """Return the dock of these parts, with what answers operators."""
    dock = assemble(parts)
    view = live_view(dock, spool, parts.clock)
    view.sole_keeper = sole_keeper(config)
    view.last_verification = partial(read_last, config.state_dir)
    handler = RequestHandler(
        dock=dock, journal=journal, journal_file=config.journal, reader=reader, spool=spool, live_view=view
    )
    dock.answer, dock.checked = handler.asked, handler.checked
    return ComposedDock(
        config=config,
        dock=dock,
        journal=journal,
        live_view=view,
        documents=documents,
        started=_started(config, parts.clock),
        whole=whole,
    )


def _rules(config: Config) -> Rules:
    return Rules(
        mode=config.admission,
        erase=EraseRules(
            erase=config.erase == "after-verified", reread=config.reread, one_disk=forbids_erasing(config)
        ),
        non_evidential_days=config.non_evidential_days,
        absence_days=config.absence_days,
        parallel=config.upload.parallel,
        zone=config.zone,
    )


def _rate_limit(config: Config, clock: Clock) -> RateLimit:
    return RateLimit(
        config.upload, monotonic=time.monotonic, local_time=lambda: clock.now().astimezone(config.zone).time()
    )


def _held(config: Config, identities: Collection[str]) -> Mapping[str, tuple[str, ClipState]]:
    # Asked from the bays' threads, and a reader belongs to the thread that opened it.
    with JournalReader(config.journal) as reader:
        return reader.held(identities)


def new_id(clock: Clock) -> str:
    """Return a new id for a clip or a docking: ids sort by time."""
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
