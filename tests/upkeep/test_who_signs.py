"""Is it said, in the journal and as an alert, that another key signs it, or that the signer forgot?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey
from bwvdock.core.facts import LogKeyNew, SignerForgot
from bwvdock.edges.signing.known_keys import KeyFile, read_keys
from bwvdock.signer.notary import Head
from bwvdock.status.alerts import AlertCode, Severity
from tests.fakes.signed import ORIGIN, signing
from tests.fakes.signer import FakeSigner
from tests.upkeep.test_checkpoints import Signed, alerts


@pytest.fixture(name="dock")
def _dock(tmp_path: Path) -> Signed:
    return Signed(tmp_path)


def codes(dock: Signed) -> set[AlertCode]:
    return {alert.code for alert in dock.report().alerts}


@pytest.mark.slow
@pytest.mark.parametrize("less", [0, 1])
def test_a_signer_that_forgot_is_an_entry_and_an_alert_for_two_weeks(dock: Signed, less: int) -> None:
    dock.pass_seconds(100)
    [(name, head)] = dock.signer.memory.signed.items()
    signed = dock.sizes()
    dock.signer.memory.signed.clear()
    if less:  # an earlier memory was put back
        root = signing(dock.root / "journal.sqlite3", dock.signer).root(signed[0])
        dock.signer.memory.signed[name] = Head(signed[0], root)
    dock.enrol()
    dock.pass_seconds(120)
    [fact] = [fact for fact in dock.facts if isinstance(fact, SignerForgot)]
    assert (fact.known, fact.compared) == (head.size, less and signed[0])
    assert dock.sizes()[-1] == dock.journal.size()
    assert AlertCode.SIGNER_FORGOT in codes(dock)
    dock.restart()
    assert AlertCode.SIGNER_FORGOT in codes(dock), "the journal has it"
    dock.clock.pass_ms(15 * 24 * 3_600_000)
    assert AlertCode.SIGNER_FORGOT not in codes(dock)
    assert dock.kinds().count("signer_forgot") == 1


def test_the_first_key_is_an_entry_and_no_alert(dock: Signed) -> None:
    dock.pass_seconds(60)
    dock.restart()
    dock.pass_seconds(60)
    [fact] = [fact for fact in dock.facts if isinstance(fact, LogKeyNew)]
    [key] = read_keys(dock.root / "keys")
    assert (fact.key, fact.before, fact.compared) == (str(key), "", 0)
    assert fact.entries == dock.sizes()[0]
    assert AlertCode.LOG_KEY_NEW not in codes(dock)


@pytest.mark.slow
@pytest.mark.parametrize("lost", [False, True])
def test_another_key_is_an_entry_and_an_alert_and_both_are_known(tmp_path: Path, *, lost: bool) -> None:
    dock = Signed(tmp_path)
    dock.pass_seconds(60)
    if lost:
        (tmp_path / "keys" / "log.vkey").unlink()
    dock.signer = FakeSigner(seed=bytes(32))
    dock.restart()
    dock.pass_seconds(60)
    first, second = (fact for fact in dock.facts if isinstance(fact, LogKeyNew))
    assert (first.before, second.before) == ("", first.key), "the journal knows it without the file"
    keys = [key.public for key in read_keys(tmp_path / "keys")]
    assert keys == [*([] if lost else [FakeSigner().public_key()]), dock.signer.public_key()]
    assert AlertCode.LOG_KEY_NEW in codes(dock)
    dock.clock.pass_ms(15 * 24 * 3_600_000)
    assert AlertCode.LOG_KEY_NEW not in codes(dock)


@pytest.mark.slow
def test_a_log_by_another_name_is_not_signed_until_root_says_so(dock: Signed) -> None:
    dock.pass_seconds(60)
    dock.origin = "another/name"
    dock.restart()
    dock.pass_seconds(60)
    [(severity, message)] = alerts(dock)
    assert (severity, "has never seen" in message) == (Severity.ERROR, True)
    memory = dock.signer.memory
    memory.signed = {name.replace(ORIGIN, "another/name"): head for name, head in memory.signed.items()}
    dock.pass_seconds(120)
    assert dock.sizes()[-1] == dock.journal.size()
    assert "signer_forgot" not in dock.kinds(), "what was signed under the other name was compared"
    assert AlertCode.LOG_KEY_NEW in codes(dock), "those who check know the other name"


def test_a_key_file_takes_each_key_once(tmp_path: Path) -> None:
    first, second = (str(VerifierKey("log", ED25519, bytes([n]) * 32)) for n in (1, 2))
    assert [KeyFile(tmp_path / "keys").learn(key) for key in (first, first, second, second, first)] == [
        "",
        first,
        first,
        second,
        second,
    ]
    assert [str(key) for key in read_keys(tmp_path / "keys")] == [second, first]
    assert read_keys(tmp_path / "gone") == []
    (tmp_path / "keys" / "log.vkey").write_bytes(b"\xff\n" + first.encode() + b"\nnot a key\n")
    assert [str(key) for key in read_keys(tmp_path / "keys")] == [first]


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["the file", "the folder", "its lines"])
def test_a_key_file_that_is_gone_is_written_again_while_the_dock_runs(dock: Signed, gone: str) -> None:
    dock.pass_seconds(60)
    file = dock.root / "keys/log.vkey"
    before = file.read_text()
    if gone == "its lines":
        file.write_text("")
    else:
        file.unlink()
    if gone == "the folder":
        file.parent.rmdir()
    dock.enrol("ANOTHER")
    dock.pass_seconds(60)
    assert file.read_text() == before
    assert dock.kinds().count("log_key_new") == 1, "it is the same key"
