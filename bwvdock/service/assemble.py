"""What is a dock made of, and how do these parts become one? Every dock is assembled here.

The daemon's, the demonstration's and the tests' differ in the parts that they hand in, whatever implements
their ports. Everything is given; nothing finds anything by itself.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Protocol

from tenacity.wait import wait_base

from bwvdock.bays.access import CameraAccess
from bwvdock.bays.docking import Dockings
from bwvdock.bays.erasing import EraseRules
from bwvdock.bays.records import DockingRecords
from bwvdock.bays.tools import BayTools
from bwvdock.bays.volumes import OpenVolumes
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules
from bwvdock.core.clips.plan import Target
from bwvdock.core.clips.retention import Wait
from bwvdock.core.events.matching import Rules as MatchRules
from bwvdock.core.holdings.rules import Reverify
from bwvdock.core.media.profile import Profile
from bwvdock.core.ports import Clock, Destination, Keeper, NoteKeeper, Spool
from bwvdock.delivery.backoff import DecorrelatedJitter
from bwvdock.delivery.delivery import Delivery
from bwvdock.delivery.destination_queue import DeliveryTools
from bwvdock.delivery.jobs import Write, steps
from bwvdock.delivery.rate_limit import RateLimit
from bwvdock.holdings.jobs import Choose, choose_nothing
from bwvdock.holdings.losses import Losses, LostCopies
from bwvdock.holdings.rounds import Asking, Holdings
from bwvdock.log import Say, say_nothing
from bwvdock.runtime.group_commit import Following, GroupCommit
from bwvdock.runtime.inbox import Inbox
from bwvdock.runtime.jobs import Post
from bwvdock.runtime.ledger import Ledger, LedgerJournal, Tell
from bwvdock.runtime.turn_priority import TurnPriority
from bwvdock.runtime.workers import ThreadWorker, Worker
from bwvdock.service.destinations import asks_again, fetches, prove_again
from bwvdock.service.loop import Dock
from bwvdock.service.witnessing import Confirming, witnesses_of
from bwvdock.stages.acquire import NewThreads, real_threads
from bwvdock.stages.find import Held
from bwvdock.stages.verify import ProveAgain
from bwvdock.status.live import LiveView
from bwvdock.upkeep.checkpoints import CheckpointJournal, Checkpoints
from bwvdock.upkeep.clock_watch import SettledClock
from bwvdock.upkeep.disposal import Disposal, DueClips
from bwvdock.upkeep.due_footage import DueSurvey, ReadDue, nothing_due
from bwvdock.upkeep.fitness import Fitness, Prepare
from bwvdock.upkeep.jobs import Absences
from bwvdock.upkeep.matching import Matching
from bwvdock.upkeep.publishing import Publishing
from bwvdock.upkeep.rechecks import Rechecks
from bwvdock.upkeep.schedule import Schedule, ScheduledClips
from bwvdock.upkeep.signing import Signing
from bwvdock.upkeep.surveys import Surveys
from bwvdock.upkeep.time_stamps import Authority, StampJournal, TimeStamps
from bwvdock.witnessing.witnesses import ConfirmedJournal

NewWorker = Callable[[str, Post, int], Worker]
"""Makes the threads of a name, so many of them, that post what their jobs report."""


class DockJournal(
    LedgerJournal,
    DockingRecords,
    DueClips,
    ScheduledClips,
    CheckpointJournal,
    StampJournal,
    ConfirmedJournal,
    LostCopies,
    Protocol,
):
    """The journal, as the parts of a dock that own it need it."""

    def paused(self) -> bool:
        """Return whether an operator paused the dock and nobody resumed it."""
        ...

    def root(self) -> str:
        """Return the tree's root, hexadecimal."""
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
    retention: RetentionRules = NO_CLASSES
    reverify: Reverify | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What a dock is made of.

    `held` knows which files the dock has already; `write_document` makes custody documents; `absences` says,
    in a worker's thread, what has been missing; `keepers` are the places in which the dock itself disposes;
    `tell` is called with each recorded fact, `say` with what else is worth a line; `inbox` gets all messages.
    Without `signing`, no checkpoint of the journal is signed; without `authority`, none is stamped with the
    time; without `confirming`, nobody confirms them. `read_due` says, in a worker's thread, what falls due,
    `choose` which copies a store is asked for again; without it, or without rules for that, none is.
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
    signing: Signing | None = None
    confirming: Confirming | None = None
    authority: Authority | None = None
    read_due: ReadDue = nothing_due
    choose: Choose = choose_nothing
    rate_limit: RateLimit | None = None
    wait: wait_base = field(default_factory=DecorrelatedJitter)
    new_worker: NewWorker = thread_worker
    new_threads: NewThreads = real_threads
    inbox: Inbox = field(default_factory=queue.SimpleQueue[object])


