"""What takes longer in a journal of a million clips than in one of ten thousand?

Asked of what a dock does at its start and all day, of a turn of its thread for an order, and of what people
type.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path
from statistics import median

from benchmarks.dock import _CONFIG, _ready, _status
from benchmarks.history import OF_A_CAMERA, camera_of, clip_id, long_journal, officer_of
from benchmarks.measure import measure, table
from benchmarks.verifying import docking_facts
from bwvdock.core.clips.clip import Clip
from bwvdock.core.custody.records import ClipFilter
from bwvdock.edges.journal import Journal, JournalReader, open_journal
from bwvdock.edges.journal.verify.last import FoundInOrder
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.edges.system import SystemClock
from bwvdock.operators.orders import decide
from bwvdock.operators.requests import EraseValues

_CLIPS = (10_000, 100_000, 1_000_000)
_ROUNDS = 5
_SHOWN = 50
_GOAL, _GOAL_MS = 1.5, 500
_ORDER = EraseValues(basis="a benchmark")
_LONGEST = "the longest turn of such an order"
_ALL_PARTS = "all turns of such an order together"


class _NoSpool:
    """The spool of a dock none of whose clips is in quarantine."""

    def check(self, clip: Clip) -> None:
        raise AssertionError(clip.id)


def million(memory: Path, disk: Path) -> str:  # noqa: ARG001 - every section is given both
    """Measure; return the section of the document."""
    docks = [disk / f"clips-{clips}" for clips in _CLIPS]
    entries = [_dock(dock, clips) for dock, clips in zip(docks, _CLIPS, strict=True)]
    taken: dict[str, list[list[float]]] = {}
    for number in range(_ROUNDS):  # in turn: what disturbs the machine disturbs all of them
        for at, dock in enumerate(docks):
            for what, milliseconds in _round(dock, number):
                taken.setdefault(what, [[] for _ in docks])[at].append(milliseconds)
                print(f"  {_CLIPS[at]:,} clips, {what}: {milliseconds:.1f} ms", flush=True)
    rows = [_row(what, [median(of_one) for of_one in each]) for what, each in taken.items()]
    head = [
        "ms of processor time",
        *(f"{clips:,} clips" for clips in _CLIPS),
        "most beside the first",
        "to reach",
    ]
    numbers = ["entries", *(f"{one:,}" for one in entries), "", ""]
    return f"## As long in a journal of a million clips\n\n{table(head, [numbers, *rows])}"


def _row(what: str, medians: Sequence[float]) -> list[str]:
    goal = "" if what.startswith(_ALL_PARTS) else f"under {_GOAL} times"
    if what.startswith(_LONGEST):
        goal = f"under {_GOAL_MS} ms"
    return [what, *(f"{one:,.1f}" for one in medians), f"{max(medians) / medians[0]:.2f}", goal]


def _dock(folder: Path, clips: int) -> int:
    """Make a dock with a journal of so many clips; return how many entries it has."""
    state = folder / "state"
    state.mkdir(parents=True)
    (folder / "bwvdock.toml").write_text(_CONFIG.format(state=state), encoding="utf-8")
    print(f"  making a journal of {clips:,} clips", flush=True)
    return long_journal(state / "journal.sqlite3", clips)


def _round(dock: Path, number: int) -> Iterator[tuple[str, float]]:
    """Measure each once; yield what, and its milliseconds."""
    path, config = dock / "state" / "journal.sqlite3", dock / "bwvdock.toml"
    yield "daemon, start to READY=1", _ready(config)[2] * 1000
    yield "`bwvdock status`, the whole program", measure(_status(config)).cpu_seconds * 1000
    with JournalReader(path) as reader:
        yield f"the first {_SHOWN} clips", _time(lambda: list(islice(reader.clips(), _SHOWN)))
        wanted = ClipFilter(camera=camera_of(number))
        yield f"the {OF_A_CAMERA} clips of a camera", _time(lambda: list(reader.clips(wanted)))
    with open_journal(path, SystemClock()) as journal, JournalReader(path) as reader:
        size, root = journal.size(), journal.root()
        facts = docking_facts(int(time.time()))
        yield "append a docking of 20 clips", _time(lambda: journal.append(facts))
        since = FoundInOrder(size=size, root=root, at="the time before")
        yield "verify what that added", _time(lambda: verify_journal(path, since=since))
        orders = {
            "--camera": replace(_ORDER, camera=camera_of(50 + number)),
            "--officer": replace(_ORDER, officer=officer_of(5 + number)),
            "--before": replace(_ORDER, before=_acquired(reader, (number + 1) * 2 * OF_A_CAMERA)),
        }
        for what, order in orders.items():
            parts = list(_parts(order, journal, reader))
            yield f"a turn for `erase-values {what}`", median(parts)
            yield f"{_LONGEST}: `{what}`", max(parts)
            yield f"{_ALL_PARTS}: `{what}`", sum(parts)


def _acquired(reader: JournalReader, number: int) -> str:
    """Return when a clip was acquired."""
    row = reader.clip_row(clip_id(number))
    return (row and row.acquired_at) or ""


def _parts(order: EraseValues, journal: Journal, reader: JournalReader) -> Iterator[float]:
    """Carry out an order as the daemon does; yield the milliseconds of each turn."""
    after = ""
    for part in count():
        if part and not after:
            return
        kept: list[str] = []
        yield _time(partial(_turn, replace(order, after=after), journal, reader, kept.append))
        [after] = kept


def _turn(order: EraseValues, journal: Journal, reader: JournalReader, keep: Callable[[str], object]) -> None:
    decision = decide(order, journal=journal, reader=reader, spool=_NoSpool(), paused=False, actor="0:root")
    journal.append(decision.facts)
    keep(decision.after)


def _time(what: Callable[[], object]) -> float:
    began = time.process_time()
    what()
    return (time.process_time() - began) * 1000
