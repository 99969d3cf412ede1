"""Does the stand-alone verifier agree that footage is on hold where a standing hold keeps it?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bwvdock.core.facts import HoldEnded, HoldOpened
from tests.fakes.camera import camera_with
from tests.fakes.station import SERIAL, Station
from tests.verifier.test_verifier import run


@pytest.mark.slow
def test_a_document_of_footage_on_a_standing_hold_verifies_and_a_hidden_hold_does_not(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.enrol()
    station.visit(camera_with({"DCIM/100TEST/A.MP4": b"x" * 1000}))
    for name in ("h-1", "h-2"):
        station.ledger.record([HoldOpened(hold=name, camera=SERIAL, reason="inquiry", actor="0:root")])
        station.turn()
    station.ledger.record([HoldEnded(hold="h-1", reason="over", actor="0:root")])
    station.turn()
    [document] = (tmp_path / "vault").rglob("*.custody.json")
    text = document.read_text(encoding="utf-8")
    assert json.loads(text)["manifest"]["held"] == "true", "one hold ended, and the other keeps it"
    code, said = run("document", str(document))
    assert code == 0, said
    document.chmod(0o600)
    document.write_text(text.replace('"held":"true"', '"held":"false"'), encoding="utf-8")
    code, said = run("document", str(document))
    assert code != 0, said
    station.ledger.record([HoldEnded(hold="h-2", reason="over", actor="0:root")])
    station.turn()
    [document] = (tmp_path / "vault").rglob("*.custody.json")
    assert '"held":"false"' in document.read_text(encoding="utf-8")
    assert run("document", str(document))[0] == 0
    station.journal.close()
