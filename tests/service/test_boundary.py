"""Whatever a port raises fails that camera, store or answer: the dock lives, serves the others, and says why.

The ports and their methods are found in the code, so that a new one is tried too (tests/fakes/raising.py).
What is raised is drawn from every exception of the language, of our libraries and of ours.
"""

from __future__ import annotations

import random
import sqlite3
import traceback
from collections import Counter
from pathlib import Path

import pytest

from bwvdock.errors import BwvdockError, MounterUnavailableError, StorageError, UnreadableError
from bwvdock.stages.acquire.part import Part
from tests.extent import EXTENT, SEED, Extent
from tests.fakes.exceptions import (
    BITING,
    BrokenWordsError,
    Make,
    NothingError,
    foreign,
    ours,
    own_cause_of_ours,
)
from tests.fakes.raising import Fault, Moment, Wire, methods
from tests.service.raising_story import dispose, live
from tests.service.raising_world import BAD_ONES, World, chain

_OF_BADGES = "bwvdock-badge-reader calls it, a process of its own, and not the dock"
# What no world can make raise: the dock itself implements it, or it is no call.
NOT_OUTSIDE = {
    "BadgeReader.close": (
        _OF_BADGES := "bwvdock-badge-reader calls it, a process of its own, and not the dock"
    ),
    "BadgeReader.events": _OF_BADGES,
    "BadgeReader.fileno": _OF_BADGES,
    "BadgeReaders.found": _OF_BADGES,
    "BadgeReaders.open": _OF_BADGES,
    "Checker.check": "orders are given what the spool said, which Spool.check covers",
    "Destination.kind": "a word of the configuration, in an attribute",
    "Destination.name": "a word of the configuration, in an attribute",
    "HandOverReader.request": "the same reader's as OrderReader.request, which covers it",
    "Inbox.empty": "the dock's own queue",
    "Inbox.get": "the dock's own queue",
    "Inbox.get_nowait": "the dock's own queue",
    "Inbox.put": "the dock's own queue",
    "Light.reset": "called in a thread of its own, where all that it raises is logged (tests/lights/)",
    "Light.show": "likewise",
    "Parts.new_threads": "makes the dock's own threads",
    "Parts.new_worker": "makes the dock's own threads",
    "Progress.__call__": "the dock implements it: it halts a copy",
    "Source.close": "files are closed by Source.__exit__",
    "TransferControl.reached": "the dock implements it: it counts what a store has",
    "Witness.latest": "asked in the same job as add_checkpoint, and only if that contradicts the journal",
    "TransferControl.take": "the dock implements it: it paces and halts a transfer",
}

_JOURNAL = "without its journal a dock must not decide anything; systemd starts it again"
_CLOCK = "a clock is read in memory (clock_gettime, adjtimex); without one no date can be relied on"
_LOG = "bwvdock/log.py raises nothing, whatever it is given (tests/test_log.py)"
# Whose failure may end the dock's process, and why that is right. Nothing else may.
MAY_END = {
    "LedgerJournal": _JOURNAL,
    "StandingJournal": _JOURNAL,
    "GroupJournal": _JOURNAL,
    "DockingRecords": _JOURNAL,
    "DueClips": _JOURNAL,
    "ScheduledClips": _JOURNAL,
    "UnnoticedClips": _JOURNAL,
    "DockJournal": _JOURNAL,
    "CheckpointJournal": _JOURNAL,
    "ConfirmedJournal": _JOURNAL,
    "ContradictedJournal": _JOURNAL,
    "LostCopies": _JOURNAL,
    "StampJournal": _JOURNAL,
    "Clock": _CLOCK,
    "Parts.new_id": f"{_CLOCK}; and on random numbers, which the kernel always has",
    "Parts.tell": _LOG,
    "Say": _LOG,
}
_MOST_TIMES, FOR_EVER = 3, 10**9
_LASTING = 0.5
_WORLDS = {Extent.CHECK: 1, Extent.TEST: 14, Extent.NIGHTLY: 2_000}[EXTENT]


def may_end(method: str) -> bool:
    """Return whether a method's failure may end the dock."""
    return method in MAY_END or method.partition(".")[0] in MAY_END


def world_with(fault: Fault | None, root: Path) -> World:
    """Return a world that has lived its month, in which this has raised."""
    world = World(root, Wire(), random.Random(1))
    world.wire.calls.clear()
    world.wire.fault = fault
    world.do(world.restart)
    live(world)
    world.stored = set(world.good.objects.values())
    dispose(world)
    return world


