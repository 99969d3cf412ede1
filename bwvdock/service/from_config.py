"""How is the dock of a configuration put together? From its journal, spool, stores and cameras.

`dock_from_config` opens them and closes them again; how they become a dock: assemble.py.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial

from bwvdock import __version__
from bwvdock.bays.access import CameraAccess
from bwvdock.bays.docking import Dockings
from bwvdock.bays.erasing import EraseRules
from bwvdock.checkout.checkouts import Checkouts
from bwvdock.checkout.from_config import let_it_check_out, set_badges
from bwvdock.config.disks import forbids_erasing, sole_keeper
from bwvdock.config.profiles import load_profiles
from bwvdock.config.settings import Config
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.clips.plan import Target
from bwvdock.core.clips.states import Holder
from bwvdock.core.facts import DockStarted
from bwvdock.core.holdings.draw import Drawn
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.sightings import Transport
from bwvdock.core.paced import GiveWay, go_on
from bwvdock.core.ports import Clock
from bwvdock.delivery.describing import DocumentWriter
from bwvdock.delivery.rate_limit import RateLimit
from bwvdock.edges.journal import Journal
from bwvdock.edges.journal.read.holdings import drawn
from bwvdock.edges.journal.read.pool import ReaderPool
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.last import read_last
from bwvdock.edges.journal.verify.soundness import check_pages
from bwvdock.edges.spool import FileSpool
from bwvdock.holdings.jobs import Night
from bwvdock.log import Say, say_nothing
from bwvdock.operators.retention.access import Access
from bwvdock.runtime.ledger import Tell
from bwvdock.service.assemble import (
    Parts,
    Rules,
    assemble,
    let_it_check_itself,
    let_it_match_events,
    live_view,
)
from bwvdock.service.destinations import keepers, open_destinations
from bwvdock.service.initialise import open_own_journal
from bwvdock.service.loop import Dock
from bwvdock.service.messages import CheckPages
from bwvdock.service.request_handler import RequestHandler
from bwvdock.service.signing import authority_of, signing_of
from bwvdock.service.witnessing import Confirming, confirming_of
from bwvdock.status.live import LiveView
from bwvdock.status.values import Live
from bwvdock.upkeep.due_footage import read_due
from bwvdock.upkeep.health.survey import HealthReader, HealthSurvey
from bwvdock.upkeep.messages import FitnessChecked
from bwvdock.upkeep.surveys import read_absences

CheckInstallation = Callable[[Config, Live, Clock], FitnessChecked]
"""Checks a dock's installation: by the configuration it started with, what it says of itself, its clock."""

_CHECK_SECONDS = 2.0  # of looking at the journal's pages before anything else


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfiguredDock:
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
    access: Access
    checkouts: Checkouts

    def open(self) -> None:
        """Begin: the journal says that the dock came up. A large one is looked through while it works."""
        if not self.whole:
            self.dock.desk.submit(CheckPages(self.config.journal, self.dock.halted))
        self.dock.start(self.started)

    def reload(self, config: Config, profiles: Sequence[Profile]) -> None:
        """Use another configuration, but for what only a start takes up (config.settings.needs_restart)."""
        days = config.unreviewed_days
        self.documents.non_evidential_days = days
        self.dock.dockings.reload(mode=config.admission, profiles=profiles, non_evidential_days=days)
        self.dock.schedule.change(non_evidential_days=days, rules=config.retention)
        self.dock.ledger.classing.rules = self.access.rules = config.retention
        set_badges(self.checkouts, config)
        self.dock.surveys.change(absence_days=config.absence_days)
        if self.dock.surveys.due:
            self.dock.surveys.due.change(config.retention)
        # After fixing a secret, a server or a limit, nobody should wait for the next attempt.
        self.dock.delivery.change(config.upload, non_evidential_days=days)
        self.dock.delivery.wake()
        if self.dock.surveys.fitness:
            self.dock.surveys.fitness.soon()


@contextmanager
def dock_from_config(
    config: Config,
    *,
    clock: Clock,
    access: CameraAccess,
    tell: Tell,
    say: Say = say_nothing,
    check: CheckInstallation | None = None,
) -> Iterator[ConfiguredDock]:
    """Build a dock from its configuration; its files are closed again at the end.

    Args:
        config: what the file says; the caller holds the lock on its state directory.
        clock: the dock's clocks.
        access: the ways to the cameras.
        tell: called with each recorded fact; writes its canonical log line.
        say: called with what else is worth a line.
        check: checks the installation, in a worker's thread; None where nobody does.

    Raises:
        BwvdockError: something of it cannot be opened, and what to do.
    """
    whole = not config.journal.exists() or check_pages(config.journal, seconds=_CHECK_SECONDS)
    with (
        open_own_journal(config, clock) as journal,
        JournalReader(config.journal) as reader,
        closing(ReaderPool(config.journal)) as readers,
    ):
        stored = reader.summary().last_receipts
        spool = FileSpool(config.state_dir / "spool", min_free=config.min_free)
        try:
            with open_destinations(config, spool=spool, clock=clock, stored=stored) as destinations:
                documents = _documents(config, readers, confirming := confirming_of(config))
                parts = Parts(
                    rules=_rules(config),
                    journal=journal,
                    clock=clock,
                    spool=spool,
                    access=access,
                    profiles=load_profiles(),
                    destinations=destinations,
                    targets=targets_of(config),
                    keepers=keepers(spool, destinations),
                    held=partial(_held, readers),
                    new_id=partial(new_id, clock),
                    write_document=documents,
                    absences=partial(read_absences, config.journal),
                    read_due=partial(read_due, config.journal),
                    tell=tell,
                    say=say,
                    signing=signing_of(config, confirming.enough),
                    confirming=confirming,
                    authority=authority_of(config),
                    choose=partial(_choose, readers),
                    rate_limit=_rate_limit(config, clock),
                )
                made = _at_your_orders(config, parts, journal, reader, spool, documents, whole=whole)
                yield _working_by_itself(made, parts, check)
        finally:
            spool.close()


