"""Does an honest package verify, whichever witnesses had confirmed its checkpoint, and does it say which?"""

from __future__ import annotations

import json
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.cosignature import cosign
from bwvdock.core.custody.c2sp.signed_note import COSIGNATURE, ED25519, Note, VerifierKey, read_note
from bwvdock.edges import ed25519
from bwvdock.edges.journal import open_journal
from tests.cli.docks import Dock, used_dock
from tests.cli.test_export import checked, exported
from tests.fakes.clock import FakeClock
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner
from verifier import bwvdock_verify

Capture = pytest.CaptureFixture[str]
SEEDS = {"a": b"a" * 32, "b": b"b" * 32}


def witness(name: str) -> VerifierKey:
    return VerifierKey(f"{name}.example", COSIGNATURE, ed25519.public(SEEDS[name]))


WITNESSES = "".join(f"witness {name} {witness(name)}\n" for name in SEEDS)
QUORUMS = {"none": "quorum none\n", "a": "quorum a\n", "all": "group confirmed all a b\nquorum confirmed\n"}


@pytest.fixture
def policed(tmp_path: Path) -> Dock:
    """Return a dock with a policy, and a signed checkpoint that nobody confirmed yet."""
    dock = used_dock(tmp_path)
    policy = tmp_path / "policy.txt"
    file = dock.config.file
    file.write_text(f'{file.read_text()}\n[custody]\npolicy = "{policy}"\n')
    policy.write_text(f"{WITNESSES}quorum none\n")
    return dock


def signed(dock: Dock, *names: str) -> Note:
    """Have the journal signed, and confirmed by these witnesses; return the note."""
    with open_journal(dock.config.journal, FakeClock()) as journal:
        note = read_note(sign(journal, dock.config.journal, FakeSigner()).encode())
        for name in names:
            line = cosign(note.text, witness(name), 1_800_000_000, partial(ed25519.sign, SEEDS[name]))
            journal.keep_cosignature(int(note.text.split("\n")[1]), name, str(line).rstrip("\n"))
    return note


def told(dock: Dock, target: Path, capsys: Capture) -> dict[str, object]:
    capsys.readouterr()
    exported(dock, target, "--json")
    said: dict[str, object] = json.loads(capsys.readouterr().out)
    return said


@pytest.mark.slow
@pytest.mark.parametrize("quorum,names", list(product(QUORUMS, ((), ("a",), ("b",), ("a", "b")))))
def test_an_honest_package_verifies_and_says_who_did_not_confirm(
    policed: Dock, tmp_path: Path, capsys: Capture, quorum: str, names: tuple[str, ...]
) -> None:
    (tmp_path / "policy.txt").write_text(WITNESSES + QUORUMS[quorum])
    signed(policed, *names)
    said = told(policed, tmp_path / "out", capsys)
    lacking = [name for name in SEEDS if name not in names]
    met = {"none": True, "a": "a" in names, "all": not lacking}[quorum]
    assert (said["confirmed_by"], said["not_confirmed_by"]) == (list(names), lacking)
    assert said["quorum_met"] is met
    found = checked(tmp_path / "out")
    assert (found.exit_code, found.problems, found.result("signed")) == (0, [], "holds")
    assert found.evidence["signed"].count("good") == 1 + len(names)
    page = (tmp_path / "out/data/statement.html").read_text()
    for words in (page, "\n".join(found.remarks)):
        assert (f"NOT confirmed by the witnesses: {', '.join(lacking)}." in words) == bool(lacking)
        assert ("is NOT met" in words) == (not met)


@pytest.mark.slow
def test_people_are_told_on_the_screen(policed: Dock, tmp_path: Path, capsys: Capture) -> None:
    signed(policed, "a")
    capsys.readouterr()
    exported(policed, tmp_path / "out")
    assert "NOT confirmed by the witnesses: b." in capsys.readouterr().err


@pytest.mark.slow
def test_a_policy_that_the_checker_brings_still_asks_for_its_quorum(policed: Dock, tmp_path: Path) -> None:
    signed(policed, "a")
    bag, brought = exported(policed, tmp_path / "out"), tmp_path / "brought"
    brought.write_text(f"{WITNESSES}quorum b\n")
    found = bwvdock_verify.check(bwvdock_verify.arguments_of(["bag", str(bag), "--policy", str(brought)]))
    assert (found.exit_code, [one.code for one in found.problems]) == (4, ["quorum"])


@pytest.mark.slow
def test_a_false_cosignature_is_not_asked_for(policed: Dock, tmp_path: Path, capsys: Capture) -> None:
    note = signed(policed, "a")
    with open_journal(policed.config.journal, FakeClock()) as journal:
        line = cosign(f"{note.text}x\n", witness("b"), 1, partial(ed25519.sign, SEEDS["b"]))
        journal.keep_cosignature(int(note.text.split("\n")[1]), "b", str(line).rstrip("\n"))
    assert told(policed, tmp_path / "out", capsys)["not_confirmed_by"] == ["b"]
    assert checked(tmp_path / "out").exit_code == 0


@pytest.mark.slow
def test_a_policy_that_names_the_log_before_a_succession_changes_nothing(
    policed: Dock, tmp_path: Path
) -> None:
    note = signed(policed, "a")
    [ours] = (policed.config.state_dir / "keys/log.vkey").read_text().split()
    public = bwvdock_verify.read_key(ours).public
    old = VerifierKey(f"{note.text.split('/')[0]}/LEW-03/0123456789abcdef", ED25519, public)
    (tmp_path / "policy.txt").write_text(f"log {old}\n{WITNESSES}quorum a\n")
    bag = exported(policed, tmp_path / "out")
    assert (checked(bag).exit_code, checked(bag).evidence["signed"].count("good")) == (0, 2)
    assert "0123456789abcdef" not in (bag / "data/policy.txt").read_text()
