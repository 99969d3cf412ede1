"""A verification found something: does `status` say so until a later one finds nothing?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bwvdock.core.custody.records import ClipRow
from bwvdock.core.custody.verification import Problem
from bwvdock.core.plain_json import plain, restored
from bwvdock.edges.journal.verify.last import NAME, Findings, LastVerification, read_last, remember
from tests.cli.docks import QUARANTINED, VERIFIED, Dock

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]


def alerts(dock: Dock, capsys: Capture, *, code: str = "custody-failed") -> list[str]:
    capsys.readouterr()
    dock.run("status", "--json")
    found = json.loads(capsys.readouterr().out)["alerts"]
    return [alert["message"] for alert in found if alert["code"] == code]


def test_a_tampered_vault_file_is_an_alert_until_it_is_whole_again(dock: Dock, capsys: Capture) -> None:
    assert alerts(dock, capsys) == [], "nobody looked"
    assert dock.run("custody", "verify") == 0
    assert alerts(dock, capsys) == []
    file = dock.vaulted(VERIFIED)
    whole = file.read_bytes()
    file.unlink()  # it may be the spool's own
    file.write_bytes(b"x" * len(whole))
    assert dock.run("custody", "verify") == 4
    [said] = alerts(dock, capsys)
    assert "vault_file" in said
    assert dock.run("custody", "verify", "--journal-only") == 0
    assert alerts(dock, capsys) == [said], "the files were not looked at"
    file.write_bytes(whole)
    assert dock.run("custody", "verify") == 0
    assert alerts(dock, capsys) == []


def test_a_clip_shows_what_the_last_verification_found_of_it(dock: Dock, capsys: Capture) -> None:
    file = dock.vaulted(VERIFIED)
    whole = file.read_bytes()
    for found in (False, True, False):
        file.unlink()
        file.write_bytes(b"x" * len(whole) if found else whole)
        assert dock.run("custody", "verify") == (4 if found else 0)
        capsys.readouterr()
        assert dock.run("clips", "show", VERIFIED) == 0
        text = capsys.readouterr().out
        assert "State:      verified" in text
        assert ("Check:      FAILED at the last verification, " in text) is found
        assert ("vault_file: " in text) is found
        assert dock.run("clips") == 0
        assert capsys.readouterr().out.count("verified, check failed") == found
        assert dock.run("clips", "show", VERIFIED, "--json") == 0
        told = json.loads(capsys.readouterr().out)["last_verification"]
        assert (told is not None) is found
        with dock.reader() as reader:
            row = reader.clip_row(VERIFIED)
        assert restored(ClipRow, json.loads(json.dumps(plain(row)))) == row, "as the daemon answers"
        assert dock.run("clips", "show", QUARANTINED, "--json") == 0
        assert json.loads(capsys.readouterr().out)["last_verification"] is None


def test_a_result_of_very_many_clips_can_still_be_read(tmp_path: Path) -> None:
    bad = [Problem(code="tree", clip=f"c{n}", message="\u00e4" * 500) for n in range(1000)]
    remember(tmp_path, Findings(files=bad), at="2026-03-01T00:00:00.000Z")
    last = read_last(tmp_path)
    assert last.files is not None
    assert last.files.problems == 1000


def test_files_of_no_entry_are_an_alert_until_they_are_gone(dock: Dock, capsys: Capture) -> None:
    (stray := dock.config.spool / "stray.mp4").write_bytes(b"x")
    assert dock.run("custody", "verify") == 0
    [said] = alerts(dock, capsys, code="files-unaccounted")
    assert said.startswith("1 file belongs to no entry of the journal (1 in the spool; seen ")
    stray.unlink()
    assert dock.run("custody", "verify", "--journal-only") == 0
    assert alerts(dock, capsys, code="files-unaccounted") == [said], "nobody looked"
    assert dock.run("custody", "verify") == 0
    assert alerts(dock, capsys, code="files-unaccounted") == []


def test_after_a_loss_what_the_lost_journal_accounted_for_is_an_alert(dock: Dock, capsys: Capture) -> None:
    content = dock.vaulted(VERIFIED).read_bytes()
    dock.vaulted(VERIFIED).unlink()
    (altered := dock.vault / "2026").mkdir(exist_ok=True)
    assert dock.run("custody", "verify") == 4
    [failed] = alerts(dock, capsys)
    dock.config.journal.unlink()
    (altered / "copy.mp4").write_bytes(content)
    assert dock.run("init", "--after-loss", "--reason", "moved away", "--json") == 0
    assert json.loads(capsys.readouterr().out)["without_entry"] == [["the spool", 2], ["the vault", 2]]
    for _ in range(2):
        [said] = alerts(dock, capsys, code="files-unaccounted")
        assert said.startswith("4 files belong to no entry of the journal (2 in the spool, 2 in the vault;")
        assert len(alerts(dock, capsys)) == 1, "a verification that covers nothing clears nothing"
        assert dock.run("custody", "verify") == 0
        assert "0 files match the hash taken at ingest; 0 not checked." in (out := capsys.readouterr().out)
        assert "4 files belong to no entry of this journal." in out
    assert "under an earlier journal" in alerts(dock, capsys)[0]
    assert "vault_file" in failed
    for file in [*dock.config.spool.iterdir(), *dock.vault.rglob("*.mp4")]:
        file.unlink()
    assert dock.run("custody", "verify") == 0
    assert alerts(dock, capsys, code="files-unaccounted") == []


def test_init_says_what_to_do_with_files_of_a_lost_journal(dock: Dock, capsys: Capture) -> None:
    dock.config.journal.unlink()
    assert dock.run("init", "--after-loss", "--reason", "moved away") == 0
    said = capsys.readouterr().err
    assert "4 files belong to no entry of the new journal: 2 in the spool, 2 in the vault." in said
    assert "move these files" in said


def test_a_verification_that_could_not_read_the_vault_clears_nothing(dock: Dock, capsys: Capture) -> None:
    file = dock.vaulted(VERIFIED)
    content = file.read_bytes()
    file.unlink()
    assert dock.run("custody", "verify") == 4
    [said] = alerts(dock, capsys)
    vault = dock.vault.rename(dock.vault.with_name("elsewhere"))
    assert dock.run("custody", "verify") == 1
    assert alerts(dock, capsys) == [said]
    vault.rename(dock.vault)
    file.write_bytes(content)
    assert dock.run("custody", "verify") == 0
    assert alerts(dock, capsys) == []


OLD, NEW = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    "covered, places, origin, stays",
    [
        (0, (), NEW, True),
        (0, None, NEW, True),
        (3, (("the spool", 25),), NEW, True),
        (3, None, NEW, True),
        (3, (), NEW, False),
        (0, (), OLD, False),
    ],
)
def test_only_a_verification_that_covers_the_files_clears_an_earlier_journals_findings(
    tmp_path: Path, covered: int, places: tuple[tuple[str, int], ...] | None, origin: str, stays: bool
) -> None:
    bad = Problem(code="vault_file", message="m")
    remember(tmp_path, Findings(journal=[bad], files=[bad], origin=OLD), at="2026-03-01T00:00:00.000Z")
    now = Findings(files=[], origin=origin, covered=covered, places=places)
    for at in ("2026-03-02T00:00:00.000Z", "2026-03-03T00:00:00.000Z"):  # kept for as often as it is asked
        remember(tmp_path, now, at=at)
    last = read_last(tmp_path)
    for check in (last.journal, last.files):
        assert check is not None
        assert (check.problems, check.earlier) == ((1, True) if stays else (0, False))


def test_what_was_found_in_the_journal_and_in_files_is_kept_apart(tmp_path: Path) -> None:
    bad = Problem(code="tree", message="m")
    remember(tmp_path, Findings(journal=[bad], files=[bad, bad]), at="2026-03-01T00:00:00.000Z")
    remember(tmp_path, Findings(), at="2026-03-02T00:00:00.000Z")
    last = read_last(tmp_path)
    assert last.journal is not None
    assert last.files is not None
    assert (last.journal.problems, last.files.problems, last.files.first) == (0, 2, "tree: m")
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"journal": 7, "files": {"at": 1}}', "\x00", "[" * 9000]
)
def test_what_is_no_result_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content, encoding="utf-8")
    assert read_last(tmp_path) == LastVerification()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text('{"journal": null, "files": null}', encoding="utf-8")
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    assert read_last(tmp_path) == LastVerification()
