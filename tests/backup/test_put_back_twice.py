"""A dock was moved, and its backup put back on two PCs: what shows that?

Neither dock alone can know. A checkpoint of one that is held against the other shows it, and so does a
witness of both.
"""

from __future__ import annotations

import json
import subprocess
from http import HTTPStatus
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.submission import Submission
from bwvdock.edges.journal import open_journal
from bwvdock.edges.journal.origin import origin_of
from bwvdock.witness.service import Answer, Witness
from tests.backup.docks import dock_at, kinds
from tests.cli.docks import Dock
from tests.fakes.clock import FakeClock
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner
from tests.witness.logs import Station

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]


@pytest.fixture(name="both")
def _both(dock: Dock, tmp_path: Path, capsys: Capture) -> tuple[Dock, Dock]:
    """Two docks that continue one moved journal, each with a camera of its own and a key of its own."""
    (tmp_path / "moving").mkdir()
    assert dock.run("backup", str(tmp_path / "moving"), "--move", "--json") == 0
    backup = Path(json.loads(capsys.readouterr().out)["path"])
    made = []
    for name in ("one", "other"):
        subprocess.run(["cp", "-a", backup / "state", tmp_path / name], check=True)
        made.append(dock_at(tmp_path / name))
        assert made[-1].run("cameras", "enrol", f"CAM-{name}") == 0
    return made[0], made[1]


def note_of(dock: Dock, seed: bytes) -> bytes:
    with open_journal(dock.config.journal, FakeClock()) as journal:
        return sign(journal, dock.config.journal, FakeSigner(seed=seed)).encode()


def policy_of(dock: Dock, file: Path) -> Path:
    file.write_text(f"log {(dock.config.state_dir / 'keys' / 'log.vkey').read_text()}quorum none\n")
    return file


def test_each_alone_is_consistent_and_goes_by_the_same_name(both: tuple[Dock, Dock]) -> None:
    one, other = both
    assert origin_of(one.config.journal) == origin_of(other.config.journal)
    for dock in both:
        assert dock.run("custody", "verify", "--journal-only") == 0
        assert kinds(dock)[-2:] == ["journal_taken_up", "camera_enrolled"]


def test_a_checkpoint_of_one_held_against_the_other_shows_it(
    both: tuple[Dock, Dock], tmp_path: Path, capsys: Capture
) -> None:
    one, other = both
    (tmp_path / "note").write_bytes(note_of(one, b"\x01" * 32))
    policy = policy_of(one, tmp_path / "policy")
    ask = ("custody", "verify", "--journal-only", "--json", "--checkpoint", str(tmp_path / "note"))
    capsys.readouterr()
    assert one.run(*ask, "--policy", str(policy)) == 0
    capsys.readouterr()
    assert other.run(*ask, "--policy", str(policy)) == 4
    found = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in found["problems"]] == ["checkpoint"]


def test_a_witness_confirms_the_first_and_keeps_what_the_second_asked_as_evidence(
    both: tuple[Dock, Dock], tmp_path: Path
) -> None:
    (tmp_path / "witness").mkdir()
    station = Station(tmp_path / "witness")
    notes = [note_of(dock, bytes([n]) * 32) for n, dock in enumerate(both, start=1)]
    heads = [read_signed_checkpoint(note).checkpoint for note in notes]
    assert heads[0].size == heads[1].size
    assert heads[0].root != heads[1].root
    for n, dock in enumerate(both, start=1):  # each new PC has a key of its own, which its witness is given
        key = (dock.config.state_dir / "keys" / "log.vkey").read_text().strip()
        station.logs.add(f"LEW-03 on PC {n}", key)
    with station.store() as store:
        witness = station.witness(store)
        assert asked(witness, 0, notes[0]).status == HTTPStatus.OK
        assert asked(witness, heads[0].size, notes[1]).status == HTTPStatus.UNPROCESSABLE_ENTITY
        [piece] = store.evidence()
    assert piece.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert piece.size == heads[1].size


def asked(witness: Witness, old: int, note: bytes) -> Answer:
    return witness.add_checkpoint(Submission(old, (), note).encoded(), "192.0.2.1")