def assemble(parts: Parts) -> Dock:
    """Return a dock made of these parts, not yet at work; orders are not answered before a handler is set."""
    inbox, priority, ledger = parts.inbox, TurnPriority(), Ledger(parts.journal, parts.targets, parts.tell)
    ledger.classing.rules = parts.rules.retention
    parts = replace(parts, new_worker=_following(parts.new_worker, ledger.group))
    delivery = _delivery(parts, ledger, inbox.put)
    dockings = Dockings(
        ledger=ledger,
        records=parts.journal,
        tools=_bay_tools(parts, priority),
        mode=parts.rules.mode,
        clock=parts.clock,
        new_worker=lambda bay: parts.new_worker(f"bay {bay}", inbox.put, 1),
        non_evidential_days=parts.rules.non_evidential_days,
        rules=parts.rules.erase,
    )
    dockings.erasing.stores_answer = delivery.can_be_asked
    dockings.paused = parts.journal.paused()
    reader = parts.new_worker("recheck", inbox.put, 1)
    dock = Dock(
        inbox=inbox,
        ledger=ledger,
        dockings=dockings,
        delivery=delivery,
        schedule=_schedule(parts, ledger, delivery, inbox.put),
        rechecks=Rechecks(ledger, parts.spool, reader, dockings.listing, parts.clock, say=parts.say),
        surveys=_surveys(parts, inbox.put, priority),
        desk=parts.new_worker("desk", inbox.put, 2),  # an import keeps no other order waiting
        say=parts.say,
        clock=parts.clock,
        turn_priority=priority,
        checkpoints=_checkpoints(parts, ledger, delivery, inbox.put),
    )
    _let_witnesses_confirm(parts, dock)
    _have_stores_asked_again(parts, dock)
    return dock


def _have_stores_asked_again(parts: Parts, dock: Dock) -> None:
    """Have stores asked again for what they have proven; until they were, nothing is disposed of early."""
    rules = parts.rules.reverify
    if rules is None:
        return
    vaults = frozenset(store.name for store in parts.destinations if store.kind == "directory")
    asking = Asking(
        rules=rules,
        choose=parts.choose,
        ask=asks_again(parts.destinations, parts.rate_limit),
        zone=parts.rules.zone,
        carried=dock.delivery.carries,
        disposed_of=dock.schedule.disposal.in_hand,
        give_way=dock.turn_priority.give_way,
        vaults=vaults,
    )
    losses = Losses(
        dock.ledger,
        parts.journal,
        dock.schedule.settled or parts.clock,
        fetches(parts.destinations, parts.spool, parts.rate_limit),
        parts.new_worker("retrieve", dock.inbox.put, 1),
        carried=dock.delivery.carries,
        say=parts.say,
    )
    holdings = dock.holdings = Holdings(
        dock.ledger,
        parts.clock,
        asking,
        lambda name: parts.new_worker(name, dock.inbox.put, 1),
        head=lambda: (parts.journal.size(), parts.journal.root()),
        losses=losses,
        say=parts.say,
    )
    dock.schedule.disposal.look_again = holdings.look_again
    dock.schedule.disposal.wait = lambda: Wait(past=rules.wait, mute=holdings.mute, vaults=vaults)


def _following(new_worker: NewWorker, group: GroupCommit) -> NewWorker:
    """Return what makes workers that are given a job only once what was recorded before is on the disk."""
    return lambda name, post, threads: Following(new_worker(name, post, threads), group)


