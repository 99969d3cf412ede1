"""How does a history go? Its seed, a number, draws the operations, their order, and all that is chance."""

from __future__ import annotations

import random
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import Fact
from bwvdock.errors import JournalFullError
from tests.fakes.power import PowerCut
from tests.simulation.cameras import Watch
from tests.simulation.dock import SimulatedDock
from tests.simulation.ending import bring_to_an_end
from tests.simulation.invariants import Invariants
from tests.simulation.operations import OPERATIONS, WHILE_WAITING
from tests.simulation.parts import HONEST, Breaks
from tests.simulation.retention import Promises

STEPS = 30
_WHILE_WAITING = 0.6


@dataclass
class History:
    """What happened, a line a step, and what was wrong at its end.

    `journal` is the last entry's number and hash, by which two histories can be compared.
    """

    seed: int
    journal: str = ""
    steps: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """Return all of it, and how to see it again."""
        lines = [f"seed {self.seed}:", *(f"  {n:2} {step}" for n, step in enumerate(self.steps, start=1))]
        lines += [f"WRONG: {problem}" for problem in self.wrong]
        lines.append(f"journal: {self.journal}")
        return "\n".join([*lines, f"to replay it: make simulate SEED={self.seed}"])


@contextmanager
def _memory_folder() -> Iterator[Path]:
    shm = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="bwvdock-simulation-", dir=shm if shm.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def simulate(seed: int, breaks: Breaks = HONEST) -> History:
    """Return the history of a seed: it ends at the first step after which something is wrong."""
    history = History(seed)
    with _memory_folder() as folder:
        _Run(history, folder, breaks).run()
    return history


def first_wrong(seeds: Iterable[int], breaks: Breaks = HONEST) -> History | None:
    """Return the first history that goes wrong, or None."""
    return next((history for seed in seeds if (history := simulate(seed, breaks)).wrong), None)


class _Run:
    """One history, step by step."""

    def __init__(self, history: History, folder: Path, breaks: Breaks) -> None:
        self._history = history
        self._chance = random.Random(history.seed)
        self._watch = Watch(wrong=history.wrong)
        self._dock = SimulatedDock(folder, self._chance, self._watch, breaks)
        self._invariants = Invariants(self._dock, history.wrong)
        self._promises = Promises(self._dock)
        self._watch.recorded, self._watch.erased = self._recorded, self._invariants.erased
        self._watch.meanwhile = self._meanwhile
        self._watch.turned = self._invariants.stories.turned

    def run(self) -> None:
        try:
            for serial in self._dock.cameras:
                self._dock.enrol(serial)
            for _ in range(STEPS):
                self._step()
                if self._history.wrong:
                    return
            bring_to_an_end(self._dock, self._history.steps, self._history.wrong, self._invariants.after_step)
            self._invariants.after_step()
            self._invariants.verify()
            self._history.wrong += self._dock.outside.officers.at_the_end(self._dock)
        except Exception:  # noqa: BLE001 - whatever ends the dock's thread is what is looked for
            self._history.wrong.append(f"the dock's thread ended: {traceback.format_exc(limit=-6)}")
        finally:
            self._history.journal = self._invariants.last_entry()
            self._dock.close()

    def _recorded(self, fact: Fact, clip: Clip | None) -> None:
        self._invariants.recorded(fact, clip)
        self._history.wrong += self._promises.recorded(fact, clip)
        self._history.wrong += self._dock.outside.officers.recorded(self._dock, fact)

    def _step(self) -> None:
        operation = self._chance.choices(list(OPERATIONS), list(OPERATIONS.values()))[0]
        boots = self._dock.boots
        most = self._chance.choice([0, 1, 3, 8, None, None])
        self._history.steps.append(f"({operation.__name__})")
        at = len(self._history.steps) - 1

        def work() -> None:
            self._history.steps[at] = operation(self._dock)
            if self._history.steps[at]:
                self._dock.work(most)

        self._survive(work)
        if not self._history.steps[at]:
            del self._history.steps[at]
        if self._dock.boots > boots:
            self._invariants.after_restart()
            self._promises.after_restart(self._dock.journal_file)
            self._dock.outside.officers.after_restart(self._dock)
        self._invariants.after_step()
        self._history.wrong += self._dock.outside.officers.after_step(self._dock)

    def _survive(self, work: Callable[[], None]) -> None:
        """Do something, and have the dock come up again if the power fails, or if it was told to stop.

        It ends then, as the daemon does, even while its journal has no room.
        """
        ends, power = False, False
        try:
            work()
            ends = self._dock.dock.stopping
        except PowerCut as cut:
            self._history.steps.append(f"the power fails {cut}, and comes back")
            power = True
        except JournalFullError:
            if not (ends := self._dock.dock.stopping):
                raise
        if ends:
            self._history.steps.append("the dock ends, and comes up again")
            try:
                self._dock.stop()
            except PowerCut:
                power = True
        if ends or power:
            self._dock.switch_off(power=power)
            self._survive(self._dock.switch_on)

    def _meanwhile(self) -> None:
        """Have something else happen while the dock waits for room in its journal, and look at everything."""
        if self._chance.random() < _WHILE_WAITING:
            happened = self._chance.choice(WHILE_WAITING)(self._dock)
            if happened:
                self._history.steps.append(f"while there is no room: {happened}")
        self._invariants.while_waiting()
