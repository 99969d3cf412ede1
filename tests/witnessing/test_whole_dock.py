"""Is a dock's journal confirmed by a witness, and what does a dock do whose disk was put back?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.config.settings import Config, load
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.cosignature import cosignatures
from bwvdock.core.ports.witness import WitnessAnswer
from bwvdock.edges import ed25519
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.edges.signing.known_keys import KeyFile, read_keys
from bwvdock.edges.witnessing.alarm_file import AlarmFile
from bwvdock.errors import SignerUnavailableError, StorageError
from bwvdock.service.assemble import Parts
from bwvdock.service.witnessing import Confirming, confirming_of, policy_at
from bwvdock.status.alerts import AlertCode, Severity
from bwvdock.upkeep.signing import Signing, read_extension, read_handed_out, read_root
from bwvdock.witnessing.feed import JournalTree
from tests.fakes.camera import FakeVolume
from tests.fakes.erasing import CLIPS, FOREIGN, camera
from tests.fakes.signer import FakeSigner
from tests.fakes.station import Station as DockStation
from tests.fakes.witness import FakeWitness, away
from tests.fakes.worker import HeldWorker
from tests.witness.logs import Station

pytestmark = pytest.mark.slow

ORIGIN = "bwvdock/TEST-01"


class Confirmed(DockStation):
    """A dock with a signer and a witness that knows its journal's key once it has one."""

    def __init__(self, root: Path, remote: FakeWitness, *, erases: bool = False) -> None:
        self.signer, self.remote = FakeSigner(), remote
        super().__init__(root, erases=erases)

    def outside(self, parts: Parts) -> Parts:
        journal, keys = self.root / "journal.sqlite3", self.root / "keys"
        signing = Signing(
            signer=self.signer,
            origin=ORIGIN,
            read=lambda old: read_extension(journal, old),
            root=lambda size: read_root(journal, size),
            keys=KeyFile(keys),
            handed_out=lambda: read_handed_out(journal, bool),
        )
        tree = confirming_tree(self.root)
        confirming = Confirming(
            witnesses=[("hq", self.remote.station.identity.key, self.remote)],
            tree=replace(tree, keys=lambda: read_keys(keys)),
            file=AlarmFile(self.root),
        )
        return replace(parts, signing=signing, confirming=confirming)

    def minutes(self, count: int) -> None:
        """Let time pass; the witness learns the journal's key, as an administrator would tell it."""
        for _ in range(count * 6):
            self.clock.pass_ms(10_000)
            self.dock.turn(timeout=0)
            for key in read_keys(self.root / "keys"):
                self.remote.station.logs.add("TEST-01", str(key))

    def copy_disk(self, name: str) -> None:
        shutil.copy(self.root / "journal.sqlite3", self.root.parent / name)
        shutil.copy(self.root / "journal.sqlite3-wal", self.root.parent / f"{name}-wal")

    def put_back(self, name: str) -> None:
        """Have the state disk as it was, signer included, and start."""
        self.journal.close()
        self.signer.memory.signed.clear()
        for end in ("", "-wal"):
            shutil.copy(self.root.parent / f"{name}{end}", self.root / f"journal.sqlite3{end}")
        (self.root / "journal.sqlite3-shm").unlink(missing_ok=True)
        self._build()


def confirming_tree(root: Path) -> JournalTree:
    made = confirming_of(config(root, "quorum none\n"))
    return made.tree


def config(root: Path, policy: str) -> Config:
    (root / "policy").write_text(policy, encoding="utf-8")
    file = root / "custody.toml"
    text = f'[dock]\nid = "TEST-01"\nstate_dir = "{root}"\n[custody]\npolicy = "{root / "policy"}"\n'
    file.write_text(text, encoding="utf-8")
    loaded = load(file)
    return replace(loaded, state_dir=root)


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[FakeWitness]:
    (tmp_path / "witness").mkdir()
    station = Station(tmp_path / "witness")
    with station.store() as store:
        yield FakeWitness(station, store)


