"""Is the journal signed when it should be, at no other time, and does nothing wait for the signer?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey
from bwvdock.core.custody.checkpoints import verify_log_signature
from bwvdock.edges import ed25519
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.edges.signing.known_keys import read_keys
from bwvdock.errors import BwvdockError, SignerRefusedError, SignerUnavailableError
from bwvdock.log import Events
from bwvdock.service.assemble import Parts
from bwvdock.status.alerts import AlertCode, Severity
from bwvdock.upkeep.checkpoints import Checkpoints
from bwvdock.upkeep.messages import CheckpointSigned
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.signed import ORIGIN, signing
from tests.fakes.signer import FakeSigner
from tests.fakes.station import Station

AWAY = SignerUnavailableError("The signer is away.", remedy="Look for it.")


class Signed(Station):
    """A dock with a signer."""

    signer: FakeSigner
    origin = ORIGIN

    def __init__(self, root: Path, *, held_up: tuple[str, ...] = (), away: bool | None = None) -> None:
        self.signer = FakeSigner()
        self.store = FakeDestination(lambda *_: b"")
        self.store.reachable = not away
        super().__init__(root, held_up=held_up, destinations=None if away is None else [self.store])

    def outside(self, parts: Parts) -> Parts:
        made = signing(self.root / "journal.sqlite3", self.signer)
        return replace(parts, signing=replace(made, origin=self.origin))

    @property
    def checkpoints(self) -> Checkpoints:
        assert self.dock.checkpoints is not None
        return self.dock.checkpoints

    def pass_seconds(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.pass_ms(1000)
            self.dock.turn(timeout=0)

    def sizes(self) -> list[int]:
        with JournalReader(self.root / "journal.sqlite3") as reader, reader._question() as db:  # noqa: SLF001
            return [size for (size,) in db.execute("SELECT size FROM checkpoint ORDER BY size")]


@pytest.fixture(name="dock")
def _dock(tmp_path: Path) -> Signed:
    return Signed(tmp_path)


def alerts(dock: Signed) -> list[tuple[Severity, str]]:
    found = dock.report().alerts
    return [(a.severity, a.message) for a in found if a.code is AlertCode.CHECKPOINTS_NOT_SIGNED]


@pytest.mark.slow
def test_a_new_entry_is_signed_within_a_minute_and_then_nothing(dock: Signed) -> None:
    dock.pass_seconds(2)
    [begun] = dock.sizes()  # the signer is asked at once after a start: the journal may have been put back
    dock.enrol()
    dock.pass_seconds(59)
    assert dock.sizes() == [begun, dock.journal.size()]
    signed = dock.signer.signed
    before = dock.journal.size()
    dock.pass_seconds(3600)
    assert dock.journal.size() == before, "then this test proves nothing"
    assert (dock.signer.signed, len(dock.sizes())) == (signed, 2), "an idle dock signs nothing"


def test_what_is_stored_is_the_journal_signed_by_its_key(dock: Signed) -> None:
    dock.pass_seconds(60)
    last = dock.journal.last_checkpoint()
    assert last is not None
    [key] = read_keys(dock.root / "keys")
    name = f"{ORIGIN}/{dock.journal.origin()[:16]}"
    assert key == VerifierKey(name, ED25519, dock.signer.public_key())
    head = verify_log_signature(last.note, key, ed25519.verify)
    assert (head.origin, head.size, head.root.hex()) == (name, dock.journal.size(), dock.journal.root())
    assert (last.size, last.root) == (head.size, head.root)
    assert dock.report().journal.checkpoint_at == last.made_at
    assert verify_journal(dock.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_the_end_of_a_docking_and_of_its_uploads_is_signed_at_once(dock: Signed) -> None:
    dock.pass_seconds(60)
    dock.enrol()
    key = dock.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    dock.turn()
    assert dock.sizes()[-1] >= 0
    uploaded = [fact.kind for fact in dock.facts].count("clip_verified")
    assert uploaded == 1
    assert dock.sizes()[-1] > dock.sizes()[0], "the upload's end"
    before = dock.sizes()[-1]
    dock.pull(key)
    dock.turn()
    assert dock.sizes()[-1] > before, "the docking's end"
    assert dock.journal.size() - dock.sizes()[-1] < 3


def test_the_dock_that_stops_signs_its_end_and_goes_on_from_there(dock: Signed) -> None:
    dock.dock.stop()
    assert dock.facts[-1].kind == "dock_stopped"
    assert dock.sizes()[-1] == dock.journal.size()
    dock.restart()
    dock.pass_seconds(60)
    assert dock.sizes()[-1] == dock.journal.size()


@pytest.mark.slow
def test_a_signer_that_is_away_is_an_alert_and_stops_nothing(dock: Signed) -> None:
    dock.signer.error = AWAY
    since = dock.clock.now()
    dock.enrol()
    dock.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    dock.turn()
    dock.pass_seconds(200)
    assert "clip_verified" in [fact.kind for fact in dock.facts]
    [(severity, message)] = alerts(dock)
    assert severity is Severity.WARNING
    assert f"{since:%Y-%m-%dT%H:%M}" in message
    assert [event for event, _ in dock.said].count(Events.CHECKPOINT_FAILED) == 1, "said once"
    assert dock.sizes() == []
    dock.signer.error = None
    dock.pass_seconds(120)
    assert dock.sizes()[-1] == dock.journal.size()
    assert alerts(dock) == []
    assert Events.CHECKPOINTS_BACK in [event for event, _ in dock.said]


@pytest.mark.slow
def test_a_signer_that_hangs_holds_up_neither_the_dock_nor_its_end(tmp_path: Path) -> None:
    dock = Signed(tmp_path, held_up=("checkpoints",))
    dock.enrol()
    dock.plug(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    dock.turn()
    assert "clip_verified" in [fact.kind for fact in dock.facts]
    assert len(dock.held_up["checkpoints"].jobs) == 1, "asked once, until it answers"
    assert alerts(dock) == []
    dock.pass_seconds(200)
    [(severity, _)] = alerts(dock)
    assert severity is Severity.WARNING
    dock.held_up["checkpoints"].go_on(dock.inbox.put)
    dock.turn()
    assert alerts(dock) == []
    assert dock.sizes() != []


def swapped(note: str) -> str:
    """Return another log's note, well signed."""
    other = FakeSigner()
    head = read_signed_checkpoint(note.encode()).checkpoint
    body = f"other\n{head.size}\n{note.splitlines()[2]}\n"
    return other.sign(f"old 0\n\n{body}".encode())


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "lie",
    [
        lambda _: "",
        lambda _: "garbage\n" * 2000,
        swapped,
        lambda note: note.replace("\n\n", "\nmore\n\n"),
        lambda note: note + note.splitlines()[-1] + "\n",
        lambda note: note[:-10] + "AAAAAAAA=\n",
        lambda note: note.rstrip("\n"),
        lambda _: "\ud800",
    ],
)
def test_whatever_is_not_its_signature_is_not_stored(dock: Signed, lie: object) -> None:
    assert callable(lie)
    dock.signer.lie = lie
    dock.pass_seconds(60)
    assert dock.signer.signed > 0
    assert dock.sizes() == []
    [(_, message)] = alerts(dock)
    assert "did not answer with its signature" in message