def _let_witnesses_confirm(parts: Parts, dock: Dock) -> None:
    """Have witnesses confirm what is signed; while one contradicts, nothing is erased or disposed of.

    Nor is it while the signer does. Where the configuration names no witness, what was stated before is in
    force all the same.
    """
    if parts.confirming is None or (signing := dock.checkpoints) is None:
        return
    made = dock.witnesses = witnesses_of(
        parts.confirming,
        signing,
        parts.journal,
        parts.clock,
        new_worker=lambda name: parts.new_worker(f"witness {name}", dock.inbox.put, 1),
        record=dock.ledger.record,
        say=parts.say,
    )
    erasing, disposal = dock.dockings.erasing, dock.schedule.disposal
    made.alarms.raised = erasing.think_again
    erasing.witnessed = lambda: made.witnessed
    erasing.contradicted = disposal.contradicted = lambda: made.alarms.contradicted
    erasing.awaited = disposal.awaited = lambda: made.awaited or signing.awaited
    signing.signed = lambda message: made.alarms.end(message.key, message.size)
    signing.contradicted = made.alarms.begin


def _checkpoints(parts: Parts, ledger: Ledger, delivery: Delivery, post: Post) -> Checkpoints | None:
    if parts.signing is None:
        return None
    made = Checkpoints(
        parts.new_worker("checkpoints", post, 1),
        parts.journal,
        parts.clock,
        parts.signing,
        record=ledger.record,
        uploading=lambda: delivery.busy,
        say=parts.say,
    )
    ledger.recorded = made.recorded
    made.publishing = _publishing(parts, parts.signing, post)
    if parts.authority:
        stamping = parts.new_worker("time stamps", post, 1)
        made.time_stamps = TimeStamps(stamping, parts.journal, parts.clock, parts.authority, say=parts.say)
    return made


def _publishing(parts: Parts, signing: Signing, post: Post) -> Publishing:
    return Publishing(
        {store.name: store for store in parts.destinations if isinstance(store, NoteKeeper)},
        lambda name: parts.new_worker(name, post, 1),
        parts.clock,
        read=signing.handed_out,
        say=parts.say,
    )


def _bay_tools(parts: Parts, priority: TurnPriority) -> BayTools:
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
        new_threads=parts.new_threads,
        give_way=priority.give_way,
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
    settled = SettledClock(parts.clock)
    disposal = Disposal(
        ledger,
        parts.journal,
        parts.keepers,
        lambda place: parts.new_worker(f"dispose {place}", post, 1),
        settled,
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
        rules=parts.rules.retention,
        settled=settled,
    )


def _surveys(parts: Parts, post: Post, priority: TurnPriority) -> Surveys:
    worker = parts.new_worker("surveys", post, 2)
    surveys = Surveys(
        worker,
        parts.spool,
        parts.clock,
        absences=parts.absences,
        absence_days=parts.rules.absence_days,
        give_way=priority.give_way,
        say=parts.say,
    )
    surveys.due = DueSurvey(worker, parts.clock, parts.read_due, parts.rules.retention, parts.say)
    return surveys


def _prove_again(parts: Parts) -> ProveAgain:
    required = [target.name for target in parts.targets if target.required]
    return prove_again(parts.destinations, required, parts.rate_limit)


def let_it_check_itself(dock: Dock, parts: Parts, prepare: Prepare) -> None:
    """Have a worker check the dock's installation; `prepare` makes what it does."""
    worker = parts.new_worker("fitness", dock.inbox.put, 1)
    dock.surveys.fitness = Fitness(worker, dock.ledger, parts.clock, prepare=prepare, say=parts.say)


def let_it_match_events(dock: Dock, parts: Parts, journal: Path, rules: MatchRules) -> None:
    """Have a worker compare clips with events from dispatch; it reads the journal's file."""
    dock.ledger.standing.rules = rules
    dock.surveys.matching = Matching(
        parts.new_worker("events", dock.inbox.put, 1),
        dock.ledger,
        parts.clock,
        journal=journal,
        rules=rules,
        give_way=dock.turn_priority.give_way,
        say=parts.say,
    )


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
        checkpoints=dock.checkpoints,
        witnesses=dock.witnesses,
        holdings=dock.holdings,
    )