@pytest.fixture
def dock(tmp_path: Path, remote: FakeWitness) -> Confirmed:
    (tmp_path / "state").mkdir()
    made = Confirmed(tmp_path / "state", remote, erases=True)
    made.enrol()
    return made


def test_the_latest_checkpoint_carries_the_witness_s_signature(dock: Confirmed, remote: FakeWitness) -> None:
    dock.minutes(12)
    with JournalReader(dock.root / "journal.sqlite3") as reader:
        [handed_out] = reader.handed_out(bool)
        signed = read_signed_checkpoint(handed_out.note.encode())
    [made] = cosignatures(signed.note, [remote.station.identity.key], ed25519.verify)
    assert signed.checkpoint.size == dock.journal.size()
    assert made.key == remote.station.identity.key
    assert AlertCode.JOURNAL_NOT_AS_WITNESSED not in dock.alerts()
    assert verify_journal(dock.root / "journal.sqlite3").ok
    before = dock.journal.size()
    dock.minutes(60)
    assert dock.journal.size() == before, "a confirmation is not an entry"


def test_a_disk_put_back_is_an_alarm_that_stops_erasing_and_nothing_else(dock: Confirmed) -> None:
    dock.minutes(12)
    dock.copy_disk("yesterday")
    dock.ledger.record([])
    dock.enrol("ANOTHER")
    dock.minutes(12)
    dock.put_back("yesterday")
    dock.minutes(2)
    assert dock.kinds().count("journal_not_as_witnessed") == 1
    alert = dock.alerts()[AlertCode.JOURNAL_NOT_AS_WITNESSED]
    assert alert.severity is Severity.ERROR
    assert "The witness hq contradicts the journal" in alert.message
    assert "signed with the journal's own key" in alert.message
    card = camera()
    dock.plug(card)
    dock.turn()
    assert set(dock.states().values()) == {ClipState.VERIFIED}, "footage is taken, and proven in the vault"
    assert set(card.files) == {*FOREIGN, *CLIPS}, "and none of it is erased"
    dock.restart()
    dock.remote.lie = away
    dock.minutes(12)
    assert AlertCode.JOURNAL_NOT_AS_WITNESSED in dock.alerts(), "a restart without network forgets nothing"


def started_with(dock: Confirmed, held_up: str) -> tuple[HeldWorker, FakeVolume]:
    """Return the worker that is held up since a start, and a card of which nothing is erased meanwhile."""
    dock.minutes(12)
    dock.held_up[held_up] = held = HeldWorker()
    dock.restart()
    card = camera()
    dock.plug(card)
    dock.turn()
    assert set(dock.states().values()) == {ClipState.VERIFIED}
    assert set(card.files) == {*FOREIGN, *CLIPS}
    return held, card


@pytest.mark.parametrize("answer", ["a confirmation", "nothing"])
def test_after_a_start_nothing_is_erased_before_a_witness_that_knows_the_journal_was_asked(
    dock: Confirmed, answer: str
) -> None:
    held, card = started_with(dock, "witness hq")
    dock.remote.lie = away if answer == "nothing" else None
    held.go_on(dock.inbox.put)
    dock.turn()
    assert set(card.files) == set(FOREIGN), "one that is away stops nothing"


@pytest.mark.parametrize("answer", ["a signature", "nothing"])
def test_after_a_start_nothing_is_erased_before_the_signer_was_asked(dock: Confirmed, answer: str) -> None:
    held, card = started_with(dock, "checkpoints")
    waits = dock.schedule.disposal.awaited
    assert waits()
    if answer == "nothing":
        dock.signer.error = SignerUnavailableError("The signer is away.", remedy="Look for it.")
    held.go_on(dock.inbox.put)
    dock.turn()
    assert set(card.files) == set(FOREIGN), "one that is away stops nothing"
    assert not waits()


class WithoutPolicy(Confirmed):
    """The same dock, once the policy was taken out of its configuration."""

    def outside(self, parts: Parts) -> Parts:
        file = self.root / "custody.toml"
        file.write_text(f'[dock]\nid = "TEST-01"\nstate_dir = "{self.root}"\n', encoding="utf-8")
        return replace(super().outside(parts), confirming=confirming_of(load(file)))