@pytest.fixture(scope="module")
def peaceful(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world in which nothing raises."""
    return world_with(None, tmp_path_factory.mktemp("peaceful"))


@pytest.mark.slow
def test_every_method_of_every_port_is_called_where_nothing_raises(peaceful: World) -> None:
    """Else nobody would know what happens when it raises: a new method needs a call in the world."""
    called = {method for method, _ in peaceful.wire.calls}
    assert sorted(methods() - called - NOT_OUTSIDE.keys()) == []
    assert sorted(NOT_OUTSIDE.keys() - (methods() - called)) in ([], ["Destination.kind", "Destination.name"])
    assert peaceful.footage <= peaceful.stored
    assert (peaceful.wrong, peaceful.ended, peaceful.log) == ([], [], [])
    assert outside_the_boundary(peaceful) == []


# What ended the dock, or was told to nobody, before the boundary held.
FOUND: dict[str, tuple[str, Make]] = {
    "a disk that does not say how full it is": ("Spool.used_bytes", lambda: OSError(5, "Input/output error")),
    "nor how much is free": ("Spool.free_bytes", lambda: StorageError("It does not say.")),
    "what is missing cannot be read": ("Parts.absences", lambda: ValueError("no such date")),
    "an order about a clip": ("DecisionReader.resolve_clip", lambda: sqlite3.OperationalError("locked")),
    "an order about a camera": ("DecisionJournal.enrolment", MemoryError),
    "words that are broken": ("CameraVolume.list", BrokenWordsError),
    "its own cause, and neither true nor false": ("CameraAccess.open_volume", own_cause_of_ours),
    "a thread of a copier": ("Incoming.seal", NothingError),
    "a card that does not close": ("CameraVolume.close", lambda: UnreadableError("It does not close.")),
    "a mounter that does not erase": ("ErasableVolume.erase", lambda: MounterUnavailableError("Silent.")),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", FOUND)
def test_what_ended_a_dock_or_was_told_to_nobody_does_not(tmp_path: Path, what: str) -> None:
    method, make = FOUND[what]
    bad = BAD_ONES[0] if method.startswith(("Camera", "Erasable")) else ""
    judge(Fault(method=method, make=make, times=FOR_EVER if bad else _MOST_TIMES, whose=bad), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(_WORLDS))
def test_whatever_raises_the_dock_lives_serves_the_others_and_says_why(
    tmp_path: Path, peaceful: World, number: int
) -> None:
    judge(drawn(number, peaceful.wire.calls), tmp_path)


def judge(fault: Fault, root: Path) -> None:
    """Have a fault raise in a world, and see what becomes of that."""
    world = world_with(fault, root)
    assert fault.raised, fault
    assert world.wrong == [], fault
    assert outside_the_boundary(world) == [], f"{fault}: these end the dock when they raise"
    ended = [error for error in world.ended if not (may_end(fault.method) and caused(error, fault))]
    assert ended == [], f"{fault} ended the dock: {list(map(traceback.format_exception, ended))}"
    passed = len(fault.raised) <= _MOST_TIMES and all(map(is_retryable, fault.raised))
    # A copy that its camera breaks off in the same moment is told with that cause, and made anew.
    passed |= fault.method.startswith("Incoming.") and (
        fault.times == 1 or all(map(is_of_a_break, fault.raised))
    )
    assert passed or world.ended or any(map(world.names, fault.raised)), f"{fault}: nobody is told"
    served = world.footage if fault.times <= _MOST_TIMES else world.of_others(fault.whose)
    assert served <= world.stored, f"{fault}: not all of the others was served"


def outside_the_boundary(world: World) -> list[str]:
    """Return the methods that were called where what they raise ends the dock, and must not."""
    return sorted(method for method in world.wire.bare - NOT_OUTSIDE.keys() if not may_end(method))


def is_retryable(error: Exception) -> bool:
    """Return whether an error says of itself that trying again helps: then it may pass without a word."""
    return isinstance(error, BwvdockError) and error.retryable


def is_of_a_break(error: Exception) -> bool:
    """Return whether an error was raised while a copy was suspended that its camera broke off."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code is Part.suspend.__code__ for frame, _ in frames)


def caused(error: Exception, fault: Fault) -> bool:
    """Return whether an error is, or was raised because of, what a fault raised."""
    return any(one is raised for one in chain(error) for raised in fault.raised)


def drawn(number: int, calls: Counter[tuple[str, str]]) -> Fault:
    """Return a fault, the next method's in an order that is drawn; of the bad camera or store it may last."""
    known = sorted({method for method, _ in calls} - NOT_OUTSIDE.keys())
    random.Random(SEED).shuffle(known)
    method, chance = known[number % len(known)], random.Random(f"{SEED} {number}")
    bad = sorted(whose for name, whose in calls if name == method and whose in BAD_ONES)
    whose = chance.choice(bad) if bad and chance.random() < _LASTING else ""
    most = calls[method, whose] if whose else sum(n for (name, _), n in calls.items() if name == method)
    return Fault(
        method=method,
        make=chance.choice([chance.choice(kind) for kind in (BITING, foreign(), ours())]),
        moment=chance.choice([Moment.BEFORE, Moment.BEFORE, Moment.AFTER, Moment.MIDDLE]),
        first=min(most, chance.choice([1, 2, chance.randint(1, most)])),
        times=FOR_EVER if whose else chance.randint(1, _MOST_TIMES),
        whose=whose,
    )