def test_a_key_that_is_not_the_right_one_is_not_believed(dock: Signed) -> None:
    dock.signer.lie = FakeSigner(seed=bytes(32)).lie
    other = FakeSigner(seed=bytes(32))
    dock.signer.lie = lambda note: other.sign(b"old 0\n\n" + note.split("\n\n")[0].encode() + b"\n")
    dock.pass_seconds(60)
    assert dock.sizes() == []


def test_a_journal_that_lost_entries_is_refused_and_that_is_an_error(dock: Signed) -> None:
    dock.pass_seconds(60)
    [name] = dock.signer.memory.signed
    head = dock.signer.memory.signed[name]
    dock.signer.memory.signed[name] = replace(head, size=head.size + 5)
    dock.enrol()
    dock.pass_seconds(60)
    [(severity, message)] = alerts(dock)
    assert severity is Severity.ERROR
    assert "entries were cut off" in message
    assert "clip_found" not in [fact.kind for fact in dock.facts]


def test_a_journal_that_was_changed_is_refused(dock: Signed) -> None:
    dock.pass_seconds(60)
    [name] = dock.signer.memory.signed
    dock.signer.memory.signed[name] = replace(dock.signer.memory.signed[name], root=bytes(32))
    dock.enrol()
    dock.pass_seconds(60)
    [(severity, message)] = alerts(dock)
    assert severity is Severity.ERROR
    assert "entries were changed" in message