def _documents(config: Config, readers: ReaderPool, confirming: Confirming) -> DocumentWriter:
    return DocumentWriter(
        readers=readers,
        dock=config.dock,
        non_evidential_days=config.unreviewed_days,
        enough=confirming.enough,
    )


def _working_by_itself(made: ConfiguredDock, parts: Parts, check: CheckInstallation | None) -> ConfiguredDock:
    dock = made.dock
    let_it_match_events(dock, parts, made.config.journal, made.config.events.margins)
    read = HealthReader(made.config.journal, dock.turn_priority.give_way)
    docked = partial(read_cameras, dock.dockings)
    dock.surveys.health = HealthSurvey(dock.surveys.worker, parts.clock, read, docked, parts.say)
    if check is not None:
        view = made.live_view
        let_it_check_itself(made.dock, parts, lambda: partial(check, made.config, view.live(), parts.clock))
    return made


def read_cameras(dockings: Dockings) -> Iterator[tuple[str, str]]:
    """Return the docked cameras that are read, by serial, with what changes once there is more to see."""
    for bay in dockings.docked():
        if bay.readable and bay.sighting.transport is not Transport.FOLDER:
            yield bay.serial, f"{bay.docking} {bay.state}"


def _at_your_orders(
    config: Config,
    parts: Parts,
    journal: Journal,
    reader: JournalReader,
    spool: FileSpool,
    documents: DocumentWriter,
    *,
    whole: bool,
) -> ConfiguredDock:
    """Return the dock of these parts, with what answers operators."""
    dock = assemble(parts)
    view = live_view(dock, spool, parts.clock)
    view.sole_keeper = sole_keeper(config)
    view.last_verification = partial(read_last, config.state_dir)
    checkouts = view.checkouts = let_it_check_out(dock.ledger, dock.dockings, journal, view)
    set_badges(checkouts, config)
    handler = RequestHandler(
        dock=dock,
        journal=journal,
        journal_file=config.journal,
        reader=reader,
        spool=spool,
        live_view=view,
        checkouts=checkouts,
    )
    dock.answer, dock.checked = handler.asked, handler.checked
    return ConfiguredDock(
        config=config,
        dock=dock,
        journal=journal,
        live_view=view,
        documents=documents,
        started=_started(config, parts.clock),
        whole=whole,
        access=Access(config.retention, owner=os.geteuid()),
        checkouts=checkouts,
    )


def _rules(config: Config) -> Rules:
    return Rules(
        mode=config.admission,
        erase=EraseRules(
            erase=config.erase == "after-verified",
            reread=config.reread,
            one_disk=forbids_erasing(config),
            needs_witness=config.erase_needs_witness,
        ),
        non_evidential_days=config.unreviewed_days,
        absence_days=config.absence_days,
        parallel=config.upload.parallel,
        zone=config.zone,
        retention=config.retention,
        reverify=config.reverify,
    )


def targets_of(config: Config) -> list[Target]:
    """Return the destinations of a configuration as rules know them."""
    return [
        Target(name=one.name, required=one.required, classes_only=one.classes_only)
        for one in config.destinations
    ]


def _rate_limit(config: Config, clock: Clock) -> RateLimit:
    return RateLimit(
        config.upload, monotonic=time.monotonic, local_time=lambda: clock.now().astimezone(config.zone).time()
    )


def _held(readers: ReaderPool, identities: Collection[str]) -> Mapping[str, Holder]:
    with readers.lend() as reader:  # asked from the bays' threads
        return reader.held(identities)


def _choose(readers: ReaderPool, night: Night, give_way: GiveWay) -> Drawn:
    with readers.lend() as reader:
        return reader.asked(lambda db: chosen(db, night, give_way))


def chosen(db: sqlite3.Connection, night: Night, give_way: GiveWay = go_on) -> Drawn:
    """Return which copies a destination is asked for in a night."""
    return drawn(
        db,
        night.destination,
        night.rules,
        now=night.now,
        night=night.night,
        seed=night.seed,
        sampled=night.sampled,
        everything=night.everything,
        give_way=give_way,
    )


def new_id(clock: Clock) -> str:
    """Return a new id for a clip or a docking: ids sort by time."""
    return make_id(int(clock.now().timestamp() * 1000), os.urandom(ID_BYTES))


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
