"""Is evidence outside of the journal heeded that contradicts it, whoever remembers it, and nothing else?

A journal is put back to any earlier state, and grows anew; the signer and the witness each keep what they
remember, or forget it. If one of them remembers more than the journal has, or something else, erasing and
disposing stop within one round, and footage is taken all the same. If neither does, there is no alarm.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint
from bwvdock.core.facts import CameraEnrolled
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import UsageError
from bwvdock.signer.notary import Head
from bwvdock.status.alerts import AlertCode
from tests.fakes.erasing import CLIPS, FOREIGN, camera
from tests.fakes.signer import FakeSigner
from tests.fakes.witness import FakeWitness, away
from tests.witness.logs import Station
from tests.witnessing.test_whole_dock import Confirmed

pytestmark = pytest.mark.slow

ALARM = AlertCode.JOURNAL_NOT_AS_WITNESSED


class Outside:
    """A dock, its signer and its witness, whose memories can be lost or put back apart from each other."""

    def __init__(self, root: Path, remote: FakeWitness) -> None:
        (root / "state").mkdir(parents=True)
        self.root, self.remote, self.copies = root, remote, 0
        self.dock = Confirmed(root / "state", remote, erases=True)
        self.dock.enrol()
        self.memories: list[dict[str, Head]] = []

    def copy(self) -> None:
        """Keep a copy of the state directory, and of what the signer remembers."""
        self.dock.copy_disk(f"copy{self.copies}")
        self.memories.append(dict(self.dock.signer.memory.signed))
        self.copies += 1

    def off(self) -> None:
        self.dock.journal.close()

    def put_back(self, number: int) -> None:
        for end in ("", "-wal"):
            shutil.copy(self.root / f"copy{number}{end}", self.dock.root / f"journal.sqlite3{end}")
        (self.dock.root / "journal.sqlite3-shm").unlink(missing_ok=True)

    def grow(self, entries: int, word: str) -> None:
        """Have another history recorded in the journal, unseen by signer and witness."""
        with open_journal(self.dock.root / "journal.sqlite3", self.dock.clock) as journal:
            for number in range(entries):
                journal.append([CameraEnrolled(camera=f"{word}-{number}", model="X81", actor="root")])

    def lose_the_signers(self, chance: random.Random) -> None:
        memories: list[dict[str, Head]] = [{}, *self.memories]
        self.dock.signer.memory.signed = dict(chance.choice(memories))

    def lose_the_witness_s(self) -> None:
        self.remote.store.close()
        self.remote.store = self.remote.station.forgetful()

    def on(self) -> None:
        self.dock._build()  # noqa: SLF001 - a start

    def remembered(self) -> list[Checkpoint]:
        """Return what is remembered outside, by whom it may be."""
        log = self.name()
        heads = []
        if head := self.dock.signer.memory.signed.get(log):
            heads.append(Checkpoint(log, head.size, head.root))
        if note := self.remote.latest(log):
            heads.append(read_signed_checkpoint(note).checkpoint)
        return heads

    def name(self) -> str:
        with closing(sqlite3.connect(f"file:{self.dock.root}/journal.sqlite3?mode=ro", uri=True)) as db:
            [first] = db.execute("SELECT leaf_hash FROM entry WHERE seq = 0").fetchone()
        return f"bwvdock/TEST-01/{first.hex()[:16]}"

    def contradicted(self) -> bool:
        """Return whether somebody remembers what the journal does not begin with."""
        with JournalReader(self.dock.root / "journal.sqlite3") as reader:
            entries = reader.summary().entries
            return any(
                head.size > entries or reader.root(head.size) != head.root for head in self.remembered()
            )


@pytest.fixture(name="stations")
def _stations(tmp_path: Path) -> Iterator[list[FakeWitness]]:
    made: list[FakeWitness] = []
    yield made
    for remote in made:
        remote.store.close()


def begin(root: Path, stations: list[FakeWitness]) -> Outside:
    (root / "witness").mkdir(parents=True)
    station = Station(root / "witness")
    stations.append(FakeWitness(station, station.store()))
    return Outside(root, stations[-1])


def live_for_a_while(outside: Outside, chance: random.Random) -> None:
    """Have an honest dock record, sign and be confirmed, and copies of its disk be made."""
    for number in range(chance.randint(2, 6)):
        outside.copy()
        for one in range(chance.randint(0, 4)):
            outside.dock.enrol(f"CAMERA-{number}-{one}")
        outside.remote.lie = away if chance.random() < 0.3 else None
        if chance.random() < 0.8:
            outside.dock.minutes(chance.randint(1, 4))
    outside.remote.lie = None
    outside.dock.minutes(chance.randint(0, 2))


def attack(outside: Outside, chance: random.Random) -> None:
    """Put the journal back or not, have it grow or not, and let who remembers keep or lose its memory."""
    outside.off()
    if chance.random() < 0.7:
        outside.put_back(chance.randrange(outside.copies))
    if chance.random() < 0.6:
        outside.grow(chance.choice([1, 3, 12, 40]), "FORGED")
    if chance.random() < 0.5:
        outside.lose_the_signers(chance)
    if chance.random() < 0.5:
        outside.lose_the_witness_s()
    if chance.random() < 0.3:
        shutil.rmtree(outside.dock.root / "keys", ignore_errors=True)


def judge(outside: Outside, *, expected: bool) -> None:
    """See what a dock does with a camera that is docked at once after its start."""
    dock, card = outside.dock, camera()
    before = dock.kinds().count("journal_not_as_witnessed")
    dock.plug(card)
    dock.turn()
    dock.minutes(1)
    dock.turn()
    assert set(dock.states().values()) == {ClipState.VERIFIED if expected else ClipState.RELEASED}
    assert set(card.files) == ({*FOREIGN, *CLIPS} if expected else set(FOREIGN))
    assert (ALARM in dock.alerts()) is expected
    assert (dock.kinds().count("journal_not_as_witnessed") > before) is expected
    assert dock.schedule.disposal.contradicted() is expected
    if expected:
        with pytest.raises(UsageError, match="contradicts"):
            dock.schedule.disposal.free()


def judge_again(outside: Outside) -> None:
    """See that a restart, a day, and who is away or forgets, end no alarm: only a new journal does."""
    dock = outside.dock
    outside.remote.lie = away
    dock.restart()
    assert ALARM in dock.alerts()
    dock.minutes(20)
    assert ALARM in dock.alerts()
    outside.remote.lie = None
    outside.lose_the_witness_s()
    dock.signer.memory.signed.clear()
    dock.restart()
    dock.minutes(20)
    assert ALARM in dock.alerts()
    (dock.root / "not-as-witnessed.json").unlink()
    dock.restart()
    assert ALARM in dock.alerts(), "the journal has it"


def begin_anew(outside: Outside) -> None:
    """Put a new journal in the place of the one that is contradicted, as `custody succeed` does."""
    outside.off()
    for path in outside.dock.root.glob("journal.sqlite3*"):
        path.unlink()
    outside.on()
    outside.dock.minutes(3)
    assert ALARM not in outside.dock.alerts()
    assert AlertCode.CHECKPOINTS_NOT_SIGNED not in outside.dock.alerts()
    last = outside.dock.journal.last_checkpoint()
    assert last is not None
    assert len(outside.dock.signer.memory.signed) == 2, "another log of the same name"


@pytest.mark.parametrize("part", range(6))
def test_whoever_remembers_what_the_journal_has_not_stops_erasing_and_nobody_else_does(
    tmp_path: Path, stations: list[FakeWitness], part: int
) -> None:
    seen = set()
    for seed in range(part * 10, part * 10 + 10):
        chance = random.Random(seed)
        outside = begin(tmp_path / str(seed), stations)
        live_for_a_while(outside, chance)
        attack(outside, chance)
        expected = outside.contradicted()
        outside.on()
        judge(outside, expected=expected)
        if expected:
            judge_again(outside)
        seen.add(expected)
        outside.off()
    assert seen == {True, False}, "else half of it was not shown"


def put_back_to_before_its_last_checkpoint(folder: Path, stations: list[FakeWitness]) -> Outside:
    """Return a dock that is off, whose journal the signer and the witness know more of than it has."""
    outside = begin(folder, stations)
    outside.dock.minutes(2)
    outside.copy()
    outside.dock.enrol("ANOTHER")
    outside.dock.minutes(2)
    outside.off()
    outside.put_back(0)
    return outside


@pytest.mark.parametrize("grown", [0, 1, 40])
def test_the_signer_alone_finds_a_journal_that_was_put_back(
    tmp_path: Path, stations: list[FakeWitness], grown: int
) -> None:
    outside = put_back_to_before_its_last_checkpoint(tmp_path, stations)
    outside.grow(grown, "FORGED")
    outside.remote.lie = away
    outside.on()
    judge(outside, expected=True)
    alert = outside.dock.alerts()[ALARM]
    assert "The signer contradicts the journal" in alert.message
    assert "signed with the journal's own key" in alert.message
    begin_anew(outside)
    outside.off()


LIES = {
    "another key": lambda note: FakeSigner(seed=bytes(32)).sign(_unsigned(note)),
    "a signature that is wrong": lambda note: note[:-10] + "AAAAAAAA=\n",
    "no signature": lambda note: note.rpartition("\u2014")[0],
    "nothing": lambda _: "",
    "no text": lambda _: "\ud800",
    "another log": lambda note: FakeSigner().sign(_unsigned(f"other{note}")),
}


def _unsigned(note: str) -> bytes:
    return b"old 0\n\n" + note.partition("\n\n")[0].encode() + b"\n"


@pytest.mark.parametrize("lie", LIES)
def test_a_signer_that_refuses_without_a_valid_signature_raises_no_alarm(
    tmp_path: Path, stations: list[FakeWitness], lie: str
) -> None:
    outside = put_back_to_before_its_last_checkpoint(tmp_path, stations)
    outside.lose_the_witness_s()
    outside.dock.signer.shows = LIES[lie]
    outside.on()
    judge(outside, expected=False)
    assert AlertCode.CHECKPOINTS_NOT_SIGNED in outside.dock.alerts(), "it is an alert all the same"
    outside.off()


def test_a_signer_that_shows_what_the_journal_has_raises_no_alarm(
    tmp_path: Path, stations: list[FakeWitness]
) -> None:
    outside = begin(tmp_path, stations)
    dock = outside.dock
    dock.minutes(2)
    [(name, head)] = dock.signer.memory.signed.items()
    dock.signer.memory.signed[name] = Head(head.size, bytes(32))  # it refuses, and shows a true one
    genuine = dock.journal.last_checkpoint()
    assert genuine is not None
    dock.signer.shows = lambda _: genuine.note
    outside.off()
    outside.on()
    judge(outside, expected=False)
    outside.off()
