"""Does an evidence package have what a stranger needs, nothing of anybody else, and its entry?"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.custody.c2sp.tlog_proof import read_tlog_proof
from bwvdock.core.custody.merkle import leaf_hash
from bwvdock.core.facts import ClipAttributed, ClipHeld, FootageConsulted, FootageExported, ValuesErased
from bwvdock.edges.journal import open_journal
from tests.cli.docks import CAMERA, QUARANTINED, VERIFIED, Dock
from tests.cli.test_consultation import daemon
from tests.edges.journal import stories as tell
from tests.fakes.clock import FakeClock
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner
from tests.names import names_in
from verifier import bwvdock_verify

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
WHY = ("--reason", "disclosure, case C-7")


@pytest.fixture
def known(dock: Dock) -> Dock:
    """Return a dock with one clip of officer 4411."""
    dock.record(ClipAttributed(clip=VERIFIED, officer="4411"))
    return dock


def exported(dock: Dock, target: Path, *more: str, clip: str = VERIFIED) -> Path:
    with daemon(dock):
        assert dock.run("custody", "export", clip, "--to", str(target), *WHY, *more) == 0
    return target


def checked(bag: Path) -> bwvdock_verify.Report:
    return bwvdock_verify.check(bwvdock_verify.arguments_of(["bag", str(bag)]))


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def entries(dock: Dock) -> list[Any]:
    return [kind for (kind,) in tell.ask(dock.config.journal, "SELECT kind FROM entry ORDER BY seq")]


# --- what it has ---------------------------------------------------------------------------------


def test_a_package_verifies_and_is_an_entry(known: Dock, tmp_path: Path, capsys: Capture) -> None:
    bag = exported(known, tmp_path / "out", "--json")
    told = json.loads(capsys.readouterr().out)
    found = checked(bag)
    assert (found.exit_code, found.problems, found.errors) == (0, [], [])
    assert found.facts["clips"] == [VERIFIED]
    assert {
        key: found.result(key) for key in ("bag", "entries", "proofs", "opened", "footage")
    } == dict.fromkeys(("bag", "entries", "proofs", "opened", "footage"), "holds")
    assert entries(known)[-2:] == [FootageConsulted.kind, FootageExported.kind]
    assert told["tagmanifest_sha256"] == bwvdock_verify.hashed(str(bag / "tagmanifest-sha256.txt")).sha256
    assert any("NOT SIGNED" in line.upper() for line in found.unproven)


@pytest.mark.slow
def test_its_own_program_verifies_it_alone(known: Dock, tmp_path: Path) -> None:
    bag = exported(known, tmp_path / "out", "--exhibit", "JB/7")
    ran = subprocess.run(
        [sys.executable, "-I", str(bag / "data/verify.py"), "bag", str(bag)], capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    assert "External-Identifier: JB/7" in (bag / "bag-info.txt").read_text()


@pytest.mark.slow
def test_another_program_for_bags_accepts_it_and_finds_damage(known: Dock, tmp_path: Path) -> None:
    pytest.importorskip("bagit")
    bag = exported(known, tmp_path / "out")
    run = partial(subprocess.run, capture_output=True, check=False)
    validate = [sys.executable, "-m", "bagit", "--validate", str(bag)]
    assert run(validate).returncode == 0
    [footage] = (bag / "data/footage").iterdir()
    footage.chmod(0o600)
    footage.write_bytes(footage.read_bytes() + b"x")
    assert run(validate).returncode != 0
    assert checked(bag).exit_code == 4


@pytest.mark.slow
def test_a_signed_checkpoint_is_in_it_with_the_key_that_shows_it(known: Dock, tmp_path: Path) -> None:
    with open_journal(known.config.journal, FakeClock()) as journal:
        sign(journal, known.config.journal, FakeSigner())
    found = checked(exported(known, tmp_path / "out"))
    assert (found.exit_code, found.result("signed")) == (0, "holds"), found.errors
    assert "the log bwvdock/TEST-01/" in found.evidence["signed"]
    assert found.evidence["signed"].endswith("good")
    [proof, *_] = sorted((tmp_path / "out/data/proofs").iterdir())
    text = read_tlog_proof(proof.read_bytes())
    leaf = (tmp_path / "out/data/leaves.jsonl").read_bytes().split(b"\n")[0]
    assert (text.index, text.includes(leaf_hash(leaf))) == (0, True)


def test_only_what_was_asked_for_is_disclosed(known: Dock, tmp_path: Path) -> None:
    plain = exported(known, tmp_path / "plain")
    opened = exported(known, tmp_path / "opened", "--open", "officer,path")
    everything = {path.name: path.read_bytes() for path in plain.rglob("*") if path.is_file()}
    text = {name: content.decode("latin-1") for name, content in everything.items()}
    assert [name for name, content in text.items() if names_in(content, ["4411"]) or "DCIM" in content] == []
    values = {o["field"]: o["value"] for o in json.loads((opened / "data/reveal.json").read_text())["opened"]}
    assert (values["camera"], values["officer"]) == (CAMERA, "4411")
    assert "path" in values
    assert names_in((opened / "data/reveal.json").read_text(), ["4411"])
    assert checked(opened).exit_code == 0


def _erase(dock: Dock, field: str) -> None:
    rows = tell.ask(dock.config.journal, "SELECT commitment, field FROM private")
    gone = tuple(committed for committed, its in rows if its == field)
    erased = ValuesErased(field=field, commitments=gone, basis="s.47", actor="ops")
    dock.record(erased, later=1)


@pytest.mark.parametrize("asked", [(), ("--open", "officer,path")])
@pytest.mark.parametrize("gone", ["officer", "path", "reason"])
def test_what_was_erased_is_said_to_be_erased_and_not_withheld(
    known: Dock, tmp_path: Path, gone: str, asked: tuple[str, ...]
) -> None:
    known.record(ClipHeld(clip=VERIFIED, reason="inquiry", actor="ops"))
    _erase(known, gone)
    bag = exported(known, tmp_path / "out", *asked)
    told = json.loads((bag / "data/reveal.json").read_text())
    closed = {one["field"]: one["why"] for one in told["closed"]}
    opened = {one["field"] for one in told["opened"]}
    fields = {"camera", "officer", "path", "reason", "actor"}
    assert opened == ({"camera", "officer", "path"} if asked else {"camera"}) - {gone}
    assert closed == {field: "erased" if field == gone else "withheld" for field in fields - opened}
    assert checked(bag).exit_code == 0


def test_nothing_of_another_clip_is_in_it(known: Dock, tmp_path: Path) -> None:
    bag = exported(known, tmp_path / "out")
    for path in bag.rglob("*"):
        assert QUARANTINED not in str(path)
        assert path.is_dir() or QUARANTINED.encode() not in path.read_bytes()
    kinds = [json.loads(leaf) for leaf in (bag / "data/leaves.jsonl").read_text().splitlines()]
    others = [e["kind"] for e in kinds if e["data"].get("clip") != VERIFIED and e["seq"] != 0]
    assert set(others) == {"camera_attached"}


# --- what is tampered with -----------------------------------------------------------------------


def test_what_is_changed_in_it_is_found(known: Dock, tmp_path: Path) -> None:
    bag = exported(known, tmp_path / "out")
    for name in sorted(path.relative_to(bag).as_posix() for path in bag.rglob("*") if path.is_file()):
        copy = tmp_path / "copy"
        shutil.copytree(bag, copy)
        content = bytearray((copy / name).read_bytes() or b"?")
        content[len(content) // 2] ^= 1
        (copy / name).chmod(0o600)
        (copy / name).write_bytes(bytes(content))
        assert checked(copy).exit_code == 4, name
        (copy / name).unlink()
        assert checked(copy).exit_code == 4, name
        (copy / name).symlink_to(bag / name)
        assert checked(copy).exit_code == 4, name
        shutil.rmtree(copy)


def test_a_file_that_is_not_of_a_package_is_found(known: Dock, tmp_path: Path) -> None:
    bag = exported(known, tmp_path / "out")
    (bag / "data/more.txt").write_text("x")
    assert checked(bag).exit_code == 4


# --- what stops it -------------------------------------------------------------------------------


def test_a_rotten_copy_is_passed_over_for_a_good_one(known: Dock, tmp_path: Path) -> None:
    spooled = known.spooled(VERIFIED)
    spooled.unlink()
    spooled.write_bytes(b"x" * known.vaulted(VERIFIED).stat().st_size)
    assert checked(exported(known, tmp_path / "out")).exit_code == 0


def test_without_a_good_copy_nothing_is_exported_and_it_says_what_to_do(
    known: Dock, tmp_path: Path, capsys: Capture
) -> None:
    good = tmp_path / "good"
    shutil.copy(known.spooled(VERIFIED), good)
    for path in (known.spooled(VERIFIED), known.vaulted(VERIFIED)):
        path.unlink()
        path.write_bytes(b"rotten")
    (tmp_path / "there").mkdir()
    target = tmp_path / "there/out"
    with daemon(known):
        assert known.run("custody", "export", VERIFIED, "--to", str(target), *WHY) == 1
    said = capsys.readouterr().err
    assert "--footage FILE" in said
    assert (left_in(target.parent), FootageExported.kind in entries(known)) == ([], False)
    assert checked(exported(known, target, "--footage", str(good))).exit_code == 0


def test_without_a_daemon_nothing_is_exported(known: Dock, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert known.run("custody", "export", VERIFIED, "--to", str(tmp_path / "there/out"), *WHY) == 3
    assert left_in(tmp_path / "there") == []


def test_a_folder_that_exists_is_left_alone(known: Dock, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "out").mkdir()
    with daemon(known) as desk:
        assert known.run("custody", "export", VERIFIED, "--to", str(tmp_path / "out"), *WHY) == 2
    assert ("exists already" in capsys.readouterr().err, desk.said) == (True, [])


def test_a_field_that_is_never_disclosed_is_refused(known: Dock, tmp_path: Path) -> None:
    target = str(tmp_path / "out")
    assert known.run("custody", "export", VERIFIED, "--to", target, "--open", "reason", *WHY) == 2
