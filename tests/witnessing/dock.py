"""A journal with a witness, without the rest of a dock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.core.custody.checkpoints import StoredCheckpoint
from bwvdock.core.custody.consistency import consistency_proof
from bwvdock.core.custody.inclusion_proofs import range_root
from bwvdock.core.facts import Fact, JournalNotAsWitnessed
from bwvdock.edges import ed25519
from bwvdock.edges.witnessing.alarm_file import AlarmFile
from bwvdock.log import Events
from bwvdock.witnessing.alarms import Alarms
from bwvdock.witnessing.feed import JournalTree
from bwvdock.witnessing.messages import Fed
from bwvdock.witnessing.witnesses import Site, Witnesses
from tests.fakes.clock import FakeClock
from tests.fakes.witness import FakeWitness
from tests.fakes.worker import InlineWorker
from tests.witness.logs import Log, Station


@dataclass(slots=True)
class FakeJournal:
    """A journal: a log of which so many entries are there and signed. It can be put back, and grow anew.

    `unsigned`: so many more are there, and not signed.
    """

    log: Log = field(default_factory=Log)
    size: int = 0
    unsigned: int = 0
    lines: dict[tuple[int, str], str] = field(default_factory=dict)
    against: Callable[[], Sequence[JournalNotAsWitnessed]] = tuple

    def origin(self) -> str:
        return self.log.origin.rpartition("/")[2]

    def latest(self) -> StoredCheckpoint | None:
        if not self.size:
            return None
        head, note = self.log.head(self.size), self.log.note(self.size).decode()
        return StoredCheckpoint(size=head.size, root=head.root, note=note, made_at="")

    def confirmed_size(self, witness: str) -> int:
        return max((size for size, by in self.lines if by == witness), default=0)

    def quorum_size(self, enough: Callable[[Collection[str]], bool], beyond: int) -> int:
        sizes = sorted({size for size, _ in self.lines if size > beyond}, reverse=True)
        met = (size for size in sizes if enough({by for at, by in self.lines if at == size}))
        return next(met, 0)

    def contradictions(self) -> Sequence[tuple[str, JournalNotAsWitnessed]]:
        return [("2026-03-14T10:15:00.000Z", fact) for fact in self.against()]

    def keep_cosignature(self, size: int, witness: str, line: str) -> None:
        self.lines[size, witness] = line

    def tree(self) -> JournalTree:
        return JournalTree(
            prove=lambda old, size: consistency_proof(old, size, self.log.fetch),
            entries=lambda: self.size + self.unsigned,
            root=lambda size: range_root(0, size, self.log.fetch),
            keys=lambda: [self.log.key],
        )

    def put_back(self, size: int) -> None:
        """Have what a restored disk has."""
        self.size = size
        self.lines = {key: line for key, line in self.lines.items() if key[0] <= size}


class Dock:
    """A journal with one witness, which a restart begins anew."""

    def __init__(self, folder: Path) -> None:
        (folder / "witness").mkdir()
        (folder / "state").mkdir()
        self.folder, self.journal, self.clock = folder / "state", FakeJournal(), FakeClock()
        self.station = Station(folder / "witness")
        self.station.logs.add("LEW-03", str(self.journal.log.key))
        self.remote = FakeWitness(self.station, self.station.store())
        self.facts: list[Fact] = []
        self.said: list[Events] = []
        self.stops = 0
        self.restart()

    def restart(self) -> None:
        self.posted: list[object] = []
        site = Site(
            name="hq",
            key=self.station.identity.key,
            witness=self.remote,
            worker=InlineWorker(self.posted.append),
        )
        self.witnesses = Witnesses(
            sites=[site],
            latest=self.journal.latest,
            journal=self.journal,
            tree=self.journal.tree(),
            clock=self.clock,
            verify=ed25519.verify,
            alarms=Alarms(
                names={str(site.key): site.name},
                journal=self.journal,
                tree=self.journal.tree(),
                clock=self.clock,
                record=self.facts.extend,
                file=AlarmFile(self.folder),
                say=lambda event, /, **_: self.said.append(event),
                raised=self._stop,
            ),
            say=lambda event, /, **_: self.said.append(event),
        )

    def forget(self) -> None:
        """Have the witness lose what it confirmed."""
        self.remote.store.close()
        self.remote.store = self.station.forgetful()

    def _stop(self) -> None:
        self.stops += 1

    @property
    def site(self) -> Site:
        return self.witnesses.sites[0]

    def turn(self, seconds: int = 301) -> None:
        """Let time pass, longer than any pause, and have the witness asked."""
        self.clock.pass_ms(seconds * 1000)
        self.witnesses.turn()
        while self.posted:
            message = self.posted.pop(0)
            assert isinstance(message, Fed)
            self.witnesses.hear(message)

    def grow(self, size: int) -> None:
        self.journal.size = size
        self.turn()

    @property
    def kinds(self) -> list[str]:
        return [fact.kind for fact in self.facts]
