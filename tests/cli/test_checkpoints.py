"""Can an operator have the journal signed, keep the note, and later compare the journal with it?"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.cosignature import cosign
from bwvdock.core.custody.c2sp.signed_note import COSIGNATURE, VerifierKey, read_note
from bwvdock.edges import ed25519
from bwvdock.edges.journal import open_journal
from tests.cli.docks import Dock
from tests.edges.journal import stories as tell
from tests.fakes.clock import FakeClock
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner
from tests.service.daemons import configure, daemon

Capture = pytest.CaptureFixture[str]


@pytest.fixture(name="note")
def _note(dock: Dock, tmp_path: Path) -> Path:
    with open_journal(dock.config.journal, FakeClock()) as journal:
        (tmp_path / "kept").write_text(sign(journal, dock.config.journal, FakeSigner()))
    return tmp_path / "kept"


def verify(dock: Dock, capsys: Capture, *arguments: str, code: int) -> dict[str, Any]:
    assert dock.run("custody", "verify", "--json", "--journal-only", *arguments) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.slow
def test_a_journal_that_agrees_is_said_to(dock: Dock, note: Path, capsys: Capture) -> None:
    found = verify(dock, capsys, "--checkpoint", str(note), code=0)
    assert (found["ok"], found["compared_with_checkpoint"], found["checkpoints"]) == (True, True, 1)
    assert not verify(dock, capsys, code=0)["compared_with_checkpoint"]
    assert dock.run("custody", "verify", "--checkpoint", str(note)) == 0
    said = capsys.readouterr().out
    assert "1 outside checkpoint agrees with the journal." in said
    assert "Not compared" not in said
    assert dock.run("custody", "verify") == 0
    assert "Not compared with an outside checkpoint." in capsys.readouterr().out


def test_a_journal_that_does_not_agree_has_failed(dock: Dock, note: Path, capsys: Capture) -> None:
    head = read_signed_checkpoint(note.read_bytes()).checkpoint
    note.write_text(note.read_text().replace(f"\n{head.size}\n", f"\n{head.size + 4}\n"))
    found = verify(dock, capsys, "--checkpoint", str(note), code=4)
    assert [problem["code"] for problem in found["problems"]] == ["checkpoint"]


def test_a_policy_says_whose_signature_counts(
    dock: Dock, note: Path, tmp_path: Path, capsys: Capture
) -> None:
    policy, key = tmp_path / "policy", (dock.config.state_dir / "keys" / "log.vkey").read_text()
    policy.write_text(f"log {key}quorum none\n")
    verify(dock, capsys, "--checkpoint", str(note), "--policy", str(policy), code=0)
    policy.write_text("quorum none\nwhatever\n")
    verify(dock, capsys, "--checkpoint", str(note), "--policy", str(policy), code=1)


SEEDS = {"a": b"a" * 32, "b": b"b" * 32}


@pytest.mark.slow
@pytest.mark.parametrize("quorum,by", [("none", ""), ("a", "a"), ("b", "a"), ("both", "ab"), ("both", "")])
def test_the_policy_s_witnesses_are_asked_for_too_and_it_is_said_who_cosigned(
    dock: Dock, note: Path, tmp_path: Path, capsys: Capture, quorum: str, by: str
) -> None:
    keys = {name: VerifierKey(f"{name}.example", COSIGNATURE, ed25519.public(s)) for name, s in SEEDS.items()}
    signed = read_note(note.read_bytes())
    for name in by:
        line = cosign(signed.text, keys[name], 1_800_000_000, partial(ed25519.sign, SEEDS[name]))
        note.write_text(note.read_text() + str(line).rstrip("\n") + "\n")
    policy = tmp_path / "policy"
    witnesses = "".join(f"witness {name} {key}\n" for name, key in keys.items())
    log = (dock.config.state_dir / "keys" / "log.vkey").read_text()
    policy.write_text(f"log {log}{witnesses}group both all a b\nquorum {quorum}\n")
    met = {"none": True, "a": "a" in by, "b": "b" in by, "both": by == "ab"}[quorum]
    given = ("--checkpoint", str(note), "--policy", str(policy))
    found = verify(dock, capsys, *given, code=0 if met else 4)
    [said] = [one["message"] for one in found["remarks" if met else "problems"] if "quorum" in one["message"]]
    assert f"cosigned by {', '.join(by) or 'none of the witnesses'}" in said
    assert f"the quorum {quorum} of the policy is {'met' if met else 'not met'}" in said
    assert found["compared_with_checkpoint"]
    assert dock.run("custody", "verify", *given) == (0 if met else 4)
    assert "who cosigned them (bwvdock-verify journal --policy does)" in capsys.readouterr().out


@pytest.mark.slow
def test_a_file_that_cannot_be_read_hides_nothing_that_was_found(
    dock: Dock, note: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "wrong").write_text("quorum none\nwhatever\n")
    (tmp_path / "loop").symlink_to("loop")
    gone = ("gone", "wrong", "loop")
    given: list[tuple[str, ...]] = [("--checkpoint", str(tmp_path / name)) for name in gone]
    given += [("--checkpoint", str(note), "--policy", str(tmp_path / name)) for name in gone]
    for arguments in given:
        found = verify(dock, capsys, *arguments, code=1)
        assert (found["problems"], len(found["errors"])) == ([], 1)
        assert not found["compared_with_checkpoint"]
    tell.tamper(dock.config.journal, "UPDATE entry SET leaf = leaf || ' ' WHERE seq = 3")
    for arguments in given:
        assert verify(dock, capsys, *arguments, code=4)["problems"]


@pytest.mark.slow
def test_a_checkpoint_whose_signer_is_unknown_is_not_called_compared(
    dock: Dock, note: Path, tmp_path: Path, capsys: Capture
) -> None:
    policy = tmp_path / "policy"
    policy.write_text("quorum none\n")
    (dock.config.state_dir / "keys" / "log.vkey").unlink()
    found = verify(dock, capsys, "--checkpoint", str(note), "--policy", str(policy), code=1)
    assert (found["problems"], found["compared_with_checkpoint"]) == ([], False)
    assert dock.run("custody", "verify", "--checkpoint", str(note)) == 1
    assert "Not compared with an outside checkpoint." in capsys.readouterr().out


@pytest.mark.slow
def test_a_daemon_signs_when_it_is_told_to_and_when_it_stops(tmp_path: Path) -> None:
    config = configure(tmp_path)
    bwvdock = [sys.executable, "-m", "bwvdock", "custody"]
    with daemon(config):
        done = subprocess.run(
            [*bwvdock, "checkpoint", "--config", str(config), "--out", str(tmp_path / "kept")],
            check=True,
            capture_output=True,
            text=True,
        )
    assert "Key of the log: bwvdock/" in done.stderr
    verified = subprocess.run(
        [*bwvdock, "verify", "--json", "--config", str(config), "--checkpoint", str(tmp_path / "kept")],
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(verified.stdout)
    # That of the start, unless it was taken for the one that was asked for; that one; and that of the end.
    assert found["checkpoints"] in {2, 3}
    assert found["compared_with_checkpoint"]