def test_what_was_signed_and_not_stored_is_gone_on_from(dock: Signed) -> None:
    """The power failed between the signer's memory and the dock's."""
    signing(dock.root / "journal.sqlite3", dock.signer).checkpoint(0)
    dock.enrol()
    dock.pass_seconds(60)
    assert dock.sizes()[-1] == dock.journal.size()
    assert alerts(dock) == []


def test_an_operator_gets_one_now_or_the_reason_why_not(dock: Signed) -> None:
    answers: list[CheckpointSigned] = []
    dock.turn()
    dock.checkpoints.sign_now(answers.append)
    dock.turn()
    dock.checkpoints.sign_now(answers.append)
    dock.turn()
    assert answers[0].note == answers[1].note != ""
    dock.signer.error = AWAY
    dock.checkpoints.sign_now(answers.append)
    dock.turn()
    assert answers[2].error == AWAY


def stored(dock: Signed) -> list[str]:
    """Return the notes that were brought to the store, in order."""
    return [asked for asked in dock.store.asked if asked == "keep note"]


@pytest.mark.slow
def test_the_store_gets_the_latest_checkpoint_hourly_and_only_a_newer_one(tmp_path: Path) -> None:
    dock = Signed(tmp_path, away=False)
    dock.pass_seconds(119)
    assert stored(dock) == []
    dock.pass_seconds(10)
    last = dock.journal.last_checkpoint()
    assert last is not None
    name, [first] = f"checkpoints/{ORIGIN}/{dock.journal.origin()[:16]}.", dock.store.documents
    assert first.startswith(name)
    assert dock.store.documents[first].decode() == last.note
    for _ in range(90):
        dock.enrol()
        dock.pass_seconds(60)
    assert len(stored(dock)) == 2, "in an hour and a half"
    before = dock.journal.size()
    dock.pass_seconds(8000)
    last = dock.journal.last_checkpoint()
    assert (len(stored(dock)), dock.journal.size()) == (3, before), "and nothing of it is an entry"
    assert last is not None
    assert dock.store.documents.keys() == {n for n in dock.store.documents if n.startswith(name)}
    assert last.note.encode() in dock.store.documents.values()
    assert len(dock.store.documents) == 3, "none takes the place of another"


def test_a_store_that_is_away_gets_it_later(tmp_path: Path) -> None:
    dock = Signed(tmp_path, away=True)
    dock.pass_seconds(400)
    assert len(stored(dock)) > 1
    assert [event for event, _ in dock.said].count(Events.CHECKPOINT_NOT_STORED) == 1
    dock.store.reachable = True
    dock.pass_seconds(400)
    assert len(dock.store.documents) == 1


def test_a_paused_dock_brings_none(tmp_path: Path) -> None:
    dock = Signed(tmp_path, away=False)
    dock.dockings.set_paused(paused=True)
    dock.pass_seconds(300)
    assert stored(dock) == []


def test_the_two_refusals_are_errors_for_a_person() -> None:
    for error in (SignerRefusedError("No.", remedy="Look."), AWAY):
        assert isinstance(error, BwvdockError)
        assert error.remedy