@pytest.mark.parametrize("kept", ["in the file", "in the journal alone"])
def test_a_proven_alarm_is_in_force_without_a_policy_and_without_its_file(dock: Confirmed, kept: str) -> None:
    dock.minutes(12)
    dock.copy_disk("yesterday")
    dock.enrol("ANOTHER")
    dock.minutes(12)
    dock.put_back("yesterday")
    dock.minutes(2)
    dock.journal.close()
    if kept != "in the file":
        (dock.root / "not-as-witnessed.json").unlink()
    later = WithoutPolicy(dock.root, dock.remote, erases=True)
    alert = later.alerts()[AlertCode.JOURNAL_NOT_AS_WITNESSED]
    assert "signed with the journal's own key" in alert.message
    card = camera()
    later.plug(card)
    later.turn()
    later.minutes(12)
    assert set(card.files) == {*FOREIGN, *CLIPS}
    later.journal.close()


def test_a_statement_that_was_not_proven_counts_no_more_without_a_policy(dock: Confirmed) -> None:
    dock.remote.lie = lambda _body, _true: WitnessAnswer(422, b"")
    dock.minutes(12)
    assert AlertCode.JOURNAL_NOT_AS_WITNESSED in dock.alerts()
    (dock.root / "not-as-witnessed.json").unlink()
    dock.restart()
    assert AlertCode.JOURNAL_NOT_AS_WITNESSED in dock.alerts(), "the journal has it"
    dock.remote.lie = None
    dock.minutes(12)
    assert AlertCode.JOURNAL_NOT_AS_WITNESSED not in dock.alerts(), "it was taken back"
    dock.restart()
    assert AlertCode.JOURNAL_NOT_AS_WITNESSED not in dock.alerts()
    dock.remote.lie = lambda _body, _true: WitnessAnswer(422, b"")
    dock.minutes(12)
    dock.journal.close()
    later = WithoutPolicy(dock.root, dock.remote, erases=True)
    assert AlertCode.JOURNAL_NOT_AS_WITNESSED not in later.alerts()
    later.journal.close()


def test_a_witness_that_is_away_for_hours_is_a_warning_and_stops_nothing(dock: Confirmed) -> None:
    dock.remote.lie = away
    card = camera()
    dock.plug(card)
    dock.turn()
    dock.minutes(120)
    assert dock.alerts()[AlertCode.WITNESS_SILENT].severity is Severity.WARNING
    assert set(card.files) == set(FOREIGN)
    dock.remote.lie = None
    dock.minutes(10)
    assert AlertCode.WITNESS_SILENT not in dock.alerts()


# --- the policy of the configuration --------------------------------------------------------------------


def test_the_policy_names_the_witnesses_that_are_asked(tmp_path: Path, remote: FakeWitness) -> None:
    key = remote.station.identity.key
    made = confirming_of(config(tmp_path, f"witness hq {key} http://192.0.2.1:7380/\nquorum hq\n"))
    assert [(name, its_key) for name, its_key, _ in made.witnesses] == [("hq", key)]
    unasked = confirming_of(config(tmp_path, f"witness hq {key}\nquorum hq\n"))
    assert list(unasked.witnesses) == []


WRONG = ["", "quorum hq\n", "witness hq KEY ftp://x/\nquorum hq\n", "witness hq KEY http://:1/\nquorum hq\n"]
WRONG += ["witness hq KEY http://a:b/\nquorum hq\n", "witness hq KEY http://a:99999/\nquorum hq\n"]


@pytest.mark.parametrize("policy", WRONG)
def test_a_policy_that_cannot_be_used_is_said_and_nothing_is_erased(
    policy: str, tmp_path: Path, remote: FakeWitness
) -> None:
    text = policy.replace("KEY", str(remote.station.identity.key))
    made = confirming_of(config(tmp_path, text))
    assert made.unknown is not None
    with pytest.raises(StorageError, match="policy of witnesses"):
        policy_at(tmp_path / "policy")


def test_a_policy_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        policy_at(tmp_path / "gone")
